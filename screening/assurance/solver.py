"""All cases at once: the form in the proof reading, and cases as witnesses.

What intake makes of any answers is part of the formula: families are the walk of every reading. A
promise may ask more of the rules than that, so a refutation counts only once its witness, as a real
case, has been screened and shows the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import z3

from screening.algebra import Number, Value, Word
from screening.assurance.free_answers import FreeAnswers
from screening.errors import EngineError
from screening.inference.formula import ProofAlgebra, Term
from screening.inference.infer import Inferred, infer
from screening.inference.meaning import Walk
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.family_terms import TermLedger
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
        # False first: what is not needed is not recorded, and so a model is nearly the smallest.
        self._solver.set("phase_selection", 0)
        self._told = 0
        self._answers = FreeAnswers(base.vocabulary, self.algebra)
        self._families()

    def _families(self) -> None:
        """Say what intake makes of the answers of every case."""
        ledger = TermLedger(self.base.vocabulary, self._answers)
        for name, known in ledger.values().items():
            self.algebra.facts += _same(self.algebra.recorded(name), known)

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
            shows = self._shows(case, shown)
            if shows is not False:
                case = self._smallest(case, shown)
                if shows or self._shows(case, shown):
                    return SolverAnswer("possible", case)
            # The claim asked for more than a case file brings about: look for another.
            self._solver.add(z3.Or([v() != model[v] for v in model.decls() if v.arity() == 0]))
        return SolverAnswer("not_settled")

    # -- witnesses --------------------------------------------------------------------------------

    def _case(self, model: object) -> Case:
        """Give the case that a model stands for; what it leaves open is not recorded."""
        answers: dict[str, Answer] = dict(self.base.asked_today)
        for path in self.base.vocabulary.all_paths:
            answer = self._answers.of(path, model)
            if answer is not None:
                answers[path] = answer
        return Case("witness", {}).with_answers(answers, self.base.vocabulary)

    def _shows(self, case: Case, shown: Shown) -> bool | None:
        """Tell whether a case shows something; None if the rules are such that no reading ends."""
        try:
            return shown(infer(case, self.base))
        except EngineError:
            return None

    def _smallest(self, case: Case, shown: Shown) -> Case:
        """Leave out every answer without which the case shows the same: many at once, then each."""
        size = len(case.answers) + 1
        while size := size // 2:
            paths = list(case.answers)
            for start in range(0, len(paths), size):
                left_out = dict.fromkeys(paths[start : start + size])
                fewer = case.with_answers(left_out, self.base.vocabulary)
                if self._shows(fewer, shown):
                    case = fewer
        return case


def _same(operand: Value[Term], known: Value[Term]) -> Iterator[Term]:
    """Say that an operand is what intake knows of it."""
    yield operand.recorded == known.recorded
    if isinstance(operand, Number) and isinstance(known, Number):
        yield z3.Implies(known.recorded, operand.low == known.low)
    elif isinstance(operand, Word) and isinstance(known, Word):
        yield from (term == known.can[word] for word, term in operand.can.items())
