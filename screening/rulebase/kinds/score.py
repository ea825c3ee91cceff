"""Scores: sums of weighted items, which are intervals while items are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from screening.algebra import B, Number
from screening.intake.findings import Reading as Found
from screening.intake.thresholds import Strict
from screening.rulebase.form import Form, Line
from screening.rulebase.kinds.kind import Derived, Looks, Origin, Sets, ToShow
from screening.rulebase.kinds.kind_file import DerivedFile, Reading
from screening.rulebase.sourced import Lines

if TYPE_CHECKING:
    from screening.rulebase.grounding.given import Sources


class ItemText(Strict):
    """One item of a score; it counts when any line holds."""

    points: int
    title: str
    any: Lines


class ScoreFile(DerivedFile):
    """A weighted sum of items."""

    kind: Literal["score"]
    unit: str
    exists: tuple[str, ...] = ()
    items: tuple[ItemText, ...]
    reading: tuple[Reading, ...] = ()

    @property
    def measured_in(self) -> str:
        """Its unit."""
        return self.unit

    @property
    def read_as(self) -> tuple[Reading, ...]:
        """How its sum is read."""
        return self.reading

    @property
    def speaks(self) -> bool:
        """A score is listed though no rule reads it."""
        return True

    def premises(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Give when each reading of the sum is said."""
        for i, reading in enumerate(self.reading):
            yield "reading", i, reading.when

    def ground(self, sources: Sources, side: str | None, name: str) -> Score:
        """Give every item with its lines; points are hundredths."""
        items = tuple(
            Item(
                item.points * 100,
                tuple(
                    line
                    for j, texts in enumerate(item.any)
                    for line in sources.lines(texts, side, self, ("items", i, "any", j))
                ),
            )
            for i, item in enumerate(self.items)
        )
        for i, item in enumerate(items):
            for line in item.lines:
                sources.rests_on_findings(line, self, ("items", i))
        exists = sources.line(self.exists, side, self, ("exists",))
        return Score(name=name, items=items, exists=exists)


class Item(NamedTuple):
    """Points (hundredths) that count when any line holds."""

    points: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Score(Derived):
    """A sum of items; it is an interval while items are missing."""

    items: tuple[Item, ...]

    spans: ClassVar[bool] = True

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of every item."""
        return tuple(line for item in self.items for line in item.lines)

    @property
    def awaited(self) -> tuple[Line, ...]:
        """All of them."""
        return self.lines

    def value(self, looks: Looks[B]) -> Number[B]:
        """Add up what must count, and what may; of points below zero the other way round."""
        faces = [(item.points, looks.lines(item.lines)) for item in self.items]
        low = [(points, f.must if points > 0 else f.may) for points, f in faces]
        high = [(points, f.may if points > 0 else f.must) for points, f in faces]
        total = looks.algebra.total
        return Number(looks.algebra.true, total(low), total(high))

    def forward(self, sets: Sets) -> Found:
        """Add up end by end, item by item."""
        low = high = 0
        for item in self.items:
            certain, possible = sets.sure(item.lines), sets.possible(item.lines)
            ends = sorted((item.points * certain, item.points * possible))
            low, high = low + ends[0], high + ends[1]
        return low, high

    def limits(self, form: Form) -> tuple[int, int]:
        """Give the sums of all points below zero, and of all above."""
        points = [item.points for item in self.items]
        return sum(p for p in points if p < 0), sum(p for p in points if p > 0)

    def in_steps(self, form: Form) -> bool:
        """Points are whole."""
        return True

    def to_show(self) -> Iterator[ToShow]:
        """Give every line of every item."""
        for i, item in enumerate(self.items, 1):
            for j, line in enumerate(item.lines, 1):
                part = f" item {i}" + (f" line {j}" if len(item.lines) > 1 else "")
                lacks = f"No case counts{part} of {{}}."
                yield ToShow("score items", part, lacks, (*self.exists, *line))

    def origins(
        self, low: int, high: int, form: Form, usual: Callable[[str], Iterable[int]]
    ) -> Iterator[Origin]:
        """Give choices of items that count, the fewest first, all others being false."""
        numbers = range(len(self.items))
        for counted in (c for size in range(len(numbers) + 1) for c in combinations(numbers, size)):
            if low <= sum(self.items[i].points for i in counted) <= high:
                met = tuple(self.items[i].lines[0] for i in counted)
                others = (self.items[i].lines for i in numbers if i not in counted)
                yield Origin({}, met, tuple(line for lines in others for line in lines))
