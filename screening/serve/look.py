"""What a page shows after every change: the panel, and for each question how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

from screening.inference.infer import Inferred, infer
from screening.intake.case import as_typed
from screening.intake.interview import Alarm, Interview
from screening.intake.typed import looks_like_a_name
from screening.intake.vocabulary import ASKED_WITH, SIDES, without_side
from screening.questions.next import Next
from screening.record.scales import scales
from screening.record.screening import as_read
from screening.record.watch import watched
from screening.record.wording import Wording
from screening.report.scale_drawing import description, scale_drawing
from screening.serve.bench import Bench
from screening.serve.filled import Filled

if TYPE_CHECKING:
    from screening.record.model import Record

_WAITING = ("screen_incomplete", "not_recorded")
"""Reasons of a verdict that answers will change."""


class AskedQuestion(TypedDict, total=False):
    """How a question stands; what is left out does not apply.

    ``further`` folds it away among the further tests; ``blocked``, ``wrong``, ``notes`` and
    ``known`` are sentences; ``asked`` is the question where other words are called for.
    """

    further: bool
    blocked: str
    wrong: str
    notes: list[str]
    known: str
    asked: str


@dataclass(frozen=True, eq=False)
class Look:
    """One screening of what was typed so far, ready to be shown."""

    filled: Filled
    inferred: Inferred
    record: Record
    interview: Interview

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The red flags that hold, the worst first."""
        return self.interview.watched.alarms

    def questions(self) -> dict[str, AskedQuestion]:
        """Give for each question of the form what the page must know; one left out hides."""
        return dict(self._questions())

    def _questions(self) -> Iterator[tuple[str, AskedQuestion]]:
        levels, seen = self.interview.levels, self.interview.watched
        notes, _ = self._doubts
        blocked = self.interview.bare_blocked
        for question in self.interview.form.questions:
            path = question.path
            typed = path in self.filled.answers or path in self.filled.wrong
            always = question.kind == "gate" or (question.kind == "sweep" and not question.side)
            if not (typed or always or path in levels) or self._is_current(path):
                continue
            said: AskedQuestion = {}
            if not typed and levels.get(path):
                said["further"] = True
            if path in seen.blocked:
                said["blocked"] = seen.blocked[path]
            if path in self.filled.wrong:
                said["wrong"] = self.filled.wrong[path]
            if path in notes:
                said["notes"] = notes[path]
            if not typed and always and path in self.interview.known:
                said["known"] = self._known(path)
            if question.otherwise and (asked := question.asked(blocked)) != question.question:
                said["asked"] = asked
            yield path, said

    def _is_current(self, path: str) -> bool:
        """Tell whether this only says that the questions of today were asked."""
        base = self.inferred.base
        return path == ASKED_WITH and self.filled.answers.get(path, "") == base.asked_with

    @property
    def loose(self) -> list[str]:
        """Doubts that are about no question of the form."""
        return self._doubts[1]

    @cached_property
    def _doubts(self) -> tuple[dict[str, list[str]], list[str]]:
        """Give the doubts by the question that they are about, and those about none."""
        found: dict[str, list[str]] = {}
        loose = []
        places = self.interview.watched.notes
        for message in self.interview.doubts():
            path = places.get(message, "")
            if path in self.interview.form.by_path:
                found.setdefault(path, []).append(message)
            else:
                loose.append(message)
        name = self.filled.answers.get("case_id")
        if isinstance(name, str) and looks_like_a_name(name):
            found.setdefault("case_id", []).append(
                "This looks like a name. Give a number: a saved case must not name the patient."
            )
        return found, loose

    def _known(self, path: str) -> str:
        answer = self.interview.known[path]
        said = str(as_typed(path, answer, self.interview.form.vocabulary)).replace("_", " ")
        together = without_side(path)[1].rpartition(".")[2] in self.record["triage"]["attested"]
        return f"{said}: answered together" if together else f"{said}: follows from the signs"

    def drawings(self) -> dict[str, dict[str, str]]:
        """Give the drawing of each ankle reading by its path, with what it shows in words."""
        return {
            scale.bare: {"svg": scale_drawing(scale), "said": description(scale)}
            for scale in scales(self.inferred, Wording(self.inferred))
        }


def look(filled: Filled, bench: Bench) -> Look:
    """Screen what was typed so far."""
    interview = Interview(
        form=bench.form,
        core=bench.core,
        watch=lambda case: watched(inferred, record["triage"]["flags"], record["warnings"]),
        today=bench.today(),
        instruments=bench.profile.instruments,
        answers=dict(filled.answers),
        asked=list(filled.answers),
    )
    inferred = infer(interview.case, bench.base)
    record = as_read(inferred)
    return Look(filled, inferred, record, interview)


def look_ahead(found: Look) -> Next:
    """Work out what to record next, which the record then names too."""
    next = Next(found.inferred, found.record["sides"])
    found.record["next_findings"] = next.named()
    return next


def said_aloud(record: Record) -> str:
    """Say tier and verdicts in one line, for whoever cannot see the panel change.

    A verdict that only waits for answers is not said: that would be a sentence after every key.
    """
    triage = record["triage"]
    said = ["No red flag recorded" if triage["tier"] == "none" else f"Triage: {triage['tier']}"]
    if not triage["complete"]:
        said.append("Not complete")
    said += [
        f"{side.capitalize()} leg: movement pattern {leg['verdict'].replace('_', ' ')}"
        for side in SIDES
        if (leg := record["sides"][side]) and leg["reason"] not in _WAITING
    ]
    return "".join(f"{each}. " for each in said).strip()
