"""How far a spreadsheet reaches, told before it is read: what reads it makes room for all of it.

A workbook is a ZIP of XML. A single cell far away from the others, or a ZIP that unfolds to
thousands of times its size, would take all memory; so both are looked at piece by piece first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from screening.errors import Problem, UsageError

MOST_CELLS = 20_000_000
"""So many cells from the first to the last, empty ones included: 200,000 rows of 100 columns."""

MOST_UNFOLDED = 1 << 30
"""So many bytes of XML; a workbook of the most cells has about as many."""

_MOST_FILES = 10_000
_BLOCK = 1 << 18
_PLACE = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")
_WHY = "Reading it would take all memory."
_TODO = "Delete what stands outside of the table, or save it as CSV."


class _NoSheet(Exception):
    """What is looked at is something else."""


class _Sheet:
    """The last row and column of one sheet, from its XML as it comes."""

    def __init__(self) -> None:
        self.rows, self.columns = 0, 0
        self._row, self._column, self._inside = 0, 0, False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin

    def take(self, block: bytes) -> None:
        """Take the next piece of its XML."""
        self._parser.Parse(block)

    def _begin(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._inside:
            if name != "worksheet":
                raise _NoSheet
            self._inside = True
        elif name == "row":
            at = given.get("r", "")
            self._row = int(at) if at.isdigit() and len(at) < 8 else self._row + 1
            self._column = 0
        elif name == "c":
            self._cell(given.get("r", ""))

    def _cell(self, place: str) -> None:
        if found := _PLACE.fullmatch(place):
            self._column, self._row = _number(found[1]), int(found[2])
        else:
            self._column += 1
        if self._row > self.rows or self._column > self.columns:
            self.rows = max(self.rows, self._row)
            self.columns = max(self.columns, self._column)
            if self.rows * self.columns > MOST_CELLS:
                raise _Far(place)


class _Far(Exception):
    """A cell stands where no table reaches."""


@lru_cache(maxsize=1_000)
def _number(letters: str) -> int:
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def refuse_far(path: Path) -> int:
    """Refuse a workbook that is none, or larger than it looks; give the rows of its longest sheet.

    It is looked through once, and again if it was changed.

    Raises:
        UsageError: with the cell that is too far away.

    """
    try:
        now = path.stat()
        return _rows(path, now.st_ino, now.st_size, now.st_mtime_ns)
    except _Far as error:
        at = f" at {error}" if str(error) else ""
        what = f"a cell stands far outside of any table{at}."
    except OverflowError:
        what = "it unfolds to more than any table is."
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError):
        raise UsageError(no_spreadsheet(path)) from None
    raise UsageError(Problem(str(path), what, _WHY, _TODO))


@lru_cache(maxsize=64)
def _rows(path: Path, *_state: int) -> int:
    """Give the rows of the longest sheet of a workbook that is in this state."""
    with zipfile.ZipFile(path) as book:
        return _looked_through(book)


def _looked_through(book: zipfile.ZipFile) -> int:
    names, unfolded, rows = book.infolist(), 0, 0
    if len(names) > _MOST_FILES:
        raise OverflowError
    for name in names:
        sheet: _Sheet | None = _Sheet()
        with book.open(name) as file:
            while block := file.read(_BLOCK):
                unfolded += len(block)
                if unfolded > MOST_UNFOLDED:
                    raise OverflowError
                sheet = sheet and _taken(sheet, block, name.filename)
        rows = max(rows, sheet.rows if sheet else 0)
    return rows


def _taken(sheet: _Sheet, block: bytes, name: str) -> _Sheet | None:
    """Give the sheet with the next piece of it, or None for what is no sheet."""
    try:
        sheet.take(block)
    except _NoSheet:
        return None
    except expat.ExpatError:
        # What reads the sheet may be less strict, and go on to a cell that was not seen here.
        if name.endswith(".xml") or b"worksheet" in block:
            raise ValueError from None
        return None
    return sheet


def no_spreadsheet(path: Path) -> Problem:
    """Say that a file is no workbook."""
    what = "this is not a spreadsheet that can be read."
    return Problem(str(path), what, "", "Save it anew as .xlsx, without a password.")
