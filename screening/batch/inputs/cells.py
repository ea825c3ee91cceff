"""Cells: an answer as a table holds it, as text, and back to a case of one row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.cohort.texts import LIST_SEPARATOR
from screening.documents import Document, Place
from screening.errors import ScreeningError
from screening.intake.answers import NOT_TESTED
from screening.intake.case import CASE_FILES, Case, CaseReader, as_typed, read_case
from screening.intake.nested import planted
from screening.intake.vocabulary import Vocabulary
from screening.numbers import number

if TYPE_CHECKING:
    from screening.documents import Data, Json

NONE_OF_THESE = "[]"
"""The cell of a list of words of which none applies; an empty cell is not recorded."""

Cells = dict[str, str]

_LONG = 50
"""A number with more digits is none that a finding has; it is written as it stands."""


def written(value: Json) -> str:
    """Write one typed answer as a cell."""
    if isinstance(value, list | tuple):
        return LIST_SEPARATOR.join(map(str, value)) or NONE_OF_THESE
    if isinstance(value, Decimal) and value.is_finite() and -_LONG < value.adjusted() < _LONG:
        return format(value, "f") if len(value.as_tuple().digits) < _LONG else str(value)
    return str(value)


def of_case(case: Case, vocabulary: Vocabulary) -> Cells:
    """Give the cells of a case."""
    found = {
        path: written(as_typed(path, value, vocabulary)) for path, value in case.answers.items()
    }
    return {**found, "case_id": case.case_id}


def of_data(
    data: Data,
    vocabulary: Vocabulary,
    source: str,
    lines: Mapping[Place, int] | None = None,
    read: CaseReader = CASE_FILES,
) -> Cells:
    """Give the cells of answers as a case file holds them, read as `screening screen` reads them.

    Raises:
        CaseError: for whatever a single case would be refused for.

    """
    case = read.read(Document(source, data, dict(lines or {})), vocabulary, "")
    cells = of_case(case, vocabulary)
    return cells if case.case_id else {k: v for k, v in cells.items() if k != "case_id"}


def refused(error: ScreeningError, source: str) -> tuple[str, str]:
    """Give the first field and every reason of a refused case, each with what to do.

    A line stands in the reason where nothing else says it: the text could not be read at all.
    """
    said = []
    for problem in error.problems:
        line = problem.where.removeprefix(source).strip(":")
        at = f"line {line}: " if line.isdigit() and not problem.field else ""
        said.append(" ".join(text for text in (at + problem.what, problem.todo) if text))
    return error.problems[0].field, " ".join(said)


def as_case(case_id: str, row: Mapping[str, Data], vocabulary: Vocabulary) -> Case:
    """Read the cells of one row, text or typed, as the case file that says the same.

    Raises:
        CaseError: if a single case would be refused.

    """
    cells = {path: cell for path, cell in row.items() if path in vocabulary and cell is not None}
    data = planted((path, _typed(cell, vocabulary[path].type)) for path, cell in cells.items())
    data["case_id"] = case_id
    return read_case(Document("the row", data), vocabulary, case_id)


def _typed(cell: Data, kind: str) -> Data:
    if kind == "list" and isinstance(cell, list | tuple):
        return tuple(cell)
    if isinstance(cell, float):
        return Decimal(repr(cell))
    if not isinstance(cell, str):
        return cell
    if cell in ("", NOT_TESTED):
        return None
    if kind == "number":
        return number(cell)
    if kind == "list":
        inner = cell.strip("[] ").replace(",", LIST_SEPARATOR)
        return tuple(word for part in inner.split(LIST_SEPARATOR) if (word := part.strip()))
    return cell
