"""When a question matters: conditions on the answers so far, for terminal, page and registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from screening.algebra import NumberComparison, compare
from screening.intake.answers import Answer
from screening.intake.findings import Findings
from screening.intake.vocabulary import ABSENT, PRESENT, SIDES, Vocabulary


@dataclass(frozen=True, slots=True)
class Said:
    """One answer that was given: one of some words, a number past every limit, or any at all."""

    path: str
    words: tuple[str, ...] = ()
    limits: tuple[tuple[NumberComparison, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold; without parts that is always so."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts is enough."""

    parts: tuple[Condition, ...]


Condition = Said | AllOf | AnyOf
ALWAYS = AllOf()


def holds(condition: Condition, answers: Mapping[str, Answer]) -> bool:
    """Tell whether a condition holds for the answers so far; what was not answered meets nothing.

    Hand it ``after_families`` where a sign that opened its gate shall count as well.
    """
    if isinstance(condition, AllOf):
        return all(holds(part, answers) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, answers) for part in condition.parts)
    answer = answers.get(condition.path)
    if answer is None:
        return False
    if condition.limits:
        return isinstance(answer, int) and all(
            compare(answer, how, limit) for how, limit in condition.limits
        )
    given = answer if isinstance(answer, tuple) else (answer,)
    return not condition.words or any(word in given for word in condition.words)


def asks_of(condition: Condition) -> Iterator[str]:
    """Give the paths of the answers on which a condition rests."""
    if isinstance(condition, Said):
        yield condition.path
        return
    for part in condition.parts:
        yield from asks_of(part)


def any_of(parts: Sequence[Condition]) -> Condition:
    """Give that one of some parts is enough."""
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def all_of(parts: Sequence[Condition]) -> Condition:
    """Give that all of some parts must hold."""
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def after_families(
    given: Mapping[str, Answer], findings: Findings, vocabulary: Vocabulary
) -> dict[str, Answer]:
    """Give the answers with those that sweeps and families add, to ask ``holds`` of.

    A gate that a sign of one leg opened is answered with that leg; of the other leg that says no
    more than that nothing opened it.
    """
    found = dict(given)
    said = {
        name: next(iter(reading))
        for name, reading in findings.readings.items()
        if isinstance(reading, frozenset) and len(reading) == 1
    }
    for bare, entry in vocabulary.entries.items():
        if entry.type not in ("gate", "yes_no", "choice"):
            continue
        if entry.of == "person" and bare in vocabulary.leg_gates:
            if bare not in given and (answer := _of_both(said, bare)):
                found[bare] = answer
            continue
        for path, _ in vocabulary.operands(bare):
            if path in said and path not in given:
                found[path] = said[path]
    return found


def _of_both(said: Mapping[str, str], gate: str) -> str | None:
    """Give the answer to a gate from what is known of its legs."""
    legs = {side: word for side in SIDES if (word := said.get(f"{side}.{gate}"))}
    opened = [side for side, word in legs.items() if word == PRESENT]
    if opened:
        return opened[0] if len(opened) == 1 else PRESENT
    return ABSENT if len(legs) == len(SIDES) else None
