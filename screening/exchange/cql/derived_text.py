"""The algebra of CQL: the meaning of derived findings, written as text.

Faces are true or false in the engine that reads them, never null; an unknown number is null.
"""

from __future__ import annotations

from collections.abc import Iterable

from screening.algebra import COMPARISONS, Faces, Number, Word
from screening.exchange.cql.comparisons import High, Low, Premises
from screening.exchange.cql.syntax import decimal, every, name, negated, some
from screening.rulebase.form import Line, Premise


class TextAlgebra:
    """Writes Booleans and numbers. What a case gives other engines is one value, not a range."""

    true, false = "true", "false"

    def __init__(self, premises: Premises) -> None:
        """Take what writes premises over a form."""
        self.premises, self.form = premises, premises.form

    def recorded(self, operand: str) -> Number[str] | Word[str]:
        """Name an operand; both ends of it, where it has two."""
        known = self.premises.known(operand)
        if words := self._words(operand):
            can = {
                word: self.premises.premise(Premise(operand, "one_of", (word,))) for word in words
            }
            return Word(known, can, self.false)
        derived = self.form.derived_by_name.get(operand)
        if derived is not None and derived.spans:
            return Number(known, name(f"{operand} {Low}"), name(f"{operand} {High}"))
        return Number(known, name(operand), name(operand))

    def _words(self, operand: str) -> tuple[str, ...]:
        found = self.form.recorded.get(operand) or self.form.derived_by_name.get(operand)
        return found.words if found else ()

    def all(self, parts: Iterable[str]) -> str:
        """All parts hold."""
        return every(part for part in parts if part != self.true)

    def any(self, parts: Iterable[str]) -> str:
        """At least one part holds."""
        return some(part for part in parts if part != self.false)

    def swap(self, part: str) -> str:
        """The part does not hold."""
        return negated(part)

    def compare(self, number: str, comparison: str, threshold: int) -> str:
        """A number lies on the named side of a threshold."""
        return f"({number} {COMPARISONS[comparison].sign} {decimal(threshold)})"

    def minus(self, left: str, right: str) -> str:
        """The difference of two numbers; binary ones make 8.7 - 6.7 less than 2."""
        return f"Round({left} - {right}, 2)"

    def step(self, can: dict[str, str], lowest: bool) -> str:
        """The position of the word that was recorded."""
        places = (f"when {is_it} then {decimal(100 * i)}" for i, is_it in enumerate(can.values()))
        return f"(case {' '.join(places)} else null end)"

    def total(self, terms: list[tuple[int, str]]) -> str:
        """The sum of the points whose Boolean holds."""
        points = (f"(if {holds} then {decimal(number)} else 0.0)" for number, holds in terms)
        return " + ".join(points) or "0.0"


class DerivedText:
    """What a derived finding is worked out from, in text."""

    def __init__(self, premises: Premises) -> None:
        """Take what writes premises over a form."""
        self.premises = premises
        self.algebra = TextAlgebra(premises)

    def ends(self, operand: str) -> Number[str]:
        """Give a number, or the position of an ordered word."""
        value = self.algebra.recorded(operand)
        if isinstance(value, Number):
            return value
        step = self.algebra.step(value.can, True)
        return Number(value.recorded, step, step)

    def recorded(self, operands: Iterable[str]) -> str:
        """Write that all of some operands are known."""
        return self.algebra.all(self.premises.known(operand) for operand in operands)

    def line(self, line: Line) -> Faces[str]:
        """Write that premises must all hold, and that they may."""
        return self._faces(self.premises.line(line))

    def lines(self, lines: Iterable[Line]) -> Faces[str]:
        """Write that one of some lines must hold, and that it may."""
        return self._faces(self.premises.lines(tuple(lines)))

    def _faces(self, text: str) -> Faces[str]:
        return Faces(f"({text} is true)", f"({text} is not false)")
