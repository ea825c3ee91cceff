"""Which column is which finding: by its path, by a map that the user declares, or by REDCap.

Nothing is guessed: a column that is no finding and is not declared stops the run before it begins.
A map changes names, codes and scales. It cannot fill a column with a constant: what was not
recorded for a row, least of all who attested it and when, stays not recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import ValidationError
from pydantic.types import StringConstraints

from screening.batch.inputs.source_rows import Refusal
from screening.cohort.texts import LIST_SEPARATOR
from screening.documents import read_yaml
from screening.errors import Problem, UsageError, did_you_mean, each_said
from screening.intake.answers import NOT_TESTED, words_of
from screening.intake.thresholds import Hundredths, Strict
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened

NO_CODE = "its code is not in the map of the columns."
TICKS = {"1": "present", "0": "absent"}
"""How a ticked box is exported everywhere."""

NONE_TICKED = "none"
"""The word of a box that says none of the words of a list applies."""

Code = Annotated[str, StringConstraints(max_length=200)]


class ColumnMap(Strict):
    """How one column of a site becomes a finding (or one word of a list finding)."""

    finding: str
    word: str | None = None
    codes: dict[Code, str] | None = None
    multiply: Hundredths | None = None
    divide: Hundredths | None = None


class Map(Strict):
    """A whole map: columns that are findings, and columns that are left out knowingly."""

    columns: dict[str, ColumnMap] = {}
    ignore: tuple[str, ...] = ()


def load_map(path: Path, vocabulary: Vocabulary) -> Map:
    """Read a map of columns.

    Raises:
        UsageError, DocumentError: with line, reason and what to do.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        todo = "Check its name; it is UTF-8 text."
        raise UsageError(Problem(str(path), "the map cannot be read.", "", todo)) from None
    document = read_yaml(text, str(path))
    try:
        found = Map.model_validate(document.data)
    except ValidationError as error:
        raise UsageError(
            [
                Problem(
                    document.where(tuple(item["loc"])), f"{_named(item['loc'])}: {item['msg']}."
                )
                for item in error.errors()
            ]
        ) from None
    problems = [
        Problem(document.where(("columns", name)), f'the column "{name}": {what}')
        for name, column in found.columns.items()
        for what in _wrong(column, vocabulary)
    ]
    if problems:
        raise UsageError(problems)
    return found


def _named(place: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in place) or "the map"


