"""The screening record: everything that a screening holds, as plain data in a fixed order.

Every report is written from it. Keys are only ever added; the same case gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, cast

from screening.inference.infer import Inferred
from screening.intake.case import as_typed
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import ABSENT, SIDES, Entry, without_side
from screening.numbers import hundredths, plain
from screening.record.advice import advice
from screening.record.codes import codes
from screening.record.said import Sayings
from screening.record.support import Support
from screening.record.to_record import to_record
from screening.record.triage import triage
from screening.record.verdict import painless_leg, verdict
from screening.record.warnings import warnings
from screening.record.wording import Wording
from screening.rulebase.form import Conclusion, Rule
from screening.rulebase.premises import ground_line

if TYPE_CHECKING:
    from screening.intake.answers import Typed
    from screening.record.model import (
        AdviceRecord,
        CodeRecord,
        ConclusionRecord,
        LegRecord,
        NextRecord,
        PainlessLeg,
        Record,
        ScoreRecord,
        ScreenedWith,
        TraceRecord,
        TriageRecord,
        WarningRecord,
    )


def screening(inferred: Inferred) -> Record:
    """Give the whole record of one screening."""
    parts = _Parts(inferred)
    return {
        "case_id": parts.case_id,
        "screened_with": parts.screened_with,
        "patient": parts.patient,
        "heading": parts.heading,
        "triage": parts.triage,
        "sides": parts.sides,
        "painless_legs": parts.painless_legs,
        "advice": parts.advice,
        "scores": parts.scores,
        "next_findings": parts.next_findings,
        "warnings": parts.warnings,
        "conclusions": parts.conclusions,
        "codes": parts.codes,
        "trace": [fired.record for fired in parts.trace],
    }


def as_read(inferred: Inferred) -> Record:
    """Give the same record for whoever reads some of it: a part is worked out when it is read."""
    return cast("Record", _AsRead(_Parts(inferred)))


class _Parts:
    """The parts of a record, each worked out once."""

    def __init__(self, inferred: Inferred) -> None:
        self._inferred = inferred
        self._wording, self._support = Wording(inferred), Support(inferred)

    @cached_property
    def case_id(self) -> str:
        return self._inferred.case.case_id

    @cached_property
    def screened_with(self) -> ScreenedWith:
        return _screened_with(self._inferred)

    @cached_property
    def patient(self) -> dict[str, object]:
        return _patient(self._inferred)

    @cached_property
    def heading(self) -> list[str]:
        return _heading(self._inferred)

    @cached_property
    def triage(self) -> TriageRecord:
        return triage(self._inferred, self._wording, self._support)

    @cached_property
    def sides(self) -> dict[str, LegRecord | None]:
        return {side: verdict(side, self._inferred, self._wording, self._support) for side in SIDES}

    @cached_property
    def painless_legs(self) -> list[PainlessLeg]:
        painless = [side for side in SIDES if self.sides[side] is None]
        legs = (painless_leg(side, self._inferred, self._wording) for side in painless)
        return [leg for leg in legs if leg]

    @cached_property
    def advice(self) -> list[AdviceRecord]:
        return list(advice(self._inferred, self._wording, self._support))

    @cached_property
    def scores(self) -> list[ScoreRecord]:
        return list(_scores(self._inferred, self._wording, self._support))

    @cached_property
    def next_findings(self) -> list[NextRecord]:
        return to_record(self._inferred, self.sides, self._wording, self._support)

    @cached_property
    def warnings(self) -> list[WarningRecord]:
        return list(warnings(self._inferred, self._wording))

    @cached_property
    def conclusions(self) -> list[ConclusionRecord]:
        return [
            _conclusion(found, self._inferred)
            for found in self._inferred.form.conclusions.values()
            if self._inferred.exists(found.exists)
        ]

    @cached_property
    def codes(self) -> list[CodeRecord]:
        return codes(self._inferred)

    @cached_property
    def trace(self) -> list[_Fired]:
        """Every written rule that fired, in the order of strata, ids and legs."""
        fired = Sayings(self._inferred.base, self._inferred.walk).fired()
        return [
            _Fired(conclusion, rule, self._wording) for conclusion, rule, holds in fired if holds
        ]


class _AsRead(dict[str, object]):
    """Parts by name; one that was never asked for is not there."""

    def __init__(self, parts: _Parts | _Fired) -> None:
        super().__init__()
        self._parts = parts

    def __missing__(self, name: str) -> object:
        found = getattr(self._parts, name)
        if name == "trace":
            found = [_AsRead(fired) for fired in found]
        self[name] = found
        return found


class _Fired:
    """The parts of what is said of a rule that fired."""

    def __init__(self, conclusion: Conclusion, rule: Rule, wording: Wording) -> None:
        text, file = wording.base.rule_texts[rule.id]
        self._rule, self._wording = rule, wording
        self.rule, self.side, self.concludes = rule.id, rule.side, conclusion.id
        self.title = text.title
        self.references = list(text.references or file.references)
        self.certainty = text.certainty or file.certainty

    @property
    def premises(self) -> list[str]:
        return [self._wording.premise(premise) for premise in self._rule.premises]

    @property
    def because(self) -> str:
        return self._wording.because(self.rule, self.side)

    @property
    def record(self) -> TraceRecord:
        return {
            "rule": self.rule,
            "side": self.side,
            "concludes": self.concludes,
            "title": self.title,
            "premises": self.premises,
            "because": self.because,
            "references": self.references,
            "certainty": self.certainty,
        }


def _screened_with(inferred: Inferred) -> ScreenedWith:
    return {
        **inferred.base.screened_with,
        "readings_agree": inferred.agree,
        "disagreements": list(inferred.disagreements),
    }


def _patient(inferred: Inferred) -> dict[str, object]:
    """Give the answers that head a report, as they were typed."""
    answers, vocabulary = inferred.case.answers, inferred.base.vocabulary
    paths = dict.fromkeys([*vocabulary.about_the_case, *vocabulary.headings])
    return {
        path: as_typed(path, answers[path], vocabulary)
        for path in paths
        if path in answers and path != "case_id"
    }


def _heading(inferred: Inferred) -> list[str]:
    """Give the parts of the head of a report: the person, then each leg that hurts."""
    answers, vocabulary = inferred.case.answers, inferred.base.vocabulary
    parts: dict[str | None, list[str]] = {None: [], **{side: [] for side in SIDES}}
    for path in vocabulary.headings:
        side, entry = without_side(path)[0], vocabulary[path]
        answer = as_typed(path, answers[path], vocabulary) if path in answers else ABSENT
        if answer not in (ABSENT, []):
            parts[side].append(entry.heading.format(value=_said(answer, entry), side=side))
    return [*parts[None], *(_of_leg(side, parts[side]) for side in SIDES if parts[side])]


def _of_leg(side: str, parts: list[str]) -> str:
    """Name the leg, also where its pain is not recorded."""
    said = ", ".join(parts)
    return said if said.startswith(side) else f"{side}: {said}"


def _said(answer: Typed, entry: Entry) -> str:
    if entry.type == "number":
        return with_unit(hundredths(Decimal(str(answer))), entry.unit)
    words = answer if isinstance(answer, list) else [answer]
    return ", ".join(entry.says.get(str(word), str(word)) for word in words)


def _scores(inferred: Inferred, wording: Wording, support: Support) -> Iterator[ScoreRecord]:
    for score, least, most in Sayings(inferred.base, inferred.walk).scores():
        if not least.exists:
            continue
        side, id = without_side(score.name)
        low, high = least.number, most.number
        missing = [path for line in score.awaited for path in support.line(line)]
        file = inferred.base.form_files[id]
        yield {
            "id": id,
            "side": side,
            "title": file.title,
            "low": plain(low),
            "high": plain(high),
            "any_item_settled": (low, high) != score.limits(inferred.form),
            "missing": list(dict.fromkeys(missing)),
            "says": [
                wording.fill(reading.text, side)
                for reading in file.read_as
                if any(
                    inferred.holds(line)
                    for line in ground_line(reading.when, inferred.base.names, side)
                )
            ],
        }


def _conclusion(conclusion: Conclusion, inferred: Inferred) -> ConclusionRecord:
    rules = [rule.id for rule in conclusion.rules if inferred.run.rules[rule.name].must]
    return {
        "id": conclusion.id,
        "side": conclusion.side,
        "value": inferred.value(conclusion.name),
        "rules": list(dict.fromkeys(rules)),
    }
