"""Make one small wrong change to the rules at a time, and say how many of them are noticed.

    python -m scripts.mutate_rules                 every change, two at a time
    python -m scripts.mutate_rules --sample 200    a seeded sample
    python -m scripts.mutate_rules --only red_flags   changes of some files

A change is noticed when it cannot be loaded or is reported by ``rules check``, when a rule example
no longer shows what it claims, when a case is no longer screened as it expects, or when a promise
is broken. Cases are worked out anew in the reference reading, and only what rests on the change.
A dropped premise that is proved never to decide changes nothing and is counted apart. What nothing
notices stands in ``tests/mutants.yaml``, each with the reason why it may.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from screening.assurance.check import check
from screening.assurance.examples import (
    Tried,
    examples,
    said_of_conclusion,
    said_of_reading,
    said_of_row,
)
from screening.assurance.goals import Goal, goals
from screening.assurance.impossible import why_impossible
from screening.documents import Document
from screening.errors import RuleBaseError
from screening.inference.forward import ForwardRun
from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.inference.sets import derive
from screening.intake.case import Case, load_case, read_case
from screening.intake.findings import Findings, Reading, gather
from screening.record.proof import Proof
from screening.record.screening import screening
from screening.report.text import full_text
from screening.rulebase.base import RuleBase, read
from screening.rulebase.form import Conclusion, Form, Ladder, Line, Rule
from screening.rulebase.loader import Loader
from screening.rulebase.reviews import path_of
from screening.rulebase.sourced import Example
from screening.strict_yaml import read_yaml
from scripts.mutations import Mutation, mutations
from tests.test_cases import CHECKS, Screened

ROOT = Path(__file__).parents[1]
REASONS = ROOT / "tests" / "mutants.yaml"
NOTICED_BY = ("reading", "examples", "cases", "promises")


class Kept(Loader):
    """Reads a rule base from documents that were read before, one of them changed."""

    documents_read: dict[str, Document] = {}

    def __init__(self, root: Path, mutation: Mutation | None = None) -> None:
        """Name the folder and the change."""
        super().__init__(root)
        self._mutation = mutation

    def read(self, path: Path) -> Document:
        """Read a file once; later it is taken from memory."""
        name = path.relative_to(self.root).as_posix()
        if name not in self.documents_read:
            self.documents_read[name] = super().read(path)
        found = self.documents_read[name]
        if self._mutation and self._mutation.file == name:
            return Document(found.source, self._mutation.data, found.lines)
        return found


def _read(loader: Loader) -> RuleBase:
    base, problems = read(loader=loader)
    if problems := [*problems, *base.lost]:
        raise RuleBaseError(problems)
    return base


@dataclass
class Known:
    """One case or example as the right rules work it out."""

    case: Case
    tried: Tried | None
    findings: Findings
    walk: Walk[bool]


def _walk(base: RuleBase, findings: Findings) -> Walk[bool]:
    walk = Walk(base.form, PlainAlgebra(base.form, findings.readings))
    walk.walk()
    return walk


@dataclass
class Judge:
    """Knows what every case and example should give."""

    root: Path = ROOT / "rules"
    cases: Path = ROOT / "cases"
    promises: bool = False
    base: RuleBase = field(init=False)
    known: list[Known] = field(init=False)
    _dirty: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work everything out with the right rules."""
        self.base = base = _read(Kept(self.root))
        self._dirty = bool(check(base))
        found: list[tuple[Case, Tried | None]] = []
        for tried in examples(base):
            found.append((read_case(tried.document(base), base.vocabulary), tried))
        for path in sorted(self.cases.rglob("*.yaml")):
            found.append((load_case(str(path), base.vocabulary), None))
        self.known = []
        for case, tried in found:
            findings = gather(case, base.vocabulary)
            self.known.append(Known(case, tried, findings, _walk(base, findings)))

    @property
    def mutations(self) -> list[Mutation]:
        """Every change that can be made."""
        files = {name: found.data for name, found in Kept.documents_read.items()}
        return list(mutations(files))

    def noticed(self, mutation: Mutation) -> str:
        """Say what notices a change: the cheapest is asked first; "" is nothing."""
        try:
            mutant = _read(Kept(self.root, mutation))
        except RuleBaseError:
            return "reading"
        if check(mutant) and not self._dirty:
            return "reading"
        claims = _Claims(mutant.form)
        for known, findings, walk in self._differing(mutant, mutation, self._examples(mutation)):
            if known.tried and not claims.hold(known.tried.example, findings, walk):
                return "examples"
        for known, findings, walk in self._differing(mutant, mutation, self._cases(mutation)):
            if not _as_expected(_inferred(mutant, known.case, findings, walk)):
                return "cases"
        if self.promises and _breaks_a_promise(mutant):
            return "promises"
        return "proof" if self._never_decides(mutation) else ""

    def _examples(self, mutation: Mutation) -> list[Known]:
        """Give the examples, those of the changed file first: most changes are noticed there."""
        found: tuple[list[Known], list[Known]] = ([], [])
        for known in self.known:
            if known.tried:
                elsewhere = path_of(self.base, known.tried.file.id) != mutation.file
                found[elsewhere].append(known)
        return [*found[0], *found[1]]

    def _cases(self, mutation: Mutation) -> list[Known]:
        """Give the cases, those first whose expectations speak of what is changed."""
        id = str(mutation.data.get("id", "")).rpartition(".")[2]
        found: tuple[list[Known], list[Known]] = ([], [])
        for known in self.known:
            if not known.tried:
                found[not (id and id in str(known.case.expect))].append(known)
        return [*found[0], *found[1]]

    def _never_decides(self, mutation: Mutation) -> bool:
        """Tell whether a dropped premise is one that coverage proves can never be lacking alone."""
        if mutation.place[0] != "rules" or not mutation.what.startswith("premise dropped"):
            return False
        _, i, _, j = mutation.place
        id = Kept.documents_read[mutation.file].data["rules"][i]["id"]
        goal = self._goals.get(f"premises deciding: {id} premise {j + 1}")
        return goal is not None and why_impossible(goal, self.base) is not None

    @cached_property
    def _goals(self) -> dict[str, Goal]:
        return {goal.key: goal for goal in goals(self.base)}

    def _differing(
        self, mutant: RuleBase, mutation: Mutation, among: list[Known]
    ) -> Iterator[tuple[Known, Findings, Walk[bool]]]:
        """Give the cases that the change moves, worked out with the wrong rules."""
        change = _Change(self.base, mutant)
        intake = mutation.file.startswith(("vocabulary/", "thresholds"))
        for known in among:
            findings = gather(known.case, mutant.vocabulary) if intake else known.findings
            if replace(findings, origins={}) != replace(known.findings, origins={}):
                walk: Walk[bool] | None = _walk(mutant, findings)
            else:
                walk = change.again(known.walk)
            # Where nothing else moved, a report can still say something else (a time, an action).
            said = not known.tried and not change.names and _speaks_of(mutation, known.walk)
            if walk is not None or said:
                yield known, findings, walk or _walk(mutant, findings)


