"""Both rule bases over all patients: whether a decision can change, and the smallest case of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import z3

from screening.assurance.compare.answers import Asked, Patient, Term
from screening.assurance.compare.decisions import Decision, decisions
from screening.assurance.compare.terms import Terms
from screening.cohort.circuit import FALSE, Bits, Circuit, CircuitAlgebra
from screening.cohort.findings import Resolver
from screening.inference.meaning import Walk
from screening.intake.replaces import version
from screening.rulebase.base import RuleBase

Settled = Literal["yes", "no", "not_settled"]
_SMALL = 2_000
"""Milliseconds for the question whether a smaller case exists; then it is not asked further."""


@dataclass
class Model:
    """The answers of one patient: words by name, numbers in hundredths."""

    words: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells two patients apart."""
        return (
            tuple((name, tuple(words)) for name, words in sorted(self.words.items())),
            tuple(sorted(self.numbers.items())),
        )


class Question:
    """Two rule bases laid out over the answers of one patient, and the solver that is asked."""

    def __init__(self, old: RuleBase, new: RuleBase, seconds: float) -> None:
        """Lay both out.

        Args:
            old: the rule base before.
            new: the rule base after; its vocabulary says what it replaces.
            seconds: after this long a question counts as not settled.

        """
        self.patient = Patient(old.vocabulary, new.vocabulary)
        self._circuit = Circuit()
        self.old = self._laid_out(old, self.patient.names["old"])
        self.new = self._laid_out(new, self.patient.names["new"])
        self._terms = Terms(self._circuit, self.patient)
        self._milliseconds = int(seconds * 1000)
        self._solver = z3.Solver()
        # False first: what is not needed is not recorded, and so a model is nearly the smallest.
        self._solver.set("phase_selection", 0)
        self._solver.add(*self.patient.facts)

    def _laid_out(self, base: RuleBase, names: dict[str, str]) -> dict[str, Decision[Bits]]:
        asked = Asked(self._circuit, names, version(base.asked_with))
        algebra = CircuitAlgebra(asked, Resolver(asked, base.vocabulary).resolve())
        return decisions(base, Walk(base.form, algebra), algebra)

    def differing(self, name: str) -> list[Bits]:
        """Give when a decision says something else, word by word; nothing if it is the same."""
        old, new = self.old[name].words, self.new[name].words
        gates, words = self._circuit, dict.fromkeys([*old, *new])
        return [
            gates.every([old.get(word, FALSE), gates.swap(new.get(word, FALSE))])
            for word in words
            if old.get(word, FALSE) != new.get(word, FALSE)
        ]

    def can_differ(self, name: str) -> Settled:
        """Tell whether a decision can say something else of any patient."""
        differing = self.differing(name)
        return self._ask(self._terms.of(self._circuit.some(differing))) if differing else "no"

    def claim(self, name: str, before: str, after: str) -> Term | None:
        """Say that a decision changes in one way; nothing if it plainly cannot."""
        old, new = self.old[name].words[before], self.new[name].words[after]
        gate = self._circuit.every([old, new])
        return None if gate == FALSE else self._terms.of(gate)

    def can_hold(self, claim: Term) -> Settled:
        """Tell whether a claim is true of any patient."""
        return self._ask(claim)

    def _ask(self, *claims: Term, milliseconds: int | None = None) -> Settled:
        self._solver.set("timeout", milliseconds or self._milliseconds)
        found = self._solver.check(*claims)
        if found == z3.unknown:
            return "not_settled"
        return "yes" if found == z3.sat else "no"

    # -- the smallest case --------------------------------------------------------------------

    def smallest(self, claim: Term) -> Model:
        """Give a patient of whom a claim is true, with as few answers and as plain as possible.

        Must be asked right after the claim was found to hold of some patient.
        """
        found = self._solver.model()
        self._solver.push()
        self._solver.add(claim)
        try:
            kept = self._keep_only(found, list(self.patient.kinds))
            for name in list(kept):
                if name in kept and self._can(z3.Not(self.patient.recorded(name))):
                    found = self._solver.model()
                    kept = self._keep_only(found, kept)
            return self._model(kept, self._plain(kept, found))
        finally:
            self._solver.pop()

    def _keep_only(self, found: Any, among: list[str]) -> list[str]:
        """Tell the solver to leave out what a model leaves out; give the rest."""
        recorded = {name: self.patient.recorded(name) for name in among}
        kept = [n for n, term in recorded.items() if z3.is_true(found.eval(term, True))]
        left_out = set(among) - set(kept)
        self._solver.add(*(z3.Not(term) for name, term in recorded.items() if name in left_out))
        return kept

    def _can(self, *wishes: Term) -> bool:
        return self._ask(*wishes, milliseconds=_SMALL) == "yes"

    def _plain(self, kept: list[str], found: Any) -> Any:
        """Choose numbers that a reader expects: usual ones, whole, or with one decimal."""
        for name in kept:
            if self.patient.kinds[name].type != "number":
                continue
            for wish in self._wishes(name):
                if self._can(wish):
                    found = self._solver.model()
                    self._solver.add(wish)
                    break
        return found

    def _wishes(self, name: str) -> Iterable[Term]:
        number, kind = self.patient.number(name), self.patient.kinds[name]
        usual = z3.And(number >= kind.usual[0], number <= kind.usual[1])
        steps = [] if kind.whole else [100 * z3.Int(f"{name} whole"), 10 * z3.Int(f"{name} tenth")]
        yield z3.And(usual, *(number == step for step in steps[:1]))
        for step in steps[1:]:
            yield z3.And(usual, number == step)
        for step in steps:
            yield number == step
        yield usual

    def _model(self, kept: list[str], found: Any) -> Model:
        model = Model()
        for name in kept:
            kind = self.patient.kinds[name]
            if kind.type == "number":
                term = found.eval(self.patient.number(name), model_completion=True)
                model.numbers[name] = int(term.as_long())
            else:
                given = (self.patient.given(name, word) for word in kind.words)
                holds = [z3.is_true(found.eval(each, model_completion=True)) for each in given]
                model.words[name] = [w for w, is_ in zip(kind.words, holds, strict=True) if is_]
        return model
