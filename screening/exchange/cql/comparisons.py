"""Premises as CQL: one row for each comparison, the same table for rules, bands and ladders."""

from __future__ import annotations

from screening.algebra import COMPARISONS
from screening.exchange.cql.syntax import decimal, every, name, some, type_of, word
from screening.intake.vocabulary import ABSENT, PRESENT
from screening.rulebase.form import TRUE, Form, Line, Premise

Low, High = "low", "high"


def threshold(premise: Premise) -> str:
    """Write the number of a comparison by its name, where it has one."""
    if premise.threshold is None:
        return decimal(premise.number)
    return name(f"threshold {premise.threshold}")


class Premises:
    """Writes premises over one form."""

    def __init__(self, form: Form) -> None:
        """Take the form whose operands are named."""
        self.form = form

    def line(self, line: Line) -> str:
        """Write premises that must all hold."""
        return every(self.premise(premise) for premise in line)

    def lines(self, lines: tuple[Line, ...]) -> str:
        """Write lines of which one must hold."""
        return some(self.line(line) for line in lines)

    def premise(self, premise: Premise) -> str:
        """Write one premise, true, false or null."""
        operand, comparison = premise.operand, premise.comparison
        if comparison == "unknown":
            return self.unknown(operand)
        if comparison == "set_aside":
            derived = self.form.derived_by_name.get(operand)
            return name(f"{operand} set aside") if derived and derived.words else "false"
        if operand in self.form.conclusions:
            held = name(operand)
            return held if premise.words[0] == TRUE else f"(not {held})"
        if comparison in COMPARISONS:
            return self._number(premise)
        return self._words(operand, premise.words)

    def unknown(self, operand: str) -> str:
        """Write that an operand is not known; a score and a decision always are."""
        return "false" if self._always(operand) else f"({name(operand)} is null)"

    def known(self, operand: str) -> str:
        """Write that an operand is known."""
        return "true" if self._always(operand) else f"({name(operand)} is not null)"

    def _always(self, operand: str) -> bool:
        return self._spans(operand) or operand in self.form.ladders_by_name

    def _spans(self, operand: str) -> bool:
        derived = self.form.derived_by_name.get(operand)
        return derived is not None and derived.spans

    def _number(self, premise: Premise) -> str:
        sign, limit = COMPARISONS[premise.comparison].sign, threshold(premise)
        if not self._spans(premise.operand):
            return f"({name(premise.operand)} {sign} {limit})"
        ends = (Low, High) if COMPARISONS[premise.comparison].upwards else (High, Low)
        sure, possible = (f"{name(f'{premise.operand} {end}')} {sign} {limit}" for end in ends)
        return f"(if {sure} then true else if {possible} then null else false)"

    def _words(self, operand: str, words: tuple[str, ...]) -> str:
        recorded = self.form.recorded.get(operand)
        if recorded is None or type_of(recorded.words) != "Boolean":
            return some(f"({name(operand)} = {word(each)})" for each in words)
        if {PRESENT, ABSENT} <= set(words):
            return f"(if {name(operand)} is null then null else true)"
        return name(operand) if PRESENT in words else f"(not {name(operand)})"
