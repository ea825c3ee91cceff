"""Readings on their scales: bands, limits, measurement error and norms, all from the rule base.

Drawn are the readings that a band sorts, and the other numbers of the same joint if recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from screening.algebra import COMPARISONS
from screening.inference.infer import Inferred
from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import Entry, Norm, sided, without_side
from screening.record.wording import Wording
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Line
from screening.rulebase.premises import ground_line

_STEP = 100
"""How wide a step is drawn where a reading is a word and not a number."""

_Words = tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a scale that a band gives one word."""

    label: str
    low: int
    high: int
    step: str = ""
    """The answer that stands here, where a reading is a word and not a number."""


@dataclass(frozen=True, slots=True)
class ScaleReading:
    """What was read on one leg; ``value`` is None if nothing was."""

    side: str
    value: int | None
    said: str
    band: str = ""
    """The word that it comes to."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One reading of both legs on its scale; numbers are in hundredths of ``unit``."""

    bare: str
    """Its path, without a side."""
    title: str
    unit: str
    low: int
    high: int
    zones: tuple[Zone, ...]
    limits: tuple[Threshold, ...]
    """What a band or a rule compares the reading with, in ascending order."""
    mdc: int | None
    norms: tuple[tuple[Norm, str], ...]
    """Each norm with its sources as a report prints them."""
    readings: tuple[ScaleReading, ...]
    note: str = ""
    """Why it has no zones, limits and norms: for whom they do not hold."""

    @property
    def of_words(self) -> bool:
        """Whether the reading is a word, so that the scale has steps and no numbers."""
        return any(zone.step for zone in self.zones)


Sorted = dict[str, tuple[Mapping[str, str], tuple[tuple[str, Line], ...]]]
"""The words of what sorts a recorded reading, and the premises of each."""


def scales(inferred: Inferred, wording: Wording) -> list[Scale]:
    """Give the scale of every reading of which one leg at least has a value."""
    by_band = _by_band(inferred.base)
    joints = {without_side(name)[1].partition(".")[0] for name in by_band}
    unfit = dict(_unfit(inferred, wording))
    found = []
    for bare, entry in inferred.base.vocabulary.entries.items():
        names, joint = sided(bare), bare.partition(".")[0]
        if joint not in joints or not any(n in inferred.known for n in names):
            continue
        if entry.type == "number" or names[0] in by_band:
            scale = _scale(bare, entry, by_band, inferred, wording)
            found.append(_bare(scale, unfit[joint]) if joint in unfit else scale)
    return found


def _unfit(inferred: Inferred, wording: Wording) -> Iterator[tuple[str, str]]:
    """Give each joint whose limits and norms do not hold for this patient, and why."""
    for band in inferred.form.derived:
        side, bare = without_side(band.name)
        for text in inferred.base.form_files[bare].holds_not_for:
            lines = ground_line(text.when, inferred.base.names, side)
            if any(inferred.holds(line) for line in lines):
                yield bare.partition(".")[0], wording.fill(text.because, side)


def _bare(scale: Scale, note: str) -> Scale:
    """Give a scale with its readings and their errors alone; steps keep their answers."""
    zones = tuple(replace(zone, label="") for zone in scale.zones if zone.step)
    readings = tuple(replace(reading, band="") for reading in scale.readings)
    return replace(scale, zones=zones, limits=(), norms=(), readings=readings, note=note)


@lru_cache(maxsize=8)
def _by_band(base: RuleBase) -> Sorted:
    found: Sorted = {}
    for band in base.form.derived:
        titles = base.form_files[without_side(band.name)[1]].word_titles
        for instrument in band.instruments:
            if len(instrument.reads) == 1 and instrument.reads[0] in base.form.recorded:
                found[instrument.reads[0]] = titles, instrument.words
    return found


def _scale(bare: str, entry: Entry, by_band: Sorted, inferred: Inferred, wording: Wording) -> Scale:
    names = sided(bare)
    recorded = inferred.form.recorded[names[0]]
    ends = _ends(entry, recorded.mdc or 0, [inferred.known.get(name) for name in names])
    titles, words = by_band.get(names[0], ({}, ()))
    zones = [_zone(titles[word], line, entry, ends) for word, line in words]
    return Scale(
        bare=bare,
        title=entry.title,
        unit=entry.unit,
        low=ends[0],
        high=ends[1],
        zones=tuple(sorted(zones, key=lambda zone: zone.low)),
        limits=() if entry.words else _limits(inferred.base).get(names[0], ()),
        mdc=recorded.mdc,
        norms=tuple((norm, wording.cited(norm.references)) for norm in entry.norms),
        readings=tuple(_reading(name, entry, by_band, inferred, wording) for name in names),
    )


def _ends(entry: Entry, mdc: int, readings: list[object]) -> tuple[int, int]:
    """Give the usual range, made wider where a reading or its error lies outside."""
    if entry.words:
        return 0, _STEP * len(entry.words)
    low, high = entry.usual or entry.hard or (0, 0)
    values = [end for reading in readings if isinstance(reading, tuple) for end in reading]
    return min([low, *(v - mdc for v in values)]), max([high, *(v + mdc for v in values)])


def _zone(label: str, line: Line, entry: Entry, ends: tuple[int, int]) -> Zone:
    low, high = ends
    steps = list(entry.words)
    for premise in line:
        if not premise.threshold:
            at = [steps.index(word) for word in premise.words]
            said = " or ".join(entry.words[word] for word in premise.words)
            return Zone(label, _STEP * min(at), _STEP * (max(at) + 1), said)
        if COMPARISONS[premise.comparison].upwards:
            low = max(low, premise.number)
        else:
            high = min(high, premise.number)
    return Zone(label, low, high)


@lru_cache(maxsize=8)
def _limits(base: RuleBase) -> dict[str, tuple[Threshold, ...]]:
    """Give by its name what a band or a rule compares an operand with, in ascending order."""
    bands = (line for _, words in _by_band(base).values() for _, line in words)
    names: dict[str, set[str]] = {}
    for line in (*bands, *(rule.premises for rule in base.form.rules.values())):
        for premise in line:
            if premise.threshold:
                names.setdefault(premise.operand, set()).add(premise.threshold)
    return {
        operand: tuple(
            sorted((base.thresholds[name] for name in sorted(of)), key=lambda limit: limit.value)
        )
        for operand, of in names.items()
    }


def _reading(
    name: str, entry: Entry, by_band: Sorted, inferred: Inferred, wording: Wording
) -> ScaleReading:
    side, known = without_side(name)[0] or "", inferred.known.get(name)
    said, value = wording.say(name), None
    if isinstance(known, tuple):
        value = known[0]
    elif known is not None and len(known) == 1:
        value = _STEP * list(entry.words).index(next(iter(known))) + _STEP // 2
    band = ""
    if value is not None and name in by_band:
        titles, words = by_band[name]
        band = " or ".join(titles[word] for word, line in words if inferred.holds(line))
    return ScaleReading(side, value, said, band)
