"""All cases at once: the form in the proof reading, and cases as witnesses.

A promise is proved over everything the operands could be, which is more than a case file can bring
about (its families answer findings together). So a refutation counts only once its witness, as a
real case, has been screened and shows the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import z3

from screening.algebra import Number
from screening.inference.formula import ProofAlgebra, Term
from screening.inference.infer import Inferred, infer
from screening.inference.meaning import Walk
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.vocabulary import ABSENT, PRESENT, SIDES, without_side
from screening.rulebase.base import RuleBase

Shown = Callable[[Inferred], bool]
"""Tells whether a screened case shows what a formula claims."""

_TRIES = 40


@dataclass(frozen=True)
class SolverAnswer:
    """What the solver says of a claim that must never be true."""

    status: Literal["impossible", "possible", "not_settled"]
    witness: Case | None = None


class AllCases:
    """One rule base over all cases; questions are asked one after the other."""

    def __init__(self, base: RuleBase, seconds: float = 10.0) -> None:
        """Write the form down as a formula.

        Args:
            base: the rule base.
            seconds: after this long a question counts as not settled.

        """
        self.base = base
        self.algebra = ProofAlgebra(base.form)
        self.walk: Walk[Term] = Walk(base.form, self.algebra)
        self._solver = z3.Solver()
        self._solver.set("timeout", int(seconds * 1000))
        self._told = 0
        self._families()

    def _families(self) -> None:
        """Say what intake makes true of every case, whatever was recorded."""
        for path, entry in self.base.vocabulary.entries.items():
            if entry.type == "list":
                for full in self.base.vocabulary.paths(path):
                    self._recorded_together([f"{full}.{word}" for word in entry.words])
        for pair in self.base.vocabulary.asked_once:
            self._recorded_together(list(pair))
        for gate in self.base.vocabulary.leg_gates:
            self._answered_for_both([f"{side}.{gate}" for side in SIDES])
        for owner, details in self.base.vocabulary.owners.items():
            names = list(dict.fromkeys(name for name, _ in self.base.vocabulary.operands(owner)))
            for detail in details:
                if not self.base.vocabulary.entries[detail].circumstance:
                    self._opens(names, detail)

    def _recorded_together(self, names: list[str]) -> None:
        first, *others = (self.algebra.recorded(name).recorded for name in names)
        self.algebra.facts += [first == other for other in others]

    def _answered_for_both(self, names: list[str]) -> None:
        """A gate that is absent for one leg was answered, and so for both."""
        for here, there in (names, names[::-1]):
            answered = self.algebra.recorded(here).recorded
            absent = self.algebra.all([answered, self.algebra.swap(self._is_present(here))])
            other = self.algebra.recorded(there).recorded
            self.algebra.facts.append(z3.Implies(absent, other))

    def _opens(self, owners: list[str], detail: str) -> None:
        """A positive sign makes its gate or summary present: of its leg, else of some leg."""
        for sign, _ in self.base.vocabulary.operands(detail):
            side = without_side(sign)[0]
            meant = [name for name in owners if without_side(name)[0] in (side, None) or not side]
            opened = self.algebra.any(self._is_present(name) for name in meant)
            self.algebra.facts.append(z3.Implies(self._is_positive(sign, detail), opened))

    def _is_present(self, name: str) -> Term:
        value = self.algebra.recorded(name)
        assert not isinstance(value, Number)
        others = self.algebra.any(can for word, can in value.can.items() if word != PRESENT)
        return self.algebra.all([value.recorded, self.algebra.swap(others)])

    def _is_positive(self, sign: str, detail: str) -> Term:
        entry, value = self.base.vocabulary.entries[detail], self.algebra.recorded(sign)
        if not isinstance(value, Number):
            return self._is_present(sign) if PRESENT in value.can else z3.BoolVal(False)
        passes = [
            self.algebra.compare(value.low, how, self.base.thresholds[name].value)
            for how, name in entry.positive.items()
        ]
        return z3.And(value.recorded, *passes) if passes else z3.BoolVal(False)

    def ask(self, claim: Term, shown: Shown) -> SolverAnswer:
        """Tell whether a claim can be true of any case; if so, give a case that shows it."""
        if claim is False:
            return SolverAnswer("impossible")
        self._tell()
        self._solver.push()
        try:
            self._solver.add(claim)
            return self._answer(shown)
        finally:
            self._solver.pop()

    def never(self, claim: Term) -> bool | None:
        """Tell whether a claim is never true of any case; None if it was not settled in time."""
        if isinstance(claim, bool):
            return not claim
        self._tell()
        found = self._solver.check(claim)
        return None if found == z3.unknown else bool(found == z3.unsat)

    def _tell(self) -> None:
        """Tell the solver the facts of operands that were met since the last question."""
        for fact in self.algebra.facts[self._told :]:
            self._solver.add(fact)
        self._told = len(self.algebra.facts)

    def _answer(self, shown: Shown) -> SolverAnswer:
        for _ in range(_TRIES):
            found = self._solver.check()
            if found == z3.unsat:
                return SolverAnswer("impossible")
            if found == z3.unknown:
                return SolverAnswer("not_settled")
            model = self._solver.model()
            case = self._case(model)
            if shown(infer(case, self.base)):
                return SolverAnswer("possible", self._smallest(case, shown))
            # No case file brings this about (its families answer otherwise): look for another.
            self._solver.add(z3.Or([v() != model[v] for v in model.decls() if v.arity() == 0]))
        return SolverAnswer("not_settled")

    # -- witnesses --------------------------------------------------------------------------------

    def _case(self, model: Any) -> Case:
        """Give the case that a model stands for; what it leaves open is not recorded."""
        answers: dict[str, Answer] = dict(self.base.asked_today)
        for path in self.base.vocabulary.all_paths:
            answer = self._answer_of(path, model)
            if answer is not None:
                answers[path] = answer
        return Case("witness", {}).with_answers(answers, self.base.vocabulary)

    def _answer_of(self, path: str, model: Any) -> Answer | None:
        entry = self.base.vocabulary[path]
        if entry.type in ("text", "date", "sweep"):
            return None
        if entry.type == "list":
            held = [w for w in entry.words if self._word(f"{path}.{w}", model) == PRESENT]
            recorded = self._word(f"{path}.{next(iter(entry.words))}", model) is not None
            return tuple(held) if recorded else None
        if entry.type == "gate" and path in self.base.vocabulary.leg_gates:
            return self._gate({side: self._word(f"{side}.{path}", model) for side in SIDES})
        if entry.type == "number":
            return self._number(path, model)
        return self._word(path, model)

    def _gate(self, words: dict[str, str | None]) -> str | None:
        present = [side for side, word in words.items() if word == PRESENT]
        if len(present) == len(SIDES):
            return PRESENT
        if present:
            # Answered for one leg it is answered for both; open for the other, a sign opened it.
            return None if None in words.values() else present[0]
        return ABSENT if set(words.values()) == {ABSENT} else None

    def _word(self, name: str, model: Any) -> str | None:
        value = self.algebra.operands.get(name)
        if value is None or isinstance(value, Number) or not _holds(value.recorded, model):
            return None
        return next(w for w, can in value.can.items() if _holds(can, model, completed=True))

    def _number(self, name: str, model: Any) -> int | None:
        value = self.algebra.operands.get(name)
        if not isinstance(value, Number) or not _holds(value.recorded, model):
            return None
        found = int(model.eval(value.low, model_completion=True).as_long())
        entry = self.base.vocabulary[name]
        return found - found % 100 if entry.whole else found

    def _smallest(self, case: Case, shown: Shown) -> Case:
        """Leave out every answer without which the case shows the same."""
        for path in list(case.answers):
            fewer = case.with_answers({path: None}, self.base.vocabulary)
            if shown(infer(fewer, self.base)):
                case = fewer
        return case


def _holds(term: Term, model: Any, completed: bool = False) -> bool:
    # What a model leaves open about recording is not recorded; a word must be one or another.
    if isinstance(term, bool):
        return term
    return bool(z3.is_true(model.eval(term, model_completion=completed)))
