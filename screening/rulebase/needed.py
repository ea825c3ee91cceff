"""What the program itself reads by name: without these parts no case could be reported.

The contents are the rules' own; only the names are fixed, as the words of docs and reports are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.errors import Problem
from screening.rulebase.levels import TIERS
from screening.rulebase.older import says_to_whom
from screening.rulebase.shapes import ConclusionFile, LadderFile

if TYPE_CHECKING:
    from screening.rulebase.base import RuleBase

FINDINGS = {"case_id": "person", "hip.pain": "leg"}
LADDERS = {"verdict": "leg", "restriction": "leg", "pattern": "leg", "triage": "person"}
CONCLUSIONS = ("verdict.likely", "verdict.possible", "verdict.unlikely")
STATEMENTS = (
    "about_pain",
    "does_not_exclude",
    "in_short",
    "instruments_differ",
    "intended_use",
    "movement",
    "no_claim_across_legs",
    "pain_not_recorded",
)
OF_A_NOTE = ("not_done",)
"""What a referral note says as well; rule bases of version 1 knew none."""


def needed(base: RuleBase) -> Iterator[Problem]:
    """Give every part that reports need and the rules do not have."""
    at = str(base.root)
    for path, of in FINDINGS.items():
        entry = base.vocabulary.entries.get(path)
        if entry is None or entry.of != of:
            yield Problem(at, f'the vocabulary needs "{path}", of the {of}.')
    for id, of in LADDERS.items():
        ladder = base.files.get(id)
        if not isinstance(ladder, LadderFile) or ladder.of != of or ladder.per:
            yield Problem(at, f'the decisions need a ladder "{id}", of the {of}.')
        elif id == "triage" and not {row.word for row in ladder.rows} <= set(TIERS):
            what = f"the triage decides between {', '.join(TIERS)}, and nothing else."
            yield Problem(base.where(id, ("rows",)), what)
    for id in CONCLUSIONS:
        file = base.files.get(id)
        if not isinstance(file, ConclusionFile) or file.of != "leg":
            yield Problem(at, f'the decisions need a conclusion "{id}", of the leg.')
    for name in (*STATEMENTS, *(OF_A_NOTE if says_to_whom(base.head) else ())):
        if name not in base.evidence.statements:
            where = base.where("evidence") if "evidence" in base.documents else at
            yield Problem(where, f'the statements need "{name}": every report says it.')
