"""An empty table to fill in: one column for every finding, with what may stand in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from screening.batch.cells import NONE_OF_THESE
from screening.batch.store import written_whole
from screening.cohort.texts import LIST_SEPARATOR
from screening.errors import Problem, UsageError
from screening.intake.answers import words_of
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import Vocabulary, without_side

TableKind = Literal["csv", "xlsx"]
_EXPLAINED = ("column", "finding", "unit", "allowed", "question")
_LONGEST_CHOICE = 255
"""A spreadsheet offers a choice of words up to this length together."""

_ROWS = 5_000
"""So many rows below the head offer the allowed words."""


def write(folder: Path, kind: TableKind, vocabulary: Vocabulary) -> list[Path]:
    """Write the empty table; the explanations are its second sheet, of CSV a second file.

    Raises:
        UsageError: if a file of that name is there already.
        StoreError: if it cannot be written.

    """
    names = ["cases.xlsx"] if kind == "xlsx" else ["cases.csv", "cases_explained.csv"]
    paths = [folder / name for name in names]
    for path in paths:
        if path.exists():
            todo = "Name another folder with --out."
            raise UsageError(Problem(str(path), "it is there already.", "", todo))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made: {error.strerror}."
        raise UsageError(Problem(str(folder), what, "", "Name another with --out.")) from None
    if kind == "xlsx":
        with written_whole(paths[0]) as draft:
            _xlsx(draft, vocabulary)
        return paths
    with written_whole(paths[0]) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(vocabulary.all_paths)
    with written_whole(paths[1]) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_EXPLAINED)
        writer.writerows(_explained(vocabulary))
    return paths


def _explained(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str, str, str]]:
    for path in vocabulary.all_paths:
        entry, (side, _) = vocabulary[path], without_side(path)
        title = f"{entry.title}, {side} leg" if side else entry.title
        yield path, title, entry.unit, allowed(path, vocabulary), entry.question


def allowed(path: str, vocabulary: Vocabulary) -> str:
    """Say what may stand in a cell; empty always means not recorded."""
    entry, words = vocabulary[path], words_of(path, vocabulary)
    if entry.type == "number":
        whole = "a whole number" if entry.whole else "a number with at most two decimals"
        if not entry.hard:
            return whole
        low, high = (with_unit(end, entry.unit) for end in entry.hard)
        return f"{whole}, {low} to {high}"
    if entry.type == "list":
        return f"any of {', '.join(words)}, with {LIST_SEPARATOR} between; {NONE_OF_THESE} for none"
    if entry.type == "date":
        return "a date as year-month-day, such as 2025-03-04"
    return ", ".join(words) if words else "a short text"


def _xlsx(draft: Path, vocabulary: Vocabulary) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(draft), {"strings_to_formulas": False, "in_memory": True})
    head = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    cases, explained = book.add_worksheet("cases"), book.add_worksheet("explanations")
    for column, (path, title, unit, may, _) in enumerate(_explained(vocabulary)):
        cases.write(0, column, path, head)
        in_unit = f" ({unit})" if unit else ""
        cases.write_comment(0, column, f"{title}{in_unit}\nAllowed: {may}", {"x_scale": 2})
        cases.set_column(column, column, max(12, len(path)))
        words = words_of(path, vocabulary)
        offered = vocabulary[path].type != "list" and 0 < len(",".join(words)) <= _LONGEST_CHOICE
        if offered:
            choice = {"validate": "list", "source": list(words)}
            cases.data_validation(1, column, _ROWS, column, choice)
    cases.freeze_panes(1, 1)
    for column, (name, width) in enumerate(zip(_EXPLAINED, (44, 44, 10, 60, 80), strict=True)):
        explained.write(0, column, name, head)
        explained.set_column(column, column, width, wrapped)
    for row, cells in enumerate(_explained(vocabulary), 1):
        for column, cell in enumerate(cells):
            explained.write_string(row, column, cell)
    explained.freeze_panes(1, 1)
    book.close()
