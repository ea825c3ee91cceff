"""What to record next, and what each answer would do to the triage and the verdicts.

Which findings are named is decided in one place, ``screening.record.to_record``, so that the
report, this command, the page and the interview never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred, truth
from screening.inference.meaning import Walk
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import SIDES, without_side
from screening.questions.completion import Completion, Target
from screening.record.support import Support
from screening.record.to_record import (
    ANKLE_LADDERS,
    TRIAGE_LADDER,
    VERDICT_LADDER,
    ToRecord,
    Wanted,
    contradicts,
    row,
)
from screening.record.verdict import verdict
from screening.record.wording import Wording

if TYPE_CHECKING:
    from screening.questions.answer_model import DecisionMoved, NextAnswer, NextRow, Settling
    from screening.record.model import NextRecord
    from screening.record.to_record import Legs

_FEW = 3
"""So many rules are tried to change a verdict, those that ask for least first."""


class Next:
    """Says of one case what to record next and what that could change."""

    def __init__(self, inferred: Inferred, legs: Legs | None = None) -> None:
        """Look at one case, and at what its record says of the legs, if it was made already."""
        self.inferred, self.form = inferred, inferred.form
        self.vocabulary = inferred.base.vocabulary
        self.wording, support = Wording(inferred), Support(inferred)
        sides = legs or {side: verdict(side, inferred, self.wording, support) for side in SIDES}
        self.ahead = ToRecord(inferred, sides, support)
        self.wanted = self.ahead.wanted()
        painful = [side for side in SIDES if sides[side]]
        self._decisions = [
            ladder
            for ladder in self.form.ladders
            if ladder.id == TRIAGE_LADDER
            or (ladder.side in painful and ladder.id in (VERDICT_LADDER, *ANKLE_LADDERS))
        ]
        self._watched = [
            name
            for name, conclusion in self.form.conclusions.items()
            if without_side(name)[1].startswith(("flag.", "verdict."))
            and inferred.exists(conclusion.exists)
            and inferred.value(name) is None
        ]

    def named(self) -> list[NextRecord]:
        """Give the findings to record, as a record names them."""
        return [row(found, self.wording) for found in self.wanted]

    def rows(self) -> Iterator[NextRow]:
        """Give the findings to record, each with what its answers settle, one after another."""
        for found in self.wanted:
            settles = [] if found.again else list(self._settles(found))
            yield {**row(found, self.wording), "settles": settles}

    def _settles(self, found: Wanted) -> Iterator[Settling]:
        """Give for each answer the decisions that it moves and the conclusions it makes known."""
        for answer in self._in_order(found.path):
            walk = self._read(found.path, answer)
            if self._contradicted(walk):
                continue
            known = [name for name in self._watched if truth(walk.faces(name)) is not None]
            moved = list(self._moved(walk))
            if known or moved:
                yield {
                    "answer": as_typed(found.path, answer, self.vocabulary),
                    "says": self._said(found.path, answer),
                    "conclusions": known,
                    "values": [truth(walk.faces(name)) for name in known],
                    "decisions": moved,
                }

    def _contradicted(self, walk: Walk[bool]) -> bool:
        """Tell whether an answer would only contradict what is recorded."""
        return any(
            contradicts(ladder.rows[walk.rows(ladder.name).index(True)])
            and not contradicts(self.inferred.rows[ladder.name])
            for ladder in self._decisions
        )

    def _read(self, path: str, answer: Answer) -> Walk[bool]:
        return self.ahead.rereading.of({path: answer})[1]

    def _moved(self, walk: Walk[bool]) -> Iterator[DecisionMoved]:
        for ladder in self._decisions:
            before = self.inferred.rows[ladder.name]
            after = ladder.rows[walk.rows(ladder.name).index(True)]
            if before.word != after.word:
                side, id = without_side(ladder.name)
                text = self.inferred.base.ladder(id)
                yield {
                    "decision": id,
                    "side": side,
                    "title": text.title,
                    "from": before.word,
                    "to": after.word,
                    "says": text.rows[ladder.rows.index(after)].says,
                }

    def _in_order(self, path: str) -> list[Answer]:
        """Give the answers as they are asked: numbers upwards, words in the vocabulary's order."""
        answers = self.ahead.candidates.of(path)
        numbers = sorted(answer for answer in answers if isinstance(answer, int))
        return [*numbers, *(answer for answer in answers if not isinstance(answer, int))]

    def _said(self, path: str, answer: Answer) -> str:
        """Say an answer: a number stands for all that no rule tells from it."""
        entry = self.vocabulary[path]
        if entry.type != "number" or not isinstance(answer, int):
            words = answer if isinstance(answer, tuple) else (str(answer),)
            said = [entry.says.get(word, word.replace("_", " ")) for word in words]
            return ", ".join(said) or "none of these"
        numbers = [each for each in self._in_order(path) if isinstance(each, int)]
        about = with_unit(answer, entry.unit)
        if answer == numbers[0]:
            return f"{about} or less"
        return f"{about} or more" if answer == numbers[-1] else f"about {about}"

    # -- whether a verdict can still change -----------------------------------------------------

    def verdicts(self) -> dict[str, bool | str | None]:
        """Tell for each leg whether its verdict can still change."""
        found: dict[str, bool | str | None] = {}
        for side in SIDES:
            ladder = self.form.ladders_by_name[f"{side}.{VERDICT_LADDER}"]
            exists = self.inferred.exists(ladder.exists)
            found[side] = self._can_change(side) if exists else None
        return found

    def _can_change(self, side: str) -> bool | str:
        target = Target(f"{side}.{VERDICT_LADDER}", True)
        if Completion(self.inferred).settled(target):
            return False
        now = target.state(self.inferred.walk, self.form)
        for answers in self._tries(side):
            if target.state(self.ahead.rereading.of(answers)[1], self.form) != now:
                return True
        return "not_settled"

    def _tries(self, side: str) -> Iterator[dict[str, Answer]]:
        """Give answers one by one, then those that fulfil a whole rule of the verdict."""
        for found in self.wanted:
            for answer in () if found.again else self.ahead.candidates.of(found.path):
                yield {found.path: answer}
        for rule, way in self.ahead.ways(side)[:_FEW]:
            answers: dict[str, Answer] = {}
            for path in way:
                options = [{**answers, path: answer} for answer in self.ahead.candidates.of(path)]
                answers = max(options, key=lambda tried: self._met(rule, tried), default=answers)
            yield answers

    def _met(self, rule: str, answers: dict[str, Answer]) -> tuple[bool, int, int]:
        walk = self.ahead.rereading.of(answers)[1]
        faces = [walk.premise(premise) for premise in self.form.rules[rule].premises]
        known = sum(walk.faces(name).must for name in self.form.conclusions)
        return all(f.may for f in faces), sum(f.must for f in faces), known


def next_findings(inferred: Inferred) -> NextAnswer:
    """Give what to record next and whether the verdicts can still change, as data."""
    ahead = Next(inferred)
    return {"next": list(ahead.rows()), "verdict_can_change": ahead.verdicts()}
