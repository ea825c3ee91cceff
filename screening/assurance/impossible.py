"""Goals that no case can meet, proved by trying every answer of the findings they speak of.

A sign opens its gate, so a rule that asks for both can never lack the gate alone; where it asks for
a conclusion instead, that holds of each rule that can make it true. Findings outside
a goal can only answer more of its findings, and never take an answer of it back; so trying all
answers to the findings of the goal, "not recorded" among them, is trying all cases.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from screening.assurance.goals import Goal, Holds, Want, Way
from screening.inference.sets import Known, open_to, sure
from screening.intake.answers import Answer, words_of
from screening.intake.case import Case
from screening.intake.findings import gather
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import FALSE, TRUE, Premise

MOST = 20_000
"""Goals with more combinations of answers than this are left to be shown by a case."""


def why_impossible(goal: Goal, base: RuleBase) -> str | None:
    """Give the reason why no case meets a goal, or nothing if that is not proved."""
    if all(_contradicts_itself(way, base) for way in goal.ways):
        return "it would need a premise both met and not met."
    tried, paths = 0, dict[str, None]()
    for way in itertools.chain.from_iterable(_by_rules(each, base) for each in goal.ways):
        found = _smallest_without_case(way, base)
        if found is None or tried + found.tried > MOST:
            return None
        tried += found.tried
        paths |= dict.fromkeys(without_side(path)[1] for path in found.paths)
    titles = ", ".join(paths)
    return f"all {tried} combinations of answers to {titles} were tried, and none shows it."


def _by_rules(way: Way, base: RuleBase) -> Iterator[Way]:
    """Give a way once for each choice of the rules that can make its conclusions true."""
    choices = (list(_of_one(want, base)) for want in way)
    return (tuple(itertools.chain(*parts)) for parts in itertools.product(*choices))


def _of_one(want: Want, base: RuleBase) -> Iterator[Way]:
    premise = want.premise if isinstance(want, Holds) and want.outcome == "met" else None
    conclusion = base.form.conclusions.get(premise.operand) if premise else None
    if premise is None or conclusion is None or premise.words != (TRUE,):
        yield (want,)
        return
    for rule in conclusion.rules:
        yield from _by_rules(tuple(Holds(each) for each in rule.premises), base)


class _Tried(NamedTuple):
    """The findings that were tried, and how many combinations of their answers."""

    paths: list[str]
    tried: int


def _smallest_without_case(way: Way, base: RuleBase) -> _Tried | None:
    """Give what was tried to show that no case meets a way; nothing if one may.

    A sign and its gate are enough to show it, so what is to be lacking is tried with each of the
    other wants first.
    """
    lacking = [want for want in way if not isinstance(want, Holds) or want.outcome != "met"]
    others = [want for want in way if want not in lacking]
    pairs = [(*lacking, want) for want in others] if len(others) > 1 else []
    return next(filter(None, (_never_met(each, base) for each in (*pairs, way))), None)


def _never_met(way: Way, base: RuleBase) -> _Tried | None:
    """Try every answer to the findings of a way; nothing if one meets it, or they are too many."""
    paths = _paths(way, base)
    if paths is None:
        return None
    tried = 0
    for answers in itertools.product(*(list(_answers(path, way, base)) for path in paths)):
        tried += 1
        if tried > MOST or _meets(way, dict(zip(paths, answers, strict=True)), base):
            return None
    return _Tried(paths, tried)


def _contradicts_itself(way: Way, base: RuleBase) -> bool:
    """Tell whether a way wants what it also excludes, such as a premise that comes with the leg."""
    wants = [want for want in way if isinstance(want, Holds)]
    met = {want.premise for want in wants if want.outcome == "met"}
    if any(want.premise in met for want in wants if want.outcome != "met"):
        return True
    never_false = (
        rule.concludes for rule in base.form.rules.values() if met.issuperset(rule.premises)
    )
    return any(Premise(name, "one_of", (FALSE,)) in met for name in never_false)


def _paths(way: Way, base: RuleBase) -> list[str] | None:
    """Give the findings that a way speaks of; nothing if it speaks of more than findings."""
    found: list[str] = []
    for want in way:
        if not isinstance(want, Holds) or want.premise.operand not in base.form.recorded:
            return None
        found.append(path_of(want.premise.operand, base))
    return list(dict.fromkeys(found))


def path_of(operand: str, base: RuleBase) -> str:
    """Give the path of a case that records an operand; a gate has one for both legs."""
    path = base.form.recorded[operand].path
    bare = without_side(path)[1]
    return bare if bare in base.vocabulary.gates else path


def _answers(path: str, way: Way, base: RuleBase) -> Iterator[Answer | None]:
    """Give no answer, and each that by itself does not speak against the wants.

    What was recorded stands, so an answer that fails its own want fails in every case. Only a gate
    or a summary can be answered otherwise by a sign, so of these every answer is tried.
    """
    yield None
    asked = [w for w in way if isinstance(w, Holds) and path_of(w.premise.operand, base) == path]
    owner = without_side(path)[1] in base.vocabulary.owners
    for answer in _all_answers(path, asked, base):
        if owner or _meets(tuple(asked), {path: answer}, base):
            yield answer


def _all_answers(path: str, asked: list[Holds], base: RuleBase) -> Iterator[Answer]:
    """Give an answer for every way in which the wants can tell answers apart."""
    entry = base.vocabulary[path]
    words = words_of(path, base.vocabulary)
    if entry.type == "list":
        told_apart = [w for w in words if any(a.premise.operand.endswith(f".{w}") for a in asked)]
        for size in range(len(told_apart) + 1):
            yield from itertools.combinations(told_apart, size)
    elif words:
        yield from words
    else:
        positive = [base.thresholds[name].value for name in entry.positive.values()]
        cuts = {want.premise.number for want in asked}
        low, high = entry.hard or (-(10**6), 10**6)
        step = 100 if entry.whole else 1
        ends = {low, high, *(cut + move for cut in {*cuts, *positive} for move in (-step, 0, step))}
        yield from sorted(end for end in ends if low <= end <= high)


def _meets(way: Way, answers: dict[str, Answer | None], base: RuleBase) -> bool:
    given = {path: answer for path, answer in answers.items() if answer is not None}
    case = Case("tried", {**base.asked_today, **given})
    known: Known = dict(gather(case, base.vocabulary).readings)
    return all(isinstance(want, Holds) and _holds(want, known) for want in way)


def _holds(want: Holds, known: Known) -> bool:
    if want.outcome == "false":
        return not open_to(want.premise, known)
    return sure(want.premise, known) == (want.outcome == "met")
