"""Columns of a table by the quickest way to read them that leaves nothing in doubt.

Words stand in every cell again and again. So a column of words becomes codes, the numbers of its
different cells; only the different cells are read (``texts``), and the rows take over what was read
of theirs. Plain numbers are checked as a whole. What is in doubt then is read cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.cohort.admission import Intake
from screening.cohort.evaluate import Array, pack
from screening.cohort.texts import Cells, Truths, Whole, read_texts
from screening.cohort.typed_cells import NEAR, read_cells
from screening.intake.answers import words_of
from screening.intake.vocabulary import ASKED_WITH, Entry, Vocabulary

_FEW = 250
"""So many different cells have codes of one byte."""

_BLOCK = 16_384
"""Numbers that are checked together: they and what is made of them stay in the cache."""

_MOST = 1e9
"""Hundredths that a column holds, for a number without limits of its own."""

_NOTHING = 2**32 - 1
_CODES = [pl.lit(code, pl.UInt8) for code in range(_FEW)]


class Column:
    """Reads the cells of a finding, each on its own."""

    def __init__(self, path: str, vocabulary: Vocabulary) -> None:
        """Read a finding."""
        self.path, self.vocabulary = path, vocabulary
        self.words = words_of(path, vocabulary)

    def look_up(self) -> Iterator[pl.Expr]:
        """Give what is looked up for all columns together, on all cores."""
        return iter(())

    def read(self, part: pl.DataFrame, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Read the cells of a part into an intake."""
        read = read_cells(self.path, self.vocabulary, part[self.path])
        self.keep(read, intake, lambda values: values)
        if read.number is not None:
            intake.numbers[self.path] = read.number

    def texts(self, texts: list[str | None]) -> Cells:
        """Read different texts."""
        return read_texts(self.path, self.vocabulary, texts)

    def keep(self, read: Cells, intake: Intake, of_rows: Callable[[Truths], Truths]) -> None:
        """Take over what is true of cells; ``of_rows`` gives each row what is true of its cell."""
        given = intake.given
        for word, holds in read.words.items():
            if holds.any():
                given[self.path, word] = pack(of_rows(holds))
        if self.vocabulary[self.path].type in ("number", "list", "date", "text"):
            given[self.path, None] = pack(of_rows(read.given))
        for reason, refused in read.refused.items():
            if refused.any():
                intake.refuse(self.path, reason, of_rows(refused))

    def keep_coded(self, read: Cells, intake: Intake, codes: Array, held: Array) -> None:
        """Take over what was read of the different cells; ``held`` are their codes."""
        size = int(held[-1]) + 1

        def of_rows(values: Truths) -> Truths:
            true, false = held[values], held[~values]
            rows: Truths
            if len(true) == 1:
                rows = codes == true[0]
            elif len(false) == 1:
                rows = codes != false[0]
            else:
                rows = np.take(_spread(values, held, size), codes)
            return rows

        self.keep(read, intake, of_rows)
        if read.number is not None:
            intake.numbers[self.path] = np.take(_spread(read.number, held, size), codes)


def _spread(values: Array, places: Array, size: int) -> Array:
    """Give values at their places; the others mean nothing."""
    spread = np.zeros(size, values.dtype)
    spread[places] = values
    return spread


