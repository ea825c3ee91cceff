"""From demands on findings to a case that answers them."""

from __future__ import annotations

from screening.assurance.impossible import path_of
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.vocabulary import PRESENT, SIDES, Entry, without_side
from screening.rulebase.base import RuleBase

Demand = tuple[int, int] | frozenset[str]


def case_from(demands: dict[str, Demand], case_id: str, base: RuleBase) -> Case | None:
    """Give a case that answers every demand and nothing else; none if no answer exists."""
    by_path: dict[str, dict[str, Demand]] = {}
    for operand, demand in demands.items():
        by_path.setdefault(path_of(operand, base), {})[operand] = demand
    answers: dict[str, Answer | None] = {}
    for path, asked in by_path.items():
        answers[path] = _answer(path, asked, base)
        if answers[path] is None:
            return None
    return Case(case_id, {}).with_answers(
        {"case_id": case_id, **base.asked_today, **answers}, base.vocabulary
    )


def _answer(path: str, asked: dict[str, Demand], base: RuleBase) -> Answer | None:
    entry = base.vocabulary[path]
    if entry.type == "gate":
        return _gate(asked)
    if entry.type == "list":
        return tuple(w for w in entry.words if PRESENT in asked.get(f"{path}.{w}", ()))
    (demand,) = asked.values()
    if isinstance(demand, frozenset):
        return next(word for word in base.form.recorded[path].words if word in demand)
    return _number(demand, entry)


def _gate(asked: dict[str, Demand]) -> Answer:
    present = {without_side(name)[0] for name, words in asked.items() if PRESENT in words}
    if not present:
        return "absent"
    sides = [side for side in SIDES if side in present]
    return sides[0] if len(sides) == 1 else PRESENT


def _number(demand: tuple[int, int], entry: Entry) -> Answer | None:
    """Give a number as a person would record it: the roundest that fits, near the low end."""
    low, high = demand
    if entry.hard:
        low, high = max(low, entry.hard[0]), min(high, entry.hard[1])
    for step in (100,) if entry.whole else (100, 50, 10, 1):
        first = -(-low // step) * step
        if first <= high:
            return first
    return None
