"""Witnesses: the two case files of one patient, screened by both rule bases with both readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from screening.assurance.compare.outcomes import Decision, of_case, says
from screening.assurance.compare.question import Model
from screening.assurance.compare.two_vocabularies import Patient
from screening.documents import Document
from screening.inference.infer import Inferred, infer_from
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra, Readings
from screening.intake.answers import Answer
from screening.intake.case import Case, as_data, read_case
from screening.intake.findings import gather
from screening.intake.vocabulary import SIDES, Vocabulary, other
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.documents import Data

_DAY = date(2026, 1, 15)
_TEXT = "A.B."


@dataclass(frozen=True)
class Shown:
    """One patient as both rule bases screened the case."""

    old: Inferred
    new: Inferred

    @cached_property
    def old_decisions(self) -> dict[str, Decision[bool]]:
        """Every decision by the old rules."""
        return of_case(self.old)

    @cached_property
    def new_decisions(self) -> dict[str, Decision[bool]]:
        """Every decision by the new rules."""
        return of_case(self.new)

    @cached_property
    def old_says(self) -> dict[str, str]:
        """What every decision says by the old rules."""
        return says(self.old_decisions)

    @cached_property
    def new_says(self) -> dict[str, str]:
        """What every decision says by the new rules."""
        return says(self.new_decisions)

    @property
    def agree(self) -> bool:
        """Whether both readings came to the same, under both rule bases."""
        return self.old.agree and self.new.agree

    def files(self) -> tuple[dict[str, Data], dict[str, Data]]:
        """Give the two case files."""
        return (
            as_data(self.old.case, self.old.base.vocabulary),
            as_data(self.new.case, self.new.base.vocabulary),
        )


class _OneBase:
    """One rule base, which screens patient after patient.

    The reference reading of the first is kept: of another it redoes what rests on other answers.
    """

    def __init__(self, base: RuleBase) -> None:
        self.base = base
        self._first: tuple[Readings, Walk[bool]] | None = None

    def infer(self, case: Case) -> Inferred:
        findings = gather(case, self.base.vocabulary)
        now, form = findings.readings, self.base.form
        reference = PlainAlgebra(form, now)
        if self._first is None:
            self._first = now, Walk(form, reference)
        before, walk = self._first
        if now != before:
            other = [name for name in form.recorded if now.get(name) != before.get(name)]
            walk = walk.again({name: reference.recorded(name) for name in other})
        return infer_from(case, findings, self.base, walk)


class Witnesses:
    """Screens patients that the solver found."""

    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        """Take both rule bases."""
        self._old, self._new = _OneBase(old), _OneBase(new)
        self._names = Patient(old.vocabulary, new.vocabulary).names

    def show(self, model: Model) -> Shown:
        """Screen one patient by both rule bases.

        Raises:
            CaseError: if intake refuses one of the two case files.
            EngineError: if the forward reading failed.

        """
        return Shown(
            self._old.infer(self._case(model, "old", self._old.base)),
            self._new.infer(self._case(model, "new", self._new.base)),
        )

    def _case(self, model: Model, which: str, base: RuleBase) -> Case:
        names, vocabulary = self._names[which], base.vocabulary
        answers: dict[str, Answer] = {}
        for path in vocabulary.all_paths:
            answer = _answer(path, names[path], model, vocabulary)
            if answer is not None:
                answers[path] = answer
        case = Case("witness", {}).with_answers({**answers, **base.asked_today}, vocabulary)
        # Written and read again: what intake would refuse is no case.
        read = read_case(Document("witness", as_data(case, vocabulary)), vocabulary, "witness")
        return Case("witness", {p: a for p, a in read.answers.items() if p in vocabulary})


def _answer(path: str, name: str, model: Model, vocabulary: Vocabulary) -> Answer | None:
    kind = vocabulary[path].type
    if kind == "number":
        return model.numbers.get(name)
    words = model.words.get(name)
    if words is None:
        return None
    if kind == "list":
        return tuple(word for word in vocabulary[path].words if word in words)
    if kind in ("text", "date"):
        return _DAY if kind == "date" else _TEXT
    return words[0]


def mirrored(model: Model) -> Model:
    """Give the same patient with left and right changed over."""
    return Model(
        {_other_side(name): [_other_word(word) for word in w] for name, w in model.words.items()},
        {_other_side(name): number for name, number in model.numbers.items()},
    )


def _other_word(word: str) -> str:
    return other(word) if word in SIDES else word


def _other_side(name: str) -> str:
    which, space, path = name.rpartition(" ")
    side, dot, bare = path.partition(".")
    return f"{which}{space}{_other_word(side)}{dot}{bare}"
