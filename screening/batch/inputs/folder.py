"""What stands in a folder: its files, and what cannot be read there, each by name."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from screening.errors import Problem


@dataclass(frozen=True)
class Aside:
    """What is not read, and why."""

    path: str
    reason: str

    @property
    def problem(self) -> Problem:
        """The same as a problem."""
        return Problem(self.path, self.reason)


@dataclass
class Listing:
    """The files of folders, by their names; what begins with a point or ``_`` is passed over."""

    files: list[Path] = field(default_factory=list)
    set_aside: list[Aside] = field(default_factory=list)

    def walk(self, folder: Path) -> None:
        """Add what a folder and the folders in it hold; a link to a folder is not followed."""
        found: list[Path] = []
        below = [folder]
        while below:
            here = below.pop()
            try:
                with os.scandir(here) as entries:
                    for entry in entries:
                        if not entry.name.startswith((".", "_")):
                            self._sort(entry, found, below)
            except OSError as error:
                reason = f"the folder cannot be read: {error.strerror or 'unknown reason'}."
                self.set_aside.append(Aside(str(here), reason))
        self.files += sorted(found)
        self.set_aside.sort(key=lambda each: each.path)

    def _sort(self, entry: os.DirEntry[str], files: list[Path], below: list[Path]) -> None:
        path, kind = Path(entry.path), _kind(entry)
        if kind is None:
            self.set_aside.append(Aside(str(path), "this is a link to nothing."))
        elif stat.S_ISDIR(kind) and entry.is_symlink():
            reason = "this is a link to a folder, which is not followed."
            self.set_aside.append(Aside(str(path), reason))
        elif stat.S_ISDIR(kind):
            below.append(path)
        elif stat.S_ISREG(kind):
            files.append(path)
        else:
            self.set_aside.append(Aside(str(path), "this is no file."))


def _kind(entry: os.DirEntry[str]) -> int | None:
    """Give what an entry or the link's target is; None for a link that leads nowhere."""
    try:
        return entry.stat().st_mode
    except OSError:
        return None
