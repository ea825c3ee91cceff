"""Recorded operands, and derived findings: measures, bands and scores of each leg."""

from __future__ import annotations

from screening.errors import Problem
from screening.intake.vocabulary import Vocabulary, other, without_side
from screening.rulebase.form import (
    Band,
    Derived,
    Instrument,
    Item,
    Line,
    Measure,
    Recorded,
    Score,
)
from screening.rulebase.grounding.given import Place, Sources, named
from screening.rulebase.premises import BrokenNameError, Operand, PremiseError
from screening.rulebase.shapes import BandFile, MeasureFile, ScoreFile, Sourced


def recorded(vocabulary: Vocabulary) -> dict[str, Recorded]:
    """Give every operand that a case can record."""
    found: dict[str, Recorded] = {}
    for bare, entry in vocabulary.entries.items():
        mdc = vocabulary.mdc.get(bare)
        for name, words in vocabulary.operands(bare):
            path = bare if entry.of == "person" else named(without_side(name)[0], bare)
            found[name] = Recorded(name, path, words or (), entry.ordered, entry.hard, mdc)
    return found


def derived(sources: Sources) -> tuple[Derived, ...]:
    """Give all derived findings, each after those it rests on."""
    found: dict[str, Derived] = {}
    for file in sources.of_kind(MeasureFile, BandFile, ScoreFile):
        assert isinstance(file, MeasureFile | BandFile | ScoreFile)
        for side in sources.sides(file.of):
            name = named(side, file.id)
            if isinstance(file, MeasureFile):
                found[name] = _measure(sources, file, side, name)
            elif isinstance(file, BandFile):
                found[name] = _band(sources, file, side, name)
            else:
                found[name] = _score(sources, file, side, name)
    return _ordered(sources, found)


def _name(
    sources: Sources, written: str, side: str | None, file: Sourced, place: Place
) -> tuple[str, Operand | None]:
    """Give the ground name of what a derived finding reads, and what that is."""
    quantifier, _, rest = written.partition(".")
    bare = rest if quantifier == "other" else written
    try:
        operand = sources.names.operand(bare)
    except BrokenNameError:
        return bare, None
    except PremiseError as error:
        sources.problems.append(error.at(sources.where(file, place)))
        return bare, None
    if operand.leg and side is None:
        sources.problem(file, place, f'"{bare}" is of a leg; this is of the person.')
        return bare, None
    if not operand.leg and quantifier == "other":
        sources.problem(file, place, f'"{bare}" is of the person, not of a leg.', "", "Drop other.")
    if operand.kind in ("conclusion", "ladder"):
        what = f'"{bare}" is concluded, and derived findings rest on findings alone.'
        sources.problem(file, place, what)
        return bare, None
    if not operand.leg or side is None:
        return bare, operand
    return f"{other(side) if quantifier == 'other' else side}.{bare}", operand


def _measure(sources: Sources, file: MeasureFile, side: str | None, name: str) -> Measure:
    minuend, first = _name(sources, file.minuend, side, file, ("minuend",))
    subtrahend, second = _name(sources, file.subtrahend, side, file, ("subtrahend",))
    for place, operand in (("minuend", first), ("subtrahend", second)):
        if operand is None or not operand.words:
            continue
        if operand.kind != "finding" or not operand.ordered:
            what = "a difference is of numbers, or of the ordered words of a finding."
            sources.problem(file, (place,), what)
    if first and second and first.words != second.words:
        sources.problem(file, ("subtrahend",), "both sides are answered in the same words.")
    units = {each.unit for each in (first, second) if each and not each.words}
    if units and units != {file.unit}:
        what = f'a difference in "{file.unit}" is of readings in "{file.unit}".'
        sources.problem(file, ("unit",), what, "Units are never converted.")
    return Measure(name, minuend, subtrahend)


def _band(sources: Sources, file: BandFile, side: str | None, name: str) -> Band:
    instruments = []
    for i, text in enumerate(file.instruments):
        reads = (text.reads,) if isinstance(text.reads, str) else text.reads
        if set(text.words) != set(file.words):
            sources.problems.append(
                Problem(
                    sources.where(file, ("instruments", i)),
                    "the instrument does not give a line for every word of the band.",
                    "A reading without a word would count as not recorded.",
                )
            )
        words = tuple(
            (word, sources.line(text.words[word], side, file, ("instruments", i, "words", word)))
            for word in file.words
            if word in text.words
        )
        place: Place = ("instruments", i, "reads")
        names = tuple(_name(sources, read, side, file, place)[0] for read in reads)
        instruments.append(Instrument(names, words))
        for word, line in words:
            _rests_on_findings(sources, line, file, ("instruments", i, "words", word))
            if not {premise.operand for premise in line} <= set(names):
                what = f'"{word}" asks for more than this instrument reads.'
                sources.problem(file, ("instruments", i, "words", word), what)
    aside = [
        line
        for i, text in enumerate(file.set_aside)
        for line in sources.lines(text.when, side, file, ("set_aside", i))
    ]
    for line in aside:
        _rests_on_findings(sources, line, file, ("set_aside",))
    return Band(name, tuple(file.words), tuple(instruments), tuple(aside))


def _score(sources: Sources, file: ScoreFile, side: str | None, name: str) -> Score:
    items = tuple(
        Item(
            item.points * 100,
            tuple(
                line
                for j, texts in enumerate(item.any)
                for line in sources.lines(texts, side, file, ("items", i, "any", j))
            ),
        )
        for i, item in enumerate(file.items)
    )
    for i, item in enumerate(items):
        for line in item.lines:
            _rests_on_findings(sources, line, file, ("items", i))
    return Score(name, items, sources.line(file.exists, side, file, ("exists",)))


def _rests_on_findings(sources: Sources, line: Line, file: Sourced, place: Place) -> None:
    for premise in line:
        bare = without_side(premise.operand)[1]
        if sources.names.operands[bare].kind in ("conclusion", "ladder"):
            what = f'"{bare}" is concluded, and derived findings rest on findings alone.'
            problem = Problem(sources.where(file, place), what)
            if problem not in sources.problems:
                sources.problems.append(problem)


def _ordered(sources: Sources, found: dict[str, Derived]) -> tuple[Derived, ...]:
    order: dict[str, Derived] = {}
    open_now: set[str] = set()

    def visit(name: str) -> None:
        if name in order or name not in found:
            return
        if name in open_now:
            file = sources.files[without_side(name)[1]]
            sources.problems.append(
                Problem(sources.where(file, ()), "this derived finding rests on itself.")
            )
            return
        open_now.add(name)
        for operand in found[name].operands:
            visit(operand)
        order[name] = found[name]

    for name in found:
        visit(name)
    return tuple(order.values())
