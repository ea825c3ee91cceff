"""The examples of the rules: partial cases that fire a rule, and near misses that do not."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from screening.algebra import Faces
from screening.documents import Document
from screening.errors import CaseError, Problem
from screening.inference.forward import ForwardRun
from screening.inference.infer import differences, forward, truth
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.case import read_case
from screening.intake.findings import Reading, gather
from screening.numbers import written
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form, Row
from screening.rulebase.shapes import RuleFile
from screening.rulebase.sourced import Example

_NOT_THERE = "not there"


@dataclass(frozen=True)
class Tried:
    """One example of one file."""

    file: RuleFile
    number: int
    example: Example

    def document(self, base: RuleBase) -> Document:
        """Give its case as a document that says where it stands; it was asked as of now."""
        where = base.where(self.file.id, ("examples", self.number))
        return Document(where, {**base.asked_today, **self.file.case_of(self.example)})

    def __str__(self) -> str:
        """Give a name that says what the example claims."""
        claims = [*self.example.fires, *(f"not {id}" for id in self.example.does_not_fire)]
        return f"{self.file.id}: {', '.join(claims)}: {self.example.story}"


def examples(base: RuleBase) -> Iterator[Tried]:
    """Give the examples of all files in use."""
    for file in base.files.values():
        for number, example in enumerate(file.examples):
            yield Tried(file, number, example)


def run(tried: Sequence[Tried], base: RuleBase) -> list[list[Problem]]:
    """Screen examples with both readings; give for each what is not as it claims."""
    found: list[list[Problem]] = [[] for _ in tried]
    for place, each in enumerate(tried):
        try:
            case = read_case(each.document(base), base.vocabulary)
        except CaseError as error:
            found[place] += error.problems
            continue
        readings = gather(case, base.vocabulary).readings
        ran = forward(base).run(readings)
        found[place] += _claims(each, ran, base)
        reference = Walk(base.form, PlainAlgebra(base.form, readings))
        if differ := differences(base.form, ran, reference):
            what = f"the readings differ on {', '.join(differ)}."
            found[place].append(Problem(_where(each, base), what))
    return found


def _where(tried: Tried, base: RuleBase) -> str:
    return base.where(tried.file.id, ("examples", tried.number))


def _claims(tried: Tried, ran: ForwardRun, base: RuleBase) -> Iterator[Problem]:
    """Give what an example claims and does not show."""
    where, example = _where(tried, base), tried.example
    for id in (*example.fires, *example.does_not_fire):
        if id not in base.rule_texts:
            yield Problem(where, f"{id} is no rule.")
        elif _fires(id, ran, base) != (id in example.fires):
            how = "does not fire" if id in example.fires else "fires"
            yield Problem(where, f"{id} {how} in: {example.story}")
    for name, said, expected in shown(example, ran, base.form):
        if said != expected:
            yield Problem(where, f'"{name}" is "{said}", not "{expected}".')


def _fires(id: str, ran: ForwardRun, base: RuleBase) -> bool:
    """Tell whether a written rule fired on any side on which its conclusion exists."""
    return any(
        ran.rules[rule.name].must and ran.exists[conclusion.exists]
        for conclusion in base.form.conclusions.values()
        for rule in conclusion.rules
        if rule.id == id
    )


@contextmanager
def running(base: RuleBase) -> Iterator[Callable[[], list[list[Problem]]]]:
    """Run every example on all processors while something else is done.

    Gives what waits for the problems of each example.
    """
    workers = os.cpu_count() or 1
    shares = _SHARES * workers
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, _work_on, (base,)) as pool:
        found = pool.map(_run_share, range(shares), [shares] * shares)
        yield lambda: [problems for share in found for problems in share]


_SHARES = 3
"""Shares of each processor: whichever is done first takes the next."""

_base: RuleBase | None = None


def _work_on(base: RuleBase) -> None:
    global _base
    _base = base


def _run_share(first: int, shares: int) -> list[list[Problem]]:
    assert _base is not None
    return run(list(examples(_base))[first::shares], _base)


def shown(example: Example, ran: ForwardRun, form: Form) -> Iterator[tuple[str, str, str]]:
    """Give what an example says of anything: its name, what it is, and what it was to be."""
    for name, expected in example.shows.items():
        ladder = form.ladders_by_name.get(name)
        conclusion = form.conclusions.get(name)
        if ladder is not None:
            said = said_of_row(ran.rows[name] if ran.exists[ladder.exists] else None)
        elif conclusion is not None:
            there = ran.exists[conclusion.exists]
            said = said_of_conclusion(ran.conclusions[name] if there else None)
        else:
            said = said_of_reading(ran.known.get(name))
        yield name, said, expected


def said_of_row(row: Row | None) -> str:
    """Say which row of a decision won, as an example does: its word, and its reason if it has one.

    None is a decision that does not exist for this case.
    """
    if row is None:
        return _NOT_THERE
    return f"{row.word}: {row.reason}" if row.reason else row.word


def said_of_conclusion(faces: Faces[bool] | None) -> str:
    """Say what a conclusion is, as an example does; None is one that does not exist here."""
    if faces is None:
        return _NOT_THERE
    return {True: "true", False: "false", None: "unknown"}[truth(faces)]


def said_of_reading(reading: Reading | None) -> str:
    """Say what a derived finding is, as an example does; both ends of an interval."""
    if reading is None:
        return "not recorded"
    if isinstance(reading, frozenset):
        return " or ".join(sorted(reading))
    return " to ".join(dict.fromkeys(written(end) for end in reading))