def _speaks_of(mutation: Mutation, walk: Walk[bool]) -> bool:
    """Tell whether a report can hold what was changed: of a flag, only if it may be present."""
    if "levels" not in mutation.data:
        return True
    return walk.faces(mutation.data["id"]).may


class _Change:
    """What a mutant defines differently, and how a case is worked out again with it."""

    def __init__(self, base: RuleBase, mutant: RuleBase) -> None:
        old, new = _parts(base), _parts(mutant)
        self._old, self._new, self._form = old, new, mutant.form
        self.names = [name for name, part in new.items() if old.get(name) != part]

    def again(self, before: Walk[bool]) -> Walk[bool] | None:
        """Work out what the change moves, and what rests on that; nothing if nothing moves."""
        algebra = before.algebra
        assert isinstance(algebra, PlainAlgebra)
        form = self._form
        moved = set(self.names).union(*map(form.readers_of, self.names))
        kept = {name: before.value(name) for name in form.derived_by_name if name not in moved}
        concluded = {name: before.faces(name) for name in form.conclusions if name not in moved}
        walk = Walk(form, PlainAlgebra(form, algebra._readings), kept, concluded)
        return walk if any(self._moved(name, before, walk) for name in moved) else None

    def _moved(self, name: str, before: Walk[bool], after: Walk[bool]) -> bool:
        old, new = self._old.get(name), self._new[name]
        if old is None or getattr(old, "exists", ()) != getattr(new, "exists", ()):
            return True
        if isinstance(old, Ladder) and isinstance(new, Ladder):
            return _won(old, before) != _won(new, after)
        if not isinstance(new, Conclusion):
            return before.value(name) != after.value(name)
        if [rule.name for rule in old.rules] != [rule.name for rule in new.rules]:
            return True
        rules = zip(old.rules, new.rules, strict=True)
        return any(before.rule(was) != after.rule(now) for was, now in rules)


def _won(ladder: Ladder, walk: Walk[bool]) -> tuple[str, str | None]:
    """Give the word and reason of the row that stands; a swap leaves its number as it was."""
    row = ladder.rows[walk.rows(ladder.name).index(True)]
    return row.word, row.reason


def _parts(base: RuleBase) -> dict[str, Any]:
    """Give every part of a form in the order in which it is worked out."""
    form = base.form
    ladders = {ladder.name: ladder for ladder in form.ladders}
    return {**form.derived_by_name, **form.conclusions, **ladders}