def _wrong(column: ColumnMap, vocabulary: Vocabulary) -> Iterator[str]:
    path = column.finding
    if path not in vocabulary:
        yield f'"{path}" is no finding. {vocabulary.meant(path)}'.strip()
        return
    kind, words = vocabulary[path].type, words_of(path, vocabulary)
    scaled = column.multiply is not None or column.divide is not None
    if scaled and kind != "number":
        yield f"{path} is no number, so it cannot be scaled."
    if scaled and (column.codes or 0 in (column.multiply, column.divide)):
        yield "a scale is a number other than 0, and a column is scaled or coded, not both."
    if (kind == "list") != (column.word is not None) and (column.word or column.codes):
        yield f"{path} is {'a' if kind == 'list' else 'no'} list; name its word for a list only."
    if column.word is not None and kind == "list" and column.word not in words:
        yield f'"{column.word}" is none of {", ".join(words)}. {did_you_mean(column.word, words)}'
    allowed = ("present", "absent") if column.word else words
    for code, word in (column.codes or {}).items():
        if word not in (*allowed, NOT_TESTED):
            near = did_you_mean(word, allowed)
            yield f'the code "{code}" means "{word}", which is none of {", ".join(allowed)}. {near}'


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
        self.check(frame.columns, source)
        found = Headed(pl.DataFrame())
        columns: dict[str, pl.Series] = {}
        words: dict[str, dict[str, pl.Series]] = {}
        for name in frame.columns:
            if name in declared.ignore:
                continue
            column = declared.columns.get(name)
            if column is None:
                _once(columns, name, frame[name], source)
            elif column.word is not None:
                ticks = _coded(frame[name], column.codes or TICKS, column.finding, found)
                words.setdefault(column.finding, {})[column.word] = ticks
            else:
                cells = self._converted(frame[name], column, found)
                _once(columns, column.finding, cells, source)
        for path, by_word in words.items():
            _once(columns, path, _listed(by_word, path, found), source)
        found.frame = pl.DataFrame(columns) if columns else frame.select()
        return found

    def _of(self, head: list[str]) -> Map:
        if self.map.columns or self.map.ignore:
            return self.map
        from screening.batch.inputs.redcap import RECORD

        return self._redcap if RECORD in head else self.map

    def column_of(self, path: str, head: list[str]) -> str | None:
        """Give the column of a table that is a finding, if any."""
        columns = self._of(head).columns
        declared = [name for name in head if name in columns and columns[name].finding == path]
        return declared[0] if declared else (path if path in head else None)

    def check(self, head: list[str], source: str) -> None:
        """Refuse columns that are no findings and are not declared.

        Raises:
            UsageError: with a suggestion for each.

        """
        declared = self._of(head)

        def said(name: str) -> Problem:
            hint = self.vocabulary.meant(name, declared.columns)
            todo = f"{hint} Rename it, or declare it with --map.".strip()
            what = f'the column "{shortened(name)}" is no finding that can be recorded.'
            why = "It would be silently left out of every screening."
            return Problem(source, what, why, todo)

        known = {*declared.columns, *declared.ignore}
        unknown = [name for name in head if name not in known and name not in self.vocabulary]
        if unknown:
            raise UsageError(each_said(unknown, said))

    def _converted(self, cells: pl.Series, column: ColumnMap, found: Headed) -> pl.Series:
        if column.codes is not None:
            return _coded(cells, column.codes, column.finding, found)
        if column.multiply is None and column.divide is None:
            return cells
        multiply, divide = column.multiply or 100, column.divide or 100
        numbers = cells.cast(pl.Float64, strict=False)
        if cells.dtype == pl.String:
            blank = cells.is_in(["", NOT_TESTED])
            bad = cells.is_not_null() & numbers.is_null() & ~blank
            if bad.any():
                unit = self.vocabulary[column.finding].unit or "digits"
                reason = f"a plain number is expected, to be scaled to {unit}."
                found.bad.append((column.finding, reason, bad.fill_null(False)))
        # Nine decimals are exact for any measurement; more would be noise of the scaling.
        return (numbers * multiply / divide).round(9)


def _coded(cells: pl.Series, codes: dict[str, str], path: str, found: Headed) -> pl.Series:
    """Give the words of codes; a code that is not declared refuses its row."""
    if cells.dtype.is_float():
        whole = (cells == cells.round()).fill_null(True)
        texts = cells.cast(pl.String)
        texts = cells.cast(pl.Int64, strict=False).cast(pl.String).zip_with(whole, texts)
    else:
        texts = cells.cast(pl.String)
    texts = texts.set((texts == "").fill_null(False) if "" not in codes else texts.is_null(), None)
    words = texts.replace_strict(codes, default=None, return_dtype=pl.String)
    bad = texts.is_not_null() & words.is_null()
    if bad.any():
        found.bad.append((path, NO_CODE, bad))
    return words


def _listed(by_word: dict[str, pl.Series], path: str, found: Headed) -> pl.Series:
    """Put ticked boxes together; nothing ticked at all is not recorded, never "none"."""
    ticked = {word: (cells == "present").fill_null(False) for word, cells in by_word.items()}
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


def _once(columns: dict[str, pl.Series], path: str, cells: pl.Series, source: str) -> None:
    if path in columns:
        what = f'two columns are "{path}".'
        todo = "Keep one of the two: which one is meant cannot be known."
        raise UsageError(Problem(source, what, "", todo))
    columns[path] = cells.alias(path)


def refusals(bad: list[Bad], rows: pl.Series) -> Iterator[Refusal]:
    """Give the refusals of rows, each once, with every reason."""
    by_row: dict[int, list[tuple[str, str]]] = {}
    for path, reason, hit in bad:
        for row in rows.filter(hit).to_list():
            by_row.setdefault(row, []).append((path, reason))
    for row, reasons in by_row.items():
        yield Refusal(row, reasons[0][0], " ".join(f"{path}: {text}" for path, text in reasons))
