"""The referral note of a flag, to be copied: how fast, why, what was not done, who examined."""

from __future__ import annotations

from collections.abc import Iterator

from screening.inference.infer import Inferred
from screening.intake.interview import EXAMINED_BY
from screening.intake.vocabulary import without_side
from screening.record.model import FlagRecord, Record
from screening.report.on_a_page import soon


def note(record: Record, inferred: Inferred) -> str:
    """Give a note for each flag that is present; empty without one. It holds no verdict."""
    flags = [flag for flag in record["triage"]["flags"] if flag["status"] == "present"]
    notes = ("\n".join(_lines(flag, inferred)) for flag in flags)
    return "\n\n".join(notes) + ("\n" if flags else "")


def _lines(flag: FlagRecord, inferred: Inferred) -> Iterator[str]:
    answers, vocabulary = inferred.case.answers, inferred.base.vocabulary
    by, day = answers.get(EXAMINED_BY, "not recorded"), answers.get("examined_on", "undated")
    yield f"REFERRAL NOTE. {soon(flag)}: {flag['title']}"
    yield flag["action"]
    yield f"Case: {inferred.case.case_id}. Examined by: {by}, {day}."
    yield f"Why: {flag['because']}"
    tests = [name for name in flag["blocks"] if name in vocabulary.entries]
    missed = [
        vocabulary.entries[name].title
        for name in tests
        if not any(without_side(path)[1] == name for path in answers)
    ]
    if missed:
        yield f"Not done, because of this: {'; '.join(missed)}."
    yield "Suspected on screening, not diagnosed."
