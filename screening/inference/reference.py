"""The reference reading: the meaning in plain Python, three-valued.

It checks every forward run and answers what the engine cannot (why not, what if).
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import not_

from screening.algebra import Number, Value, Word, compare
from screening.inference.meaning import Meaning, Walk
from screening.rulebase.form import Form

Readings = Mapping[str, tuple[int, int] | frozenset[str]]
"""What a case holds: an interval of hundredths, or the words that are still possible."""


class PlainAlgebra:
    """Python's own Booleans over one case."""

    true, false = True, False
    all, any, swap = staticmethod(all), staticmethod(any), staticmethod(not_)

    def __init__(self, form: Form, readings: Readings) -> None:
        """Read one case."""
        self._form, self._readings = form, readings

    def recorded(self, name: str) -> Value[bool]:
        """Give the interval or the words of an operand."""
        operand, reading = self._form.recorded[name], self._readings.get(name)
        if not operand.words:
            if reading is None:
                return Number(False, 0, 0)
            low, high = reading
            return Number(True, low, high)
        if reading is None:
            return Word(False, dict.fromkeys(operand.words, True), False)
        return Word(True, {word: word in reading for word in operand.words}, False)

    def compare(self, number: int, comparison: str, threshold: int) -> bool:
        """Compare two numbers in hundredths."""
        return bool(compare(number, comparison, threshold))

    def minus(self, left: int, right: int) -> int:
        """Give the difference of two numbers."""
        return left - right

    def step(self, can: dict[str, bool], lowest: bool) -> int:
        """Give the position of the lowest or highest word that is still possible."""
        positions = [position for position, word in enumerate(can) if can[word]]
        return 100 * (positions[0] if lowest else positions[-1])

    def total(self, terms: list[tuple[int, bool]]) -> int:
        """Add the points of the items that count."""
        return sum(points for points, counts in terms if counts)


def read(form: Form, readings: Readings) -> Meaning[bool]:
    """Work a case out in the reference reading."""
    return Walk(form, PlainAlgebra(form, readings)).walk()
