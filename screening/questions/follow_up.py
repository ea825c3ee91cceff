"""Two examinations of one leg: what really changed, and what that says about the calf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from screening.errors import Problem, UsageError
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.vocabulary import PRESENT, SIDES
from screening.numbers import plain
from screening.record.watch import watch
from screening.rulebase.base import RuleBase
from screening.rulebase.shapes import Message

if TYPE_CHECKING:
    from screening.questions.answer_model import (
        FollowUpAnswer,
        MeasureChange,
        PainChange,
        RetestFlag,
    )

FITS, UNLIKELY, NOT_TESTED = "fits", "unlikely_driver", "not_tested_yet"


class FollowUp:
    """Compares two examinations of the same leg."""

    def __init__(self, first: Case, second: Case, side: str | None, base: RuleBase) -> None:
        """Take both cases.

        Raises:
            UsageError: if they are of different persons, sides or methods, or in the wrong order.

        """
        self.first, self.second, self.base = first, second, base
        self.file = base.follow_up
        self.vocabulary = base.vocabulary
        self._same_person()
        self.side = side or self._side()
        self.weeks = self._weeks()
        self.measures = list(self._measures())
        if not self.measures:
            raise _refused(
                "The ankle was not measured in the same way both times.",
                "A change of method is no change of range.",
                "Measure again with the first instrument and posture, on this leg.",
            )

    def _same_person(self) -> None:
        ids = {each.subject or each.case_id for each in (self.first, self.second)}
        sexes = {case.answers["sex"] for case in self._both if "sex" in case.answers}
        ages = [a for case in self._both if isinstance(a := case.answers.get("age_years"), int)]
        if len(ids) > 1 or len(sexes) > 1 or (len(ages) > 1 and ages[1] < ages[0]):
            raise _refused(
                "These are two different persons.",
                "A change is only a change in the same person.",
                "Give both files the same case_id, and check age and sex.",
            )

    @property
    def _both(self) -> tuple[Case, Case]:
        return self.first, self.second

    def _side(self) -> str:
        painful = [
            {side for side in SIDES if case.answers.get(self._pain_of(side)) == PRESENT}
            for case in self._both
        ]
        sides = painful[0] or painful[1]
        if painful[0] and painful[1] and not painful[0] & painful[1]:
            raise _refused(
                "The pain is on different sides.",
                "The two legs are not each other's re-test.",
                "Check the sides in both files.",
            )
        if len(sides) != 1:
            raise UsageError(
                Problem("", "It is not clear which leg is meant.", "", "Add --side left or right.")
            )
        return sides.pop()

    def _pain_of(self, side: str) -> str:
        return f"{side}.{self.file.painful}"

    def _weeks(self) -> float | None:
        days = [case.answers.get("examined_on") for case in self._both]
        if not all(isinstance(day, date) for day in days):
            return None
        before, after = days
        assert isinstance(before, date)
        assert isinstance(after, date)
        if after < before:
            todo = "Name the earlier examination first."
            raise _refused("The second examination is the earlier one.", "", todo)
        return round((after - before).days / 7, 1)

    def _measures(self) -> Iterator[MeasureChange]:
        """Give the change of every reading of this leg that was taken both times."""
        for bare, mdc in self.vocabulary.mdc.items():
            path = f"{self.side}.{bare}"
            if self.vocabulary.entries[bare].of != "leg":
                continue
            before, after = (case.answers.get(path) for case in self._both)
            if isinstance(before, int) and isinstance(after, int):
                yield {
                    "path": path,
                    "title": self.vocabulary.entries[bare].title,
                    "unit": self.vocabulary.entries[bare].unit,
                    "first": plain(before),
                    "second": plain(after),
                    "change": plain(after - before),
                    "mdc": plain(mdc),
                    "real": abs(after - before) >= mdc,
                }

    def _pain(self) -> PainChange:
        path = f"{self.side}.{self.file.pain}"
        before, after = (case.answers.get(path) for case in self._both)
        if not isinstance(before, int) or not isinstance(after, int):
            return {"path": path, "first": _plain(before), "second": _plain(after), "better": None}
        drop = before - after
        thresholds = self.base.thresholds
        points = drop >= thresholds[self.file.pain_points].value
        percent = before > 0 and drop * 10000 >= thresholds[self.file.pain_percent].value * before
        return {
            "path": path,
            "first": plain(before),
            "second": plain(after),
            "change": plain(after - before),
            "better": points or percent,
        }

    def _notes(self, pain: PainChange) -> Iterator[str]:
        done = self.second.answers.get(self.file.exercises)
        least = self.base.thresholds[self.file.not_before].value / 100
        if pain["better"] is None:
            yield "pain_unknown"
        if done is None:
            yield "exercises_unknown"
        elif done not in self.file.exercises_enough:
            yield "hardly_done"
        if self.weeks is None:
            yield "interval_unknown"
        elif self.weeks < least:
            yield "too_early"

    def outcome(self) -> FollowUpAnswer:
        """Give what changed and which message follows."""
        pain = self._pain()
        real = [measure["change"] > 0 for measure in self.measures if measure["real"]]
        up = bool(real) and all(real)
        message = NOT_TESTED
        if up and pain["better"] is not None:
            message = FITS if pain["better"] else UNLIKELY
        notes = [getattr(self.file.notes, name) for name in self._notes(pain)]
        said: Message = getattr(self.file.messages, message)
        because = said.because
        if up and pain["better"] is None:
            because = ""
        return {
            "flags": retest_flags(self.second, self.base),
            "side": self.side,
            "measures": self.measures,
            "pain": pain,
            "weeks": self.weeks,
            "exercises": self.second.answers.get(self.file.exercises),
            "message": message,
            "title": said.title,
            "because": " ".join([because, *notes]).strip(),
            "references": list(self.file.references),
        }


def retest_flags(second: Case, base: RuleBase) -> list[RetestFlag]:
    """Give every red flag of the re-test, the worst first: until it is cleared, nothing follows."""
    return [
        {
            "id": alarm.flag,
            "tier": alarm.tier,
            "within": alarm.within,
            "title": alarm.title,
            "action": alarm.action,
            "to": alarm.to,
        }
        for alarm in watch(second, base).alarms
    ]


def _plain(answer: Answer | None) -> int | float | None:
    return plain(answer) if isinstance(answer, int) else None


def _refused(what: str, why: str, todo: str) -> UsageError:
    return UsageError(Problem("", what, why, todo))


def follow_up(first: Case, second: Case, side: str | None, base: RuleBase) -> FollowUpAnswer:
    """Compare two examinations of one leg, as data.

    Raises:
        UsageError: if they cannot be compared.

    """
    return FollowUp(first, second, side, base).outcome()
