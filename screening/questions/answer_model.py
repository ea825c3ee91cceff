"""The shape of the answers to questions: what every key holds. Plain dictionaries at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from screening.record.model import Deciding, NextRecord, Record
from screening.record.proof_model import (
    AboutConclusion,
    ConclusionProof,
    LegVerdict,
    NearRule,
)

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.intake.answers import Answer, Typed
    from screening.questions.completion import State

# -- why and why not -------------------------------------------------------------------------------


class VerdictProof(TypedDict):
    """The verdict of one leg, and what it rests on."""

    conclusion: str
    side: str
    title: str
    value: str
    reason: str | None
    says: str
    because: str
    because_lines: list[str]
    decides: Deciding | None
    proofs: list[ConclusionProof]


class VerdictProofs(TypedDict):
    """The verdict of every leg that hurts."""

    verdicts: list[VerdictProof]


FindingChange = TypedDict(
    "FindingChange",
    {
        "path": str,
        "from": "Typed | None",
        "to": "Typed",
        "difference": int | float | None,
        "unit": str | None,
        "mdc_multiples": float | None,
        "text": str,
    },
)
"""One finding that would have to be another."""


class WhyNotAnswer(AboutConclusion):
    """What would have to be different for a conclusion to hold, or to be recorded."""

    verdict: LegVerdict | None
    changes: list[list[FindingChange]]
    record: list[list[str]]
    """Sets of paths to record, where it is unknown."""
    sets: int
    limit: str | None
    """Why there is no set."""
    told: list[str]
    nearest: list[NearRule]


# -- what next, and how firm -----------------------------------------------------------------------


DecisionMoved = TypedDict(
    "DecisionMoved",
    {"decision": str, "side": str | None, "title": str, "from": str, "to": str, "says": str},
)
"""A decision that one answer would change."""


class Settling(TypedDict):
    """What one answer would settle."""

    answer: Typed
    says: str
    conclusions: list[str]
    values: list[bool | None]
    decisions: list[DecisionMoved]


class NextRow(NextRecord):
    """A finding to record next, and what its answers settle."""

    settles: list[Settling]


class NextAnswer(TypedDict):
    """What to record next, and whether each verdict can still change."""

    next: list[NextRow]
    verdict_can_change: dict[str, bool | str | None]


class StabilityRow(TypedDict):
    """Whether a conclusion or a decision holds, and a case where it does not."""

    id: str
    side: str | None
    value: State
    mdc: str
    measured: bool
    """Whether it rests on a reading that was moved; without one, an error cannot turn it."""
    missing: str
    witness: dict[str, Typed] | None


class StableAnswer(TypedDict):
    """How firm everything is that was concluded."""

    conclusions: list[StabilityRow]
    decisions: list[StabilityRow]
    sides: dict[str, StabilityRow | None]
    moved: dict[str, list[Typed]]
    without_mdc: list[str]


# -- the re-test -----------------------------------------------------------------------------------


class MeasureChange(TypedDict):
    """The change of one reading, against its measurement error."""

    path: str
    title: str
    unit: str
    first: int | float
    second: int | float
    change: int | float
    mdc: int | float
    real: bool


class PainChange(TypedDict):
    """The change of the pain; not known unless it was asked both times."""

    path: str
    first: int | float | None
    second: int | float | None
    change: NotRequired[int | float]
    better: bool | None


class RetestFlag(TypedDict):
    """A red flag that holds at a re-test: it comes before anything that is compared."""

    id: str
    tier: str
    within: str | None
    title: str
    action: str
    to: str


class FollowUpAnswer(TypedDict):
    """What changed between two examinations of a leg, and what follows."""

    flags: list[RetestFlag]
    side: str
    measures: list[MeasureChange]
    pain: PainChange
    weeks: float | None
    exercises: Answer | None
    message: str
    title: str
    because: str
    references: list[str]


class VisitPair(TypedDict):
    """Two visits of one person, and the red flags of the later one."""

    case_id: str
    first_visit: Answer | None
    later_visit: Answer | None
    flags: list[RetestFlag]


class ComparedVisits(VisitPair, FollowUpAnswer):
    """Two visits, and what changed between them."""


class UncomparedVisits(VisitPair):
    """Two visits that cannot be compared, and why."""

    reason: str


class UncomparedLeg(UncomparedVisits):
    """The same, of one leg."""

    side: str


class Visits(TypedDict):
    """The visits of everyone in a run."""

    persons: int
    compared: list[ComparedVisits]
    not_compared: list[UncomparedVisits]


# -- the same case again ---------------------------------------------------------------------------


RecordChange = TypedDict(
    "RecordChange", {"what": str, "from": object, "to": object, "rules": list[str]}
)
"""One thing that two records differ in, and the rules through which."""


class KeptRecord(TypedDict):
    """A record as it is kept: the case, both readings, and everything that was said."""

    program: str
    rule_base: str
    rule_base_digest: str
    case: dict[str, Data]
    forward: dict[str, bool | None]
    reference: dict[str, bool | None]
    trace: list[str]
    screening: Record
    digest: NotRequired[str]


class AskedAnew(TypedDict):
    """A recorded finding that is asked under other names, and what they are answered."""

    finding: str
    now: dict[str, Data]


class RulesFired(TypedDict):
    """The rules that fired in only one of two screenings."""

    only_recorded: list[str]
    only_now: list[str]


class Replayed(TypedDict):
    """What differs when a recorded case is screened again."""

    same: bool
    same_rule_base: bool
    findings: list[AskedAnew]
    ask_again: list[str]
    rules: RulesFired
    differences: list[RecordChange]
    digest_ok: bool
