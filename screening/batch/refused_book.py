"""Refused rows as a workbook: the original cells, the reason beside each row, the bad cells marked.

It is made to be mended and merged: input and row number stand in each row and travel with it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

from screening.batch.inputs.cells import Cells, written
from screening.batch.inputs.headings import Columns
from screening.intake.migration import flat

if TYPE_CHECKING:
    from screening.documents import Json

REASON, INPUT_OF, ROW_OF, LINE_OF, AS_READ = (
    "refused_because",
    "refused_input",
    "refused_row",
    "refused_line",
    "refused_as_read",
)
"""Columns that are added to those of the table; the last holds what never became cells."""

ADDED = (REASON, INPUT_OF, ROW_OF, LINE_OF, AS_READ)
MOST = 10_000
"""So many rows a person may mend by hand; all stand in the lines of JSON."""

_LONGEST = 32_000
"""No cell of a spreadsheet holds more."""

_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A workbook says when it was made; the same run gives the same bytes."""


class RefusedEntry(TypedDict):
    """One refused row as it is kept: where it stands, why, and what it held."""

    input: str
    row: int
    reason: str
    line: NotRequired[int]
    field: NotRequired[str]
    cells: NotRequired[dict[str, str]]
    case: NotRequired[dict[str, Json]]
    resource: NotRequired[dict[str, Json]]
    text: NotRequired[str]
    row_as_read: NotRequired[list[str]]


@dataclass(frozen=True)
class RefusedRow:
    """One refused row as the workbook shows it."""

    reason: str
    input: str
    row: int
    line: int | None
    cells: dict[str, str]
    as_read: str


def entries(path: Path) -> Iterator[RefusedEntry]:
    """Give the refused rows of a run, one after the other."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def merged_cells(
    folder: Path, parts: Iterable[str], wanted: Container[tuple[str, int]]
) -> dict[tuple[str, int], Cells]:
    """Give the cells of those wanted rows that were mended and merged."""
    return {
        (entry["input"], entry["row"]): entry["cells"]
        for part in parts
        for entry in entries(folder / part)
        if (entry["input"], entry["row"]) in wanted
    }


def refused_row(entry: Mapping[str, object]) -> RefusedRow:
    """Give one refused row; one that never became cells has none, however plain it looks."""
    cells, case, row, line = (entry.get(name) for name in ("cells", "case", "row", "line"))
    as_read = str(entry.get("text", ""))
    if cells is None and "resource" in entry:
        as_read = json.dumps(entry["resource"], ensure_ascii=False, default=str)
    if cells is None and isinstance(case, Mapping):
        cells = flat(case)
    as_it_was = entry.get("row_as_read", ())
    if cells is None and isinstance(as_it_was, list | tuple):
        as_read = as_read or " | ".join(map(written, as_it_was))
    known = cells if isinstance(cells, Mapping) else {}
    texts = {name: written(cell) for name, cell in known.items() if cell is not None}
    number = int(str(row)) if str(row).isdecimal() else 0
    at = line if isinstance(line, int) else None
    return RefusedRow(str(entry["reason"]), str(entry["input"]), number, at, texts, as_read)


def write_refused_book(
    path: Path, draft: Path, columns: Columns, heads: Mapping[str, list[str]]
) -> None:
    """Write the first refused rows of a run as a workbook.

    Args:
        path: the refused rows as lines of JSON.
        draft: the workbook.
        columns: how the columns of the run became findings.
        heads: the columns of each table by its name.

    """
    import xlsxwriter

    names = _names(_rows(path), heads)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    book = xlsxwriter.Workbook(str(draft), options)
    book.set_properties({"created": _MADE})
    bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    plain = book.add_format({"valign": "top"})
    why = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#8a1c1c"})
    marked = book.add_format({"bg_color": "#f6c7c7", "valign": "top"})
    sheet = book.add_worksheet("refused")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, len(names), 16)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, bold)
    for number, row in enumerate(_rows(path), 1):
        bad = set(_bad(row, columns))
        sheet.write_string(number, 0, row.reason[:_LONGEST], why)
        cells = {INPUT_OF: row.input, LINE_OF: str(row.line or ""), AS_READ: row.as_read}
        cells |= row.cells
        for place, name in enumerate(names[1:], 1):
            if name == ROW_OF:
                sheet.write_number(number, place, row.row, plain)
            elif name in bad or name in cells:
                text = cells.get(name, "")[:_LONGEST]
                sheet.write_string(number, place, text, marked if name in bad else plain)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MOST + 1}"})
    book.close()


def _rows(path: Path) -> Iterator[RefusedRow]:
    return map(refused_row, islice(entries(path), MOST))


def _names(rows: Iterable[RefusedRow], heads: Mapping[str, list[str]]) -> list[str]:
    """Give all columns: those that are added, then those of the tables with refused rows."""
    inputs: dict[str, None] = {}
    found: dict[str, None] = {}
    for row in rows:
        if row.input not in inputs:
            inputs[row.input] = None
            found |= dict.fromkeys(heads.get(row.input, ()))
        found |= dict.fromkeys(row.cells)
    return [*ADDED, *(name for name in found if name not in ADDED)]


def _bad(row: RefusedRow, columns: Columns) -> Iterator[str]:
    """Give the columns that the reason speaks of."""
    head = list(row.cells)
    for name in head:
        path = columns.finding_of(name, head)
        if path and (f"{path}: " in row.reason or f"{name}: " in row.reason):
            yield name
