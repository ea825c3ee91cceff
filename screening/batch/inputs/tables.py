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
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from screening.batch.inputs.cells import of_data, refused, written
from screening.batch.inputs.csv_rows import LONGEST_LINE, CsvRow, csv_rows
from screening.batch.inputs.damage import Damaged, unharmed
from screening.batch.inputs.extent import no_spreadsheet, refuse_far
from screening.batch.inputs.part_lines import parts_of_cases
from screening.batch.inputs.source_rows import Part, Refusal
from screening.batch.inputs.sources import Source
from screening.documents import DocumentError, parse_json
from screening.errors import CaseError, Problem, UsageError
from screening.intake.case import CASE_FILES, CaseReader
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened

DELIMITERS = ",;\t"
_UNEVEN = "the row has {} cells, the head of the table {}."
_AS_MEASURED = pl.col(pl.Float32).cast(pl.String).cast(pl.Float64)
"""6.1 in 32 bits is 6.0999999 in 64, and prints as what was measured."""

_LONG = f"the line is longer than {LONGEST_LINE:,} bytes, and no case is."
_UTF_8 = "utf-8-sig"
_DAMAGED = "the file is damaged here: this row cannot be read. Write the table anew."
_NO_FINDING = "this is no finding that can be recorded, and no column of the map."
_NOT_UTF8 = "the row is not UTF-8 text; save the table as CSV UTF-8."
_NO_LETTER = "\N{REPLACEMENT CHARACTER}"
"""Stands for what is no letter."""


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
    read: CaseReader = CASE_FILES,
) -> Iterator[Part]:
    """Give the parts of a table, without the first so many.

    Args:
        source: the table.
        vocabulary: the findings that may head its columns.
        size: how many rows a part has.
        done: how many parts are left out.
        names: other columns that are expected, such as those of a map.
        read: reads a line of JSON as a case.

    Raises:
        UsageError: if the table as a whole cannot be read.

    """
    if source.kind == "parquet":
        return _parquet(source, size, done)
    head, lines = _opened(source, vocabulary, names, read)
    return _of_lines(source.name, head, lines, size, done)


def headed(source: Source, vocabulary: Vocabulary, names: Container[str] = ()) -> pl.Schema:
    """Give the columns of a table with their types: none where each row names its own.

    Raises:
        UsageError: if the table as a whole cannot be read.

    """
    if source.kind == "parquet":
        return pl.scan_parquet(source.path, glob=False).collect_schema()
    head, _ = _opened(source, vocabulary, names)
    return pl.Schema(dict.fromkeys(head, pl.String))


def _opened(
    source: Source, vocabulary: Vocabulary, names: Container[str], read: CaseReader = CASE_FILES
) -> tuple[list[str], Iterator[Line]]:
    readers: dict[str, Callable[[], tuple[list[str], Iterator[Line]]]] = {
        "csv": lambda: _csv(source.path, vocabulary, names),
        "xlsx": lambda: sheet(source.path, vocabulary),
        "jsonl": lambda: _jsonl(source.path, vocabulary, names, read),
    }
    return readers[source.kind]()


def rows_of(
    path: Path, kind: str, vocabulary: Vocabulary, names: Container[str]
) -> tuple[list[str], Iterator[Line]]:
    """Give the head and the rows of a CSV or XLSX table.

    Raises:
        UsageError: if it cannot be read.

    """
    return sheet(path, vocabulary) if kind == "xlsx" else _csv(path, vocabulary, names)


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
    rows = _csv_rows(path, delimiter(path, vocabulary, names))
    head = next(rows, None)
    if head is None or not (head.cells or head.wrong):
        raise _no_head(path)
    if head.wrong:
        where = f"{path}:{head.line}"
        raise UsageError(Problem(where, f"the row of names cannot be read: {head.wrong}"))
    second = next(rows, None)
    if second is not None and _is_head(second.cells, head.cells, vocabulary):
        head = second
    elif second is not None:
        rows = chain([second], rows)
    _refuse_twice(path, head.cells)
    return head.cells, (_csv_line(row, head.cells) for row in rows)


def _is_head(second: list[str], first: list[str], vocabulary: Vocabulary) -> bool:
    """Tell whether titles stand in the first row and the paths of findings below them."""
    titles = bool(second) and len(first) >= len(second)
    return titles and all(n in vocabulary for n in second) and first[0] not in vocabulary


def _csv_rows(path: Path, delimiter: str) -> Iterator[CsvRow]:
    encoding = encoding_of(path)
    errors = "surrogateescape" if encoding == _UTF_8 else "replace"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield from csv_rows(file, delimiter)


