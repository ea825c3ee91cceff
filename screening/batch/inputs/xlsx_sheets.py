"""Sheets of a workbook, row by row: their typed cells as they would be typed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from screening.batch.inputs.damage import Damaged, unharmed
from screening.batch.inputs.extent import no_spreadsheet, refuse_far
from screening.batch.inputs.table_lines import UNEVEN, Line, is_head, no_head, refuse_twice
from screening.errors import UsageError
from screening.intake.vocabulary import Vocabulary

Cell = int | float | str | datetime.date | datetime.time | datetime.timedelta
"""What a cell of a sheet can be; an empty one is an empty text."""


def sheet(path: Path, vocabulary: Vocabulary) -> tuple[list[str], Iterator[Line]]:
    """Read the first sheet; the others explain it."""
    import python_calamine as calamine

    refuse_far(path)
    try:
        with unharmed():
            book = calamine.CalamineWorkbook.from_path(str(path))
            sheet = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (calamine.CalamineError, Damaged, OSError, ValueError, IndexError):
        raise UsageError(no_spreadsheet(path)) from None
    first, second = (_named_cells(row) for row in (sheet + [[], []])[:2])
    below = 2 if is_head(second, first, vocabulary) else 1
    head = second if below > 1 else first
    if not head:
        raise no_head(path)
    refuse_twice(path, head)
    return head, _xlsx_lines(sheet[below:], head, below + 1)


def _named_cells(row: list[Cell]) -> list[str]:
    head = [_text(cell) for cell in row]
    while head and not head[-1]:
        head.pop()
    return head


def _xlsx_lines(sheet: list[list[Cell]], head: list[str], first: int) -> Iterator[Line]:
    for line, row in enumerate(sheet, first):
        cells = [_text(cell) for cell in row]
        if not any(cells):
            continue
        beyond = cells[len(head) :]
        if any(beyond):
            filled = max(place for place, cell in enumerate(cells, 1) if cell)
            reason = UNEVEN.format(filled, len(head))
            yield Line(None, line, ("", reason), {"row_as_read": cells})
        else:
            yield Line(dict(zip(head, cells, strict=False)), line)


def _text(cell: Cell) -> str:
    """Write a typed cell as it would be typed; a sheet's numbers carry no more than 15 digits."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)
