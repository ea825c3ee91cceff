"""The screening record: everything that a screening holds, as plain data in a fixed order.

Every report is written from it. Keys are only ever added; the same case gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

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
from screening.rulebase.form import Conclusion
from screening.rulebase.premises import ground_line

if TYPE_CHECKING:
    from screening.intake.answers import Typed
    from screening.record.model import (
        ConclusionRecord,
        Record,
        ScoreRecord,
        ScreenedWith,
        TraceRecord,
    )


def screening(inferred: Inferred, ahead: bool = True) -> Record:
    """Give the whole record of one screening.

    Without ``ahead`` nothing is named to record next: that takes as long as all the rest.
    """
    wording, support = Wording(inferred), Support(inferred)
    sides = {side: verdict(side, inferred, wording, support) for side in SIDES}
    painless = [side for side in SIDES if sides[side] is None]
    return {
        "case_id": inferred.case.case_id,
        "screened_with": _screened_with(inferred),
        "patient": _patient(inferred),
        "heading": _heading(inferred),
        "triage": triage(inferred, wording, support),
        "sides": sides,
        "painless_legs": [
            leg for side in painless if (leg := painless_leg(side, inferred, wording))
        ],
        "advice": list(advice(inferred, wording, support)),
        "scores": list(_scores(inferred, wording, support)),
        "next_findings": to_record(inferred, sides, wording, support) if ahead else [],
        "warnings": list(warnings(inferred, wording)),
        "conclusions": [
            _conclusion(found, inferred)
            for found in inferred.form.conclusions.values()
            if inferred.exists(found.exists)
        ],
        "codes": codes(inferred),
        "trace": list(_trace(inferred, wording)),
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
    heads = [path for path in vocabulary.all_paths if vocabulary[path].heading]
    paths = dict.fromkeys([*vocabulary.about_the_case, *heads])
    return {
        path: as_typed(path, answers[path], vocabulary)
        for path in paths
        if path in answers and path != "case_id"
    }


def _heading(inferred: Inferred) -> list[str]:
    """Give the parts of the head of a report: the person, then each leg that hurts."""
    answers, vocabulary = inferred.case.answers, inferred.base.vocabulary
    parts: dict[str | None, list[str]] = {None: [], **{side: [] for side in SIDES}}
    for path in vocabulary.all_paths:
        side, entry = without_side(path)[0], vocabulary[path]
        answer = as_typed(path, answers[path], vocabulary) if path in answers else ABSENT
        if entry.heading and answer not in (ABSENT, []):
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


def _trace(inferred: Inferred, wording: Wording) -> Iterator[TraceRecord]:
    """Give every written rule that fired, in the order of strata, ids and legs."""
    for conclusion, rule, fired in Sayings(inferred.base, inferred.walk).fired():
        if fired:
            text, file = inferred.base.rule_texts[rule.id]
            yield {
                "rule": rule.id,
                "side": rule.side,
                "concludes": conclusion.id,
                "title": text.title,
                "premises": [wording.premise(premise) for premise in rule.premises],
                "because": wording.because(rule.id, rule.side),
                "references": list(text.references or file.references),
                "certainty": text.certainty or file.certainty,
            }
