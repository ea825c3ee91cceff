"""Each decision: that it cannot change, or every way in which it can, with a patient each.

A patient whom the solver gives for one decision shows much else besides. So each is looked at
whole, as is, with left and right changed over, and with any one answer left out or given
otherwise; the solver is then asked only for the ways that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from screening.assurance.compare.outcomes import pairs
from screening.assurance.compare.patients import Patients
from screening.assurance.compare.question import CanHold, Model, RevisionQuestion
from screening.assurance.compare.witness import mirrored
from screening.cohort.circuit import FALSE

Way = tuple[str, str, str]
"""A decision, and what it says before and after."""


@dataclass(frozen=True)
class Settled:
    """What the solver says of a decision: the ways in which it can change, each with a patient.

    ``status`` speaks of the decision where no way can be named. Ways without a patient were not
    settled.
    """

    decision: str
    status: Literal["cannot_change", "changes", "not_settled", "added", "removed"]
    ways: dict[Way, Model | None]


class Settler:
    """Asks the solver about the decisions of two rule bases."""

    def __init__(self, question: RevisionQuestion, names: Sequence[str]) -> None:
        """Take the question, and the decisions that will be settled."""
        self._question = question
        ways = [(n, *way) for n in names if self.may_differ(n) for way in self._pairs(n)]
        claims = {way: question.claim(*way) for way in ways}
        self._claims = {way: claim for way, claim in claims.items() if claim != FALSE}
        self._patients = Patients(question, list(self._claims.values()))
        self._known: dict[Way, Model] = {}

    def _pairs(self, name: str) -> list[tuple[str, str]]:
        return list(pairs(self._question.old[name].words, self._question.new[name].words))

    def may_differ(self, name: str) -> bool:
        """Tell whether a decision is not plainly the same, before the solver is asked."""
        return name in self._question.shared and self._question.differing(name) != FALSE

    def settle(self, name: str) -> Settled:
        """Settle one decision."""
        if name not in self._question.shared:
            return Settled(name, "removed" if name in self._question.old else "added", {})
        ways = [way for way in self._claims if way[0] == name]
        shown = any(way in self._known for way in ways)
        if not shown and self._question.can_hold(self._question.differing(name)) == "no":
            return Settled(name, "cannot_change", {})
        unsettled = self._find(ways)
        found = {way: self._known.get(way) for way in ways if way in {*self._known, *unsettled}}
        # Where it can differ but no way was found, or it was not settled, that is said.
        return Settled(name, "changes" if found else "not_settled", found)

    def _find(self, ways: Sequence[Way]) -> list[Way]:
        """Find a patient for each way; give those that were not settled."""
        while True:
            ahead = [way for way in ways if way not in self._known]
            answer = self._any_of(ahead)
            if answer == "no":
                return []
            if answer == "not_settled" or not self._learn(ahead):
                # What is too much at once may be settled one by one.
                return [way for way in ahead if self._alone(way) == "not_settled"]

    def _any_of(self, ways: Sequence[Way]) -> CanHold:
        question = self._question
        return question.can_hold(question.circuit.any(self._claims[way] for way in ways))

    def _alone(self, way: Way) -> CanHold:
        answer = self._any_of([way])
        if answer == "yes":
            self._known.setdefault(way, self._question.model())
        return answer

    def _learn(self, wanted: Sequence[Way]) -> bool:
        """Look at the patient whom the solver gave; tell whether a wanted way was shown."""
        model = self._question.model()
        open_still = {p: way for p, way in enumerate(self._claims) if way not in self._known}
        for place, shows in self._patients.shown_by([model, mirrored(model)], open_still).items():
            self._known[open_still[place]] = shows
        return any(way in self._known for way in wanted)
