"""CSV tables, row by row: how a file is encoded and parted, and which rows cannot be read.

CSV is read with Python's own reader: it is slower than a columnar one, but it can refuse one bad
row, name its line and go on, where others give up or silently cut the row.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Container, Iterator
from itertools import chain
from pathlib import Path

from screening.batch.inputs.csv_rows import CsvRow, csv_rows
from screening.batch.inputs.table_lines import UNEVEN, Line, is_head, no_head, refuse_twice
from screening.errors import Problem, UsageError
from screening.intake.vocabulary import Vocabulary
from screening.safe import is_torn

DELIMITERS = ",;\t"
UTF_8 = "utf-8-sig"
_NOT_UTF8 = "the row is not UTF-8 text; save the table as CSV UTF-8."
_NO_LETTER = "\N{REPLACEMENT CHARACTER}"
"""Stands for what is no letter."""


def csv_table(
    path: Path, vocabulary: Vocabulary, names: Container[str]
) -> tuple[list[str], Iterator[Line]]:
    """Give the head and the rows of a table.

    Raises:
        UsageError: if it has no head, or one that cannot be read.

    """
    rows = _csv_rows(path, delimiter(path, vocabulary, names))
    head = next(rows, None)
    if head is None or not (head.cells or head.wrong):
        raise no_head(path)
    if head.wrong:
        where = f"{path}:{head.line}"
        raise UsageError(Problem(where, f"the row of names cannot be read: {head.wrong}"))
    second = next(rows, None)
    if second is not None and is_head(second.cells, head.cells, vocabulary):
        head = second
    elif second is not None:
        rows = chain([second], rows)
    refuse_twice(path, head.cells)
    return head.cells, (_csv_line(row, head.cells) for row in rows)


def _csv_rows(path: Path, delimiter: str) -> Iterator[CsvRow]:
    encoding = encoding_of(path)
    errors = "surrogateescape" if encoding == UTF_8 else "replace"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield from csv_rows(file, delimiter)


def _csv_line(row: CsvRow, head: list[str]) -> Line:
    whole = row.text or "".join(row.cells)
    if not whole.isascii() and (_NO_LETTER in whole or is_torn(whole)):
        kept = {"text": ascii(row.text)} if row.wrong else {"row_as_read": [*map(ascii, row.cells)]}
        return Line(None, row.line, ("", row.wrong or _NOT_UTF8), kept)
    if row.wrong:
        return Line(None, row.line, ("", row.wrong), {"text": row.text})
    if len(row.cells) != len(head):
        reason = UNEVEN.format(len(row.cells), len(head))
        return Line(None, row.line, ("", reason), {"row_as_read": row.cells})
    return Line(dict(zip(head, row.cells, strict=True)), row.line)


def encoding_of(path: Path) -> str:
    """Give how a text is encoded: UTF-16 begins with a mark (a spreadsheet's "Unicode text")."""
    with path.open("rb") as file:
        mark = file.read(2)
    return "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else UTF_8


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
