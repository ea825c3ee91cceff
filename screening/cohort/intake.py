"""Reading a part of a table: every column at once, and where cells repeat, each cell once.

Words stand in every cell again and again, so a column is first turned into codes, the numbers of
its different cells. Only the different cells are read strictly (``cells``); the rows take over what
was read of theirs. Plain numbers are checked as a whole. Whatever these ways leave in doubt is read
strictly, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.cohort.cells import NEAR, read_cells
from screening.cohort.engine import Array, Packed, Whole, pack
from screening.cohort.texts import Cells, Truths, read_texts
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.answers import words_of
from screening.intake.vocabulary import Entry, Vocabulary

ROW = "__row"
"""A column of this name holds what a refusal calls the row; otherwise its position."""

_BLOCK = 8_192
"""Numbers that are checked together: they and what is made of them stay in the cache."""

_FEW = 250
"""So many different cells have codes of one byte."""

_MOST = 1e9
"""Hundredths that a column holds, for a number without limits of its own."""


@dataclass
class Intake:
    """The answers of a part, as a circuit takes them, and the refusals of its rows."""

    rows: int
    given: dict[tuple[str, str | None], Packed] = field(default_factory=dict)
    numbers: dict[str, Whole] = field(default_factory=dict)
    refused: dict[tuple[str, str], Truths] = field(default_factory=dict)
    """By field and reason: the rows that it refuses."""

    @property
    def accepted(self) -> Truths:
        """Which rows are not refused."""
        found = np.ones(self.rows, np.bool_)
        for rows in self.refused.values():
            found &= ~rows
        return found


def check_columns(names: list[str], vocabulary: Vocabulary) -> None:
    """Refuse columns that are no findings.

    Raises:
        UsageError: with a suggestion for every unknown column.

    """
    unknown = [name for name in names if name != ROW and name not in vocabulary]
    if unknown:
        raise UsageError(
            [
                Problem(
                    "",
                    f'the column "{name}" is no finding that can be recorded.',
                    "It would be silently left out of every screening.",
                    f"{did_you_mean(name, vocabulary.all_paths)} "
                    "`screening rules vocabulary` lists them all.".strip(),
                )
                for name in unknown
            ]
        )


def read(frame: pl.DataFrame, vocabulary: Vocabulary) -> Intake:
    """Read every column of a part.

    Raises:
        UsageError: for columns that are no findings.

    """
    check_columns(frame.columns, vocabulary)
    intake = Intake(frame.height)
    nulls = frame.null_count().row(0, named=True) if frame.width else {}
    columns = [
        _Column(path, vocabulary, frame[path], nulls[path])
        for path in vocabulary.all_paths
        if nulls.get(path, frame.height) < frame.height
    ]
    looked_up = frame.select(found for column in columns for found in column.look_up())
    for column in columns:
        column.read(looked_up, intake)
    return intake


class _Column:
    """Reads one column into an intake."""

    def __init__(self, path: str, vocabulary: Vocabulary, cells: pl.Series, nulls: int) -> None:
        self.path, self.vocabulary, self.cells, self.nulls = path, vocabulary, cells, nulls
        self.words = words_of(path, vocabulary)
        kind, dtype = vocabulary[path].type, cells.dtype
        self._is_word = kind in ("choice", "yes_no", "gate", "sweep")
        self._few = isinstance(dtype, pl.Enum) and len(dtype.categories) <= _FEW
        self._is_coded = dtype in (pl.Categorical, pl.Enum)
        self._repeats = dtype == pl.String and kind in ("number", "list", "date")
        self._is_float = dtype == pl.Float64 and kind == "number"

    def look_up(self) -> Iterator[pl.Expr]:
        """Give what is looked up for all columns together, on all cores."""
        cell, dtype = pl.col(self.path), self.cells.dtype
        if self._few:
            assert isinstance(dtype, pl.Enum)
            yield cell.to_physical().fill_null(len(dtype.categories))
        elif self._repeats:
            yield cell.cast(pl.Categorical(pl.Categories.random()))
        elif self._is_word and dtype == pl.String:
            code = pl.lit(len(self.words), pl.UInt8)
            for place, word in reversed(list(enumerate(self.words))):
                code = pl.when(cell == word).then(pl.lit(place, pl.UInt8)).otherwise(code)
            yield code.alias(self.path)
        elif self._is_float:
            yield cell.fill_null(float("nan"))

    def read(self, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Read the column, by the quickest way that leaves nothing in doubt."""
        dtype = self.cells.dtype
        if isinstance(dtype, pl.Enum) and self._few:
            codes = looked_up[self.path].to_numpy()
            self._keep(self._texts([*dtype.categories, None]), intake, codes)
        elif self._is_coded or self._repeats:
            texts, codes = different(looked_up[self.path] if self._repeats else self.cells)
            self._keep(self._texts(texts), intake, codes)
        elif self._is_word and dtype == pl.String:
            self._word(looked_up[self.path].to_numpy(), intake)
        elif not (self._is_float and self._number(looked_up[self.path].to_numpy(), intake)):
            self._keep(read_cells(self.path, self.vocabulary, self.cells), intake)

    def _texts(self, texts: list[str | None]) -> Cells:
        return read_texts(self.path, self.vocabulary, texts)

    def _keep(self, read: Cells, intake: Intake, codes: Array | None = None) -> None:
        """Take over what was read of cells; with codes, of the different cells."""

        def of_rows(values: Truths) -> Truths:
            if codes is None:
                return values
            held = np.flatnonzero(values)
            return codes == held[0] if len(held) == 1 else np.take(values, codes)

        for word, holds in read.words.items():
            if holds.any():
                intake.given[self.path, word] = pack(of_rows(holds))
        if not self._is_word:
            intake.given[self.path, None] = pack(of_rows(read.given))
        if read.number is not None:
            number = read.number if codes is None else np.take(read.number, codes)
            intake.numbers[self.path] = number
        for reason, refused in read.refused.items():
            rows = of_rows(refused)
            if rows.any():
                intake.refused[self.path, reason] = rows

    def _word(self, codes: NDArray[np.uint8], intake: Intake) -> None:
        """Read cells that were compared with every word."""
        for place, word in enumerate(self.words):
            intake.given[self.path, word] = pack(codes == place)
        others = np.flatnonzero(codes == len(self.words))
        if len(others) > self.nulls:
            read = self._texts(self.cells.gather(others).to_list())
            for reason, refused in read.refused.items():
                rows = np.zeros(len(codes), np.bool_)
                rows[others[refused]] = True
                intake.refused[self.path, reason] = rows

    def _number(self, numbers: NDArray[np.float64], intake: Intake) -> bool:
        """Read plain numbers; tell whether none of them is in doubt."""
        entry = self.vocabulary[self.path]
        plain = np.empty(len(numbers), np.bool_)
        values = np.empty(len(numbers), np.int32)
        for start in range(0, len(numbers), _BLOCK):
            block = slice(start, start + _BLOCK)
            plain[block], values[block] = _hundredths(numbers[block], entry)
        if np.count_nonzero(plain) + self.nulls < len(numbers):
            return False
        intake.given[self.path, None] = pack(plain)
        intake.numbers[self.path] = values
        return True


