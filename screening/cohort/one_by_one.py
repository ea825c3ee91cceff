"""Rows of cases that the forward reading screened one by one, written together.

What is true of a case is told as plain Booleans, one after the other as its columns name them; the
rows of many are then written at once, as those of a part are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import polars as pl

from screening.cohort.circuit import FALSE, TRUE, Amount, Bits
from screening.cohort.evaluate import Array, Values
from screening.cohort.rows import Column, Legs, Rows, gates_of
from screening.cohort.writing import Writer
from screening.inference.meaning import Walk
from screening.record.said import Choice, NameSet, Points, Truth

if TYPE_CHECKING:
    # What only writes need not have the rule engine.
    from screening.inference.infer import Inferred


_TOGETHER = 4_096
"""Cases that are written at once: a Boolean takes a byte until it is."""


class SaidOfCase(NamedTuple):
    """What is said of one case: it goes from one process to another."""

    case_id: str | None
    truths: bytes
    """A byte for every Boolean of its columns, 0 or 1."""
    numbers: tuple[int, ...]
    """Every number of points, in hundredths."""


def said_of(inferred: Inferred) -> SaidOfCase:
    """Give what is said of a case that the forward reading screened."""
    return _told(inferred, _columns(inferred))


def rows_of(*many: Inferred, verbose: bool = False) -> pl.DataFrame:
    """Give the two rows of each of some cases that the forward reading screened."""
    legs = [_columns(inferred) for inferred in many]
    told = [_told(inferred, each) for inferred, each in zip(many, legs, strict=True)]
    return written(legs[0], told, verbose)


def _columns(inferred: Inferred) -> Legs:
    """Lay out the columns of one case: every Boolean in them is a constant."""
    doubts: dict[tuple[str, str], Bits] = {
        (warned.path, warned.message): True for warned in inferred.findings.warnings
    }
    return Rows(inferred.base, cast(Walk[Bits], inferred.walk), doubts).columns()


def _told(inferred: Inferred, legs: Legs) -> SaidOfCase:
    columns = [column for leg in legs.values() for column in leg.values()]
    truths = bytes(gate for column in columns for gate in _truths_of(column))
    numbers = tuple(column.number for column in columns if isinstance(column, Points))
    return SaidOfCase(inferred.case.case_id, truths, numbers)


def _truths_of(column: Column) -> Iterator[Bits]:
    if isinstance(column, Points):
        yield column.exists
    else:
        yield from cast("Iterator[Bits]", gates_of(column))


def written(legs: Legs, told: Sequence[SaidOfCase], verbose: bool) -> pl.DataFrame:
    """Give the two rows of each case, in their order; there is at least one case.

    Args:
        legs: how the columns are laid out; what is true in them does not count.
        told: what is said of each case.
        verbose: whether names are written as text instead of bits.

    """
    parts = (told[first : first + _TOGETHER] for first in range(0, len(told), _TOGETHER))
    return pl.concat([_written(legs, part, verbose) for part in parts])


def _written(legs: Legs, told: Sequence[SaidOfCase], verbose: bool) -> pl.DataFrame:
    placed = _Placed(told)
    own = {side: {name: placed.column(each) for name, each in legs[side].items()} for side in legs}
    ids = pl.Series("case_id", [each.case_id for each in told for _ in own], pl.String)
    return Writer(own, placed.values, verbose).frame().insert_column(0, ids)


class _Placed:
    """Gives every Boolean and every number of the columns, as they come, a place of its own."""

    def __init__(self, told: Sequence[SaidOfCase]) -> None:
        truths = np.frombuffer(b"".join(each.truths for each in told), np.uint8)
        truths = truths.reshape(len(told), -1)
        numbers = np.array([each.numbers for each in told], np.int32)
        packed = np.packbits(truths, axis=0, bitorder="little")
        arrays: list[Array] = [*packed.T, *numbers.T]
        places = np.arange(TRUE + 1, TRUE + 1 + len(arrays))
        self.values = Values(len(told), dict(zip(places.tolist(), arrays, strict=True)))
        of_truths, of_numbers = np.split(places, [truths.shape[1]])
        # What is true of no case is not looked at again.
        self._truths = iter(np.where(truths.any(axis=0), of_truths, FALSE).tolist())
        self._numbers = iter(of_numbers.tolist())

    def column(self, column: Column) -> Column:
        """Give a column with its places; each is asked for once, in order."""
        if isinstance(column, Choice):
            return Choice({word: next(self._truths) for word in column.words})
        if isinstance(column, NameSet):
            return NameSet({name: next(self._truths) for name in column.names})
        if isinstance(column, Truth):
            return Truth(next(self._truths), next(self._truths))
        return Points(Amount(next(self._numbers)), next(self._truths))
