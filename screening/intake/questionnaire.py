"""The one form to fill: what is asked, in which order and position, and when it matters.

The interview in the terminal, the page, the REDCap dictionary, templates of tables and exchange
formats all read it; none of them knows a gate, a side or a word list. It is computed from the
vocabulary, and from the blocks that are handed to it. The order is that of an examination: who,
the red flags, then talk, stand, walk and couch, both legs at each.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from screening.algebra import NumberComparison
from screening.intake.answers import words_of
from screening.intake.branching import Condition, Said, all_of, any_of
from screening.intake.vocabulary import (
    ANSWERED,
    POSITIONS,
    PRESENT,
    SIDES,
    Entry,
    Position,
    Type,
    Vocabulary,
    without_side,
)

Heard = str | dict[NumberComparison, str]
"""What must have been heard: a word, a number past a threshold, or any answer."""

UNSURE = "unsure"
NONE_OF_THESE = "none_of_these"
"""The answer that none of the words of a list applies; an empty list in a case file."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form, of one leg or of the person."""

    path: str
    side: str | None
    kind: Type
    title: str
    question: str
    brief: str
    """The question in few words; the whole of it where there are none."""
    otherwise: tuple[tuple[tuple[str, ...], str], ...]
    """Other words, each with the tests (full paths) of which one that is blocked calls for them."""
    words: dict[str, str]
    """What may be answered, each word with how it is said; empty for numbers, texts and dates."""
    unit: str
    limits: tuple[int, int] | None
    """The least and the most that can be, in hundredths; anything else is refused."""
    usual: tuple[int, int] | None
    whole: bool
    help: str
    section: str
    """The heading it stands under: of a detail, the title of what owns it."""
    position: Position
    """The position of the patient in which it is asked."""
    minutes: int
    equipment: tuple[str, ...]
    shown_when: Condition
    blocked_by: tuple[str, ...]
    """What could forbid the test, as it is said; empty for a question."""
    one_by_one: bool = False
    owners: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    """Of a sweep: the full paths that it answers, and the word it gives them."""
    needs: tuple[str, ...] = ()
    """What must be answered beside it, or it answers nothing."""
    same_as: str = ""
    heading: str = ""
    """How the head of a report says it; empty if it does not."""
    further: bool = False
    """Whether it is asked with the further tests only."""

    def asked(self, blocked: Container[str] = ()) -> str:
        """Say the question, in other words while a test that they name is blocked."""
        for tests, words in self.otherwise:
            if any(test in blocked for test in tests):
                return words
        return self.question

    def said_briefly(self, blocked: Container[str] = ()) -> str:
        """Say the question in few words, unless other words are called for."""
        asked = self.asked(blocked)
        return self.brief if asked == self.question else asked


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """All questions, in the order of asking.

    ``blocks`` gives for the path of a test (without a side) what could forbid it, as it is said.
    """

    vocabulary: Vocabulary
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order of asking."""
        return tuple(self._question(path) for path in self._order())

    @cached_property
    def by_path(self) -> dict[str, Question]:
        """Every question by its path."""
        return {question.path: question for question in self.questions}

    def __getitem__(self, path: str) -> Question:
        """Give the question of a path."""
        return self.by_path[path]

    # -- the order --------------------------------------------------------------------------------

    def _order(self) -> Iterator[str]:
        """Who, the gates with their details, then by position; the left leg before the right."""
        entries = self.vocabulary.entries
        given: set[str] = set()
        for bare in (*self.vocabulary.about_the_case, *self._red_flags()):
            if bare not in given:
                given.add(bare)
                yield from self.vocabulary.paths(bare)
        for position in POSITIONS:
            for bare in entries:
                if bare not in given and bare not in self._waiting and self._at(bare) == position:
                    yield from self.vocabulary.paths(bare)
                    for swept in (s for s, sweep in self._waiting.items() if sweep == bare):
                        yield from self.vocabulary.paths(swept)

    @cached_property
    def _waiting(self) -> dict[str, str]:
        """Tests that a sweep of a later position answers too: they wait for it."""
        entries = self.vocabulary.entries
        return {
            bare: sweep
            for sweep, each in entries.items()
            for bare in each.answers
            if each.of == "leg"
            and POSITIONS[0] != entries[bare].position != each.position
            and POSITIONS.index(entries[bare].position) < POSITIONS.index(each.position)
        }

    def _at(self, bare: str) -> Position:
        return self.vocabulary.entries[self._waiting.get(bare, bare)].position

    def _red_flags(self) -> Iterator[str]:
        """Give the gates: those that are asked alone, the sweep with its needs, then the others."""
        entries, owners = self.vocabulary.entries, self.vocabulary.owners
        alone = [gate for gate in self.vocabulary.gates if entries[gate].one_by_one]
        for gate in alone:
            yield gate
            yield from self._of_a_gate(owners.get(gate, ()))
        for bare, entry in entries.items():
            if entry.type == "sweep" and entry.of == "person":
                yield bare
                yield from entry.needs
        for gate in self.vocabulary.gates:
            if gate not in alone:
                yield gate
                yield from self._of_a_gate(owners.get(gate, ()))

    def _of_a_gate(self, details: tuple[str, ...]) -> Iterator[str]:
        """Give the details of a gate, circumstances last; those that are examined wait."""
        for circumstance in (False, True):
            for bare in details:
                if self.vocabulary.entries[bare].circumstance == circumstance:
                    yield bare

    # -- one question -----------------------------------------------------------------------------

    def _question(self, path: str) -> Question:
        side, bare = without_side(path)
        entry = self.vocabulary.entries[bare]
        words = words_of(path, self.vocabulary)
        return Question(
            path=path,
            side=side,
            kind=entry.type,
            title=entry.title,
            question=entry.asked(),
            brief=entry.brief or entry.asked(),
            otherwise=tuple(
                (tuple(self._near(test, side) for test in other.when), other.question)
                for other in entry.otherwise
            ),
            words={word: entry.says.get(word, word) for word in words},
            unit=entry.unit,
            limits=entry.hard,
            usual=entry.usual,
            whole=entry.whole,
            help=" ".join(filter(None, (entry.note, entry.refused_hint))),
            section=self._section(entry),
            position=self._at(bare),
            minutes=entry.minutes,
            equipment=entry.equipment,
            shown_when=self._shown_when(bare, side),
            blocked_by=self.blocks.get(bare, ()),
            one_by_one=entry.one_by_one,
            owners=tuple(self._near(owner, side) for owner in entry.family),
            answers={self._near(name, side): word for name, word in entry.answers.items()},
            needs=tuple(self._near(name, side) for name in entry.needs),
            same_as=self._near(entry.same_as, side) if entry.same_as else "",
            heading=entry.heading,
            further=entry.further,
        )

    def _near(self, bare: str, side: str | None) -> str:
        """Give the full path of a finding, of the same leg if it is one of a leg."""
        return f"{side}.{bare}" if self.vocabulary.entries[bare].of == "leg" else bare

    def _section(self, entry: Entry) -> str:
        owned = [self.vocabulary.entries[owner].title for owner in entry.family[:1]]
        return owned[0] if owned else entry.title if entry.type == "gate" else ""

    # -- when it matters --------------------------------------------------------------------------

    def _shown_when(self, bare: str, side: str | None) -> Condition:
        """Tell when a question matters: its owner is present, and what it must have heard."""
        entry = self.vocabulary.entries[bare]
        parts = [self._heard(name, said, side) for name, said in entry.asked_when.items()]
        if entry.asked_if:
            parts.append(any_of([self._all_heard(each, side) for each in entry.asked_if]))
        if entry.family:
            opened = [self._present(owner, side) for owner in entry.family]
            also = [self._all_heard(each, None) for each in entry.asked_also]
            parts.append(any_of([*opened, *also]))
        sweeps = [
            Said(name, tuple(each.words))
            for name, each in self.vocabulary.entries.items()
            if each.type == "sweep" and bare in each.needs
        ]
        if sweeps:
            parts.append(any_of(sweeps))
        return all_of(parts)

    def _all_heard(self, said: Mapping[str, Heard], side: str | None) -> Condition:
        return all_of([self._heard(name, each, side) for name, each in said.items()])

    def _present(self, owner: str, side: str | None) -> Condition:
        """Give that an owner is present: a gate for this leg, a summary of this leg."""
        entry = self.vocabulary.entries[owner]
        if entry.type == "gate":
            legs = (side,) if side else SIDES
            also = legs if owner in self.vocabulary.leg_gates else ()
            return Said(owner, (PRESENT, UNSURE, *also))
        if entry.of == "person":
            return Said(owner, (PRESENT,))
        legs = (side,) if side else SIDES
        return any_of([Said(f"{leg}.{owner}", (PRESENT,)) for leg in legs])

    def _heard(self, name: str, said: Heard, side: str | None) -> Condition:
        words: tuple[str, ...] = ()
        limits: tuple[tuple[NumberComparison, int], ...] = ()
        if isinstance(said, dict):
            limits = tuple((h, self.vocabulary.thresholds[t].value) for h, t in said.items())
        elif said != ANSWERED:
            words = (said,)
        if self.vocabulary.entries[name].of == "person":
            return Said(name, words, limits)
        legs = (side,) if side else SIDES
        return any_of([Said(f"{leg}.{name}", words, limits) for leg in legs])
