"""Why a conclusion does not hold: what would have to be different, or what to record."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred, infer, truth
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import POSITIONS, Entry, without_side
from screening.numbers import plain
from screening.questions.counterfactual import Answers, Search, Wish
from screening.record.proof import Proof
from screening.record.support import testable
from screening.record.verdict import verdict_of_leg
from screening.record.wording import Wording, with_leg
from screening.rulebase.form import Conclusion, Rule

if TYPE_CHECKING:
    from screening.questions.answer_model import FindingChange, WhyNotAnswer
    from screening.record.proof_model import NearRule

SHOWN = 10
"""So many sets are shown; ``sets`` says how many there are."""

NEAREST = 3
"""So many rules are shown."""

MORE, NEVER, TOLD = "more_than_three", "never", "told"
"""Why there is no set: too large, none at all, or none without changing what the patient told."""


class WhyNot:
    """Answers for one case and one conclusion."""

    def __init__(self, inferred: Inferred, conclusion: Conclusion) -> None:
        """Look at one conclusion of one case."""
        self._inferred, self._conclusion = inferred, conclusion
        self._value = inferred.value(conclusion.name)
        self._wish = Wish(conclusion.name, either_way=self._value is None)
        self._vocabulary = inferred.base.vocabulary
        self._wording = Wording(inferred)

    def record(self) -> WhyNotAnswer:
        """Give the answer as plain data."""
        found, limit = ([], None) if self._value else self._sets()
        shown = list(islice(filter(self._confirmed, found), SHOWN))
        told = list(dict.fromkeys(map(self._told, shown))) if limit == TOLD else []
        found, shown = ([], []) if limit == TOLD else (found, shown)
        unknown = self._value is None
        return {
            "conclusion": self._conclusion.id,
            "side": self._conclusion.side,
            "title": self._wording.concluded(self._conclusion.name),
            "value": self._value,
            "verdict": verdict_of_leg(self._inferred, self._conclusion),
            "changes": [] if unknown else [self._changes(answers) for answers in shown],
            "record": [self._ordered(answers) for answers in shown] if unknown else [],
            "sets": len(found),
            "limit": limit,
            "told": told,
            "nearest": [] if self._value else self._nearest(),
        }

    # -- sets of findings -----------------------------------------------------------------------

    def _sets(self) -> tuple[list[Answers], str | None]:
        """Give the smallest sets, or why there is none: recorded findings first, then others.

        What the patient told is no reading: only what could be measured anew, or was not recorded,
        is proposed. Sets that need more are given with the limit ``TOLD``: they say what stands
        against the conclusion.
        """
        search = Search(self._inferred, self._wish)
        answers = self._inferred.case.answers
        recorded = [path for path in search.paths if path in answers]
        measured = [path for path in recorded if self._measured(path)]
        open_ = [path for path in search.paths if path not in answers and self._askable(path)]
        if self._value is None:
            waiting = [path for path in open_ if self._waits(path)]
            found = search.smallest(waiting)
            reach = waiting
        else:
            found = search.smallest(measured) or search.smallest(measured + open_)
            reach = list(search.paths)
            if not found:
                against = search.smallest(recorded) or search.smallest(recorded + open_)
                if against:
                    return against, TOLD
        if found:
            return found, None
        return [], NEVER if search.out_of_reach(reach) else MORE

    def _measured(self, path: str) -> bool:
        """Tell whether a finding is examined, so that it could be measured anew."""
        return self._vocabulary[path].position != POSITIONS[0]

    def _told(self, answers: Answers) -> str:
        """Say what stands against the conclusion in one set: what was told, as it is recorded."""
        recorded = self._inferred.case.answers
        return "; and ".join(
            f"{with_leg(path, self._vocabulary)}: {said(recorded[path], self._vocabulary[path])}"
            for path in self._ordered(answers)
            if path in recorded and not self._measured(path)
        )

    def _askable(self, path: str) -> bool:
        """Tell whether a finding may be recorded: nothing blocks it, and its gate is answered."""
        side, bare = without_side(path)
        gates = [o for o in self._vocabulary.entries[bare].family if o in self._vocabulary.gates]
        answered = all(self._known(gate, side) for gate in gates)
        return answered and testable(path, self._inferred, self._vocabulary)

    def _waits(self, path: str) -> bool:
        side, bare = without_side(path)
        return self._vocabulary[path].type == "sweep" or not self._known(bare, side)

    def _known(self, bare: str, side: str | None) -> bool:
        """Tell whether everything that an entry records on a side is known."""
        operands = [name for name, _ in self._vocabulary.operands(bare)]
        return all(
            name in self._inferred.known
            for name in operands
            if side is None or without_side(name)[0] in (None, side)
        )

    def _confirmed(self, answers: Answers) -> bool:
        """Screen the case anew: only what both readings bear out is reported."""
        base = self._inferred.base
        again = infer(self._inferred.case.with_answers(dict(answers), base.vocabulary), base)
        return again.agree and self._wish.fulfilled(again.faces(self._conclusion.name))

    def _ordered(self, answers: Answers) -> list[str]:
        paths: Iterable[str] = (path for path, _ in answers)
        return sorted(paths, key=lambda path: (self._vocabulary.position(path), path))

    # -- changes --------------------------------------------------------------------------------

    def _changes(self, answers: Answers) -> list[FindingChange]:
        given = dict(answers)
        return [self._change(path, given[path]) for path in self._ordered(answers)]

    def _change(self, path: str, to: Answer) -> FindingChange:
        now, entry = self._inferred.case.answers.get(path), self._vocabulary[path]
        mdc = self._vocabulary.mdc.get(without_side(path)[1])
        both = isinstance(now, int) and isinstance(to, int)
        difference = to - now if isinstance(now, int) and isinstance(to, int) else None
        return {
            "path": path,
            "from": None if now is None else as_typed(path, now, self._vocabulary),
            "to": as_typed(path, to, self._vocabulary),
            "difference": None if difference is None else plain(difference),
            "unit": entry.unit or None,
            "mdc_multiples": round(abs(difference) / mdc, 2) if difference and mdc else None,
            "text": self._text(path, now, to, mdc if both else None),
        }

    def _text(self, path: str, now: Answer | None, to: Answer, mdc: int | None) -> str:
        entry = self._vocabulary[path]
        begin = f"{with_leg(path, self._vocabulary)}: {said(to, entry)}"
        if now is None:
            return f"{begin} ({self._answered_by(path) or 'not recorded yet'})"
        begin = f"{begin} instead of {said(now, entry)}"
        if not isinstance(now, int) or not isinstance(to, int):
            return begin
        moved = f"{with_unit(abs(to - now), entry.unit)} {'more' if to > now else 'less'}"
        if mdc is None:
            return f"{begin}: {moved}"
        against = "more than" if abs(to - now) > mdc else "within"
        return f"{begin}: {moved}, {against} the MDC of {with_unit(mdc, entry.unit)}"

    def _answered_by(self, path: str) -> str:
        """Say what answers a finding that was not recorded by itself: a gate, a sweep, a number."""
        owner = self._inferred.findings.origins.get(path, ("", ""))[1]
        return (
            f'answered by "{with_leg(owner, self._vocabulary)}" so far'
            if owner in self._vocabulary
            else ""
        )

    # -- nearest rules --------------------------------------------------------------------------

    def _nearest(self) -> list[NearRule]:
        proof = Proof(self._inferred)
        rules = sorted(self._conclusion.rules, key=self._lacks)[:NEAREST]
        return [
            {
                "rule": rule.id,
                "side": rule.side,
                "title": self._title(rule),
                "premises": [proof.premise(premise) for premise in rule.premises],
            }
            for rule in rules
        ]

    def _lacks(self, rule: Rule) -> tuple[int, int]:
        found = [truth(self._inferred.walk.premise(premise)) for premise in rule.premises]
        return len(found) - found.count(True), found.count(False)

    def _title(self, rule: Rule) -> str:
        written = self._inferred.base.rule_texts.get(rule.id)
        return written[0].title if written else self._wording.title(rule.id)


def said(answer: Answer, entry: Entry) -> str:
    """Say an answer as a report does."""
    if isinstance(answer, int):
        return with_unit(answer, entry.unit)
    if isinstance(answer, tuple):
        return ", ".join(entry.says.get(word, word) for word in answer) or "none"
    return entry.says.get(str(answer), str(answer))
