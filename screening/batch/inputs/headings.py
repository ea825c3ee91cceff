"""Which column is which finding: by its path, by a map that the user declares, or by REDCap.

Nothing is guessed: a column that is no finding and is not declared stops the run before it begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from screening.batch.inputs.column_map import (
    NONE_TICKED,
    TICKS,
    ColumnMap,
    Map,
    date_form,
)
from screening.batch.inputs.source_rows import Refusal
from screening.cohort.texts import LIST_SEPARATOR
from screening.errors import Problem, UsageError, each_said
from screening.intake.answers import NOT_TESTED, words_of
from screening.intake.vocabulary import PRESENT, YES_NO, Vocabulary
from screening.safe import is_torn, shortened

NO_CODE = "its code is not in the map of the columns."
Bad = tuple[str, str, pl.Series]
"""A field, the reason and the rows of which it is true."""


@dataclass
class Headed:
    """A frame headed by findings, and what is wrong with single rows."""

    frame: pl.DataFrame
    bad: list[Bad] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Heads the tables of one run."""

    vocabulary: Vocabulary
    map: Map = Map()

    @cached_property
    def _redcap(self) -> Map:
        from screening.batch.inputs.redcap import columns

        return columns(self.vocabulary)

    def ignored(self, head: list[str]) -> list[str]:
        """Give the columns of a table that are left out knowingly."""
        ignore = self._of(head).ignore
        return [name for name in head if name in ignore]

    def head(self, frame: pl.DataFrame, source: str) -> Headed:
        """Head a frame by findings.

        Raises:
            UsageError: for columns that are no findings and are not declared, with suggestions.

        """
        declared = self._of(frame.columns)
        self._refuse_unknown(frame.columns, source)
        found = Headed(pl.DataFrame())
        columns: dict[str, pl.Series] = {}
        words: dict[str, dict[str, pl.Series]] = {}
        for name in frame.columns:
            if name in declared.ignore:
                continue
            column = declared.column(name, self.vocabulary)
            assert column is not None  # checked above
            if column.word is not None:
                ticks = _coded(frame[name], column.codes or TICKS, YES_NO, column.finding, found)
                words.setdefault(column.finding, {})[column.word] = ticks
            else:
                _add(columns, column.finding, self._converted(frame[name], column, found), found)
        for path, by_word in words.items():
            _add(columns, path, _listed(by_word, path, found), found)
        found.frame = pl.DataFrame(columns) if columns else frame.select()
        return found

    @cached_property
    def _is_mapped(self) -> bool:
        return self.map != Map()

    def _of(self, head: list[str]) -> Map:
        if self._is_mapped:
            return self.map
        from screening.batch.inputs.redcap import RECORD

        return self._redcap if RECORD in head else self.map

    def column_of(self, path: str, head: list[str]) -> str | None:
        """Give the column of a table that is a finding, if any."""
        columns = self._of(head).columns
        declared = [name for name in head if name in columns and columns[name].finding == path]
        return declared[0] if declared else (path if path in head else None)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that a column may have beside the paths of findings."""
        return (self.map if self._is_mapped else self._redcap).names

    def finding_of(self, name: str, head: list[str]) -> str | None:
        """Give the finding that a column of a table is, if any."""
        return self._of(head).finding(name, self.vocabulary)

    def check(self, head: list[str], source: str) -> None:
        """Refuse columns that are no findings and are not declared, or are one finding twice.

        Raises:
            UsageError: with a suggestion for each.

        """
        self._refuse_unknown(head, source)
        declared = self._of(head)
        read = [
            declared.column(name, self.vocabulary) for name in head if name not in declared.ignore
        ]
        whole = Counter(column.finding for column in read if column and column.word is None)
        parts = {column.finding for column in read if column and column.word is not None}
        for path, times in whole.items():
            if times > 1 or path in parts:
                what = f'two columns are "{path}".'
                todo = "Keep one of the two: which one is meant cannot be known."
                raise UsageError(Problem(source, what, "", todo))

    def _refuse_unknown(self, head: list[str], source: str) -> None:
        declared = self._of(head)
        if any(map(is_torn, head)):
            todo = "Save the table as CSV UTF-8."
            raise UsageError(Problem(source, "the row of names is not UTF-8 text.", "", todo))
        hinted = []

        def said(name: str) -> Problem:
            hint = self.vocabulary.meant(name, declared.columns)
            hinted.append(hint)
            todo = (
                f"{hint} Rename it, or declare it with --map (--map-template begins one).".strip()
            )
            what = f'the column "{shortened(name)}" is no finding that can be recorded.'
            why = "It would be silently left out of every screening."
            return Problem(source, what, why, todo)

        known = declared.names
        unknown = [name for name in head if name not in known and name not in self.vocabulary]
        if unknown:
            problems = each_said(unknown, said)
            # Where nothing resembles a finding, these may be a patient's data: they are not said.
            nameless = len(unknown) == len(head) and not any(hinted)
            raise UsageError(_no_names(source) if nameless else problems)

    def _converted(self, cells: pl.Series, column: ColumnMap, found: Headed) -> pl.Series:
        kind = self.vocabulary[column.finding].type
        if column.codes is not None and kind not in _FREE:
            words = words_of(column.finding, self.vocabulary)
            return _coded(cells, column.codes, words, column.finding, found)
        if column.codes is not None:
            cells = _without_codes(cells, column.codes)
        if column.decimal == ",":
            cells = _with_points(cells)
        if column.date is not None:
            cells = _as_days(cells, column, found)
        if column.multiply is not None or column.divide is not None:
            cells = self._scaled(cells, column, found)
        return cells

    def _scaled(self, cells: pl.Series, column: ColumnMap, found: Headed) -> pl.Series:
        multiply, divide = column.multiply or 100, column.divide or 100
        numbers = cells.cast(pl.Float64, strict=False)
        if cells.dtype == pl.String:
            unit = self.vocabulary[column.finding].unit or "digits"
            reason = f"a plain number is expected, to be scaled to {unit}."
            _note_bad(found, column.finding, reason, cells, numbers)
        # Nine decimals are exact for any measurement; more would be noise of the scaling.
        return (numbers * multiply / divide).round(9)


_FREE = ("number", "date", "text")
"""Kinds of findings without words: of these a code can only say that nothing was recorded."""


def _note_bad(found: Headed, path: str, reason: str, cells: pl.Series, read: pl.Series) -> None:
    """Note the cells that hold something of which nothing could be read."""
    bad = cells.is_not_null() & read.is_null() & ~cells.is_in(["", NOT_TESTED])
    if bad.any():
        found.bad.append((path, reason, bad.fill_null(False)))


def _without_codes(cells: pl.Series, codes: dict[str, str]) -> pl.Series:
    """Take away the codes that stand for what was not recorded, such as 999 for no number."""
    empty = _as_codes(cells).is_in(list(codes)).fill_null(False)
    return cells.set(empty, None) if empty.any() else cells


def _with_points(cells: pl.Series) -> pl.Series:
    """Write a decimal comma as a point; a cell with both stays as it is and is refused."""
    if cells.dtype != pl.String:
        return cells
    pointed = cells.str.contains(".", literal=True).fill_null(False)
    return cells.str.replace(",", ".", literal=True).zip_with(~pointed, cells)


def _as_days(cells: pl.Series, column: ColumnMap, found: Headed) -> pl.Series:
    """Read dates as they are written; year-month-day, as spreadsheets hand dates on, as well."""
    if cells.dtype != pl.String or column.date is None:
        return cells
    days = cells.str.to_date(date_form(column.date), strict=False)
    days = days.zip_with(days.is_not_null(), cells.str.to_date("%Y-%m-%d", strict=False))
    reason = f"a date is expected as {column.date}."
    _note_bad(found, column.finding, reason, cells, days)
    return days


def _as_codes(cells: pl.Series) -> pl.Series:
    """Give cells as the texts that a map names them by: a whole number has no decimals."""
    if not cells.dtype.is_float():
        return cells.cast(pl.String)
    whole = (cells == cells.round()).fill_null(True)
    texts = cells.cast(pl.String)
    return cells.cast(pl.Int64, strict=False).cast(pl.String).zip_with(whole, texts)


def _coded(
    cells: pl.Series, codes: dict[str, str], words: Iterable[str], path: str, found: Headed
) -> pl.Series:
    """Give the words of codes; a cell that is neither a code nor a word refuses its row."""
    codes = {**{word: word for word in (*words, NOT_TESTED)}, **codes}
    texts = _as_codes(cells)
    texts = texts.set((texts == "").fill_null(False), None)
    said = texts.replace_strict(codes, default=None, return_dtype=pl.String)
    bad = texts.is_not_null() & said.is_null()
    if bad.any():
        found.bad.append((path, NO_CODE, bad))
    return said


def _listed(by_word: dict[str, pl.Series], path: str, found: Headed) -> pl.Series:
    """Put ticked boxes together; nothing ticked at all is not recorded, never "none"."""
    ticked = {word: (cells == PRESENT).fill_null(False) for word, cells in by_word.items()}
    none = ticked.pop(NONE_TICKED, None)
    parts = [pl.when(pl.lit(is_)).then(pl.lit(word)) for word, is_ in ticked.items()]
    joined = pl.select(pl.concat_str(parts, separator=LIST_SEPARATOR, ignore_nulls=True))
    cells = joined.to_series().replace("", None)
    if none is not None:
        both = none & cells.is_not_null()
        if both.any():
            found.bad.append((path, "none of the words is ticked, and a word as well.", both))
        cells = pl.select(
            pl.when(pl.lit(none)).then(pl.lit("[]")).otherwise(pl.lit(cells))
        ).to_series()
    return cells


def _add(columns: dict[str, pl.Series], path: str, cells: pl.Series, found: Headed) -> None:
    """Add a column; where rows have names of their own, another one may be the same finding."""
    before = columns.get(path)
    if before is not None:
        both = before.is_not_null() & cells.is_not_null()
        if both.any():
            found.bad.append((path, "it stands there twice, under two names.", both))
        cells = before.cast(pl.String).zip_with(before.is_not_null(), cells.cast(pl.String))
    columns[path] = cells.alias(path)


def refusals(bad: list[Bad], rows: pl.Series) -> Iterator[Refusal]:
    """Give the refusals of rows, each once, with every reason."""
    by_row: dict[int, list[tuple[str, str]]] = {}
    for path, reason, hit in bad:
        for row in rows.filter(hit).to_list():
            by_row.setdefault(row, []).append((path, reason))
    for row, reasons in by_row.items():
        yield Refusal(row, reasons[0][0], " ".join(f"{path}: {text}" for path, text in reasons))


def _no_names(source: str) -> Problem:
    what = "no name of its first row is a finding."
    why = "Without a row of names nobody knows what stands in the columns."
    todo = (
        "Write the names of the findings into the first row (--template gives an empty table), or "
        "declare the columns with --map (--map-template begins one)."
    )
    return Problem(source, what, why, todo)
