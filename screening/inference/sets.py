"""Derived findings for the forward reading: plain sets and intervals.

Written apart from ``meaning`` on purpose: the two readings share the form and the table of
comparisons and nothing else, so a slip in one of them shows as a disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screening.algebra import compare
from screening.rulebase.form import Band, Derived, Form, Line, Measure, Premise, Score

Reading = tuple[int, int] | frozenset[str]
Known = dict[str, Reading]


def derive(form: Form, readings: Mapping[str, Reading]) -> tuple[Known, frozenset[str]]:
    """Give all readings, recorded and derived, and the names of the bands that were set aside."""
    known: Known = dict(readings)
    aside: set[str] = set()
    for derived in form.derived:
        value = _value(derived, known, form, aside)
        if value is not None:
            known[derived.name] = value
    return known, frozenset(aside)


def _value(derived: Derived, known: Known, form: Form, aside: set[str]) -> Reading | None:
    if isinstance(derived, Measure):
        return _difference(derived, known, form)
    if isinstance(derived, Score):
        return _sum(derived, known)
    return _merge(derived, known, aside)


def _span(name: str, known: Known, form: Form) -> tuple[int, int] | None:
    reading = known.get(name)
    if reading is None or isinstance(reading, tuple):
        return reading
    positions = [form.recorded[name].words.index(word) * 100 for word in reading]
    return min(positions), max(positions)


def _difference(measure: Measure, known: Known, form: Form) -> Reading | None:
    first, second = _span(measure.minuend, known, form), _span(measure.subtrahend, known, form)
    if first is None or second is None:
        return None
    return first[0] - second[1], first[1] - second[0]


def _sum(score: Score, known: Known) -> Reading:
    low = high = 0
    for item in score.items:
        certain = any(all(sure(p, known) for p in line) for line in item.lines)
        possible = any(all(open_to(p, known) for p in line) for line in item.lines)
        ends = sorted((item.points * certain, item.points * possible))
        low, high = low + ends[0], high + ends[1]
    return low, high


def _merge(band: Band, known: Known, aside: set[str]) -> Reading | None:
    found = [
        frozenset(word for word, line in instrument.words if all(open_to(p, known) for p in line))
        for instrument in band.instruments
        if all(name in known for name in instrument.reads)
    ]
    agree = len(found) < 2 or (len(set(found)) == 1 and len(found[0]) == 1)
    contradicted = any(_recorded(line, known) and _possible(line, known) for line in band.set_aside)
    if not agree or contradicted:
        aside.add(band.name)
        return None
    return found[0] if found else None


def _recorded(line: Line, known: Known) -> bool:
    return all(premise.operand in known for premise in line)


def _possible(line: Iterable[Premise], known: Known) -> bool:
    return all(open_to(premise, known) for premise in line)


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
