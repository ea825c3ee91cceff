"""Rows of a table as they are read: their cells by column, or what is wrong; and their head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import Problem, UsageError
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened

if TYPE_CHECKING:
    from screening.documents import Json

UNEVEN = "the row has {} cells, the head of the table {}."


@dataclass(frozen=True)
class Line:
    """One row of a table in rows: its cells by column, or what is wrong with it."""

    cells: dict[str, str] | None
    line: int | None = None
    refusal: tuple[str, str] = ("", "")
    kept: Mapping[str, Json] | None = None


def is_head(second: list[str], first: list[str], vocabulary: Vocabulary) -> bool:
    """Tell whether titles stand in the first row and the paths of findings below them."""
    titles = bool(second) and len(first) >= len(second)
    return titles and all(n in vocabulary for n in second) and first[0] not in vocabulary


def no_head(path: Path) -> UsageError:
    """Say that a table does not name its columns."""
    todo = "Write the names of the findings into the first row; --template gives an empty table."
    return UsageError(Problem(str(path), "the table has no row of names.", "", todo))


def refuse_twice(path: Path, head: list[str]) -> None:
    """Refuse a column that is there twice.

    Raises:
        UsageError: with its name.

    """
    twice = sorted(name for name, count in Counter(head).items() if count > 1)
    if twice:
        what = f"the column {shortened(', '.join(map(repr, twice)))} is there twice."
        todo = "Keep one of the two: which one is meant cannot be known."
        raise UsageError(Problem(str(path), what, "", todo))
