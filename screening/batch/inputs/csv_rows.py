"""The rows of a CSV, with its own lines as witnesses: no quotation mark swallows a row.

A quotation mark that is not closed takes whatever follows into its cell, up to the next one. So a
row of several lines is believed only where none of its lines is a row by itself; else its first
line is refused, and reading goes on with the second.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TextIO

LONGEST_LINE = 1_000_000
"""No row has more characters; a case file has no more bytes either."""

OPEN = "a quotation mark on this line is not closed; close it or take it away."
_LONG = f"the line is longer than {LONGEST_LINE:,} characters."


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its cells, or why it has none, and the line on which it begins."""

    line: int
    cells: list[str]
    wrong: str = ""
    text: str = ""
    """The line as it stands, where it could not be read."""


class _Lines:
    """The lines of a text; those that a quotation mark swallowed can be handed back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: list[str] = []
        self.first, self.taken, self.cut = 1, list[str](), False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(line) < LONGEST_LINE:
            return line
        self.cut = True
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(LONGEST_LINE)
        return "\n"

    def begin(self) -> None:
        """Begin a row behind the lines that were taken."""
        self.first += len(self.taken)
        self.taken, self.cut = [], False

    def hand_back(self) -> None:
        """Hand back all lines of a row but the first."""
        self._back += reversed(self.taken[1:])
        del self.taken[1:]


def csv_rows(file: TextIO, delimiter: str) -> Iterator[CsvRow]:
    """Give every row that is not empty; the first one is the head."""
    lines, width = _Lines(file), 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _refused(lines, f"the row is not well formed: {error}.")
            continue
        if lines.cut:
            yield _refused(lines, _LONG)
        elif len(lines.taken) > 1 and width and _swallowed(lines.taken, cells, width, delimiter):
            yield _refused(lines, OPEN)
        elif cells:
            width = width or len(cells)
            yield CsvRow(lines.first, cells)


def _refused(lines: _Lines, wrong: str) -> CsvRow:
    text = lines.taken[0].rstrip("\r\n") if lines.taken else ""
    if len(lines.taken) > 1 or (text.count('"') % 2 and not lines.cut):
        wrong = OPEN
    lines.hand_back()
    return CsvRow(lines.first, [], wrong, "" if len(text) >= LONGEST_LINE else text)


def _swallowed(taken: list[str], cells: list[str], width: int, delimiter: str) -> bool:
    """Tell whether a row of several lines holds other rows."""
    if len(cells) != width:
        return True
    as_they_stand = [_width(line, delimiter, csv.QUOTE_NONE) for line in taken]
    if as_they_stand[0] == as_they_stand[-1] == width or width in as_they_stand[1:-1]:
        return True
    return any(_width(line, delimiter, csv.QUOTE_MINIMAL) == width for line in taken[1:-1])


def _width(line: str, delimiter: str, quoting: Literal[0, 3]) -> int:
    return len(next(csv.reader([line], delimiter=delimiter, quoting=quoting), []))
