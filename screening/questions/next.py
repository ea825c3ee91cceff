"""What to record next: what each answer would settle, for the minutes that it takes.

Only findings that something unknown waits for are asked about, and never a test that an open or
present flag could block. What an answer settles is found by giving it: the case is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from screening.explanation.support import Support, testable
from screening.inference.infer import Inferred, truth
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.thresholds import with_unit
from screening.numbers import plain
from screening.questions.completion import Completion, Target, targets

_TRIAGE, _VERDICT, _REST = 16, 8, 1
_LEAST = 10
"""A question that takes no time at all would outrank everything: six seconds at least."""


class Next:
    """Ranks what could be recorded next."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self.inferred = inferred
        self.completion = Completion(inferred)
        self.vocabulary = inferred.base.vocabulary
        self.targets = list(targets(inferred))
        self.unknown = [
            target
            for target in self.targets
            if not target.is_ladder and truth(inferred.walk.faces(target.name)) is None
        ]
        self._weights = self._weigh()

    def _weigh(self) -> dict[str, int]:
        """Triage before the verdict, the verdict before the rest."""
        form = self.inferred.form
        triage = form.rests_on(n for n, la in form.ladders_by_name.items() if la.side is None)
        verdicts = [
            t.name for t in self.targets if t.name in form.conclusions and ".verdict." in t.name
        ]
        verdict = form.rests_on(verdicts)
        return {
            target.name: _TRIAGE
            if target.name in triage
            else _VERDICT
            if target.name in verdict
            else _REST
            for target in self.unknown
        }

    def ranked(self, most: int) -> list[dict[str, Any]]:
        """Give the findings that settle most a minute, each with what its answers settle."""
        waiting = Support(self.inferred).waits_for(target.name for target in self.unknown)
        found = [
            (self._worth(path, settles), self.vocabulary.position(path), path, settles)
            for path in waiting
            if testable(path, self.inferred, self.vocabulary)
            and (settles := list(self._settles(path)))
        ]
        found.sort(key=lambda each: (-each[0], each[1], each[2]))
        return [self._row(path, settles) for _, _, path, settles in found[:most]]

    def _settles(self, path: str) -> Iterator[tuple[Answer, list[str]]]:
        """Give for each answer the unknown conclusions that it makes known."""
        for answer in sorted(self.completion.candidates.of(path), key=str):
            walk = self.completion.walk({path: answer})
            known = [t.name for t in self.unknown if truth(walk.faces(t.name)) is not None]
            if known:
                yield answer, known

    def _worth(self, path: str, settles: list[tuple[Answer, list[str]]]) -> float:
        each = [max(self._weights[name] for name in names) + len(names) for _, names in settles]
        return sum(each) / len(each) / max(self.vocabulary[path].minutes, _LEAST)

    def _row(self, path: str, settles: list[tuple[Answer, list[str]]]) -> dict[str, Any]:
        entry = self.vocabulary[path]
        return {
            "path": path,
            "title": entry.title,
            "minutes": plain(entry.minutes),
            "equipment": list(entry.equipment),
            "settles": [
                {
                    "answer": as_typed(path, answer, self.vocabulary),
                    "says": self._said(path, answer),
                    "conclusions": names,
                }
                for answer, names in settles
            ],
        }

    def _said(self, path: str, answer: Answer) -> str:
        """Say an answer: a number stands for all that no rule tells from it."""
        entry = self.vocabulary[path]
        if entry.type != "number" or not isinstance(answer, int):
            words = answer if isinstance(answer, tuple) else (str(answer),)
            return ", ".join(entry.says.get(word, word.replace("_", " ")) for word in words)
        numbers = sorted(a for a in self.completion.candidates.of(path) if isinstance(a, int))
        about = with_unit(answer, entry.unit)
        if answer == numbers[0]:
            return f"{about} or less"
        return f"{about} or more" if answer == numbers[-1] else f"about {about}"

    def verdicts(self) -> dict[str, Any]:
        """Tell for each leg whether its verdict can still change, and by what."""
        found: dict[str, Any] = {}
        for ladder in self.inferred.form.ladders:
            if ladder.id != "verdict" or ladder.side is None:
                continue
            if not self.inferred.exists(ladder.exists):
                found[ladder.side] = None
                continue
            target = Target(ladder.name, True)
            if self.completion.settled(target):
                found[ladder.side] = False
            else:
                witness = self.completion.other_state(target)
                found[ladder.side] = True if witness else "not_settled"
        return found


def next_findings(inferred: Inferred, most: int = 12) -> dict[str, Any]:
    """Give what to record next and whether the verdicts can still change, as data."""
    ahead = Next(inferred)
    return {"next": ahead.ranked(most), "verdict_can_change": ahead.verdicts()}
