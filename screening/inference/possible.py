"""The possible reading: what a case could still be if some of its findings were different.

Each Boolean is the set of truth values it could take, so whatever this reading excludes cannot
happen, whatever the freed findings are. It may hold more for possible than is; a search asks it
first and then tries values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screening.algebra import Number, Value, Word, compare
from screening.inference.reference import Readings
from screening.intake.findings import Reading
from screening.rulebase.form import Form

NO, YES, BOTH = 1, 2, 3
"""Sets of truth values, one bit for false and one for true."""

Alternatives = frozenset[Reading | None]
"""The readings that an operand could have; None is "not recorded"."""

_FLIPPED = {NO: YES, YES: NO, BOTH: BOTH}
_Span = tuple[int, int]


class PossibleAlgebra:
    """Sets of truth values over one case of which some operands are free."""

    true, false = YES, NO

    def __init__(self, form: Form, readings: Readings, free: Mapping[str, Alternatives]) -> None:
        """Read a case; ``free`` says what else some of its operands could be."""
        self._form, self._readings, self._free = form, readings, free

    def recorded(self, name: str) -> Value[int]:
        """Give what an operand could be: what was recorded, or any alternative to it."""
        reading: Reading | None = self._readings.get(name)
        found = self._free.get(name, frozenset()) | {reading}
        recorded = _set(one is not None for one in found)
        words = self._form.recorded[name].words
        if words:
            can = {w: _set(one is None or w in one for one in found) for w in words}
            return Word(recorded, can, NO)
        spans = [one for one in found if isinstance(one, tuple)] or [(0, 0)]
        ends = min(low for low, _ in spans), max(high for _, high in spans)
        return Number(recorded, ends, ends)

    def all(self, parts: Iterable[int]) -> int:
        """All parts hold."""
        found = YES
        for part in parts:
            if part == NO:
                return NO
            found |= part
        return found

    def any(self, parts: Iterable[int]) -> int:
        """At least one part holds."""
        found = NO
        for part in parts:
            if part == YES:
                return YES
            found |= part
        return found

    def swap(self, part: int) -> int:
        """The part does not hold."""
        return _FLIPPED[part]

    def compare(self, number: _Span, comparison: str, threshold: int) -> int:
        """Compare every number that an end could be."""
        # Between its ends a comparison changes at most once.
        return _set(compare(end, comparison, threshold) for end in number)

    def minus(self, left: _Span, right: _Span) -> _Span:
        """Give every difference of two numbers."""
        return left[0] - right[1], left[1] - right[0]

    def step(self, can: dict[str, int], lowest: bool) -> _Span:
        """Give the positions that the lowest or highest possible word could have."""
        states = list(enumerate(can.values()))
        if not lowest:
            states.reverse()
        found = []
        for position, state in states:
            if state & YES:
                found.append(100 * position)
            if state == YES:
                break
        return min(found), max(found)

    def total(self, terms: list[tuple[int, int]]) -> _Span:
        """Add the least and the most points that could count."""
        least = most = 0
        for points, counts in terms:
            reached = [points * truth for bit, truth in ((NO, 0), (YES, 1)) if counts & bit]
            least, most = least + min(reached), most + max(reached)
        return least, most


def _set(truths: Iterable[bool]) -> int:
    found = 0
    for truth in truths:
        found |= YES if truth else NO
    return found
