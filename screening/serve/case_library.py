"""The cases of a library under the rules of a book: which part came to what, in which of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from screening.algebra import Word
from screening.errors import ScreeningError
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.case import Case, load_case
from screening.intake.findings import gather
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase


def outcomes(walk: Walk[bool]) -> Iterator[tuple[str, str]]:
    """Say for every part what it comes to in one case.

    Of a rule and of a conclusion that holds, the word is empty; of a red flag it is the level, of a
    band its word, of a decision its row, of an advice "indicated" and its status. What is not so is
    left out.
    """
    form = walk.form
    for conclusion in form.conclusions.values():
        if not walk.line(conclusion.exists).must:
            continue
        for rule in conclusion.rules:
            if walk.rule(rule).must:
                yield rule.id, ""
        if walk.faces(conclusion.name).must:
            flag, _, level = conclusion.id.rpartition(".")
            yield conclusion.id, ""
            yield flag, level  # of a red flag
            if flag == "indicated":
                yield level, flag
    for derived in form.derived:
        value = walk.value(derived.name)
        if isinstance(value, Word) and value.recorded:
            yield without_side(derived.name)[1], next(w for w, can in value.can.items() if can)
    for ladder in form.ladders:
        if walk.line(ladder.exists).must:
            row = ladder.rows[walk.rows(ladder.name).index(True)]
            yield ladder.advice or ladder.id, row.word


class CaseLibrary:
    """Reads a folder of cases with one rule base, or with one that was moved."""

    def __init__(self, base: RuleBase, folder: Path) -> None:
        """Look into a folder; what these rules cannot read is a case of other rules."""
        self.base, self._folder = base, folder

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The cases of the library that these rules can read, by name."""
        found = {}
        for path in sorted(self._folder.rglob("*.yaml")):
            try:
                case = load_case(str(path), self.base.vocabulary)
            except ScreeningError:
                continue  # a library of other rules
            found[str(path.relative_to(self._folder).with_suffix(""))] = case
        return found

    def walks(self, base: RuleBase) -> Iterator[tuple[str, Walk[bool]]]:
        """Read every case of the library in plain Python, with these rules or moved ones."""
        for name, case in self.cases.items():
            readings = gather(case, base.vocabulary).readings
            yield name, Walk(base.form, PlainAlgebra(base.form, readings))

    @cached_property
    def held(self) -> dict[str, dict[str, list[str]]]:
        """For each part what it came to in the cases of the library: the word, and those cases."""
        found: dict[str, dict[str, dict[str, None]]] = {}
        for name, walk in self.walks(self.base):
            recorded = [(without_side(path)[1], "recorded") for path in self.cases[name].answers]
            for id, said in (*outcomes(walk), *recorded):
                found.setdefault(id, {}).setdefault(said, {})[name] = None
        return {id: {said: list(n) for said, n in of.items()} for id, of in found.items()}
