"""Recorded operands, and the derived findings of each leg and of the person."""

from __future__ import annotations

from screening.errors import Problem
from screening.intake.vocabulary import Vocabulary, without_side
from screening.rulebase.form import Recorded
from screening.rulebase.grounding.given import Sources, named
from screening.rulebase.kinds.kind import Derived


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
    for file in sources.derived:
        for side in sources.sides(file.of):
            name = named(side, file.id)
            found[name] = file.ground(sources, side, name)
    return _ordered(sources, found)


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
