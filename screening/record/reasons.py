"""Reasons for and against a verdict: sentences of the rules that hold, each fact said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.record.wording import Wording
from screening.rulebase.base import RuleBase
from screening.rulebase.form import FALSE, TRUE, Premise, Rule
from screening.rulebase.shapes import ConclusionFile

Reason = tuple[str, frozenset[str]]
"""A sentence, and the operands whose values it tells."""


def _reasons_for(side: str, inferred: Inferred, wording: Wording) -> list[Reason]:
    """Say what holds of the premises of "likely" and "possible"."""
    premises = list(_premises(side, ("verdict.likely", "verdict.possible"), inferred))
    said: list[Reason] = []
    for premise in premises:
        concluded = premise.operand in inferred.form.conclusions
        if concluded and inferred.walk.premise(premise).must:
            said += _reasons(premise, inferred, wording)
    if not said:
        # No conclusion says what holds: the readings of "possible" say it themselves.
        for premise in _premises(side, ("verdict.possible",), inferred):
            if inferred.walk.premise(premise).must:
                said.append((wording.premise(premise), frozenset({premise.operand})))
    return [*said, *_signs(side, "for", inferred, wording)]


def _reasons_against(side: str, inferred: Inferred, wording: Wording) -> list[Reason]:
    """Say what makes "unlikely" hold, what competes, and the signs against."""
    said = [
        (wording.because(rule.id, side), facts_of(rule, inferred))
        for rule in inferred.form.conclusions[f"{side}.verdict.unlikely"].rules
        if inferred.run.rules[rule.name].must
    ]
    for premise in _premises(side, ("verdict.likely",), inferred):
        if premise.words == (FALSE,) and inferred.value(premise.operand):
            said += _reasons(
                Premise(premise.operand, premise.comparison, (TRUE,)), inferred, wording
            )
    return [*said, *_signs(side, "against", inferred, wording)]


def each_way(side: str, inferred: Inferred, wording: Wording) -> dict[str, list[str]]:
    """Give the reasons for, against and neither way, each fact said once.

    A finding of this leg that speaks against is not counted for as well: a low ankle that stops in
    front speaks for the joint, not for the calf.
    """
    against = _once(_reasons_against(side, inferred, wording))
    taken = {fact for _, facts in against for fact in facts if without_side(fact)[0] == side}
    found = _once(_reasons_for(side, inferred, wording))
    return {
        "for": [text for text, facts in found if not facts & taken],
        "against": [text for text, _ in against],
        "neither": [text for text, _ in _once(_signs(side, "neither", inferred, wording))],
    }


def _once(reasons: Iterable[Reason]) -> list[Reason]:
    """Leave out a reason that tells nothing that another one does not tell as well."""
    told = list(reasons)
    return [
        (text, facts)
        for i, (text, facts) in enumerate(told)
        if not any(
            facts < others or facts == others and j < i
            for j, (_, others) in enumerate(told)
            if j != i
        )
    ]


def facts_of(rule: Rule, inferred: Inferred) -> frozenset[str]:
    """Give the operands, down to the findings and what is derived of them, that a rule reads."""
    found: set[str] = set()
    for premise in rule.premises:
        conclusion = inferred.form.conclusions.get(premise.operand)
        if conclusion is None:
            found.add(premise.operand)
            continue
        for inner in conclusion.rules:
            if premise.words == (FALSE,) or inferred.run.rules[inner.name].must:
                found |= facts_of(inner, inferred)
    return frozenset(found)


def _reasons(premise: Premise, inferred: Inferred, wording: Wording) -> Iterator[Reason]:
    """Say why a premise holds, down to the rules that speak of findings."""
    conclusion = inferred.form.conclusions.get(premise.operand)
    if conclusion is None:
        yield wording.premise(premise), frozenset({premise.operand})
    elif premise.words == (FALSE,):
        file = inferred.base.files.get(conclusion.id)
        if isinstance(file, ConclusionFile) and file.when_false:
            facts = [facts_of(rule, inferred) for rule in conclusion.rules]
            yield wording.fill(file.when_false, conclusion.side), frozenset().union(*facts)
    else:
        for rule in conclusion.rules:
            if not inferred.run.rules[rule.name].must:
                continue
            inner = [p for p in rule.premises if p.operand in inferred.form.conclusions]
            if len(inner) == len(rule.premises):
                for each in inner:
                    yield from _reasons(each, inferred, wording)
            else:
                yield wording.because(rule.id, rule.side), facts_of(rule, inferred)


def _signs(side: str, reported: str, inferred: Inferred, wording: Wording) -> Iterator[Reason]:
    for file in _reported(inferred.base, reported):
        name = f"{side}.{file.id}" if file.of == "leg" else file.id
        for rule in inferred.form.conclusions[name].rules:
            if inferred.run.rules[rule.name].must:
                yield wording.because(rule.id, rule.side), facts_of(rule, inferred)


@lru_cache(maxsize=32)
def _reported(base: RuleBase, as_what: str) -> tuple[ConclusionFile, ...]:
    """Give the signs that a report counts for, against or neither way."""
    files = (file for file in base.files.values() if isinstance(file, ConclusionFile))
    return tuple(file for file in files if file.reported == as_what)


def _premises(side: str, conclusions: Iterable[str], inferred: Inferred) -> Iterator[Premise]:
    for conclusion in conclusions:
        for rule in inferred.form.conclusions[f"{side}.{conclusion}"].rules:
            yield from rule.premises
