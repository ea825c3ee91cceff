"""Derived findings for the forward reading: plain sets and intervals.

Written apart from ``meaning`` on purpose: the two readings share the form and the table of
comparisons and nothing else (a derived finding says its meaning in each of them on its own), so a
slip in one of them shows as a disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screening.algebra import compare
from screening.intake.findings import Reading
from screening.rulebase.form import Form, Line, Premise
from screening.rulebase.kinds.kind import SET_ASIDE

Known = dict[str, Reading]


def derive(form: Form, readings: Mapping[str, Reading]) -> tuple[Known, frozenset[str]]:
    """Give all readings, recorded and derived, and the names of the bands that were set aside."""
    known: Known = dict(readings)
    aside: set[str] = set()
    sets = CaseSets(form, known)
    for derived in form.derived:
        value = derived.forward(sets)
        if value == SET_ASIDE:
            aside.add(derived.name)
        elif value is not None:
            known[derived.name] = value
    return known, frozenset(aside)


class CaseSets:
    """What derived findings are worked out from: the readings of one case."""

    def __init__(self, form: Form, known: Known) -> None:
        """Look at readings, to which derived findings are added as they follow."""
        self._form, self._known = form, known

    def span(self, name: str) -> tuple[int, int] | None:
        """Give both ends of a reading, of an ordered word those of its position, if there is."""
        reading = self._known.get(name)
        if reading is None or isinstance(reading, tuple):
            return reading
        positions = [self._form.recorded[name].words.index(word) * 100 for word in reading]
        return min(positions), max(positions)

    def recorded(self, names: Iterable[str]) -> bool:
        """Tell whether all of some operands have a reading."""
        return all(name in self._known for name in names)

    def sure(self, lines: Iterable[Line]) -> bool:
        """Tell whether one line holds for every value that there can be."""
        return any(all(sure(premise, self._known) for premise in line) for line in lines)

    def possible(self, lines: Iterable[Line]) -> bool:
        """Tell whether one line holds for some value that there can be."""
        return any(all(open_to(premise, self._known) for premise in line) for line in lines)


def sure(premise: Premise, known: Mapping[str, Reading]) -> bool:
    """Tell whether a comparison with a finding holds for every value it can have."""
    reading = known.get(premise.operand)
    if reading is None:
        return False
    if isinstance(reading, frozenset):
        return reading <= set(premise.words)
    return all(_holds(end, premise) for end in reading)


def open_to(premise: Premise, known: Mapping[str, Reading]) -> bool:
    """Tell whether a comparison with a finding holds for some value it can have."""
    reading = known.get(premise.operand)
    if reading is None:
        return True
    if isinstance(reading, frozenset):
        return not reading.isdisjoint(premise.words)
    return any(_holds(end, premise) for end in reading)


def _holds(value: int, premise: Premise) -> bool:
    return bool(compare(value, premise.comparison, premise.number))
