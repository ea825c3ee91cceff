"""What answers answer beside themselves, as a second CQL library: families and sweeps.

Raw answers are its parameters; each operand of the logic is one of its defines. It writes the steps
of ``intake.findings`` down, in the same order, once for all cases: every operand has a name for
what is known of it so far, and a step that can tell more gives it another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.algebra import COMPARISONS, NumberComparison
from screening.exchange.cql.syntax import Library, decimal, every, name, some, type_of, word
from screening.intake.answers import words_of
from screening.intake.replaces import version
from screening.intake.vocabulary import (
    ABSENT,
    ASKED_WITH,
    PRESENT,
    SIDES,
    Vocabulary,
    other,
    without_side,
)
from screening.rulebase.base import RuleBase

TITLE = "CalfHipIntake"
ABOUT = """\
Screening for calf-driven hip pain: from raw answers to findings.
Written by a program: change the rules, not this.
A parameter "answer PATH" is an answer as it is given; what was not answered is left out.
Each define "PATH" is what is known then: give all of them to CalfHipScreening, as parameters."""


def intake_library(base: RuleBase) -> str:
    """Give the library of a rule base."""
    return _Intake(base.vocabulary, base.version).written()


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


class _Intake:
    def __init__(self, vocabulary: Vocabulary, version: str) -> None:
        self.vocabulary = vocabulary
        self.library = Library(TITLE, version, ABOUT)
        self.known: dict[str, str] = {}
        self.before_sweeps: dict[str, str] = {}
        self.words = {
            operand: words or ()
            for bare in vocabulary.entries
            for operand, words in vocabulary.operands(bare)
        }

    def written(self) -> str:
        for path, each, kind in answer_parameters(self.vocabulary):
            self.library.parameter(_answer(path, each), kind)
        self._record()
        self._mirror()
        self._ask_once("asked once")
        self.before_sweeps = dict(self.known)
        self._sweep()
        self._imply()
        owners = list(self.vocabulary.owners.items())
        for owner, details in owners:
            self._open(owner, details)
        for owner, details in reversed(owners):
            self._close(owner, details)
        self._ask_once("once more")
        for owner, details in owners:
            self._summarise(owner, details)
        self.library.comment("What is known")
        for operand, found in self.known.items():
            self.library.define(operand, found)
        return self.library.text

    # -- pieces -----------------------------------------------------------------------------------

    def _is(self, operand: str, each: str) -> str:
        """Write that an operand has a word; null where it is not known."""
        words, found = self.words[operand], self.known[operand]
        if each not in words:
            return "false"
        if type_of(words) == "Boolean":
            return found if each == PRESENT else f"(not {found})"
        return f"({found} = {word(each)})"

    def _value(self, operand: str, each: str) -> str:
        boolean = type_of(self.words[operand]) == "Boolean"
        return ("true" if each == PRESENT else "false") if boolean else word(each)

    def _now(self, operand: str, step: str, expression: str) -> None:
        """Let an operand be known by another name from here on."""
        self.known[operand] = self.library.define(f"{operand} {step}", expression)

    def _fill(self, operand: str, step: str, when: Iterable[str], each: str) -> None:
        """Answer an operand that is not known yet, where one of the reasons is true."""
        told = f"if ({some(when)}) is true then {self._value(operand, each)} else null"
        self._now(operand, step, f"Coalesce({self.known[operand]}, {told})")

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _details(self, detail: str, side: str | None) -> Iterator[str]:
        for operand, _ in self.vocabulary.operands(detail):
            at, _ = without_side(operand)
            if side is None or at is None or at == side:
                yield operand

    # -- answers, legs that mirror each other, sweeps ---------------------------------------------

    def _record(self) -> None:
        for path in self.vocabulary.all_paths:
            kind = self.vocabulary[path].type
            answer = name(_answer(path))
            if kind == "gate":
                for operand in self._names(path):
                    side, _ = without_side(operand)
                    yes = [PRESENT, "unsure", *([side] if side else [])]
                    said = some(f"({answer} = {word(w)})" for w in yes)
                    self._now(operand, "recorded", said)
                    self._read(operand, path)
            elif kind == "list":
                for each in words_of(path, self.vocabulary):
                    self.known[f"{path}.{each}"] = name(_answer(path, each))
            elif path in self.words:
                self.known[path] = answer
                self._read(path, path)

    def _asked(self, path: str) -> str:
        """Write that the question was asked as it is now; older ones asked for less."""
        since = self.vocabulary.widened.get(without_side(path)[1])
        return "true" if since is None else f"({name(_answer(ASKED_WITH, since))} is true)"

    def _read(self, operand: str, path: str) -> None:
        """Read an answer, but no absent to a question that asks for more by now."""
        asked, found = self._asked(path), self.known[operand]
        if asked != "true":
            absent = f"({self._is(operand, ABSENT)} is true)"
            unread = f"if ({absent} and not {asked}) then null else {found}"
            self._now(operand, "read", unread)

    def _mirror(self) -> None:
        """A difference between the legs, answered for one, holds for the other, sign turned."""
        for bare, entry in self.vocabulary.entries.items():
            if entry.mirrored:
                before = {side: self.known[f"{side}.{bare}"] for side in SIDES}
                for side in SIDES:
                    turned = f"Coalesce({before[side]}, -{before[other(side)]})"
                    self._now(f"{side}.{bare}", "mirrored", turned)

    def _ask_once(self, step: str) -> None:
        """Of two questions that ask the same, the answer to one answers the other."""
        for here, there in self.vocabulary.asked_once:
            first, second = self.known[here], self.known[there]
            self._now(here, step, f"Coalesce({first}, {second})")
            self._now(there, step, f"Coalesce({second}, {first})")

    def _sweep(self) -> None:
        for path in self.vocabulary.all_paths:
            entry = self.vocabulary[path]
            if entry.type != "sweep":
                continue
            side, _ = without_side(path)
            needs = (f"({name(_answer(need))} is not null)" for need in entry.needs)
            swept = self.library.define(f"{path} answers", every([name(_answer(path)), *needs]))
            for bare, answer in entry.answers.items():
                target = f"{side}.{bare}" if side else bare
                alone = [swept, f"({name(_answer(target))} is null)"]
                if answer == ABSENT:
                    alone.append(self._asked(target))
                for operand in (target,) if side else self._names(bare):
                    self._fill(operand, f"after {path}", [every(alone)], answer)

    # -- numbers that answer, families ------------------------------------------------------------

    def _imply(self) -> None:
        for bare, entry in self.vocabulary.entries.items():
            for target, compared in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    operand = f"{side}.{target}" if side else target
                    # It wins over a sweep, not over the finding's own answer.
                    own = f"({self.before_sweeps[operand]} is null)"
                    wins = every([f"({self._passes(path, compared)} is true)", own])
                    yes, before = self._value(operand, PRESENT), self.known[operand]
                    self._now(operand, f"after {path}", f"if {wins} then {yes} else {before}")

    def _passes(self, path: str, compared: dict[NumberComparison, str]) -> str:
        limits = self.vocabulary.thresholds
        return every(
            f"({self.known[path]} {COMPARISONS[how].sign} {decimal(limits[threshold].value)})"
            for how, threshold in compared.items()
        )

    def _positive(self, operand: str, detail: str) -> str:
        entry = self.vocabulary.entries[detail]
        if entry.type == "number":
            return self._passes(operand, entry.positive) if entry.positive else "false"
        return self._is(operand, PRESENT)

    def _open(self, owner: str, details: tuple[str, ...]) -> None:
        """A positive sign makes its gate or summary present, whatever had been answered."""
        names = self._names(owner)
        for operand in names:
            side, _ = without_side(operand)
            person: list[str] = []
            leg: list[str] = []
            for detail in details:
                if not self.vocabulary.entries[detail].circumstance:
                    for sign in self._details(detail, side):
                        scope = leg if without_side(sign)[0] else person
                        scope.append(f"({self._positive(sign, detail)} is true)")
            elsewhere = [self._recorded(each) for each in names if each != operand]
            if side and person and elsewhere:
                # A sign of the person does not open the second leg of a gate answered for one.
                person = [f"({some(person)} and not ({some(elsewhere)}))"]
            opens, before = some([*leg, *person]), self.known[operand]
            if opens != "false":
                yes = self._value(operand, PRESENT)
                self._now(operand, f"with {owner}", f"if {opens} then {yes} else {before}")

    def _recorded(self, operand: str) -> str:
        """Write that the answer itself says present, whatever was concluded since."""
        bare = without_side(operand)[1]
        if bare in self.vocabulary.gates:
            return f"({name(f'{operand} recorded')} is true)"
        return f"({name(_answer(operand))} is true)"

    def _close(self, owner: str, details: tuple[str, ...]) -> None:
        """An absent gate or summary answers its unrecorded signs absent."""
        names = self._names(owner)
        absent = {operand: f"({self._is(operand, ABSENT)} is true)" for operand in names}
        reasons: dict[str, list[str]] = {}
        for operand in names:
            side, _ = without_side(operand)
            for detail in details:
                entry = self.vocabulary.entries[detail]
                if entry.circumstance or entry.type not in ("yes_no", "list"):
                    continue
                for sign in self._details(detail, side):
                    shared = side and without_side(sign)[0] is None
                    why = every(absent.values()) if shared else absent[operand]
                    reasons.setdefault(sign, []).append(why)
        for sign, found in reasons.items():
            self._fill(sign, f"without {owner}", found, ABSENT)

    def _summarise(self, owner: str, details: tuple[str, ...]) -> None:
        """Details all absent answer a summary absent, never a gate."""
        if owner in self.vocabulary.gates:
            return
        for operand in self._names(owner):
            side, _ = without_side(operand)
            signs = [sign for detail in details for sign in self._details(detail, side)]
            none = every(self._is(sign, ABSENT) for sign in signs)
            self._fill(operand, "summed up", [none], ABSENT)


def _answer(path: str, each: str = "") -> str:
    return f"answer {path}.{each}" if each else f"answer {path}"
