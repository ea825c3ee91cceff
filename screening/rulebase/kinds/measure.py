"""Measures: the difference of two readings, or the steps between two ordered words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from screening.algebra import B, Number
from screening.intake.findings import Reading
from screening.rulebase.form import Form
from screening.rulebase.kinds.kind import Derived, Looks, Origin, Sets
from screening.rulebase.kinds.kind_file import DerivedFile

if TYPE_CHECKING:
    from screening.rulebase.grounding.given import Sources


class MeasureFile(DerivedFile):
    """A difference of two findings."""

    kind: Literal["measure"]
    unit: str
    minuend: str
    subtrahend: str
    below_zero: str = ""
    """How a difference below zero is said of a patient, behind the number without its sign."""
    plausible: dict[Literal["below", "above"], str] = {}
    warning: str = ""

    @property
    def measured_in(self) -> str:
        """Its unit."""
        return self.unit

    @property
    def doubtful(self) -> Mapping[str, str]:
        """The thresholds past which a difference is hardly possible."""
        return {str(how): name for how, name in self.plausible.items()}

    @property
    def doubt(self) -> str:
        """What is said then."""
        return self.warning

    @property
    def speaks(self) -> bool:
        """A difference that is hardly possible is said though no rule reads it."""
        return bool(self.plausible)

    def premises(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Give what is compared for a doubt."""
        for i, (how, name) in enumerate(self.plausible.items()):
            yield "plausible", i, (f"{self.id} {how} {name}",)

    def said(self, reading: tuple[int, int]) -> str:
        """Say a difference; one below zero in words, where the file has some."""
        low, high = reading
        if not self.below_zero or high >= 0:
            return super().said(reading)
        return f"{super().said((-high, -low))} {self.below_zero}"

    def ground(self, sources: Sources, side: str | None, name: str) -> Measure:
        """Name both readings, which are of one unit or of the same words."""
        minuend, first = sources.read(self.minuend, side, self, ("minuend",))
        subtrahend, second = sources.read(self.subtrahend, side, self, ("subtrahend",))
        for place, operand in (("minuend", first), ("subtrahend", second)):
            if operand is None or not operand.words:
                continue
            if operand.kind != "finding" or not operand.ordered:
                what = "a difference is of numbers, or of the ordered words of a finding."
                sources.problem(self, (place,), what)
        if first and second and first.words != second.words:
            what = "both sides are answered in the same words."
            sources.problem(self, ("subtrahend",), what)
        units = {each.unit for each in (first, second) if each and not each.words}
        if units and units != {self.unit}:
            what = f'a difference in "{self.unit}" is of readings in "{self.unit}".'
            sources.problem(self, ("unit",), what, "Units are never converted.")
        return Measure(name=name, minuend=minuend, subtrahend=subtrahend)


@dataclass(frozen=True, kw_only=True)
class Measure(Derived):
    """The difference of two readings; of two ordered words, the steps between them."""

    minuend: str
    subtrahend: str

    @property
    def reads(self) -> tuple[str, ...]:
        """Both readings."""
        return self.minuend, self.subtrahend

    def value(self, looks: Looks[B]) -> Number[B]:
        """Subtract the highest from the lowest, and the lowest from the highest."""
        left, right = looks.ends(self.minuend), looks.ends(self.subtrahend)
        minus = looks.algebra.minus
        low, high = minus(left.low, right.high), minus(left.high, right.low)
        return Number(looks.recorded(self.reads), low, high)

    def forward(self, sets: Sets) -> Reading | None:
        """Subtract end from end."""
        first, second = sets.span(self.minuend), sets.span(self.subtrahend)
        if first is None or second is None:
            return None
        return first[0] - second[1], first[1] - second[0]

    def limits(self, form: Form) -> tuple[int, int]:
        """Give the largest differences of what both readings can be."""
        first, second = form.limits_of(self.minuend), form.limits_of(self.subtrahend)
        return first[0] - second[1], first[1] - second[0]

    def in_steps(self, form: Form) -> bool:
        """Tell whether it is of words."""
        return bool(form.recorded[self.minuend].words)

    def origins(
        self, low: int, high: int, form: Form, usual: Callable[[str], Iterable[int]]
    ) -> Iterator[Origin]:
        """Give pairs of readings whose difference fits, the subtrahend in the middle first."""
        words = form.recorded[self.subtrahend].words
        for i, j in product(range(len(words)), repeat=2):
            if low <= 100 * (i - j) <= high:
                one, other = frozenset({words[i]}), frozenset({words[j]})
                yield Origin({self.minuend: one, self.subtrahend: other})
        for at in () if words else usual(self.subtrahend):
            yield Origin({self.minuend: (at + low, at + high), self.subtrahend: (at, at)})

    def cuts(self, operand: str, cut: int, values: Callable[[str], Iterable[int]]) -> Iterator[int]:
        """A cut of a difference is a cut of each end, wherever the other end stands."""
        if operand == self.minuend:
            yield from (cut + end for end in values(self.subtrahend))
        elif operand == self.subtrahend:
            # minuend - x >= cut holds up to x = minuend - cut: the next cell starts after.
            yield from (end - cut + 1 for end in values(self.minuend))