def _inferred(base: RuleBase, case: Case, findings: Findings, walk: Walk[bool]) -> Inferred:
    """Give what the reference reading found in the shape that reports read."""
    known, aside = derive(base.form, findings.readings)
    conclusions = {name: walk.faces(name) for name in base.form.conclusions}
    rules = {name: walk.rule(rule) for name, rule in base.form.rules.items()}
    rows = {each.name: each.rows[walk.rows(each.name).index(True)] for each in base.form.ladders}
    lines = ((), *base.form.existing.values())
    exists = {line: walk.line(line).must for line in lines}
    run = ForwardRun(known, aside, rules, conclusions, rows, exists, ())
    return Inferred(base, case, findings, run, (), walk)


class _Claims:
    """Reads what an example claims, and no more than that, from a walk."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._rules: dict[str, list[tuple[Rule, Line]]] = {}
        for conclusion in form.conclusions.values():
            for rule in conclusion.rules:
                self._rules.setdefault(rule.id, []).append((rule, conclusion.exists))

    def hold(self, example: Example, findings: Findings, walk: Walk[bool]) -> bool:
        """Tell whether all that the example claims is so."""
        if not all(self._fires(id, walk) for id in example.fires):
            return False
        if any(self._fires(id, walk) for id in example.does_not_fire):
            return False
        known = derive(self._form, findings.readings)[0] if example.shows else {}
        return all(self._said(n, known, walk) == how for n, how in example.shows.items())

    def _said(self, name: str, known: Mapping[str, Reading], walk: Walk[bool]) -> str:
        ladder, conclusion = self._form.ladders_by_name.get(name), self._form.conclusions.get(name)
        if conclusion is not None:
            there = walk.line(conclusion.exists).must
            return said_of_conclusion(walk.faces(name) if there else None)
        if ladder is None:
            return said_of_reading(known.get(name))
        there = walk.line(ladder.exists).must
        return said_of_row(ladder.rows[walk.rows(name).index(True)] if there else None)

    def _fires(self, id: str, walk: Walk[bool]) -> bool:
        rules = self._rules.get(id, ())
        return any(walk.rule(rule).must and walk.line(exists).must for rule, exists in rules)


def _as_expected(inferred: Inferred) -> bool:
    screened = Screened.__new__(Screened)
    screened.inferred, screened.record = inferred, screening(inferred)
    expected = {k: v for k, v in dict(inferred.case.expect).items() if k != "source"}
    if "says" in expected:
        page = full_text(screened.record, inferred.base, Proof(inferred))
        screened.page = " ".join(page.plain.split())
    try:
        for key, value in expected.items():
            CHECKS[key](screened, value)
    except (AssertionError, StopIteration, TypeError, KeyError):
        return False
    return True


def _breaks_a_promise(mutant: RuleBase) -> bool:
    from screening.assurance.prove import prove

    return any(found.status != "proved" for found in prove(mutant, 10.0))


_judge: Judge


def _one(mutation: Mutation) -> tuple[str, str]:
    return str(mutation), _judge.noticed(mutation)


def reasons() -> dict[str, str]:
    """Give the reason for each change that may go unnoticed."""
    if not REASONS.is_file():
        return {}
    return dict(read_yaml(REASONS.read_text(encoding="utf-8"), str(REASONS)).data)


def main() -> None:
    """Run as a script."""
    global _judge
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, help="try so many, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only changes whose name holds this")
    parser.add_argument("--promises", action="store_true", help="ask the promises as well")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    begun, _judge = time.perf_counter(), Judge(promises=asked.promises)
    chosen = [mutation for mutation in _judge.mutations if asked.only in str(mutation)]
    if asked.sample and asked.sample < len(chosen):
        chosen = Random(asked.seed).sample(chosen, asked.sample)
    counts: Counter[str] = Counter()
    declared, survivors = reasons(), []
    with multiprocessing.get_context("fork").Pool(asked.processes) as pool:
        for name, noticed in pool.imap_unordered(_one, chosen, chunksize=4):
            counts[noticed or ("declared" if name in declared else "nothing")] += 1
            counts["all"] += 1
            if not noticed and name not in declared:
                survivors.append(name)
                print(name, flush=True)
    said = ", ".join(f"{counts[by]} by {by}" for by in NOTICED_BY)
    meant = counts["all"] - counts["proof"] - counts["declared"]
    percent = 100 * (meant - counts["nothing"]) / max(1, meant)
    print(
        f"{counts['all']} changes in {time.perf_counter() - begun:.0f} s. "
        f"{counts['proof']} are proved to change nothing, {counts['declared']} have a written "
        f"reason. Of the other {meant}, {percent:.1f} % are noticed ({said}); "
        f"{counts['nothing']} are not."
    )
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
