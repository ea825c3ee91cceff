"""Which question comes next: gates first, then pain, then both legs; no terminal in here.

An interview is a pure function of the answers so far, so going back is taking an answer away. The
order is that of the vocabulary. Follow-ups are asked only where they matter: details once their
gate or summary is present, and what an entry's ``asked_when`` names. A test that an open or
present flag could block is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from screening.algebra import NumberComparison, compare
from screening.intake.answers import Answer, reader, words_of
from screening.intake.case import Case, as_typed
from screening.intake.findings import Reading, gather
from screening.intake.thresholds import UNITS
from screening.intake.vocabulary import ASKED_WITH, PRESENT, SIDES, Vocabulary, without_side

Blocked = Callable[[Case], frozenset[str]]
"""Gives the paths of tests that an open or present flag could block."""

Readings = Mapping[str, Reading]
Said = str | dict[NumberComparison, str]
"""What must have been heard of a finding: a word, or a number past a threshold."""


@dataclass
class Interview:
    """The answers so far, what was passed over, and the question that comes next.

    ``core`` are the operands on which a verdict or a flag rests; all others are asked only if the
    clinician wants further tests.
    """

    vocabulary: Vocabulary
    core: frozenset[str]
    blocked: Blocked
    further: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The case as answered so far."""
        name = str(self.answers.get("case_id", "case"))
        return Case(name, {}).with_answers(self.answers, self.vocabulary)

    def next(self) -> str | None:
        """Give the path of the next question, or None when all are asked."""
        blocked = self.blocked(self.case)
        done = {*self.asked, *self._answered_elsewhere()}
        return next((p for p in self.questions() if p not in done and p not in blocked), None)

    def _answered_elsewhere(self) -> Iterator[str]:
        """Give the questions that ask what was answered already."""
        for here, there in self.vocabulary.asked_once:
            if here in self.answers:
                yield there
            if there in self.answers:
                yield here

    def answer(self, path: str, typed: str) -> None:
        """Record what was typed; an empty answer is "not tested".

        Raises:
            ValueError: in a clinician's words, if it cannot be the answer.
        """
        value = self.read(path, typed)
        if path not in self.asked:
            self.asked.append(path)
        if value is None:
            self.answers.pop(path, None)
        else:
            self.answers[path] = value

    def read(self, path: str, typed: str) -> Answer | None:
        """Read what was typed: a word, its number in the list, or a figure."""
        from screening.numbers import number

        text = typed.strip()
        if not text:
            return None
        entry, words = self.vocabulary[path], self.choices(path)
        if entry.type == "list":
            parts = [self._word(part, words) for part in text.replace(",", " ").split()]
            return reader(path, self.vocabulary)(parts)
        if words:
            return reader(path, self.vocabulary)(self._word(text, words))
        if entry.type == "number":
            try:
                return reader(path, self.vocabulary)(number(text.replace(",", ".")))
            except ArithmeticError:
                raise ValueError("a plain number is expected, such as 6.5.") from None
            except ValueError as error:
                if "invalid literal" in str(error):
                    raise ValueError("a plain number is expected, such as 6.5.") from None
                raise
        return reader(path, self.vocabulary)(text)

    def choices(self, path: str) -> tuple[str, ...]:
        """Give the words of a question, in the order in which they are numbered."""
        return words_of(path, self.vocabulary)

    def _word(self, text: str, words: tuple[str, ...]) -> str:
        if text.isdigit() and 1 <= int(text) <= len(words):
            return words[int(text) - 1]
        near = [word for word in words if word.startswith(text.lower())]
        return near[0] if len(near) == 1 else text

    def back(self) -> str | None:
        """Take the last question back; give its path."""
        if not self.asked:
            return None
        path = self.asked.pop()
        self.answers.pop(path, None)
        return path

    # -- the order of questions -------------------------------------------------------------------

    def questions(self) -> Iterator[str]:
        """Give every question that matters for the answers so far, in the order of asking."""
        readings = gather(self.case, self.vocabulary).readings
        gates_asked = False
        for path in self._of("person"):
            if self.vocabulary.entries[path].type == "gate":
                if not gates_asked:
                    yield from self._gates(readings)
                gates_asked = True
            elif path != ASKED_WITH and not self._follows(path):
                yield path
                yield from self._details(path, readings)
        leg = [path for path in self._of("leg") if not self._gate_detail(path)]
        # What decides about other questions is asked of both legs before them.
        openers = {name for path in leg for name in self.vocabulary.entries[path].asked_when}
        for first in (True, False):
            for side in SIDES:
                for path in leg:
                    if (path in openers) == first and self._matters(side, path, readings):
                        yield f"{side}.{path}"

    def _of(self, scope: str) -> list[str]:
        entries = self.vocabulary.entries.items()
        return [path for path, entry in entries if entry.of == scope and self._wanted(path)]

    def _wanted(self, path: str) -> bool:
        if self.vocabulary.entries[path].type in ("sweep", "text", "date", "gate"):
            return True
        names = [name for name, _ in self.vocabulary.operands(path)]
        first = path in self.vocabulary.about_the_case
        return self.further or first or any(name in self.core for name in names)

    def _follows(self, path: str) -> bool:
        """Tell whether a question is asked only after another: a detail, a sweep or its needs."""
        entry = self.vocabulary.entries[path]
        needed = {need for each in self.vocabulary.entries.values() for need in each.needs}
        return bool(entry.family) or entry.type == "sweep" or path in needed

    def _gates(self, readings: Readings) -> Iterator[str]:
        sweep = next(p for p, e in self.vocabulary.entries.items() if e.type == "sweep" and e.needs)
        needs = self.vocabulary.entries[sweep].needs
        for gate in self.vocabulary.gates:
            if self.vocabulary.entries[gate].one_by_one:
                yield gate
                yield from self._details(gate, readings)
        yield sweep
        if sweep in self.answers:
            yield from needs
        for gate in self.vocabulary.gates:
            if not self.vocabulary.entries[gate].one_by_one:
                if sweep not in self.answers:
                    yield gate
                yield from self._details(gate, readings)

    def _details(self, owner: str, readings: Readings) -> Iterator[str]:
        """Give the details of a gate or summary that is present; circumstances last."""
        details = self.vocabulary.owners.get(owner, ())
        for circumstance in (False, True):
            for detail in details:
                entry = self.vocabulary.entries[detail]
                if entry.circumstance != circumstance or detail in self.vocabulary.gates:
                    continue
                for path in self.vocabulary.paths(detail):
                    side, _ = without_side(path)
                    names = [owner, f"{side}.{owner}", *(f"{s}.{owner}" for s in SIDES if not side)]
                    opened = any(readings.get(name) == frozenset({PRESENT}) for name in names)
                    also = any(self._all_heard(None, said) for said in entry.asked_also)
                    if (opened or also) and self._all_heard(side, entry.asked_when):
                        yield path

    def _gate_detail(self, path: str) -> bool:
        return any(owner in self.vocabulary.gates for owner in self.vocabulary.entries[path].family)

    def _matters(self, side: str, path: str, readings: Readings) -> bool:
        """Tell whether a question of a leg matters: its owner and ``asked_when`` hold, no sweep."""
        entry = self.vocabulary.entries[path]
        entries = self.vocabulary.entries
        owners = [f"{side}.{o}" if entries[o].of == "leg" else o for o in entry.family]
        return (
            all(readings.get(owner) == frozenset({PRESENT}) for owner in owners)
            and self._all_heard(side, entry.asked_when)
            and not any(
                path in self.vocabulary[each].answers
                for each in self.answers
                if without_side(each)[0] == side
            )
        )

    def _all_heard(self, side: str | None, said: Mapping[str, Said]) -> bool:
        return all(self._heard(side, name, what) for name, what in said.items())

    def _heard(self, side: str | None, name: str, said: Said) -> bool:
        """Tell whether an answer was heard, of this leg; without a side, of any."""
        if self.vocabulary.entries[name].of == "person":
            return self._is_heard(name, said)
        return any(self._is_heard(f"{s}.{name}", said) for s in ((side,) if side else SIDES))

    def _is_heard(self, path: str, said: Said) -> bool:
        answer = self.answers.get(path)
        if isinstance(said, str):
            return said in answer if isinstance(answer, tuple) else answer == said
        thresholds = self.vocabulary.thresholds
        return isinstance(answer, int) and all(
            compare(answer, how, thresholds[threshold].value) for how, threshold in said.items()
        )

    def introduction(self, path: str) -> list[str]:
        """Give what is read out before a sweep is answered: every question that it answers."""
        answers = self.vocabulary[path].answers
        return [self.vocabulary.entries[name].question for name in answers]

    def is_settled(self, path: str) -> bool:
        """Tell whether nothing that is still to be asked could take a doubt about a path away."""
        ahead = set(self.questions()) - set(self.asked)
        needs = self.vocabulary[path].needs if path in self.vocabulary else ()
        return path not in ahead and not ahead.intersection(needs)

    def said(self, path: str) -> str:
        """Say an answer as it was typed, with the leg in capitals and the unit."""
        side, _ = without_side(path)
        value = as_typed(path, self.answers[path], self.vocabulary)
        words = value if isinstance(value, list) else [value]
        entry = self.vocabulary[path]
        unit = UNITS.get(entry.unit, f" {entry.unit}") if entry.type == "number" else ""
        return (
            f"{f'{side.upper()} ' if side else ''}{entry.title}: {', '.join(map(str, words))}{unit}"
        )

    def prompt(self, path: str) -> str:
        """Say a question: the leg in capitals, the unit, the words with their numbers."""
        side, _ = without_side(path)
        entry = self.vocabulary[path]
        leg = f"{side.upper()} leg. " if side else ""
        unit = UNITS.get(entry.unit, f" {entry.unit}").strip() if entry.type == "number" else ""
        words = "  ".join(f"{i} {word}" for i, word in enumerate(self.choices(path), 1))
        extra = f" [{words or unit}]" if words or unit else ""
        blocked = {without_side(test)[1] for test in self.blocked(self.case)}
        return f"{leg}{entry.asked(blocked)}{extra}"
