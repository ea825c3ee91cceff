"""Files of the interview: the draft that survives Ctrl-C, and the case that is written."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from screening.documents import read_yaml, write_atomically
from screening.errors import ScreeningError
from screening.intake.answers import Answer
from screening.intake.case import Case, as_data, read_case
from screening.intake.vocabulary import Vocabulary

_PRIVATE = 0o600


def draft_path() -> Path:
    """Give where the draft of an unfinished interview is kept."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "screening" / "draft.yaml"


def keep(case: Case, vocabulary: Vocabulary) -> None:
    """Keep the answers so far, readable by this user only."""
    path = draft_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, written(case, vocabulary), _PRIVATE)


def kept(vocabulary: Vocabulary) -> dict[str, Answer]:
    """Give the answers of a draft, or none if there is no draft that can be read."""
    path = draft_path()
    if not path.is_file():
        return {}
    try:
        return read_case(read_yaml(path.read_text(encoding="utf-8"), str(path)), vocabulary).answers
    except ScreeningError:
        return {}


def forget() -> None:
    """Remove the draft: its case was saved."""
    draft_path().unlink(missing_ok=True)


def written(case: Case, vocabulary: Vocabulary) -> str:
    """Give a case as the text of a case file that is read back to the same answers."""
    data = as_data(case, vocabulary)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
