"""The proof reading: the form as one formula over all cases there could ever be (Z3).

Every operand is free: recorded or not, and any value in its range. The walk is the same as in the
other readings; its Booleans are terms of the solver, folded where they are constant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import z3

from screening.algebra import Number, Value, Word, compare
from screening.rulebase.form import Form, Recorded

Term = Any
"""A Boolean of the solver, or a Python constant."""

_WIDEST = 10**7
"""Hundredths: wider than any range that a vocabulary gives."""


@dataclass
class ProofAlgebra:
    """Terms over all cases; ``facts`` says what is true of every case."""

    form: Form
    true: Term = True
    false: Term = False
    facts: list[Term] = field(default_factory=list)
    operands: dict[str, Value[Term]] = field(default_factory=dict)

    def recorded(self, name: str) -> Value[Term]:
        """Give an operand as free terms."""
        if name not in self.operands:
            self.operands[name] = self._free(self.form.recorded[name])
        return self.operands[name]

    def _free(self, operand: Recorded) -> Value[Term]:
        recorded = z3.Bool(f"{operand.name} recorded")
        if not operand.words:
            number = z3.Int(operand.name)
            low, high = operand.limits or (-_WIDEST, _WIDEST)
            self.facts += [number >= low, number <= high]
            return Number(recorded, number, number)
        is_word = self._words(operand)
        can = {word: z3.Or(is_word[word], z3.Not(recorded)) for word in operand.words}
        return Word(recorded, can, False)

    def _words(self, operand: Recorded) -> dict[str, Term]:
        """Give for each word whether it is the one recorded: always exactly one."""
        if len(operand.words) == 2:
            first = z3.Bool(f"{operand.name} is {operand.words[0]}")
            return {operand.words[0]: first, operand.words[1]: z3.Not(first)}
        found = {word: z3.Bool(f"{operand.name} is {word}") for word in operand.words}
        self.facts.append(z3.PbEq([(term, 1) for term in found.values()], 1))
        return found

    def all(self, parts: Iterable[Term]) -> Term:
        """All parts hold."""
        return _joined(z3.And, parts, empty=True)

    def any(self, parts: Iterable[Term]) -> Term:
        """At least one part holds."""
        return _joined(z3.Or, parts, empty=False)

    def swap(self, part: Term) -> Term:
        """The part does not hold."""
        return not part if isinstance(part, bool) else z3.Not(part)

    def compare(self, number: Term, comparison: str, threshold: int) -> Term:
        """One end of an interval lies on the named side of a threshold."""
        return compare(number, comparison, threshold)

    def minus(self, left: Term, right: Term) -> Term:
        """The difference of two numbers."""
        return left - right

    def where(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """One number where a condition holds, another elsewhere."""
        if isinstance(condition, bool):
            return then if condition else otherwise
        return z3.If(condition, then, otherwise)

    def step(self, can: dict[str, Term], lowest: bool) -> Term:
        """The lowest or highest position (hundredths) that an ordered word can have."""
        places = list(enumerate(can.values()))
        first, *others = places[::-1] if lowest else places
        found: Term = 100 * first[0]
        for place, possible in others:
            found = self.where(possible, 100 * place, found)
        return found

    def total(self, terms: list[tuple[int, Term]]) -> Term:
        """The sum of the points whose Boolean holds."""
        fixed = sum(points for points, counts in terms if counts is True)
        free = [z3.If(c, points, 0) for points, c in terms if not isinstance(c, bool)]
        return z3.Sum([z3.IntVal(fixed), *free]) if free else fixed


def _joined(how: Any, parts: Iterable[Term], *, empty: bool) -> Term:
    """Join parts: a settled part decides or says nothing, so that it needs no term."""
    found = []
    for part in parts:
        if isinstance(part, bool):
            if part is not empty:
                return part
        else:
            found.append(part)
    if not found:
        return empty
    return found[0] if len(found) == 1 else how(found)
