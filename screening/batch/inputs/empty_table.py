"""An empty table to fill in: one column for every finding, or for the deciding ones alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from screening.batch.inputs.cells import NONE_OF_THESE
from screening.batch.inputs.redcap import dictionary
from screening.batch.whole_files import written_whole
from screening.cohort.texts import LIST_SEPARATOR
from screening.errors import Problem, UsageError
from screening.files import why_no_folder
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.thresholds import UNITS, with_unit
from screening.intake.vocabulary import Vocabulary

TableKind = Literal["csv", "xlsx", "redcap"]
_EXPLAINED = ("column", "finding", "unit", "allowed", "question")
_LONGEST_CHOICE, _LONGEST_TITLE = 255, 32
"""A spreadsheet offers words up to this length together, and heads a hint with so many letters."""

_ROWS = 1_000
"""So many rows below the head have choices, limits and what is filled in by itself."""

_NAMES = {
    "csv": ("{}.csv", "{}_explained.csv"),
    "xlsx": ("{}.xlsx",),
    "redcap": ("{}_dictionary.csv",),
}


@dataclass(frozen=True)
class EmptyTable:
    """A table to fill in: all findings headed by path, or the deciding ones under their titles."""

    vocabulary: Vocabulary
    deciding: tuple[str, ...] = ()
    """The paths of a core table; none for the full one."""
    preset: Mapping[str, object] = field(default_factory=dict)
    """What every row of a core table says, such as which questions were asked."""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions that become columns."""
        form = Questionnaire(self.vocabulary)
        return tuple(q for q in form.questions if q.path in self.deciding or not self.deciding)

    @property
    def heads(self) -> list[list[str]]:
        """The rows at its head: paths, in a core table below their titles."""
        paths = [question.path for question in self.questions]
        return [[_titled(question) for question in self.questions], paths][not self.deciding :]

    def write(self, folder: Path, kind: TableKind) -> list[Path]:
        """Write it; explanations are a second sheet, of CSV a second file.

        Raises:
            UsageError: if a file of that name is there already.
            StoreError: if it cannot be written.

        """
        name = "core" if self.deciding else "cases"
        paths = [folder / each.format(name) for each in _NAMES[kind]]
        _prepare(folder, paths)
        if kind == "xlsx":
            with written_whole(paths[0]) as draft:
                write_book(self, draft)
        elif kind == "redcap":
            kept = [question.path for question in self.questions]
            with written_whole(paths[0]) as draft:
                text = dictionary(self.vocabulary, kept, self.preset)
                draft.write_text(text, encoding="utf-8")
        else:
            _csv_file(paths[0], self.heads)
            _csv_file(paths[1], [list(_EXPLAINED), *self.explained()])
        return paths

    def explained(self) -> Iterator[list[str]]:
        """Explain every column."""
        for question in self.questions:
            title = f"{question.title}, {question.side} leg" if question.side else question.title
            may = self.allowed(question)
            yield [question.path, title, question.unit, may, question.question]

    def allowed(self, question: Question) -> str:
        """Say what may stand in a cell."""
        preset = self.preset.get(question.path)
        return allowed(question) if preset is None else f"{preset} in every row"


def _prepare(folder: Path, paths: list[Path]) -> None:
    for path in paths:
        if path.exists():
            todo = "Name another folder with --out."
            raise UsageError(Problem(str(path), "it is there already.", "", todo))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made: {why_no_folder(error)}."
        raise UsageError(Problem(str(folder), what, "", "Name another with --out.")) from None


def _csv_file(path: Path, rows: Iterable[list[str]]) -> None:
    with written_whole(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _titled(question: Question) -> str:
    """Head a column as a person reads it: title, side and unit."""
    side = f", {question.side}" if question.side else ""
    unit = UNITS.get(question.unit, question.unit).strip()
    return f"{question.title}{side}{f' ({unit})' if unit else ''}"


_EARLIEST = date(1900, 1, 1)


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


def write_book(table: EmptyTable, draft: Path) -> None:
    """Write the workbook: the table with its choices and limits, and a sheet of explanations."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(draft), {"strings_to_formulas": False, "in_memory": True})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    small = book.add_format({"font_color": "#51606b", "font_size": 8, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    cases, explained = book.add_worksheet("cases"), book.add_worksheet("explanations")
    first = len(table.heads)
    for row, head in enumerate(table.heads):
        for column, text in enumerate(head):
            cases.write_string(row, column, text, bold if row == 0 else small)
    for column, question in enumerate(table.questions):
        width = max(14, len(question.path) if first == 1 else 18)
        cases.set_column(column, column, width, day if question.kind == "date" else None)
        cases.write_comment(0, column, _hint(question, table), {"x_scale": 2})
        cases.data_validation(first, column, first + _ROWS - 1, column, _choice(question, table))
        preset = table.preset.get(question.path)
        for row in range(first, first + _ROWS if preset is not None else first):
            cases.write_formula(row, column, f'=IF($A{row + 1}="","","{preset}")', None, "")
    cases.freeze_panes(first, 1)
    for column, (name, width) in enumerate(zip(_EXPLAINED, (44, 44, 10, 60, 80), strict=True)):
        explained.write(0, column, name, bold)
        explained.set_column(column, column, width, wrapped)
    for row, cells in enumerate(table.explained(), 1):
        for column, cell in enumerate(cells):
            explained.write_string(row, column, cell)
    explained.freeze_panes(1, 1)
    book.close()


def _hint(question: Question, table: EmptyTable) -> str:
    return f"{question.question}\nAllowed: {table.allowed(question)}"


def _choice(question: Question, table: EmptyTable) -> dict[str, object]:
    """Say what a cell offers and refuses; what it cannot check is checked when it is read."""
    said = {
        "input_title": question.title[:_LONGEST_TITLE],
        "input_message": table.allowed(question)[:_LONGEST_CHOICE],
        "error_message": table.allowed(question)[:_LONGEST_CHOICE],
    }
    words = list(question.words)
    if question.kind == "number" and question.limits:
        low, high = (end / 100 for end in question.limits)
        kind = "integer" if question.whole else "decimal"
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, **said}
    if question.kind == "date":
        return {"validate": "date", "criteria": ">", "value": _EARLIEST, **said}
    if question.kind != "list" and 0 < len(",".join(words)) <= _LONGEST_CHOICE:
        return {"validate": "list", "source": words, **said}
    return {"validate": "any", **said}