def _csv_line(row: CsvRow, head: list[str]) -> Line:
    whole = row.text or "".join(row.cells)
    if not whole.isascii() and (_NO_LETTER in whole or not _is_utf8(whole)):
        kept = {"text": ascii(row.text)} if row.wrong else {"row_as_read": [*map(ascii, row.cells)]}
        return Line(None, row.line, ("", row.wrong or _NOT_UTF8), kept)
    if row.wrong:
        return Line(None, row.line, ("", row.wrong), {"text": row.text})
    if len(row.cells) != len(head):
        reason = _UNEVEN.format(len(row.cells), len(head))
        return Line(None, row.line, ("", reason), {"row_as_read": row.cells})
    return Line(dict(zip(head, row.cells, strict=True)), row.line)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encoding_of(path: Path) -> str:
    """Give how a text is encoded: UTF-16 begins with a mark (a spreadsheet's "Unicode text")."""
    with path.open("rb") as file:
        mark = file.read(2)
    return "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _UTF_8


def delimiter(path: Path, vocabulary: Vocabulary, names: Container[str] = ()) -> str:
    """Give the delimiter that makes most findings, or other names expected, of the first line."""
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        heads = [file.readline(), file.readline()]
    found = {each: [_split(head, each) for head in heads] for each in DELIMITERS}

    def expected(each: str) -> tuple[int, int]:
        known = sum(n in vocabulary or n in names for head in found[each] for n in head)
        return known, len(found[each][0])

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
    below = 2 if _is_head(second, first, vocabulary) else 1
    head = second if below > 1 else first
    if not head:
        raise _no_head(path)
    _refuse_twice(path, head)
    return head, _xlsx_lines(sheet[below:], head, below + 1)


def _named_cells(row: list[Any]) -> list[str]:
    head = [_text(cell) for cell in row]
    while head and not head[-1]:
        head.pop()
    return head


def _xlsx_lines(sheet: list[list[Any]], head: list[str], first: int) -> Iterator[Line]:
    for line, row in enumerate(sheet, first):
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


def _jsonl(
    path: Path, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> tuple[list[str], Iterator[Line]]:
    if encoding_of(path) != _UTF_8:
        what = "this is UTF-16 text."
        raise UsageError(Problem(str(path), what, "", "Save it as UTF-8."))
    return [], _jsonl_lines(path, vocabulary, names, read)


def _jsonl_lines(
    path: Path, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> Iterator[Line]:
    groups, end = parts_of_cases(path, read), 0
    with path.open("rb") as file, path.open("rb") as again:
        for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
            start, end = end, end + len(raw)
            if not raw.strip() or start in groups.later:
                continue
            if len(raw) >= LONGEST_LINE:
                yield Line(None, number, ("", _LONG), {})
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LONGEST_LINE)
                    end += len(raw)
                continue
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                data = groups.whole(start, again, read) or parse_json(text, "")
                yield _jsonl_line(data, number, vocabulary, names, read)
            except UnicodeDecodeError:
                kept = {"text": raw.decode("utf-8", errors="replace")}
                yield Line(None, number, ("", "the line is not UTF-8 text."), kept)
            except DocumentError as error:
                yield Line(None, number, ("", error.problems[0].what), {"text": text.strip()})


def _jsonl_line(
    data: Any, number: int, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> Line:
    """Read one line: a case, or a refused row whose ``cells`` or ``case`` was mended."""
    if isinstance(data, dict) and isinstance(data.get("cells"), dict):
        for name in data["cells"]:
            if name not in vocabulary and name not in names:
                reason = f"{shortened(name)}: {_NO_FINDING} {vocabulary.meant(name)}".strip()
                return Line(None, number, (shortened(name), reason), {"cells": data["cells"]})
        cells = {name: written(c) for name, c in data["cells"].items() if c is not None}
        return Line(cells, number)
    case = data.get("resource", data.get("case", data)) if isinstance(data, dict) else data
    try:
        return Line(of_data(case, vocabulary, "", read=read), number)
    except CaseError as error:
        name = "resource" if read.foreign(case) else "case"
        kept = {name: case} if isinstance(case, dict) else {"text": json.dumps(data, default=str)}
        return Line(None, number, refused(error, ""), kept)


# -- Parquet --------------------------------------------------------------------------------------


def _parquet(source: Source, size: int, done: int) -> Iterator[Part]:
    scan = pl.scan_parquet(source.path, glob=False)
    for start in range(done * size, source.rows, size):
        rows = range(start + 1, min(start + size, source.rows) + 1)
        try:
            with unharmed():
                frame = scan.slice(start, size).collect().with_columns(_AS_MEASURED)
            if frame.height != len(rows):
                raise Damaged
        except (Damaged, pl.exceptions.PolarsError):
            unread = [Refusal(row, "", _DAMAGED, {}) for row in rows]
            yield Part(source.name, pl.DataFrame(), [], unread)
        else:
            yield Part(source.name, frame, rows)
