"""The reference reading of many cases in one walk: a Boolean is one whole number, a bit for a case.

It is the walk of ``reference`` with another algebra, for whoever screens hundreds of cases at once
(the examples of a rule base). It is no faster for one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import and_, ge, gt, le, lt, or_, sub

from screening.inference.meaning import FACES, Faces, Number, Value, Walk, Word
from screening.inference.reference import Readings
from screening.rulebase.form import Form, Line, Rule

Bits = int
Numbers = Sequence[int]
"""One number of each case."""

_COMPARE = {"below": lt, "at_most": le, "at_least": ge, "above": gt}


class ManyAlgebra:
    """Whole numbers as sets of cases."""

    false: Bits = 0

    def __init__(self, form: Form, cases: Sequence[Readings]) -> None:
        """Read all cases."""
        self._form, self._cases = form, cases
        self.true: Bits = (1 << len(cases)) - 1

    def recorded(self, name: str) -> Value[Bits]:
        """Give what all cases say of an operand."""
        operand = self._form.recorded[name]
        found = [case.get(name) for case in self._cases]
        recorded = self._bits(reading is not None for reading in found)
        if not operand.words:
            ends = [reading or (0, 0) for reading in found]
            low, high = ([end[place] for end in ends] for place in (0, 1))  # type: ignore[index]
            return Number(recorded, low, high)
        can = {
            word: self._bits(reading is None or word in reading for reading in found)
            for word in operand.words
        }
        return Word(recorded, can, 0)

    def _bits(self, truths: Iterable[bool]) -> Bits:
        return sum(1 << place for place, truth in enumerate(truths) if truth)

    def all(self, parts: Iterable[Bits]) -> Bits:
        """All parts hold."""
        found = self.true
        for part in parts:
            found = and_(found, part)
        return found

    def any(self, parts: Iterable[Bits]) -> Bits:
        """At least one part holds."""
        found = self.false
        for part in parts:
            found = or_(found, part)
        return found

    def swap(self, part: Bits) -> Bits:
        """The part does not hold."""
        return self.true ^ part

    def compare(self, number: Numbers, comparison: str, threshold: int) -> Bits:
        """Compare the numbers of all cases, in hundredths."""
        compare = _COMPARE[comparison]
        return self._bits(compare(each, threshold) for each in number)

    def minus(self, left: Numbers, right: Numbers) -> Numbers:
        """Give the differences."""
        return list(map(sub, left, right))

    def step(self, can: dict[str, Bits], lowest: bool) -> Numbers:
        """Give the position of the lowest or highest word that is still possible."""
        places = list(enumerate(can.values()))
        ordered = places if lowest else places[::-1]
        return [
            100 * next((place for place, bits in ordered if bits >> case & 1), ordered[-1][0])
            for case in range(len(self._cases))
        ]

    def total(self, terms: list[tuple[int, Bits]]) -> Numbers:
        """Add the points of the items that count."""
        return [
            sum(points for points, bits in terms if bits >> case & 1)
            for case in range(len(self._cases))
        ]


class OneOf:
    """What a walk over many cases says of one of them."""

    def __init__(self, walk: Walk[Bits], place: int) -> None:
        """Look at the case in a place."""
        self._walk, self._place = walk, place

    def _truth(self, bits: Bits) -> bool:
        return bool(bits >> self._place & 1)

    def faces(self, name: str) -> Faces[bool]:
        """Give both faces of a conclusion."""
        must, may = self._walk.faces(name)
        return FACES[must >> self._place & 1, may >> self._place & 1]

    def rule(self, rule: Rule) -> Faces[bool]:
        """Give both faces of a rule."""
        must, may = self._walk.rule(rule)
        return FACES[must >> self._place & 1, may >> self._place & 1]

    def value(self, name: str) -> Value[bool]:
        """Give a derived finding."""
        value = self._walk.value(name)
        recorded = self._truth(value.recorded)
        if isinstance(value, Number):
            return Number(recorded, value.low[self._place], value.high[self._place])
        can = {word: self._truth(bits) for word, bits in value.can.items()}
        return Word(recorded, can, self._truth(value.set_aside))

    def rows(self, name: str) -> tuple[bool, ...]:
        """Tell for each row of a ladder whether it wins."""
        return tuple(map(self._truth, self._walk.rows(name)))

    def line(self, line: Line) -> Faces[bool]:
        """Give both faces of premises that must all hold."""
        must, may = self._walk.line(line)
        return FACES[must >> self._place & 1, may >> self._place & 1]
