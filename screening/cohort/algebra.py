"""The cohort algebra: a Boolean is one packed column of a part, or a constant.

Polars holds a Boolean column as bits, so a whole stratum is a few thousand passes over some
kilobytes each. Columns are worked out one after the other (not as one lazy query): the walk asks
for each once, shares it wherever it is read again, and a constant never becomes a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from screening.inference.meaning import Value

Bits = pl.Series | bool
Numbers = pl.Series | int


class ColumnAlgebra:
    """Columns of one part of a cohort."""

    true: Bits = True
    false: Bits = False

    def __init__(self, values: Mapping[str, Value[Bits]]) -> None:
        """Read what intake found for every operand."""
        self._values = values

    def recorded(self, name: str) -> Value[Bits]:
        """Give the columns of an operand."""
        return self._values[name]

    def all(self, parts: Iterable[Bits]) -> Bits:
        """All parts hold."""
        return every(parts)

    def any(self, parts: Iterable[Bits]) -> Bits:
        """At least one part holds."""
        return some(parts)

    def swap(self, part: Bits) -> Bits:
        """The part does not hold."""
        return not_(part)

    def compare(self, number: Numbers, comparison: str, threshold: int) -> Bits:
        """One end of an interval lies on the named side of a threshold."""
        if comparison == "below":
            return number < threshold
        if comparison == "at_most":
            return number <= threshold
        return number >= threshold if comparison == "at_least" else number > threshold

    def minus(self, left: Numbers, right: Numbers) -> Numbers:
        """The difference of two numbers."""
        return left - right

    def step(self, can: dict[str, Bits], lowest: bool) -> Numbers:
        """The lowest or highest position (hundredths) that an ordered word can have."""
        places = list(enumerate(can.values()))
        first, *others = places[::-1] if lowest else places
        found: Numbers = 100 * first[0]
        for place, possible in others:
            found = where(possible, 100 * place, found)
        return found

    def total(self, terms: list[tuple[int, Bits]]) -> Numbers:
        """The sum of the points whose Boolean holds."""
        found: Numbers = sum(points for points, counts in terms if counts is True)
        for points, counts in terms:
            if isinstance(counts, pl.Series) and counts.any():
                found = counts.cast(pl.Int32) * points + found
        return found


def every(parts: Iterable[Bits]) -> Bits:
    """All parts hold; nothing is worked out past a part that never does."""
    found: Bits = True
    for part in parts:
        if part is False:
            return False
        if part is not True:
            found = part if found is True else found & part
    return found


def some(parts: Iterable[Bits]) -> Bits:
    """At least one part holds."""
    found: Bits = False
    for part in parts:
        if part is True:
            return True
        if part is not False:
            found = part if found is False else found | part
    return found


def not_(part: Bits) -> Bits:
    """The part does not hold."""
    return not part if isinstance(part, bool) else ~part


def where(condition: Bits, then: Numbers, otherwise: Numbers) -> Numbers:
    """One number where a condition holds, another elsewhere."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    chosen = pl.when(condition).then(_literal(then)).otherwise(_literal(otherwise))
    return pl.select(chosen.cast(pl.Int32)).to_series()


def _literal(value: Numbers) -> pl.Expr:
    return pl.lit(value)


def as_column(bits: Bits, rows: int) -> pl.Series:
    """Give a Boolean as a column, also where it is a constant."""
    if isinstance(bits, bool):
        return pl.repeat(bits, rows, dtype=pl.Boolean, eager=True)
    return bits


def ever(bits: Bits) -> bool:
    """Tell whether a Boolean holds in any row."""
    return bits if isinstance(bits, bool) else bool(bits.any())
