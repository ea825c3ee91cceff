"""Cases that could still come: other answers tried in the reference reading, then really screened.

Everything here is about decisions and conclusions together: ``Target`` is one of either.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from screening.algebra import Word
from screening.inference.infer import Inferred, infer_from, truth
from screening.inference.meaning import Walk
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.vocabulary import ABSENT, SIDES, without_side
from screening.record.candidates import Candidates
from screening.record.rereading import Rereading
from screening.record.support import testable
from screening.record.to_record import vanishes
from screening.rulebase.form import Form, Ladder

State = str | bool | None
"""The word of a decision, or a conclusion as true, false or None (unknown)."""

Key = frozenset[tuple[str, Answer | None]]

_SEED = 20250304
_TRIES = 150


@dataclass(frozen=True)
class Target:
    """A conclusion or a decision whose state is asked for."""

    name: str
    is_ladder: bool

    def state(self, walk: Walk[bool], form: Form) -> State:
        """Give its state in a walk."""
        if not self.is_ladder:
            return truth(walk.faces(self.name))
        rows = form.ladders_by_name[self.name].rows
        return rows[walk.rows(self.name).index(True)].word


class Completion:
    """Tries other answers for one case."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self.inferred = inferred
        self.form = inferred.form
        self.vocabulary = inferred.base.vocabulary
        self._rereading = Rereading(inferred)
        self._screened: dict[Key, Inferred] = {}
        self._words: dict[str, frozenset[str]] = {}

    def walk(self, answers: Mapping[str, Answer | None]) -> Walk[bool]:
        """Read the case under other answers; what was asked of them before is kept."""
        return self._rereading.of(answers)[1]

    def screened(self, answers: Mapping[str, Answer | None]) -> Inferred:
        """Screen the case under other answers with both readings.

        Raises:
            AssertionError: if the readings disagree.

        """
        key = frozenset(answers.items())
        if key not in self._screened:
            findings, walk = self._rereading.of(answers)
            case = self.with_answers(answers)
            inferred = infer_from(case, findings, self.inferred.base, walk)
            assert inferred.agree
            self._screened[key] = inferred
        return self._screened[key]

    def with_answers(self, answers: Mapping[str, Answer | None]) -> Case:
        """Give the case with other answers."""
        return self.inferred.case.with_answers(answers, self.vocabulary)

    def state(self, target: Target, answers: Mapping[str, Answer | None]) -> State:
        """Give the state of a target under other answers."""
        return target.state(self.walk(answers), self.form)

    def confirmed(self, target: Target, answers: Mapping[str, Answer | None]) -> State:
        """Give the state of a target as both readings find it under other answers."""
        return target.state(self.screened(answers).walk, self.form)

    @cached_property
    def candidates(self) -> Candidates:
        """The answers that each finding could have."""
        return Candidates(self.inferred)

    def askable(self, target: Target) -> list[str]:
        """Give the paths on which a target rests that are not recorded and may be asked for."""
        below = self.form.rests_on([target.name])
        paths = dict.fromkeys(
            operand.path
            for name, operand in self.form.recorded.items()
            if name in below and name not in self.inferred.known
        )
        return [
            path
            for path in paths
            if testable(path, self.inferred, self.vocabulary) and not self._contradicts(path)
        ]

    def _contradicts(self, path: str) -> bool:
        """Tell whether a positive answer would contradict a gate or summary answered absent."""
        side, bare = without_side(path)
        owners = self.vocabulary.entries[bare].family
        names = [f"{side}.{owner}" if side else owner for owner in owners]
        names += [f"{each}.{owner}" for owner in owners for each in SIDES if not side]
        names += owners if side else []
        absent = frozenset({ABSENT})
        return any(self.inferred.known.get(name) == absent for name in names)

    def other_state(self, target: Target) -> dict[str, Answer] | None:
        """Look for answers to what is not recorded that give a target another state."""
        now = target.state(self.inferred.walk, self.form)
        paths = self.askable(target)
        for answers in self._tries(paths):
            if self.state(target, answers) != now:
                fewest = self._fewest(target, now, answers)
                if self.confirmed(target, fewest) != now:
                    return fewest
        return None

    def _tries(self, paths: Iterable[str]) -> Iterator[dict[str, Answer]]:
        """Give single answers, then answers to everything at once."""
        options = {path: self.candidates.of(path) for path in paths}
        options = {path: answers for path, answers in options.items() if answers}
        # What was screened already for another target is tried first: it costs nothing more.
        for key in list(self._screened):
            known = {path: answer for path, answer in key if answer is not None}
            if known.keys() <= options.keys():
                yield known
        for path, answers in options.items():
            for answer in answers:
                yield {path: answer}
        chance = random.Random(_SEED)
        for number in range(_TRIES if options else 0):
            most = 0.95 if number % 2 else 0.6
            yield {
                path: answers[-1] if chance.random() > most else self._leaning(answers, number)
                for path, answers in options.items()
            }

    def _leaning(self, answers: tuple[Answer, ...], number: int) -> Answer:
        """Lean to one kind of answer: all alike settles more than a mixture does."""
        return answers[number % len(answers)]

    def _fewest(self, target: Target, now: State, answers: dict[str, Answer]) -> dict[str, Answer]:
        for path in list(answers):
            fewer = {each: answer for each, answer in answers.items() if each != path}
            if fewer and self.state(target, fewer) != now:
                answers = fewer
        return answers

    # -- what can no longer change ----------------------------------------------------------------

    def settled(self, target: Target) -> bool:
        """Tell whether no further recording can give a target another state.

        A known conclusion is never unsettled.
        """
        now = target.state(self.inferred.walk, self.form)
        return self.words(target.name) == {now} if target.is_ladder else now is not None

    def words(self, name: str) -> frozenset[str]:
        """Give the words that a decision can still come to as more is recorded.

        A row that is established stays so unless it asks that something is unknown; a row can
        still win only if one of its lines may hold, whatever the decisions that it reads come to.
        """
        if name not in self._words:
            ladder = self.form.ladders_by_name[name]
            self._words[name] = frozenset(self._winning(ladder, self._with_open_decisions(ladder)))
        return self._words[name]

    def _winning(self, ladder: Ladder, walk: Walk[bool]) -> Iterator[str]:
        for row in ladder.rows:
            possible = [line for line in row.lines or () if walk.line(line).may]
            if possible or row.lines is None:
                yield row.word
            if any(walk.line(line).must and not vanishes(line) for line in possible):
                return

    def _with_open_decisions(self, ladder: Ladder) -> Walk[bool]:
        """Read the case with each decision that a ladder reads as the words it can come to."""
        ladders = self.form.ladders_by_name
        read = {p.operand for row in ladder.rows for line in row.lines or () for p in line}
        open_ = {
            name: Word(
                True, {row.word: row.word in self.words(name) for row in ladders[name].rows}, False
            )
            for name in sorted(read & ladders.keys())
        }
        return self.inferred.walk.again(open_) if open_ else self.inferred.walk


def targets(inferred: Inferred) -> Iterator[Target]:
    """Give every conclusion that exists, then the tier and the verdicts of the painful legs."""
    for name, conclusion in inferred.form.conclusions.items():
        if inferred.exists(conclusion.exists):
            yield Target(name, False)
    for ladder in inferred.form.ladders:
        if ladder.advice is None and inferred.exists(ladder.exists):
            yield Target(ladder.name, True)


def said(name: str) -> tuple[str | None, str]:
    """Give the side and the id of a target."""
    return without_side(name)
