"""What is known of every case: the families of ``intake.findings``, as gates.

Written apart from the single case on purpose and kept equal to it by the tests: the same steps in
the same order, each laid out once for all cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from screening.algebra import Number, NumberComparison, Value, Word
from screening.cohort.circuit import FALSE, TRUE, Bits, Circuit, Numbers
from screening.intake.answers import words_of
from screening.intake.vocabulary import (
    ABSENT,
    ASKED_WITH,
    PRESENT,
    SIDES,
    Entry,
    Vocabulary,
    other,
    without_side,
)


@dataclass
class Answered:
    """The accepted answers of one path: given, and the gate of each word or the number."""

    given: Bits
    words: dict[str, Bits] = field(default_factory=dict)
    number: Numbers = 0


@dataclass
class Known:
    """What is known of one operand."""

    recorded: Bits = FALSE
    words: dict[str, Bits] = field(default_factory=dict)
    number: Numbers = 0


Warned = tuple[str, str]
"""The path of a warning and its kind."""


class Resolver:
    """Lays families out in a circuit."""

    def __init__(self, circuit: Circuit, vocabulary: Vocabulary) -> None:
        """Take the circuit to write in and the vocabulary that says which findings own others."""
        self.circuit, self.vocabulary = circuit, vocabulary
        self.answers = {path: self._answered(path) for path in vocabulary.all_paths}
        self.known: dict[str, Known] = {}
        self.before_sweeps: dict[str, Known] = {}
        self.words: dict[str, tuple[str, ...] | None] = {}
        self.recorded_present: dict[str, Bits] = {}
        self.warned: dict[Warned, Bits] = {}
        for bare in vocabulary.entries:
            for name, words in vocabulary.operands(bare):
                self.known[name], self.words[name] = Known(), words

    def _asked_as_now(self, path: str) -> Bits:
        """Tell whether a case was asked the question as it is now; older ones asked for less."""
        since = self.vocabulary.widened.get(without_side(path)[1])
        return TRUE if since is None else self.circuit.given(ASKED_WITH, since)

    def _answered(self, path: str) -> Answered:
        kind = self.vocabulary[path].type
        if kind == "number":
            return Answered(self.circuit.given(path), {}, self.circuit.number(path))
        words = {word: self.circuit.given(path, word) for word in words_of(path, self.vocabulary)}
        if kind in ("list", "text", "date"):
            return Answered(self.circuit.given(path), words)
        return Answered(self.circuit.some(words.values()), words)

    def resolve(self) -> dict[str, Value[Bits]]:
        """Give the value of every operand."""
        for path, answered in self.answers.items():
            self._record(path, answered)
        self.recorded_present = {n: k.words.get(PRESENT, FALSE) for n, k in self.known.items()}
        self._mirror()
        self._ask_once()
        self.before_sweeps = dict(self.known)
        for path in self.answers:
            if self.vocabulary[path].type == "sweep":
                self._sweep(path)
        self._imply()
        owners = list(self.vocabulary.owners.items())
        for owner, details in owners:
            self._open(owner, details)
        for owner, details in reversed(owners):
            self._close(owner, details)
        self._ask_once()
        for owner, details in owners:
            self._summarise(owner, details)
        return {name: self._value(known, self.words[name]) for name, known in self.known.items()}

    def _value(self, known: Known, words: tuple[str, ...] | None) -> Value[Bits]:
        """Give an operand as the walk reads it: not recorded may be any word."""
        if words is None:
            return Number(known.recorded, known.number, known.number)
        unknown = self.circuit.swap(known.recorded)
        can = {w: self.circuit.some([known.words.get(w, FALSE), unknown]) for w in words}
        return Word(known.recorded, can, FALSE)

    def _but_not(self, part: Bits, without: Bits) -> Bits:
        return self.circuit.every([part, self.circuit.swap(without)])

    # -- recorded -------------------------------------------------------------------------------

    def _record(self, path: str, answered: Answered) -> None:
        entry = self.vocabulary[path]
        if entry.type == "number":
            self.known[path] = Known(answered.given, {}, answered.number)
            self._doubt(path, answered, entry)
        elif entry.type == "list":
            for word in entry.words:
                chosen = answered.words[word]
                words = {PRESENT: chosen, ABSENT: self._but_not(answered.given, chosen)}
                self.known[f"{path}.{word}"] = Known(answered.given, words)
        elif entry.type == "gate":
            for name in self._names(path):
                side, _ = without_side(name)
                positive = [PRESENT, "unsure", *([side] if side else [])]
                present = self.circuit.some(answered.words[word] for word in positive)
                absent = self._but_not(answered.given, present)
                self._read(name, {PRESENT: present, ABSENT: absent}, path)
        elif entry.type in ("choice", "yes_no"):
            self._read(path, dict(answered.words), path)

    def _read(self, name: str, words: dict[str, Bits], path: str) -> None:
        """Read words, but no absent to a question that asks for more by now."""
        asked = self._asked_as_now(path)
        if asked is not TRUE:
            self._warn(path, "asked_for_less", self._but_not(words[ABSENT], asked))
            words[ABSENT] = self.circuit.every([words[ABSENT], asked])
        self.known[name] = Known(self.circuit.some(words.values()), words)

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _doubt(self, path: str, answered: Answered, entry: Entry) -> None:
        if entry.usual:
            low, high = entry.usual
            below = self.circuit.compare(answered.number, "below", low)
            above = self.circuit.compare(answered.number, "above", high)
            outside = self.circuit.some([below, above])
            self._warn(path, "unusual", self.circuit.every([answered.given, outside]))

    def _warn(self, path: str, kind: str, when: Bits) -> None:
        if when != FALSE:
            before = self.warned.get((path, kind), FALSE)
            self.warned[path, kind] = self.circuit.some([before, when])

    def _know(self, name: str, word: str, when: Bits) -> None:
        """Answer an operand that is not recorded yet."""
        known = self.known[name]
        new = self._but_not(when, known.recorded)
        words = {**known.words, word: self.circuit.some([known.words.get(word, FALSE), new])}
        self.known[name] = Known(self.circuit.some([known.recorded, new]), words)

    def _is(self, name: str, word: str) -> Bits:
        return self.known[name].words.get(word, FALSE)

    def _mirror(self) -> None:
        for bare, entry in self.vocabulary.entries.items():
            if not entry.mirrored:
                continue
            before = {side: self.known[f"{side}.{bare}"] for side in SIDES}
            turned = {side: self.circuit.minus(0, before[side].number) for side in SIDES}
            for side in SIDES:
                here, there = before[side], before[other(side)]
                missing = self._but_not(here.recorded, there.recorded)
                self.known[f"{other(side)}.{bare}"] = Known(
                    self.circuit.some([here.recorded, there.recorded]),
                    {},
                    self.circuit.where(missing, turned[side], there.number),
                )
            gap = self.circuit.minus(before["left"].number, turned["right"])
            unlike = [self.circuit.compare(gap, how, 0) for how in ("below", "above")]
            both = [before[side].recorded for side in SIDES]
            differ = self.circuit.every([*both, self.circuit.some(unlike)])
            self._warn(f"right.{bare}", "not_mirrored", differ)

    def _ask_once(self) -> None:
        for here, there in self.vocabulary.asked_once:
            before = {path: self.known[path] for path in (here, there)}
            for path, source in ((here, there), (there, here)):
                for word, given in before[source].words.items():
                    self._know(path, word, given)
            words = self.words[here] or ()
            same = self.circuit.some(
                self.circuit.every([self._is(here, word), self._is(there, word)]) for word in words
            )
            both = self.circuit.every(known.recorded for known in before.values())
            self._warn(here, "asked_twice", self._but_not(both, same))

    # -- sweeps ---------------------------------------------------------------------------------

    def _sweep(self, path: str) -> None:
        entry = self.vocabulary[path]
        side, _ = without_side(path)
        swept = self.answers[path].given
        answers = self.circuit.every([swept, *(self.answers[need].given for need in entry.needs)])
        self._warn(path, "needs", self._but_not(swept, answers))
        for bare, answer in entry.answers.items():
            target = f"{side}.{bare}" if side else bare
            own = self.answers[target]
            names = self._names(bare) if side is None else (target,)
            differs = self._but_not(own.given, own.words[answer])
            self._warn(target, "swept", self.circuit.every([answers, differs]))
            alone = self._but_not(answers, own.given)
            if answer == ABSENT and (asked := self._asked_as_now(bare)) is not TRUE:
                self._warn(target, "asked_for_less", self._but_not(alone, asked))
                alone = self.circuit.every([alone, asked])
            for each in names:
                self._know(each, answer, alone)

    # -- families -------------------------------------------------------------------------------

    def _imply(self) -> None:
        for bare, entry in self.vocabulary.entries.items():
            for target, compared in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    name = f"{side}.{target}" if side else target
                    self._imply_one(name, self._passes(path, compared))

    def _imply_one(self, name: str, passes: Bits) -> None:
        """Let a number win over a sweep, not over the finding's own answer."""
        own = self.before_sweeps[name]
        stands = self.circuit.every([passes, own.words.get(ABSENT, FALSE)])
        wins = self._but_not(passes, own.recorded)
        self._warn(name, "implied", stands)
        self._warn(name, "contradicted", self.circuit.every([wins, self._is(name, ABSENT)]))
        self._make_present(name, wins)

    def _passes(self, path: str, compared: dict[NumberComparison, str]) -> Bits:
        known, thresholds = self.known[path], self.vocabulary.thresholds
        passes = (
            self.circuit.compare(known.number, how, thresholds[name].value)
            for how, name in compared.items()
        )
        return self.circuit.every([known.recorded, *passes])

    def _details(self, detail: str, side: str | None) -> Iterator[str]:
        for name, _ in self.vocabulary.operands(detail):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name

    def _positive(self, name: str, detail: str) -> Bits:
        entry = self.vocabulary.entries[detail]
        if entry.type == "number":
            return self._passes(name, entry.positive) if entry.positive else FALSE
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
            elsewhere = self.circuit.some(self.recorded_present[n] for n in names if n != name)
            own = self.circuit.some(leg)
            shared = self.circuit.some(person)
            if side:
                shared = self._but_not(shared, elsewhere)
            opens = self.circuit.some([own, shared])
            absent = self.circuit.every([opens, self._is(name, ABSENT)])
            is_gate = owner in self.vocabulary.gates
            self._warn(owner if is_gate else name, "contradicted", absent)
            self._make_present(name, opens)

    def _make_present(self, name: str, when: Bits) -> None:
        """Make an operand present, whatever had been answered."""
        words = {
            PRESENT: self.circuit.some([self._is(name, PRESENT), when]),
            ABSENT: self._but_not(self._is(name, ABSENT), when),
        }
        self.known[name] = Known(self.circuit.some([self.known[name].recorded, when]), words)

    def _close(self, owner: str, details: tuple[str, ...]) -> None:
        names = self._names(owner)
        everywhere = self.circuit.every(self._is(name, ABSENT) for name in names)
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
            self._know(name, ABSENT, self.circuit.every(self._is(sign, ABSENT) for sign in signs))
