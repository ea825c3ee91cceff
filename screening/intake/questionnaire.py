"""The one form to fill: what is asked, in which order and position, and when it matters.

The interview in the terminal, the page, the REDCap dictionary, templates of tables and exchange
formats all read it; none of them knows a gate, a side or a word list. It is computed from the
vocabulary, and from the blocks that are handed to it. The order is that of an examination: who,
the red flags, then talk, stand, walk and couch, both legs at each.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from screening.algebra import NumberComparison, compare
from screening.intake.answers import Answer, words_of
from screening.intake.findings import Findings
from screening.intake.vocabulary import (
    ABSENT,
    POSITIONS,
    PRESENT,
    SIDES,
    Entry,
    Position,
    Type,
    Vocabulary,
    without_side,
)

UNSURE = "unsure"
NONE_OF_THESE = "none_of_these"
"""The answer that none of the words of a list applies; an empty list in a case file."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer that was given: one of some words, or a number past every limit."""

    path: str
    words: tuple[str, ...] = ()
    limits: tuple[tuple[NumberComparison, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold; without parts that is always so."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts is enough."""

    parts: tuple[Condition, ...]


Condition = Said | AllOf | AnyOf
ALWAYS = AllOf()


def holds(condition: Condition, answers: Mapping[str, Answer]) -> bool:
    """Tell whether a condition holds for the answers so far; what was not answered meets nothing.

    Hand it ``after_families`` where a sign that opened its gate shall count as well.
    """
    if isinstance(condition, AllOf):
        return all(holds(part, answers) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, answers) for part in condition.parts)
    answer = answers.get(condition.path)
    if answer is None:
        return False
    if condition.limits:
        return isinstance(answer, int) and all(
            compare(answer, how, limit) for how, limit in condition.limits
        )
    given = answer if isinstance(answer, tuple) else (answer,)
    return any(word in given for word in condition.words)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form, of one leg or of the person."""

    path: str
    side: str | None
    kind: Type
    title: str
    question: str
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

    def asked(self, blocked: Container[str] = ()) -> str:
        """Say the question, in other words while a test that they name is blocked."""
        for tests, words in self.otherwise:
            if any(test in blocked for test in tests):
                return words
        return self.question


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
            for bare, entry in entries.items():
                if entry.position == position and bare not in given:
                    yield from self.vocabulary.paths(bare)

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
            position=entry.position,
            minutes=entry.minutes,
            equipment=entry.equipment,
            shown_when=self._shown_when(bare, side),
            blocked_by=self.blocks.get(bare, ()),
            one_by_one=entry.one_by_one,
            owners=tuple(self._near(owner, side) for owner in entry.family),
            answers={self._near(name, side): word for name, word in entry.answers.items()},
            needs=tuple(self._near(name, side) for name in entry.needs),
            same_as=self._near(entry.same_as, side) if entry.same_as else "",
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
        parts: list[Condition] = [
            self._heard(name, said, side) for name, said in entry.asked_when.items()
        ]
        if entry.family:
            opened = [self._present(owner, side) for owner in entry.family]
            also = [
                AllOf(tuple(self._heard(name, said, None) for name, said in each.items()))
                for each in entry.asked_also
            ]
            parts.append(_any([*opened, *also]))
        sweeps = [
            Said(name, tuple(each.words))
            for name, each in self.vocabulary.entries.items()
            if each.type == "sweep" and bare in each.needs
        ]
        if sweeps:
            parts.append(_any(sweeps))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

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
        return _any([Said(f"{leg}.{owner}", (PRESENT,)) for leg in legs])

    def _heard(
        self, name: str, said: str | dict[NumberComparison, str], side: str | None
    ) -> Condition:
        thresholds = self.vocabulary.thresholds
        words = (said,) if isinstance(said, str) else ()
        limits = (
            ()
            if isinstance(said, str)
            else tuple((h, thresholds[t].value) for h, t in said.items())
        )
        if self.vocabulary.entries[name].of == "person":
            return Said(name, words, limits)
        legs = (side,) if side else SIDES
        return _any([Said(f"{leg}.{name}", words, limits) for leg in legs])


def _any(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def after_families(
    given: Mapping[str, Answer], findings: Findings, vocabulary: Vocabulary
) -> dict[str, Answer]:
    """Give the answers with those that sweeps and families add, to ask ``holds`` of.

    A gate that a sign of one leg opened is answered with that leg; of the other leg that says no
    more than that nothing opened it.
    """
    found = dict(given)
    for bare, entry in vocabulary.entries.items():
        if entry.type not in ("gate", "yes_no", "choice"):
            continue
        said = dict(_words(findings, [name for name, _ in vocabulary.operands(bare)]))
        if entry.of == "person" and bare in vocabulary.leg_gates:
            if bare not in given and (answer := _of_both(said, bare)):
                found[bare] = answer
        else:
            found |= {path: word for path, word in said.items() if path not in given}
    return found


def _words(findings: Findings, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        reading = findings.readings.get(name)
        if isinstance(reading, frozenset) and len(reading) == 1:
            yield name, next(iter(reading))


def _of_both(said: Mapping[str, str], gate: str) -> str | None:
    """Give the answer to a gate from what is known of its legs."""
    opened = [side for side in SIDES if said.get(f"{side}.{gate}") == PRESENT]
    if opened:
        return opened[0] if len(opened) == 1 else PRESENT
    return ABSENT if len(said) == len(SIDES) else None
