"""Tables as parts: CSV, XLSX, JSONL and Parquet, each row with its number and its line."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from screening.batch.inputs.csv_tables import csv_table
from screening.batch.inputs.damage import Damaged, unharmed
from screening.batch.inputs.json_lines import json_lines
from screening.batch.inputs.source_rows import Part, Refusal
from screening.batch.inputs.sources import Source
from screening.batch.inputs.table_lines import Line
from screening.batch.inputs.xlsx_sheets import sheet
from screening.intake.case import CASE_FILES, CaseReader
from screening.intake.vocabulary import Vocabulary

_AS_MEASURED = pl.col(pl.Float32).cast(pl.String).cast(pl.Float64)
"""6.1 in 32 bits is 6.0999999 in 64, and prints as what was measured."""

_DAMAGED = "the file is damaged here: this row cannot be read. Write the table anew."


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
        "csv": lambda: csv_table(source.path, vocabulary, names),
        "xlsx": lambda: sheet(source.path, vocabulary),
        "jsonl": lambda: json_lines(source.path, vocabulary, names, read),
    }
    return readers[source.kind]()


def rows_of(
    path: Path, kind: str, vocabulary: Vocabulary, names: Container[str]
) -> tuple[list[str], Iterator[Line]]:
    """Give the head and the rows of a CSV or XLSX table.

    Raises:
        UsageError: if it cannot be read.

    """
    return sheet(path, vocabulary) if kind == "xlsx" else csv_table(path, vocabulary, names)


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


def _parquet(source: Source, size: int, done: int) -> Iterator[Part]:
    scan = pl.scan_parquet(source.path, glob=False)
    for start in range(done * size, source.rows, size):
        # No part is held here while the next one is read.
        yield _of_parquet(source, scan, start, min(size, source.rows - start))


def _of_parquet(source: Source, scan: pl.LazyFrame, start: int, size: int) -> Part:
    rows = range(start + 1, start + size + 1)
    try:
        with unharmed():
            frame = scan.slice(start, size).collect().with_columns(_AS_MEASURED)
        if frame.height != size:
            raise Damaged
    except (Damaged, pl.exceptions.PolarsError):
        unread = [Refusal(row, "", _DAMAGED, {}) for row in rows]
        return Part(source.name, pl.DataFrame(), [], unread)
    return Part(source.name, frame, rows)
