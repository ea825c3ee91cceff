"""Both rule bases over all patients: whether a decision can change, and of whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import z3

from screening.assurance.compare.outcomes import Decision, decisions
from screening.assurance.compare.terms import Terms
from screening.assurance.compare.two_vocabularies import Asked, Patient, term_name
from screening.cohort.circuit import FALSE, Bits, Circuit, CircuitAlgebra
from screening.inference.meaning import Walk
from screening.intake.family_terms import TermLedger
from screening.intake.replaces import version
from screening.rulebase.base import RuleBase

CanHold = Literal["yes", "no", "not_settled"]


@dataclass
class Model:
    """The answers of one patient: words by name, numbers in hundredths."""

    words: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two patients apart."""
        return (
            tuple((name, tuple(words)) for name, words in sorted(self.words.items())),
            tuple(sorted(self.numbers.items())),
        )

    @property
    def size(self) -> int:
        """How much was answered."""
        return len(self.words) + len(self.numbers) + sum(map(len, self.words.values()))


class RevisionQuestion:
    """Two rule bases laid out over the answers of one patient, and the solver that is asked."""

    def __init__(self, old: RuleBase, new: RuleBase, seconds: float) -> None:
        """Lay both out.

        Args:
            old: the rule base before.
            new: the rule base after; its vocabulary says what it replaces.
            seconds: after this long a question counts as not settled.

        """
        self.patient = Patient(old.vocabulary, new.vocabulary)
        self.circuit = Circuit()
        self.old = self._laid_out(old, self.patient.names["old"])
        self.new = self._laid_out(new, self.patient.names["new"])
        self._terms = Terms(self.circuit, self.patient)
        self.fits = self.patient.related(self.circuit)
        self._solver = z3.SolverFor("QF_LIA")
        self._solver.set("timeout", int(seconds * 1000))
        # False first: what is not needed is not recorded, and so a model is nearly the smallest.
        self._solver.set("phase_selection", 0)
        self._solver.add(*self.patient.facts, self._terms.of(self.fits))

    def _laid_out(self, base: RuleBase, names: dict[str, str]) -> dict[str, Decision[Bits]]:
        asked = Asked(self.circuit, names, version(base.asked_with))
        algebra = CircuitAlgebra(asked, TermLedger(base.vocabulary, asked).values())
        return decisions(base, Walk(base.form, algebra), algebra)

    @property
    def shared(self) -> tuple[str, ...]:
        """The decisions that both rule bases know."""
        return tuple(name for name in self.old if name in self.new)

    def differing(self, name: str) -> Bits:
        """Say that a decision says something else; it is no gate if that is plainly never so."""
        old, new = self.old[name].words, self.new[name].words
        gates, words = self.circuit, dict.fromkeys([*old, *new])
        return gates.any(
            gates.all([old.get(word, FALSE), gates.swap(new.get(word, FALSE))])
            for word in words
            if old.get(word, FALSE) != new.get(word, FALSE)
        )

    def claim(self, name: str, before: str, after: str) -> Bits:
        """Say that a decision changes in one way."""
        old, new = self.old[name].words[before], self.new[name].words[after]
        return self.circuit.all([old, new])

    def can_hold(self, claim: Bits) -> CanHold:
        """Tell whether a claim is true of any patient."""
        if claim == FALSE:
            return "no"
        found = self._solver.check(self._terms.of(claim))
        if found == z3.unknown:
            return "not_settled"
        return "yes" if found == z3.sat else "no"

    def model(self) -> Model:
        """Give the patient of whom the solver last said yes."""
        true, numbers = _values(self._solver.model())
        model = Model()
        for name, kind in self.patient.kinds.items():
            if name not in true:
                continue
            if kind.type == "number":
                model.numbers[name] = numbers.get(name, 0) * (100 if kind.whole else 1)
            else:
                model.words[name] = [w for w in kind.words if term_name(name, w) in true]
        return model


def _values(model: z3.ModelRef) -> tuple[set[str], dict[str, int]]:
    """Give the names of what is true and the numbers; asked for one by one it takes far longer."""
    context, true, numbers = model.ctx.ref(), set(), {}
    for place in range(z3.Z3_model_get_num_consts(context, model.model)):
        constant = z3.Z3_model_get_const_decl(context, model.model, place)
        name = z3.Z3_get_symbol_string(context, z3.Z3_get_decl_name(context, constant))
        value = z3.Z3_model_get_const_interp(context, model.model, constant)
        if z3.Z3_is_numeral_ast(context, value):
            numbers[name] = int(z3.Z3_get_numeral_string(context, value))
        elif z3.Z3_get_bool_value(context, value) == z3.Z3_L_TRUE:
            true.add(name)
    return true, numbers
