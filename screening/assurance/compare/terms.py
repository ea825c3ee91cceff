"""Gates of a circuit as terms of the solver, each written down once."""

from __future__ import annotations

from typing import Any

import z3

from screening.algebra import compare
from screening.assurance.compare.two_vocabularies import Patient, Term
from screening.cohort.circuit import FALSE, TRUE, Amount, Bits, Circuit, Numbers, reads


class Terms:
    """Gives the term of a gate."""

    def __init__(self, circuit: Circuit, patient: Patient) -> None:
        """Take the circuit, and the patient whose answers it reads."""
        self._circuit, self._patient = circuit, patient
        self._terms: dict[int, Term] = {FALSE: z3.BoolVal(False), TRUE: z3.BoolVal(True)}

    def of(self, gate: Bits) -> Term:
        """Give the term of a gate, and of all it reads."""
        gates, waiting = self._circuit.gates, [int(gate)]
        while waiting:
            place = waiting[-1]
            missing = [each for each in reads(*gates[place]) if each not in self._terms]
            waiting += missing
            if not missing:
                waiting.pop()
                if place not in self._terms:
                    self._terms[place] = self._term(*gates[place])
        return self._terms[gate]

    def _term(self, kind: str, read: Any) -> Term:
        terms = self._terms
        if kind == "given":
            return self._patient.given(*read)
        if kind == "number":
            return self._patient.number(read)
        if kind in ("and", "or"):
            return (z3.And if kind == "and" else z3.Or)([terms[each] for each in read])
        if kind == "not":
            return z3.Not(terms[read])
        if kind == "compare":
            return compare(self._number(read[0]), *read[1:])
        if kind == "minus":
            return self._number(read[0]) - self._number(read[1])
        if kind == "where":
            return z3.If(terms[read[0]], self._number(read[1]), self._number(read[2]))
        assert kind == "total"
        always, counted = read
        return z3.Sum([z3.IntVal(always), *(z3.If(terms[g], p, 0) for p, g in counted)])

    def _number(self, number: Numbers) -> Term:
        return self._terms[number.place] if isinstance(number, Amount) else z3.IntVal(number)