class Enumerated(Column):
    """Cells that are codes of a few categories already."""

    def __init__(self, path: str, vocabulary: Vocabulary, categories: list[str]) -> None:
        """Read every category once."""
        super().__init__(path, vocabulary)
        self._read = self.texts([*categories, None])
        self._codes = np.arange(len(categories) + 1, dtype=np.uint8)

    def look_up(self) -> Iterator[pl.Expr]:
        """Give the codes."""
        yield pl.col(self.path).to_physical().fill_null(len(self._codes) - 1)

    def read(self, part: pl.DataFrame, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Give each row what was read of its category."""
        self.keep_coded(self._read, intake, looked_up[self.path].to_numpy(), self._codes)


class Repeated(Column):
    """Texts that repeat, such as numbers, and columns that are coded by many categories."""

    def look_up(self) -> Iterator[pl.Expr]:
        """Give the codes of the texts, from one on; nothing is zero."""
        yield self._coded().to_physical().cast(pl.UInt32).fill_null(_NOTHING) + 1

    def _coded(self) -> pl.Expr:
        return pl.col(self.path)

    def read(self, part: pl.DataFrame, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Read the different cells, each from some row that holds it."""
        # Of the type by which an array is read: it would be turned into that each time.
        codes = looked_up[self.path].to_numpy().astype(np.intp)
        row_of = np.full(int(codes.max()) + 1, intake.rows, np.uint32)
        row_of[codes] = np.arange(intake.rows, dtype=np.uint32)
        held = np.flatnonzero(row_of < intake.rows)
        different = part[self.path].gather(row_of[held]).cast(pl.String).to_list()
        self.keep_coded(self.texts(different), intake, codes, held)


class RepeatedText(Repeated):
    """Texts that repeat and are not coded yet."""

    def _coded(self) -> pl.Expr:
        return pl.col(self.path).cast(pl.Categorical(pl.Categories.random()))


class ComparedColumn(Column):
    """Texts of which nearly all are one of a few words: comparing is quicker than coding."""

    def look_up(self) -> Iterator[pl.Expr]:
        """Give the place of the word, or the number of words for what is none of them."""
        cell, code = pl.col(self.path), _CODES[len(self.words)]
        for word, place in reversed(list(zip(self.words, _CODES, strict=False))):
            code = pl.when(cell == word).then(place).otherwise(code)
        yield code.alias(self.path)

    def read(self, part: pl.DataFrame, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Take the words over, and read the other cells."""
        codes = looked_up[self.path].to_numpy()
        known = 0
        for place, word in enumerate(self.words):
            holds = codes == place
            intake.given[self.path, word] = pack(holds)
            known += int(np.count_nonzero(holds))
        if known + intake.nulls[self.path] < intake.rows:
            others = np.flatnonzero(codes == len(self.words))
            read = self.texts(part[self.path].gather(others).to_list())
            for reason, refused in read.refused.items():
                rows = np.zeros(intake.rows, np.bool_)
                rows[others[refused]] = True
                intake.refuse(self.path, reason, rows)


class Floats(Column):
    """Plain numbers."""

    def look_up(self) -> Iterator[pl.Expr]:
        """Give the numbers; what is not given is no number."""
        yield pl.col(self.path).fill_null(float("nan"))

    def read(self, part: pl.DataFrame, looked_up: pl.DataFrame, intake: Intake) -> None:
        """Check all numbers; if one is in doubt, read each on its own."""
        numbers = looked_up[self.path].to_numpy()
        plain = np.empty(len(numbers), np.bool_)
        values = np.empty(len(numbers), np.int32)
        entry = self.vocabulary[self.path]
        for start in range(0, len(numbers), _BLOCK):
            block = slice(start, start + _BLOCK)
            plain[block], values[block] = _hundredths(numbers[block], entry)
        if np.count_nonzero(plain) + intake.nulls[self.path] < intake.rows:
            super().read(part, looked_up, intake)
        else:
            intake.given[self.path, None] = pack(plain)
            intake.numbers[self.path] = values


def _hundredths(numbers: NDArray[np.float64], entry: Entry) -> tuple[Truths, Whole]:
    """Tell which numbers are beyond doubt, and give these in hundredths; the rest means nothing."""
    low, high = entry.hard or (-_MOST, _MOST)
    with np.errstate(invalid="ignore"):  # what is not given is no number here
        scaled = numbers * 100
        whole = np.rint(scaled)
        scaled -= whole
        plain = np.abs(scaled, out=scaled) <= NEAR
        plain &= whole >= low
        plain &= whole <= high
        if entry.whole:
            plain &= np.rint(numbers) == numbers
        return plain, whole.astype(np.int32)


def column(path: str, vocabulary: Vocabulary, dtype: pl.DataType) -> Column:
    """Give the quickest way to read a column of a type."""
    kind = vocabulary[path].type
    if isinstance(dtype, pl.Enum) and len(dtype.categories) <= _FEW:
        return Enumerated(path, vocabulary, dtype.categories.to_list())
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return Repeated(path, vocabulary)
    if dtype == pl.String and (kind in ("number", "list", "date") or path == ASKED_WITH):
        return RepeatedText(path, vocabulary)
    if dtype == pl.String and kind != "text":
        return ComparedColumn(path, vocabulary)
    if dtype == pl.Float64 and kind == "number":
        return Floats(path, vocabulary)
    return Column(path, vocabulary)
