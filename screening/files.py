"""One door for writing files: whole or not at all, private, and never over something else."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

PRIVATE = 0o600
"""What holds a patient's findings may be read by its owner only."""

PUBLIC = 0o644
"""What holds none: rules, signatures, lists."""


class NoFileError(OSError):
    """Something else than a file stands where one is to be written."""


@contextmanager
def whole_file(path: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """Give a draft to write to; it takes its place when it is complete and on the disk.

    The draft is new (nobody can have put a link in its place), and the folder is synced after it
    was renamed: after a power cut there is the old file or the new one.

    Raises:
        NoFileError: if a folder, link, pipe or device is there: it is never replaced.
        OSError: if the folder cannot be written to, or is full.

    """
    refuse_other(path)
    draft = path.parent / f".{uuid4().hex}.draft"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    os.close(os.open(draft, flags, mode))
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        refuse_other(path)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def refuse_other(path: Path) -> None:
    """Refuse to write where something else than a file is.

    Raises:
        NoFileError: with what is there.

    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        if not path.name:
            raise NoFileError(errno.EISDIR, "this is a folder", str(path)) from None
        return
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        raise NoFileError(errno.EEXIST, f"{what} is there, and is never replaced", str(path))


def same(path: Path, other: Path) -> bool:
    """Tell whether two names lead to one file."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def sync(folder: Path) -> None:
    """Bring the names of a folder to the disk, where the system knows how."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return  # A folder one may write to but not list.
    try:
        os.fsync(handle)
    except OSError:
        pass  # Some file systems cannot.
    finally:
        os.close(handle)