def _hundredths(numbers: NDArray[np.float64], entry: Entry) -> tuple[Truths, Whole]:
    """Tell which numbers are beyond doubt, and give these in hundredths; the rest is zero."""
    low, high = entry.hard or (-_MOST, _MOST)
    with np.errstate(invalid="ignore"):  # what is not given is no number here
        scaled = numbers * 100
        whole = np.rint(scaled)
        plain = (np.abs(scaled - whole) <= NEAR) & (whole >= low) & (whole <= high)
        if entry.whole:
            plain &= np.rint(numbers) == numbers
        return plain, whole.astype(np.int32) * plain


def different(cells: pl.Series) -> tuple[list[str | None], Array]:
    """Give the different cells of a coded column as text, and for each row the one it holds."""
    physical = cells.to_physical().cast(pl.UInt32)
    if cells.null_count():
        highest = physical.max()
        assert isinstance(highest, int)
        physical = physical.fill_null(highest + 1)
    codes = physical.to_numpy()
    rows = np.arange(len(codes), dtype=np.uint32)
    row_of = np.full(int(codes.max()) + 1, len(codes), np.uint32)
    row_of[codes] = rows
    held = np.flatnonzero(row_of < len(codes))
    place_of = np.zeros(len(row_of), np.uint8 if len(held) <= _FEW else np.uint32)
    place_of[held] = np.arange(len(held))
    return cells.gather(row_of[held]).cast(pl.String).to_list(), np.take(place_of, codes)


def refusals(intake: Intake, frame: pl.DataFrame, first: int = 0) -> pl.DataFrame:
    """Give one row for each refused row: its number, the first field, and every reason."""
    schema = {"row": pl.UInt64, "field": pl.String, "reason": pl.String}
    if not intake.refused:
        return pl.DataFrame(schema=schema)
    refused = ~intake.accepted
    numbers = np.arange(first, first + intake.rows)
    rows = frame[ROW] if ROW in frame.columns else pl.Series(numbers)
    fields, reasons = [], []
    for (path, reason), hit in intake.refused.items():
        here = pl.lit(pl.Series(hit[refused]))
        fields.append(pl.when(here).then(pl.lit(path)))
        reasons.append(pl.when(here).then(pl.lit(f"{path}: {reason}")))
    return pl.select(
        row=pl.lit(rows.filter(pl.Series(refused))).cast(pl.UInt64),
        field=pl.coalesce(fields),
        reason=pl.concat_str(reasons, separator=" ", ignore_nulls=True),
    )
