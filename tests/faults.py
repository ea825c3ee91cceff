"""A disk that fails: every call of a run that touches its folder can be made to fail, in turn."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CALLS = ("open", "mkdir", "replace", "rename", "unlink", "rmdir", "fsync", "scandir")


class Disk:
    """Counts the calls that touch a folder, and lets one of them fail."""

    def __init__(self, folder: Path, fails: int | None, number: int = errno.ENOSPC) -> None:
        """Let the call of this place fail, from 0 on; None lets none fail."""
        self.folder, self.fails, self.number = str(folder), fails, number
        self.calls, self.failed = 0, ""

    def touch(self, name: str, place: object) -> None:
        """Count a call, or let it fail."""
        if isinstance(place, int):
            try:
                place = Path(f"/proc/self/fd/{place}").readlink()
            except OSError:
                return
        if not str(place).startswith(self.folder):
            return
        self.calls += 1
        self.touched()
        if self.calls - 1 == self.fails:
            self.failed = f"{name} {place}"
            raise OSError(self.number, os.strerror(self.number), str(place))

    def touched(self) -> None:
        """Do what else is to be done at a call; it was counted."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Be the disk of this process for a while."""
        kept: list[tuple[Any, str, Any]] = []

        def watch(where: Any, name: str) -> None:
            original: Callable[..., Any] = getattr(where, name)

            def call(place: Any, *words: Any, **settings: Any) -> Any:
                self.touch(name, place)
                return original(place, *words, **settings)

            kept.append((where, name, original))
            setattr(where, name, call)

        for name in _CALLS:
            watch(os, name)
        watch(io, "open")
        watch(builtins, "open")
        try:
            yield
        finally:
            for where, name, original in kept:
                setattr(where, name, original)
