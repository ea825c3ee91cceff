"""An empty table to fill in: one column for every finding, with what may stand in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from screening.batch.inputs.cells import NONE_OF_THESE
from screening.batch.store import written_whole
from screening.cohort.texts import LIST_SEPARATOR
from screening.errors import Problem, UsageError
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import Vocabulary

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
        csv.writer(file).writerow(question.path for question in Questionnaire(vocabulary).questions)
    with written_whole(paths[1]) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_EXPLAINED)
        writer.writerows(_explained(vocabulary))
    return paths


def _explained(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str, str, str]]:
    for question in Questionnaire(vocabulary).questions:
        title = f"{question.title}, {question.side} leg" if question.side else question.title
        yield question.path, title, question.unit, allowed(question), question.question


def allowed(question: Question) -> str:
    """Say what may stand in a cell; empty always means not recorded."""
    if question.kind == "number":
        whole = "a whole number" if question.whole else "a number with at most two decimals"
        if not question.limits:
            return whole
        low, high = (with_unit(end, question.unit) for end in question.limits)
        return f"{whole}, {low} to {high}"
    words = ", ".join(question.words)
    if question.kind == "list":
        return f"any of {words}, with {LIST_SEPARATOR} between; {NONE_OF_THESE} for none"
    if question.kind == "date":
        return "a date as year-month-day, such as 2025-03-04"
    return words or "a short text"


def _xlsx(draft: Path, vocabulary: Vocabulary) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(draft), {"strings_to_formulas": False, "in_memory": True})
    head = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    form = Questionnaire(vocabulary)
    cases, explained = book.add_worksheet("cases"), book.add_worksheet("explanations")
    for column, (path, title, unit, may, _) in enumerate(_explained(vocabulary)):
        cases.write(0, column, path, head)
        in_unit = f" ({unit})" if unit else ""
        cases.write_comment(0, column, f"{title}{in_unit}\nAllowed: {may}", {"x_scale": 2})
        cases.set_column(column, column, max(12, len(path)))
        words = list(form[path].words)
        offered = form[path].kind != "list" and 0 < len(",".join(words)) <= _LONGEST_CHOICE
        if offered:
            choice = {"validate": "list", "source": words}
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
