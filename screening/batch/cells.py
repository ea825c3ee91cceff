"""Cells: an answer as a table holds it, as text, and back to a case of one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from screening.cohort.texts import LIST_SEPARATOR
from screening.documents import Document, number
from screening.intake.answers import NOT_TESTED, reader
from screening.intake.case import EXPECT, Case, as_typed, read_case
from screening.intake.vocabulary import Vocabulary

NONE_OF_THESE = "[]"
"""The cell of a list of words of which none applies; an empty cell is not recorded."""

Cells = dict[str, str]


def written(value: Any) -> str:
    """Write one typed answer as a cell."""
    if isinstance(value, list | tuple):
        return LIST_SEPARATOR.join(map(str, value)) or NONE_OF_THESE
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def of_case(case: Case, vocabulary: Vocabulary) -> Cells:
    """Give the cells of a case."""
    found = {
        path: written(as_typed(path, value, vocabulary)) for path, value in case.answers.items()
    }
    return {**found, "case_id": case.case_id}


def of_data(data: Mapping[str, Any], vocabulary: Vocabulary) -> Cells:
    """Give the cells of nested answers, as a case file holds them.

    Raises:
        ValueError: with the path and what is wrong, never with the value.

    """
    found: Cells = {}
    for path, value in _leaves(data, vocabulary):
        cell = _cell(path, value, vocabulary)
        if cell is not None:
            found[path] = cell
    return found


def _leaves(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[tuple[str, Any]]:
    """Give every answer by its path; a flat name such as ``left.hip.pain`` is a path as well."""
    waiting = [(key, value) for key, value in data.items() if key != EXPECT]
    while waiting:
        path, value = waiting.pop()
        if path in vocabulary:
            yield path, value
        elif isinstance(value, Mapping):
            waiting += [(f"{path}.{key}", inner) for key, inner in value.items()]
        elif f"{path}.all" in vocabulary and value is not None:
            yield f"{path}.all", value
        elif value is not None:
            hint = vocabulary.meant(path)
            raise Misread(path, f"this is no finding that can be recorded. {hint}".strip())


class Misread(ValueError):
    """One answer that cannot be a cell: its field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field and say the reason, never the value."""
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


def _cell(path: str, value: Any, vocabulary: Vocabulary) -> str | None:
    if value is None or value == NOT_TESTED:
        return None
    kind = vocabulary[path].type
    wanted = {"number": (int, Decimal), "list": (list, tuple), "text": (str, int)}.get(kind, (str,))
    if isinstance(value, bool) or value == "" or not isinstance(value, wanted):
        try:
            reader(path, vocabulary)(value)
        except ValueError as error:
            raise Misread(path, str(error)) from None
    return written(value)


def as_case(case_id: str, row: Mapping[str, Any], vocabulary: Vocabulary) -> Case:
    """Read the cells of one row, text or typed, as the case file that says the same.

    Raises:
        CaseError: if a single case would be refused.

    """
    data: dict[str, Any] = {}
    for path, cell in row.items():
        if path not in vocabulary or cell is None:
            continue
        *groups, last = path.split(".")
        part = data
        for group in groups:
            part = part.setdefault(group, {})
        part[last] = _typed(cell, vocabulary[path].type)
    data["case_id"] = case_id
    return read_case(Document("the row", data), vocabulary, case_id)


def _typed(cell: Any, kind: str) -> Any:
    if kind == "list" and not isinstance(cell, str):
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
