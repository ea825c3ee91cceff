"""The examples of the rules: partial cases that fire a rule, and near misses that do not."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from screening.documents import Document
from screening.errors import CaseError, Problem
from screening.inference.infer import Inferred, infer
from screening.intake.case import read_case
from screening.numbers import written
from screening.rulebase.base import RuleBase
from screening.rulebase.files import Example, RuleFile


@dataclass(frozen=True)
class Tried:
    """One example of one file."""

    file: RuleFile
    number: int
    example: Example

    def __str__(self) -> str:
        """Give a name that says what the example claims."""
        claims = [*self.example.fires, *(f"not {id}" for id in self.example.does_not_fire)]
        return f"{self.file.id}: {', '.join(claims)}: {self.example.story}"


def examples(base: RuleBase) -> Iterator[Tried]:
    """Give the examples of all files that are not retired."""
    for file in base.files.values():
        if file.status != "retired":
            for number, example in enumerate(file.examples):
                yield Tried(file, number, example)


def run(tried: Tried, base: RuleBase) -> list[Problem]:
    """Screen an example with both readings; give what is not as the example claims."""
    where = base.where(tried.file.id, ("examples", tried.number))
    try:
        case = read_case(Document(where, tried.example.case), base.vocabulary)
    except CaseError as error:
        return list(error.problems)
    inferred = infer(case, base)
    fired = {
        rule.id
        for conclusion in inferred.form.conclusions.values()
        if inferred.exists(conclusion.exists)
        for rule in conclusion.rules
        if inferred.run.rules[rule.name].must
    }
    problems = []
    for id in (*tried.example.fires, *tried.example.does_not_fire):
        if id not in base.rule_texts:
            problems.append(Problem(where, f"{id} is no rule."))
        elif (id in fired) != (id in tried.example.fires):
            how = "does not fire" if id in tried.example.fires else "fires"
            problems.append(Problem(where, f"{id} {how} in: {tried.example.story}"))
    problems += [Problem(where, text) for text in _shown(tried.example, inferred)]
    if not inferred.agree:
        problems.append(
            Problem(where, f"the readings differ on {', '.join(inferred.disagreements)}.")
        )
    return problems


def run_all(base: RuleBase) -> list[list[Problem]]:
    """Run every example, a share on each processor; give the problems of each example."""
    shares = os.cpu_count() or 1
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(shares, context, _work_on, (base,)) as pool:
        found = pool.map(_run_share, range(shares), [shares] * shares)
        return [problems for share in found for problems in share]


_base: RuleBase | None = None


def _work_on(base: RuleBase) -> None:
    global _base
    _base = base


def _run_share(first: int, shares: int) -> list[list[Problem]]:
    assert _base is not None
    return [run(tried, _base) for tried in list(examples(_base))[first::shares]]


def _shown(example: Example, inferred: Inferred) -> Iterator[str]:
    for name, expected in example.shows.items():
        reading = inferred.known.get(name)
        said = "not recorded"
        if isinstance(reading, frozenset):
            said = " or ".join(sorted(reading))
        elif reading is not None:
            said = " to ".join(dict.fromkeys(written(end) for end in reading))
        if said != expected:
            yield f'"{name}" is "{said}", not "{expected}".'
