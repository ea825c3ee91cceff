"""What a run writes: files that are whole or not there, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from screening.errors import Problem, ScreeningError
from screening.files import whole_file

if TYPE_CHECKING:
    from screening.batch.run_model import FileWritten


class StoreError(ScreeningError):
    """The results could not be written; what was finished before is kept."""

    exit_code = 1


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a draft to write to; it takes its place when it is complete and on the disk.

    Raises:
        StoreError: if it cannot be written (a full disk, no right to write).

    """
    try:
        with whole_file(path) as draft:
            yield draft
    except (OSError, pl.exceptions.PolarsError) as error:
        raise broken(path, error) from None


def broken(path: object, error: Exception) -> StoreError:
    """Say that something cannot be written, and that nothing is lost."""
    return StoreError(
        Problem(
            str(path),
            f"the results cannot be written: {_why(error)}.",
            "Nothing half-written was left, and all finished parts are kept.",
            "Make room, or mend the folder, and run the same command with --resume.",
        )
    )


def _why(error: Exception) -> str:
    """Say what the system said; a library hands its number on in the text of its error."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    number = re.search(r"os error (\d+)", str(error))
    return os.strerror(int(number[1])) if number else type(error).__name__


def write_json(path: Path, data: object) -> None:
    """Write plain data as a whole file."""
    with written_whole(path) as draft:
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        draft.write_text(text, encoding="utf-8")


def digest_of(path: Path) -> str:
    """Give the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_written(path: Path) -> FileWritten:
    """Give the digest and the size of a file, as a manifest names them."""
    return {"sha256": digest_of(path), "bytes": path.stat().st_size}
