"""What answers answer beside themselves, as a second CQL library: families and sweeps.

Raw answers are its parameters; each operand of the logic is one of its defines. The walk of
``intake.families`` is written down once for all cases: every operand has a name for what is known
of it so far, and a step that can tell more gives it another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.algebra import COMPARISONS, NumberComparison
from screening.exchange.cql.syntax import Library, decimal, every, name, some, type_of, word
from screening.intake.answers import words_of
from screening.intake.families import Families
from screening.intake.family_ledger import Doubt, Origin, Sources
from screening.intake.replaces import version
from screening.intake.vocabulary import ABSENT, ASKED_WITH, PRESENT, Vocabulary, without_side
from screening.rulebase.base import RuleBase

TITLE = "CalfHipIntake"
ABOUT = """\
Screening for calf-driven hip pain: from raw answers to findings.
Written by a program: change the rules, not this.
A parameter "answer PATH" is an answer as it is given; what was not answered is left out.
Each define "PATH" is what is known then: give all of them to CalfHipScreening, as parameters."""


def intake_library(base: RuleBase) -> str:
    """Give the library of a rule base."""
    return _TextLedger(base.vocabulary, base.version).written()


def answer_parameters(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """Give every raw answer: path, word of a list or none, and type."""
    for path in vocabulary.all_paths:
        kind = vocabulary[path].type
        if path == ASKED_WITH:
            yield from ((path, since, "Boolean") for since in versions(vocabulary))
        elif kind == "list":
            yield from ((path, each, "Boolean") for each in words_of(path, vocabulary))
        else:
            types = {"number": "Decimal", "yes_no": "Boolean", "sweep": "Boolean"}
            yield path, "", types.get(kind, "String")


def versions(vocabulary: Vocabulary) -> list[str]:
    """Give the versions since which a question asks for more than before."""
    return sorted(set(vocabulary.widened.values()), key=version)


class _TextLedger:
    """The ledger in CQL: its Booleans are expressions that are true or false, never null."""

    true, false = "true", "false"

    def __init__(self, vocabulary: Vocabulary, version: str) -> None:
        self.vocabulary = vocabulary
        self.library = Library(TITLE, version, ABOUT)
        self.values: dict[str, str] = {}
        """The name of what is known of each operand so far."""
        self.words = {
            operand: words or ()
            for bare in vocabulary.entries
            for operand, words in vocabulary.operands(bare)
        }

    def written(self) -> str:
        for path, each, kind in answer_parameters(self.vocabulary):
            self.library.parameter(_answer(path, each), kind)
        Families(self.vocabulary, self).resolve()
        self.library.comment("What is known")
        for operand, found in self.values.items():
            self.library.define(operand, found)
        return self.library.text

    def all(self, parts: Iterable[str]) -> str:
        found = [part for part in parts if part != self.true]
        return self.false if self.false in found else every(found)

    def any(self, parts: Iterable[str]) -> str:
        found = [part for part in parts if part != self.false]
        return self.true if self.true in found else some(found)

    def swap(self, part: str) -> str:
        constants = {self.true: self.false, self.false: self.true}
        return constants.get(part, f"(not {part})")

    # -- what was answered ----------------------------------------------------------------------

    def given(self, path: str) -> str:
        entry = self.vocabulary[path]
        each = next(iter(entry.words)) if entry.type == "list" else ""
        return f"({name(_answer(path, each))} is not null)"

    def answered(self, path: str, each: str) -> str:
        kind = self.vocabulary[path].type
        if kind == "list":
            return f"({name(_answer(path, each))} is true)"
        return _is(name(_answer(path)), each, "Boolean" if kind == "yes_no" else "String")

    def asked_as_now(self, path: str) -> str:
        since = self.vocabulary.widened[without_side(path)[1]]
        return f"({name(_answer(ASKED_WITH, since))} is true)"

    def counts(self, need: str) -> str:
        return self.given(need)

    # -- what is known --------------------------------------------------------------------------

    def known(self, operand: str) -> str:
        return f"({self.values[operand]} is not null)"

    def is_word(self, operand: str, each: str) -> str:
        words = self.words[operand]
        return _is(self.values[operand], each, type_of(words)) if each in words else self.false

    def passes(self, operand: str, how: NumberComparison, threshold: int) -> str:
        sign = COMPARISONS[how].sign
        return f"(({self.values[operand]} {sign} {decimal(threshold)}) is true)"

    def unlike(self, here: str, there: str, *, turned: bool) -> str:
        second = f"-{self.values[there]}" if turned else self.values[there]
        return f"(({self.values[here]} != {second}) is true)"

    # -- what becomes known: by another name from here on ---------------------------------------

    def _now(self, operand: str, step: str, expression: str) -> None:
        self.values[operand] = self.library.define(f"{operand} {step}", expression)

    def _value(self, operand: str, each: str) -> str:
        boolean = type_of(self.words[operand]) == "Boolean"
        return ("true" if each == PRESENT else "false") if boolean else word(each)

    def copy(self, operand: str, path: str) -> None:
        self.values[operand] = name(_answer(path))

    def choose(self, operand: str, path: str, words: tuple[str, ...]) -> None:
        if self.vocabulary[path].type == "list":
            self.values[operand] = name(_answer(path, *words))
        else:
            answer = name(_answer(path))
            chosen = some(f"({answer} = {word(each)})" for each in words)
            self._now(operand, "recorded", chosen)

    def forget_absent(self, operand: str, when: str) -> None:
        absent = self.all([self.is_word(operand, ABSENT), when])
        self._now(operand, "read", f"if {absent} then null else {self.values[operand]}")

    def mirror(self, here: str, there: str) -> None:
        before = {operand: self.values[operand] for operand in (here, there)}
        for operand, source in ((here, there), (there, here)):
            turned = f"Coalesce({before[operand]}, -{before[source]})"
            self._now(operand, "mirrored", turned)

    def share(self, here: str, there: str) -> None:
        first, second = self.values[here], self.values[there]
        step = "once more" if f"{here} asked once" in self.library.names else "asked once"
        self._now(here, step, f"Coalesce({first}, {second})")
        self._now(there, step, f"Coalesce({second}, {first})")

    def fill(self, operand: str, each: str, why: Sources[str], origin: Origin, step: str) -> None:
        when = self.any(holds for holds, _ in why)
        told = f"if {when} then {self._value(operand, each)} else null"
        self._now(operand, step, f"Coalesce({self.values[operand]}, {told})")

    def overrule(
        self, operand: str, why: Sources[str], when: str, origin: Origin, step: str
    ) -> None:
        yes, before = self._value(operand, PRESENT), self.values[operand]
        self._now(operand, step, f"if {when} then {yes} else {before}")

    def doubt(
        self, kind: Doubt, path: str, when: str, name: str = "", why: Sources[str] = ()
    ) -> None:
        """A doubt changes no finding: it is not written down."""


def _is(value: str, each: str, kind: str) -> str:
    """Write that a value is a word: true or false, also where the value is null."""
    if kind == "Boolean":
        return f"({value} is {'true' if each == PRESENT else 'false'})"
    return f"(({value} = {word(each)}) is true)"


def _answer(path: str, each: str = "") -> str:
    return f"answer {path}.{each}" if each else f"answer {path}"
