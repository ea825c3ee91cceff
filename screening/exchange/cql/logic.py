"""The flat form as one CQL library: its operands are parameters, all else is worked out."""

from __future__ import annotations

from itertools import combinations

from screening.exchange.cql.comparisons import High, Low, Premises
from screening.exchange.cql.syntax import Library, decimal, name, some, type_of, word
from screening.rulebase.base import RuleBase
from screening.rulebase.form import (
    Band,
    Conclusion,
    Derived,
    Form,
    Instrument,
    Ladder,
    Line,
    Measure,
    Premise,
    Row,
    Score,
)

TITLE = "CalfHipScreening"
ABOUT = """\
Screening for calf-driven hip pain: the logic of the whole rule base.
Written by a program: change the rules, not this.
true: it holds. false: it does not. null: it is not known, which is never "no".
A parameter is a finding by its path; a case leaves out what was not recorded.
One environment for each case: engines keep what they have worked out.
For qualified clinicians. Not a diagnosis; does not exclude serious disease."""


def logic_library(base: RuleBase) -> str:
    """Give the library of a rule base."""
    return _Logic(base).written()


def thresholds(form: Form) -> dict[str, Premise]:
    """Give a premise for each named threshold of a form, by its name."""
    lines = [rule.premises for rule in form.rules.values()]
    lines += [line for derived in form.derived for line in derived.lines]
    lines += [line for ladder in form.ladders for row in ladder.rows for line in row.lines or ()]
    lines += applies(form).values()
    named = {premise.threshold: premise for line in lines for premise in line if premise.threshold}
    return dict(sorted(named.items()))


def applies(form: Form) -> dict[str, Line]:
    """Give what must hold for a conclusion or a ladder to be listed at all, by its name."""
    found = {conclusion.name: conclusion.exists for conclusion in form.conclusions.values()}
    found |= {ladder.name: ladder.exists for ladder in form.ladders}
    return {name: line for name, line in found.items() if line}


class _Logic:
    def __init__(self, base: RuleBase) -> None:
        self.form, self.premises = base.form, Premises(base.form)
        self.library = Library(TITLE, base.version, ABOUT)
        self.titles = {id: rule.title for id, (rule, _) in base.rule_texts.items()}

    def written(self) -> str:
        for operand in self.form.recorded.values():
            self.library.parameter(operand.name, type_of(operand.words))
        for called, premise in thresholds(self.form).items():
            self.library.define(f"threshold {called}", decimal(premise.number))
        for derived in self.form.derived:
            self._derived(derived)
        for conclusion in self.form.conclusions.values():
            self._conclusion(conclusion)
        for ladder in self.form.ladders:
            self._ladder(ladder)
        self.library.comment("What is listed at all")
        for called, line in applies(self.form).items():
            self.library.define(f"applies {called}", f"{self.premises.line(line)} is true")
        return self.library.text

    # -- derived findings -----------------------------------------------------------------------

    def _derived(self, derived: Derived) -> None:
        self.library.comment(derived.name)
        if isinstance(derived, Measure):
            ends = self._end(derived.minuend), self._end(derived.subtrahend)
            # Binary numbers make 8.7 - 6.7 less than 2.
            self.library.define(derived.name, f"Round({ends[0]} - {ends[1]}, 2)")
        elif isinstance(derived, Band):
            self._band(derived)
        else:
            self._score(derived)

    def _end(self, operand: str) -> str:
        """Write a number, or the position of an ordered word."""
        recorded = self.form.recorded.get(operand)
        derived = self.form.derived_by_name.get(operand)
        words = recorded.words if recorded else derived.words if derived else ()
        if not words:
            return name(operand)
        steps = " ".join(
            f"when {self._is(operand, each)} then {decimal(100 * place)}"
            for place, each in enumerate(words)
        )
        return f"(case {steps} else null end)"

    def _is(self, operand: str, each: str) -> str:
        return self.premises.premise(Premise(operand, "one_of", (each,)))

    def _band(self, band: Band) -> None:
        readings = [
            self.library.define(f"{band.name} by {number}", self._reading(instrument))
            for number, instrument in enumerate(band.instruments, 1)
        ]
        differ = [f"Coalesce({a} != {b}, false)" for a, b in combinations(readings, 2)]
        aside = [self._contradicted(line) for line in band.set_aside]
        set_aside = self.library.define(f"{band.name} set aside", some(differ + aside))
        first = f"Coalesce({', '.join(readings)})" if len(readings) > 1 else readings[0]
        self.library.define(band.name, f"if {set_aside} then null else {first}")

    def _reading(self, instrument: Instrument) -> str:
        whens = [f"when {self.premises.line(line)} then {word(w)}" for w, line in instrument.words]
        known = [self.premises.unknown(operand) for operand in instrument.reads]
        return f"case when {some(known)} then null {' '.join(whens)} else null end"

    def _contradicted(self, line: Line) -> str:
        known = [self.premises.known(premise.operand) for premise in line]
        return f"({' and '.join(known)} and ({self.premises.line(line)} is not false))"

    def _score(self, score: Score) -> None:
        """Add up both ends: what is unknown counts for neither, or against."""
        for end in (Low, High):
            points = []
            for item in score.items:
                counts = "is true" if (item.points > 0) == (end == Low) else "is not false"
                lines = self.premises.lines(item.lines)
                points.append(f"(if ({lines}) {counts} then {decimal(item.points)} else 0.0)")
            self.library.define(f"{score.name} {end}", " + ".join(points) or "0.0")

    # -- rules, conclusions and ladders ---------------------------------------------------------

    def _conclusion(self, conclusion: Conclusion) -> None:
        self.library.comment(conclusion.name)
        for rule in conclusion.rules:
            if rule.id in self.titles:
                self.library.comment(f"{rule.id}: {self.titles[rule.id]}")
            self.library.define(rule.name, self.premises.line(rule.premises))
        found = some(name(rule.name) for rule in conclusion.rules)
        self.library.define(conclusion.name, found)

    def _ladder(self, ladder: Ladder) -> None:
        self.library.comment(ladder.name)
        cases, last = [], ""
        for row in ladder.rows:
            if row.lines is None:
                last = word(row_word(row))
            else:
                lines = self.premises.lines(row.lines)
                cases.append(f"when ({lines}) is true then {word(row_word(row))}")
        won = f"case {' '.join(cases)} else {last} end" if cases else last
        row_name = self.library.define(f"row {ladder.name}", won)
        words = {row_word(row): row.word for row in ladder.rows}
        steps = " ".join(f"when {word(r)} then {word(w)}" for r, w in words.items())
        self.library.define(ladder.name, f"case {row_name} {steps} else null end")


def row_word(row: Row) -> str:
    """Write a row of a ladder: its word and, if it has one, its reason."""
    return row.word if row.reason is None else f"{row.word}|{row.reason}"
