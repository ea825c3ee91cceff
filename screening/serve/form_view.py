"""The form as a page shows it: stations of the examination, and in each a row for each question.

Nothing here knows a gate, a side or a word list; all of it is computed from the one form.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from screening.intake.questionnaire import NONE_OF_THESE, Question, Questionnaire
from screening.intake.thresholds import UNITS
from screening.intake.typed import keys
from screening.intake.vocabulary import ABSENT, POSITIONS, PRESENT, without_side

_TITLES = {
    "who": "Who",
    "flags": "Red flags",
    "talk": "Talk",
    "stand": "Stand",
    "walk": "Walk",
    "couch": "Couch",
}


@dataclass(frozen=True)
class FormChoice:
    """One answer that can be picked, and the keys that pick it."""

    value: str
    label: str
    keys: str
    said: str = ""
    """How a report says it, where that is more than the label."""


@dataclass(frozen=True)
class FormRow:
    """One question: of the person, or of both legs side by side."""

    bare: str
    questions: tuple[Question, ...]
    depth: int = 0
    """How deep it stands under the questions that own it."""
    swept: tuple[str, ...] = ()
    """The questions that it answers together, where they stand elsewhere."""
    elsewhere: tuple[Question, ...] = ()
    """What it asks for too, where that stands under another question."""

    def shown(self, asked: Container[str]) -> bool:
        """Tell whether any leg of it is among the questions that are shown."""
        return any(question.path in asked for question in self.questions)

    @property
    def first(self) -> Question:
        """The question of the person or of the left leg: both legs are asked alike."""
        return self.questions[0]

    @property
    def text(self) -> str:
        """The question as it is read: gates in full, others in few words."""
        first = self.first
        if first.kind == "sweep" and first.side is None:
            return f"None of these {len(first.answers)}?"
        return first.asked() if first.kind == "gate" else first.brief

    @property
    def help(self) -> list[str]:
        """What more there is to know: the whole question, then the note."""
        whole = "" if self.text == self.first.question else self.first.question
        return [text for text in (whole, self.first.help) if text]

    @property
    def at(self) -> str:
        """The position of the patient, where it is another one than that of its owners."""
        return self.first.position if self.depth and self.first.position != POSITIONS[0] else ""

    @property
    def choices(self) -> list[FormChoice]:
        """The answers that can be picked; none where something is typed."""
        return choices_of(self.first)

    @property
    def unit(self) -> str:
        """The unit behind a number, where the question does not name it."""
        first = self.first
        unit = UNITS.get(first.unit, first.unit).strip() if first.kind == "number" else ""
        return "" if unit in re.findall(r"\w+", self.text) else unit


@dataclass
class Station:
    """One part of the examination, in its order."""

    id: str
    rows: list[FormRow] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its heading."""
        return _TITLES[self.id]

    @property
    def asks(self) -> str:
        """What it is made of: questions to be answered, or tests to be done."""
        return "tests" if self.id in POSITIONS and self.id != POSITIONS[0] else "questions"


def choices_of(question: Question) -> list[FormChoice]:
    """Give the answers to a question, each with its keys: a letter, or its number."""
    letters = {word: key for key, word in keys(question).items() if word}
    found = [
        FormChoice(
            word, _label(word, question), f"{letters.get(word, '')}{number}", question.words[word]
        )
        for number, word in enumerate(question.words, 1)
    ]
    if question.kind == "list":
        found.append(FormChoice(NONE_OF_THESE, "none", "n0"))
    return found


def _label(word: str, question: Question) -> str:
    if question.kind == "sweep":
        return "Yes"
    if PRESENT in question.words:
        return {PRESENT: "Yes", ABSENT: "No"}.get(word, word.capitalize())
    return question.words[word] if len(question.words) < 3 else word.replace("_", " ")


def stations(form: Questionnaire) -> list[Station]:
    """Give the whole form, in the order of asking."""
    found = {id: Station(id) for id in _TITLES}
    swept = {need for q in form.questions for need in q.needs}
    for bare, group in groupby(form.questions, key=lambda q: without_side(q.path)[1]):
        both = tuple(group)
        row = FormRow(bare, both, _depth(bare, form), tuple(_swept(both[0], form)))
        found["flags" if bare in swept else _station(both[0], form)].rows.append(row)
    stood = [station for station in found.values() if station.rows]
    _name_elsewhere(stood)
    return stood


def _name_elsewhere(stations: list[Station]) -> None:
    """Let each question name what it asks for too, where that stands under another one."""
    under, rows = "", [row for station in stations for row in station.rows]
    top: dict[str, str] = {}
    for row in rows:
        under = under if row.depth else row.bare
        top[row.bare] = under
    away: dict[str, list[Question]] = {}
    for row in rows:
        for owner in {without_side(path)[1] for path in row.first.owners}:
            if top[owner] != top[row.bare]:
                away.setdefault(owner, []).append(row.first)
    for station in stations:
        station.rows = [
            replace(row, elsewhere=tuple(away.get(row.bare, ()))) for row in station.rows
        ]


def _swept(question: Question, form: Questionnaire) -> Iterator[str]:
    """Give what a sweep of a leg answers, in few words; before one of the person all stands."""
    for path in question.answers if question.side else ():
        yield form[path].brief


def _station(question: Question, form: Questionnaire) -> str:
    if without_side(question.path)[1] in form.vocabulary.about_the_case:
        return "who"
    above = (question.path, *question.answers, *_owners(question, form))
    if any(form[path].kind == "gate" for path in above):
        return "flags"
    return question.position


def _owners(question: Question, form: Questionnaire) -> Iterator[str]:
    for owner in question.owners:
        yield owner
        yield from _owners(form[owner], form)


def _depth(bare: str, form: Questionnaire) -> int:
    question = form[form.vocabulary.paths(bare)[0]]
    return min((1 + _depth(without_side(o)[1], form) for o in question.owners), default=0)
