"""What is known of every case of a part: the families of ``intake.findings``, as columns.

Written apart from the single case on purpose and kept equal to it by the tests: the same steps in
the same order, each for all rows at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from screening.cohort.algebra import Bits, Numbers, ever, every, not_, some, where
from screening.inference.meaning import Number, Value, Word
from screening.intake.findings import COMPARE
from screening.intake.vocabulary import (
    ABSENT,
    PRESENT,
    SIDES,
    Entry,
    NumberComparison,
    Vocabulary,
    other,
    without_side,
)


@dataclass
class Answered:
    """The accepted answers of one path: given, and for each word (or the number) its column."""

    given: Bits
    words: dict[str, Bits] = field(default_factory=dict)
    number: Numbers = 0


@dataclass
class Known:
    """What is known of one operand."""

    recorded: Bits = False
    words: dict[str, Bits] = field(default_factory=dict)
    number: Numbers = 0

    def value(self, words: tuple[str, ...] | None) -> Value[Bits]:
        """Give it as the walk reads it: not recorded may be any word."""
        if words is None:
            return Number(self.recorded, self.number, self.number)
        unknown = not_(self.recorded)
        can = {word: some([self.words.get(word, False), unknown]) for word in words}
        return Word(self.recorded, can, False)


Warned = tuple[str, str]
"""The path of a warning and its kind."""


class Resolver:
    """Works families out for all rows of a part."""

    def __init__(self, vocabulary: Vocabulary, answers: dict[str, Answered]) -> None:
        """Take the accepted answers of a part, by path."""
        self.vocabulary, self.answers = vocabulary, answers
        self.known: dict[str, Known] = {}
        self.words: dict[str, tuple[str, ...] | None] = {}
        self.recorded_present: dict[str, Bits] = {}
        self.warned: dict[Warned, Bits] = {}
        for bare in vocabulary.entries:
            for name, words in vocabulary.operands(bare):
                self.known[name], self.words[name] = Known(), words

    def resolve(self) -> dict[str, Value[Bits]]:
        """Give the value of every operand."""
        for path in self.vocabulary.all_paths:
            if path in self.answers:
                self._record(path, self.answers[path])
        self.recorded_present = {n: k.words.get(PRESENT, False) for n, k in self.known.items()}
        self._mirror()
        for path in self.vocabulary.all_paths:
            if self.vocabulary[path].type == "sweep" and path in self.answers:
                self._sweep(path)
        self._imply()
        owners = self.vocabulary.owners.items()
        for step in (self._open, self._close, self._summarise):
            for owner, details in owners:
                step(owner, details)
        return {name: known.value(self.words[name]) for name, known in self.known.items()}

    # -- recorded -------------------------------------------------------------------------------

    def _record(self, path: str, answered: Answered) -> None:
        entry = self.vocabulary[path]
        if entry.type == "number":
            self.known[path] = Known(answered.given, {}, answered.number)
            self._doubt(path, answered, entry)
        elif entry.type == "list":
            for word in entry.words:
                chosen = answered.words.get(word, False)
                words = {PRESENT: chosen, ABSENT: every([answered.given, not_(chosen)])}
                self.known[f"{path}.{word}"] = Known(answered.given, words)
        elif entry.type == "gate":
            for name in self._names(path):
                side, _ = without_side(name)
                positive = [PRESENT, "unsure", *([side] if side else [])]
                present = some(answered.words.get(word, False) for word in positive)
                words = {PRESENT: present, ABSENT: every([answered.given, not_(present)])}
                self.known[name] = Known(answered.given, words)
        elif entry.type in ("choice", "yes_no"):
            self.known[path] = Known(answered.given, dict(answered.words))

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _doubt(self, path: str, answered: Answered, entry: Entry) -> None:
        if entry.usual:
            low, high = entry.usual
            outside = some([answered.number < low, answered.number > high])
            self._warn(path, "unusual", every([answered.given, outside]))

    def _warn(self, path: str, kind: str, when: Bits) -> None:
        if ever(when):
            self.warned[path, kind] = some([self.warned.get((path, kind), False), when])

    def _know(self, name: str, word: str, when: Bits) -> None:
        """Answer an operand that is not recorded yet."""
        known = self.known[name]
        new = every([when, not_(known.recorded)])
        if ever(new):
            words = {**known.words, word: some([known.words.get(word, False), new])}
            self.known[name] = Known(some([known.recorded, new]), words)

    def _is(self, name: str, word: str) -> Bits:
        return self.known[name].words.get(word, False)

    def _mirror(self) -> None:
        for bare, entry in self.vocabulary.entries.items():
            if not entry.mirrored:
                continue
            before = {side: self.known[f"{side}.{bare}"] for side in SIDES}
            for side in SIDES:
                here, there = before[side], before[other(side)]
                turned: Numbers = -here.number
                missing = every([here.recorded, not_(there.recorded)])
                if ever(missing):
                    self.known[f"{other(side)}.{bare}"] = Known(
                        some([here.recorded, there.recorded]),
                        {},
                        where(missing, turned, there.number),
                    )
            left, right = before["left"], before["right"]
            differ = every([left.recorded, right.recorded, left.number != -right.number])
            self._warn(f"right.{bare}", "not_mirrored", differ)

    # -- sweeps ---------------------------------------------------------------------------------

    def _given(self, path: str) -> Bits:
        return self.answers[path].given if path in self.answers else False

    def _sweep(self, path: str) -> None:
        entry = self.vocabulary[path]
        side, _ = without_side(path)
        swept = self._given(path)
        answers = every([swept, *(self._given(need) for need in entry.needs)])
        self._warn(path, "needs", every([swept, not_(answers)]))
        for bare, answer in entry.answers.items():
            target = f"{side}.{bare}" if side else bare
            own = self._given(target)
            names = self._names(bare) if side is None else (target,)
            if target in self.answers:
                differs = not_(self.answers[target].words.get(answer, False))
                self._warn(target, "swept", every([answers, own, differs]))
            for each in names:
                self._know(each, answer, every([answers, not_(own)]))

    # -- families -------------------------------------------------------------------------------

    def _imply(self) -> None:
        for bare, entry in self.vocabulary.entries.items():
            for target, compared in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    name = f"{side}.{target}" if side else target
                    passes = self._passes(path, compared)
                    self._warn(name, "implied", every([passes, self._is(name, ABSENT)]))
                    self._know(name, PRESENT, passes)

    def _passes(self, path: str, compared: dict[NumberComparison, str]) -> Bits:
        known = self.known[path]
        if known.recorded is False:
            return False
        return every(
            [
                known.recorded,
                *(
                    COMPARE[how](known.number, self.vocabulary.thresholds[name].value)  # type: ignore[arg-type]
                    for how, name in compared.items()
                ),
            ]
        )

    def _details(self, detail: str, side: str | None) -> Iterator[str]:
        for name, _ in self.vocabulary.operands(detail):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name

    def _positive(self, name: str, detail: str) -> Bits:
        entry = self.vocabulary.entries[detail]
        if entry.type == "number":
            return self._passes(name, entry.positive) if entry.positive else False
        return self._is(name, PRESENT)

    def _open(self, owner: str, details: tuple[str, ...]) -> None:
        names = self._names(owner)
        for name in names:
            side, _ = without_side(name)
            person: list[Bits] = []
            leg: list[Bits] = []
            for detail in details:
                if self.vocabulary.entries[detail].circumstance:
                    continue
                for sign in self._details(detail, side):
                    scope = person if without_side(sign)[0] is None else leg
                    scope.append(self._positive(sign, detail))
            elsewhere = some(self.recorded_present[n] for n in names if n != name)
            own = some(leg)
            shared = every([some(person), not_(elsewhere)]) if side else some(person)
            opens = some([own, shared])
            if not ever(opens):
                continue
            absent = every([opens, self._is(name, ABSENT)])
            is_gate = owner in self.vocabulary.gates
            self._warn(owner if is_gate else name, "contradicted", absent)
            known = self.known[name]
            words = {
                PRESENT: some([known.words.get(PRESENT, False), opens]),
                ABSENT: every([known.words.get(ABSENT, False), not_(opens)]),
            }
            self.known[name] = Known(some([known.recorded, opens]), words)

    def _close(self, owner: str, details: tuple[str, ...]) -> None:
        names = self._names(owner)
        everywhere = every(self._is(name, ABSENT) for name in names)
        for name in names:
            side, _ = without_side(name)
            absent = self._is(name, ABSENT)
            for detail in details:
                entry = self.vocabulary.entries[detail]
                if entry.circumstance or entry.type not in ("yes_no", "list"):
                    continue
                for sign in self._details(detail, side):
                    shared = side and without_side(sign)[0] is None
                    self._know(sign, ABSENT, everywhere if shared else absent)

    def _summarise(self, owner: str, details: tuple[str, ...]) -> None:
        if owner in self.vocabulary.gates:
            return
        for name in self._names(owner):
            side, _ = without_side(name)
            signs = [sign for detail in details for sign in self._details(detail, side)]
            self._know(name, ABSENT, every(self._is(sign, ABSENT) for sign in signs))
