"""The flat form as one CQL library: its operands are parameters, all else is worked out."""

from __future__ import annotations

from screening.algebra import Word
from screening.exchange.cql.comparisons import High, Low, Premises
from screening.exchange.cql.derived_text import DerivedText
from screening.exchange.cql.syntax import Library, decimal, name, negated, some, type_of, word
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion, Form, Ladder, Line, Premise, Row
from screening.rulebase.kinds.kind import Derived

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
        self.looks = DerivedText(self.premises)
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
        value = derived.value(self.looks)
        if isinstance(value, Word):
            aside = self.library.define(f"{derived.name} set aside", value.set_aside)
            whens = " ".join(f"when {can} then {word(each)}" for each, can in value.can.items())
            unknown = some([negated(value.recorded), aside])
            cases = f"case when {unknown} then null {whens} else null end"
            self.library.define(derived.name, cases)
        elif derived.spans:
            self.library.define(f"{derived.name} {Low}", value.low)
            self.library.define(f"{derived.name} {High}", value.high)
        else:
            known = f"if {value.recorded} then {value.low} else null"
            self.library.define(derived.name, known)

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
