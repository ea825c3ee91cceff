"""Proving the promises of a rule base for all cases, or refuting them with a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from screening.assurance.promises import PromiseClaim, claims, unreadable, where
from screening.assurance.solver import AllCases
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.case import Case
from screening.rulebase.base import RuleBase
from screening.rulebase.premises import PremiseError

Status = Literal["proved", "refuted", "not_proved"]


@dataclass(frozen=True)
class Proved:
    """What is known of one promise."""

    id: str
    title: str
    status: Status
    questions: int
    problem: Problem | None = None
    witness: Case | None = None


def prove(base: RuleBase, seconds: float, only: Collection[str] = ()) -> Iterator[Proved]:
    """Prove every promise, or only those that are named.

    Raises:
        UsageError: if there is no promise of a name, or none at all.

    """
    for id in only:
        if id not in base.promises:
            hint = did_you_mean(id, base.promises) or "rules/promises.yaml lists them."
            raise UsageError(Problem("", f'"{id}" is no promise of this rule base.', "", hint))
    if not base.promises:
        what = "this rule base makes no promises."
        raise UsageError(Problem(str(base.root), what, "", "Write them into promises.yaml."))
    cases = AllCases(base, seconds)
    for id in base.promises:
        if not only or id in only:
            yield _prove(id, cases)


def _prove(id: str, cases: AllCases) -> Proved:
    promise, asked = cases.base.promises[id], 0
    try:
        for claim in claims(id, promise, cases):
            asked += 1
            if cases.never(claim.term):
                continue
            return _refuted(id, claim, asked, cases)
    except PremiseError as error:
        problem = unreadable(id, error, cases.base)
        return Proved(id, promise.title, "not_proved", asked, problem)
    return Proved(id, promise.title, "proved", asked)


def _refuted(id: str, claim: PromiseClaim, asked: int, cases: AllCases) -> Proved:
    title, at = cases.base.promises[id].title, where(id, cases.base)
    if claim.term is True:
        problem = Problem(at, f"{id} is broken: {title}. {claim.what}.")
        return Proved(id, title, "refuted", asked, problem)
    found = cases.ask(claim.term, claim.shown)
    if found.status == "possible":
        problem = Problem(at, f"{id} is broken: {title}. {claim.what}.", "A case shows it.")
        return Proved(id, title, "refuted", asked, problem, found.witness)
    what = f"{id} is not proved: {title}. {claim.what}."
    why = "It may hold; but nobody has shown it."
    if found.status == "impossible":
        return Proved(id, title, "not_proved", asked, Problem(at, what, why))
    return Proved(id, title, "not_proved", asked, Problem(at, what, why, "Give it more --timeout."))
