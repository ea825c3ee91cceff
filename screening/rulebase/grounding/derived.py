"""Recorded operands, and derived findings: measures, bands and scores of each leg."""

from __future__ import annotations

from screening.errors import Problem
from screening.intake.vocabulary import Vocabulary, other, without_side
from screening.rulebase.files import BandFile, MeasureFile, ScoreFile
from screening.rulebase.form import (
    Band,
    Derived,
    Instrument,
    Item,
    Measure,
    Recorded,
    Score,
    operands_of,
)
from screening.rulebase.grounding.sources import Sources, named
from screening.rulebase.premises import BrokenNameError, PremiseError


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


def _name(sources: Sources, written: str, side: str | None, file: object) -> str:
    quantifier, _, rest = written.partition(".")
    bare = rest if quantifier == "other" else written
    try:
        leg = sources.names.operand(bare).leg
    except BrokenNameError:
        return bare
    except PremiseError as error:
        sources.problems.append(error.at(sources.where(file, ())))
        return bare
    if not leg or side is None:
        return bare
    return f"{other(side) if quantifier == 'other' else side}.{bare}"


def _measure(sources: Sources, file: MeasureFile, side: str | None, name: str) -> Measure:
    minuend = _name(sources, file.minuend, side, file)
    return Measure(name, minuend, _name(sources, file.subtrahend, side, file))


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
        instruments.append(Instrument(tuple(_name(sources, r, side, file) for r in reads), words))
    aside = [
        line
        for i, text in enumerate(file.set_aside)
        for line in sources.lines(text.when, side, file, ("set_aside", i))
    ]
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
    return Score(name, items, sources.line(file.exists, side, file, ("exists",)))


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
        for operand in operands_of(found[name]):
            visit(operand)
        order[name] = found[name]

    for name in found:
        visit(name)
    return tuple(order.values())
