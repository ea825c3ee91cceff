"""One door for writing files: whole or not at all, private, and never over something else."""

from __future__ import annotations

import errno
import os
import shutil
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


def write_atomically(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write a whole file or nothing: a reader never sees a half-written one.

    Args:
        path: a file, or where none is yet; anything else is left alone.
        text: what it is to hold.
        mode: who may read it; what holds findings, its owner only.

    Raises:
        OSError: if the folder cannot be written to, or something else than a file is there.

    """
    with whole_file(path, mode) as draft:
        draft.write_text(text, encoding="utf-8")


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a draft of a folder to fill; it takes its place when everything in it is written.

    Where a folder stands it was filled to the end: half of one is never taken for all. Files in it
    are written as whole files, which brings them to the disk.

    Raises:
        NoFileError: if something else than an empty folder is there.
        OSError: if it cannot be made.

    """
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise NoFileError(errno.EEXIST, "it is there already and not an empty folder", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.resolve().parent / f".{uuid4().hex}.draft"
    draft.mkdir(mode=0o700)
    try:
        yield draft
        draft.replace(path.resolve())
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync(path.resolve().parent)


def append(path: Path, text: str) -> None:
    """Put text behind a private file, which is made if it is not there; no link is followed.

    Raises:
        NoFileError: if something else than a file is there.
        OSError: if it cannot be written.

    """
    refuse_other(path)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    with os.fdopen(os.open(path, flags, PRIVATE), "a", encoding="utf-8") as file:
        file.write(text)


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


def why_no_folder(error: Exception) -> str:
    """Say why a folder cannot be had; the system's words for a file in its place mislead."""
    if isinstance(error, NotADirectoryError):
        return "a file or a device is in its place"
    return getattr(error, "strerror", None) or "this is no name of a folder"


def refuse_unwritable(folder: Path) -> None:
    """Refuse a folder that could neither be made nor written to, before the work for it begins.

    Raises:
        OSError: with what the system would say in the end.

    """
    there = folder
    while not _is_there(there):
        there = there.parent
    number = 0
    if not there.is_dir():
        number = errno.ENOTDIR
    elif not os.access(there, os.W_OK | os.X_OK):
        number = errno.EACCES
    if number:
        raise OSError(number, os.strerror(number), str(there))


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


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
