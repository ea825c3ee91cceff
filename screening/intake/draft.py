"""The drafts of unfinished interviews, one a patient, and the text of a case that is written.

They hold findings of patients: the folder is its owner's alone, each file too, and nothing is
followed that somebody else may have put in its place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import yaml

from screening.errors import Problem, ScreeningError, UsageError
from screening.files import write_atomically
from screening.intake.case import MOST_BYTES, Case, as_data, read_case
from screening.intake.vocabulary import Vocabulary
from screening.strict_yaml import read_yaml

_CASE, _ASKED, _ENDING = "case", "asked", ".draft.yaml"

_READ_ONLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Nothing is followed, and nothing is waited for: a pipe has no end."""


@dataclass(frozen=True)
class Draft:
    """An unfinished interview: its answers, what was asked in which order, and when."""

    path: Path
    case: Case
    asked: tuple[str, ...]
    kept: datetime


def folder() -> Path:
    """Give the folder of the drafts; it is made, for its owner alone.

    Raises:
        UsageError: if it cannot be, or belongs to somebody else.

    """
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    place = Path(state) / "screening" / "drafts"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        others = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if others or not stat.S_ISDIR(found.st_mode):
            raise OSError(0, "it is not a folder of yours")
        place.chmod(0o700)
    except OSError as error:
        what = f"drafts cannot be kept there: {error.strerror}."
        todo = "Make it a folder of your own, or set XDG_STATE_HOME."
        raise UsageError(Problem(str(place), what, "", todo)) from None
    return place


def new_path() -> Path:
    """Give a new name for a draft; it says nothing of the patient."""
    return folder() / f"{uuid4().hex}{_ENDING}"


def keep(path: Path, case: Case, asked: Sequence[str], vocabulary: Vocabulary) -> None:
    """Keep the answers so far, readable by their owner only.

    Raises:
        OSError: if they cannot be written.

    """
    data = {_CASE: as_data(case, vocabulary), _ASKED: list(asked)}
    write_atomically(path, _dumped(data))


def kept(vocabulary: Vocabulary) -> list[Draft]:
    """Give the drafts that can be read, the latest first."""
    found = [_read(path, vocabulary) for path in folder().glob(f"*{_ENDING}")]
    return sorted((each for each in found if each), key=lambda each: each.kept, reverse=True)


def _read(path: Path, vocabulary: Vocabulary) -> Draft | None:
    try:
        number = os.open(path, _READ_ONLY)
        with os.fdopen(number, encoding="utf-8") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                return None
            when = datetime.fromtimestamp(found.st_mtime)
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            return None
        document = read_yaml(text, str(path))
        kept = document.named
        case = read_case(type(document)(str(path), kept[_CASE]), vocabulary)
        before = kept[_ASKED]
        if not isinstance(before, tuple):
            return None
        asked = tuple(
            each for each in before if isinstance(each, str) and each in vocabulary.all_paths
        )
    except (OSError, OverflowError, ScreeningError, ValueError, KeyError, TypeError):
        return None
    return Draft(path, case, asked, when)


def forget(path: Path) -> None:
    """Remove a draft: its case was saved, or it was given up."""
    path.unlink(missing_ok=True)


def written(case: Case, vocabulary: Vocabulary) -> str:
    """Give a case as the text of a case file that is read back to the same answers."""
    return _dumped(as_data(case, vocabulary))


def _dumped(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
