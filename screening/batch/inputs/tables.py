"""Tables as parts: CSV, XLSX, JSONL and Parquet, each row with its number and its line.

CSV is read with Python's own reader: it is slower than a columnar one, but it can refuse one bad
row, name its line and go on, where others give up or silently cut the row.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from screening.batch.inputs.cells import of_data, refused, written
from screening.batch.inputs.source_rows import Part, Refusal
from screening.batch.inputs.sources import Source
from screening.documents import DocumentError, parse_json
from screening.errors import CaseError, Problem, UsageError
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened

DELIMITERS = ",;\t"
_UNEVEN = "the row has {} cells, the head of the table {}."
_AS_MEASURED = pl.col(pl.Float32).cast(pl.String).cast(pl.Float64)
"""6.1 in 32 bits is 6.0999999 in 64, and prints as what was measured."""

_UTF_8 = "utf-8-sig"
_NO_TEXT = "from here on the file is no text; save the table as CSV UTF-8."
_NOT_UTF8 = "the row is not UTF-8 text; save the table as CSV UTF-8."


@dataclass(frozen=True)
class Line:
    """One row of a table in rows: its cells by column, or what is wrong with it."""

    cells: dict[str, str] | None
    line: int | None = None
    refusal: tuple[str, str] = ("", "")
    kept: dict[str, Any] | None = None


def parts(
    source: Source,
    vocabulary: Vocabulary,
    size: int,
    done: int,
    names: Container[str] = (),
) -> Iterator[Part]:
    """Give the parts of a table, without the first so many.

    Args:
        source: the table.
        vocabulary: the findings that may head its columns.
        size: how many rows a part has.
        done: how many parts are left out.
        names: other columns that are expected, such as those of a map.

    Raises:
        UsageError: if the table as a whole cannot be read.

    """
    if source.kind == "parquet":
        return _parquet(source, size, done)
    readers: dict[str, Callable[[], tuple[list[str], Iterator[Line]]]] = {
        "csv": lambda: _csv(source.path, vocabulary, names),
        "xlsx": lambda: sheet(source.path),
        "jsonl": lambda: _jsonl(source.path, vocabulary),
    }
    head, lines = readers[source.kind]()
    return _of_lines(source.name, head, lines, size, done)


def _of_lines(
    name: str, head: list[str], lines: Iterable[Line], size: int, done: int
) -> Iterator[Part]:
    lines = iter(lines)
    for _ in islice(lines, done * size):
        pass
    first = done * size + 1
    while taken := list(islice(lines, size)):
        yield _part(name, head, taken, first)
        first += len(taken)


def _part(name: str, head: list[str], lines: list[Line], first: int) -> Part:
    rows, cells, unread, at = [], [], [], {}
    for row, line in enumerate(lines, first):
        if line.line is not None:
            at[row] = line.line
        if line.cells is None:
            unread.append(Refusal(row, *line.refusal, line.kept))
        else:
            rows.append(row)
            cells.append(line.cells)
    columns = head or list(dict.fromkeys(name for cell in cells for name in cell))
    frame = pl.DataFrame(
        {
            column: pl.Series([cell.get(column) for cell in cells], dtype=pl.String)
            for column in columns
        }
    )
    return Part(name, frame, rows, unread, at)


# -- CSV ------------------------------------------------------------------------------------------


def _csv(
    path: Path, vocabulary: Vocabulary, names: Container[str]
) -> tuple[list[str], Iterator[Line]]:
    lines = _csv_rows(path, delimiter(path, vocabulary, names))
    head, _ = next(lines, ([], 0))
    if isinstance(head, str) or not head:
        raise _no_head(path)
    _refuse_twice(path, head)
    return head, (_csv_line(cells, line, head) for cells, line in lines)


def _csv_rows(path: Path, delimiter: str) -> Iterator[tuple[list[str] | str, int]]:
    """Give the cells of every row that is not empty, or what is wrong with it, and its line."""
    encoding = encoding_of(path)
    errors = "surrogateescape" if encoding == _UTF_8 else "surrogatepass"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield f"the row is not well formed: {error}.", reader.line_num
                continue
            except UnicodeDecodeError:
                yield _NO_TEXT, reader.line_num + 1
                return
            if cells:
                yield cells, reader.line_num


def _csv_line(cells: list[str] | str, line: int, head: list[str]) -> Line:
    if isinstance(cells, str):
        return Line(None, line, ("", cells), {})
    if not "".join(cells).isascii():
        try:
            "".join(cells).encode()
        except UnicodeEncodeError:
            return Line(None, line, ("", _NOT_UTF8), {"row_as_read": list(map(ascii, cells))})
    if len(cells) != len(head):
        reason = _UNEVEN.format(len(cells), len(head))
        return Line(None, line, ("", reason), {"row_as_read": cells})
    return Line(dict(zip(head, cells, strict=True)), line)


def encoding_of(path: Path) -> str:
    """Give how a text is encoded: UTF-16 begins with a mark (a spreadsheet's "Unicode text")."""
    with path.open("rb") as file:
        mark = file.read(2)
    return "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _UTF_8


def delimiter(path: Path, vocabulary: Vocabulary, names: Container[str] = ()) -> str:
    """Give the delimiter that makes most findings, or other names expected, of the first line."""
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        first = file.readline()
    found = {each: _split(first, each) for each in DELIMITERS}

    def expected(each: str) -> tuple[int, int]:
        return sum(n in vocabulary or n in names for n in found[each]), len(found[each])

    return max(found, key=expected)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _no_head(path: Path) -> UsageError:
    todo = "Write the names of the findings into the first row; --template gives an empty table."
    return UsageError(Problem(str(path), "the table has no row of names.", "", todo))


def _refuse_twice(path: Path, head: list[str]) -> None:
    twice = sorted(name for name, count in Counter(head).items() if count > 1)
    if twice:
        what = f"the column {shortened(', '.join(map(repr, twice)))} is there twice."
        todo = "Keep one of the two: which one is meant cannot be known."
        raise UsageError(Problem(str(path), what, "", todo))


# -- XLSX -----------------------------------------------------------------------------------------


def sheet(path: Path) -> tuple[list[str], Iterator[Line]]:
    """Read the first sheet; the others explain it."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (calamine.CalamineError, OSError, ValueError, IndexError):
        todo = "Save it anew as .xlsx, without a password."
        what = "this is not a spreadsheet that can be read."
        raise UsageError(Problem(str(path), what, "", todo)) from None
    head = [_text(cell) for cell in (sheet[0] if sheet else [])]
    while head and not head[-1]:
        head.pop()
    if not head:
        raise _no_head(path)
    _refuse_twice(path, head)
    return head, _xlsx_lines(sheet[1:], head)


def _xlsx_lines(sheet: list[list[Any]], head: list[str]) -> Iterator[Line]:
    for line, row in enumerate(sheet, 2):
        cells = [_text(cell) for cell in row]
        if not any(cells):
            continue
        beyond = cells[len(head) :]
        if any(beyond):
            filled = max(place for place, cell in enumerate(cells, 1) if cell)
            reason = _UNEVEN.format(filled, len(head))
            yield Line(None, line, ("", reason), {"row_as_read": cells})
        else:
            yield Line(dict(zip(head, cells, strict=False)), line)


def _text(cell: Any) -> str:
    """Write a typed cell as it would be typed; a sheet's numbers carry no more than 15 digits."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)


# -- JSONL ----------------------------------------------------------------------------------------


def _jsonl(path: Path, vocabulary: Vocabulary) -> tuple[list[str], Iterator[Line]]:
    return [], _jsonl_lines(path, vocabulary)


def _jsonl_lines(path: Path, vocabulary: Vocabulary) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                yield _jsonl_line(parse_json(text, ""), number, vocabulary)
            except UnicodeDecodeError:
                kept = {"text": raw.decode("utf-8", errors="replace")}
                yield Line(None, number, ("", "the line is not UTF-8 text."), kept)
            except DocumentError as error:
                yield Line(None, number, ("", error.problems[0].what), {"text": text.strip()})


def _jsonl_line(data: Any, number: int, vocabulary: Vocabulary) -> Line:
    """Read one line: a case, or a refused row whose ``cells`` or ``case`` was mended."""
    if isinstance(data, dict) and isinstance(data.get("cells"), dict):
        cells = {name: written(c) for name, c in data["cells"].items() if c is not None}
        return Line(cells, number)
    case = data.get("case", data) if isinstance(data, dict) else data
    try:
        return Line(of_data(case, vocabulary, ""), number)
    except CaseError as error:
        kept = {"case": case} if isinstance(case, dict) else {"text": json.dumps(data, default=str)}
        return Line(None, number, refused(error, ""), kept)


# -- Parquet --------------------------------------------------------------------------------------


def _parquet(source: Source, size: int, done: int) -> Iterator[Part]:
    scan = pl.scan_parquet(source.path, glob=False)
    for start in range(done * size, source.rows, size):
        frame = scan.slice(start, size).collect().with_columns(_AS_MEASURED)
        yield Part(source.name, frame, range(start + 1, start + 1 + frame.height))
