"""The shape of a screening record: what every key holds, for programs, types and its schema.

Plain dictionaries at run time, so that it is written as it stands; keys are only ever added.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from screening.intake.vocabulary import SIDES
from screening.rulebase.base import RulesUsed
from screening.rulebase.levels import TIERS

described = with_config(ConfigDict(use_attribute_docstrings=True))
"""The sentence under a key is its description in the schema."""

Side = Annotated[str, Field(json_schema_extra={"enum": [*SIDES]})]
Tier = Annotated[str, Field(json_schema_extra={"enum": [*TIERS]})]


@described
class ScreenedWith(RulesUsed):
    """Which program and which rules came to this, and whether both readings agree."""

    readings_agree: bool
    """Whether the two readings came to the same; without that nothing is advised."""
    disagreements: list[str]
    """What they differ in."""


@described
class Urgency(TypedDict):
    """How bad, and how soon: of a flag, or of all of them."""

    tier: Tier
    within: str | None


@described
class GateAnsweredYes(TypedDict):
    """A gate that is answered yes, while no flag that reads it is present."""

    gate: str
    title: str
    sides: list[Side]
    """The legs it was answered yes for; empty where it is of the person."""


@described
class FlagFinding(TypedDict):
    """A finding that makes a red flag hold, as a referral note says it."""

    path: str
    side: Side | None
    text: str


@described
class FlagRecord(TypedDict):
    """A red flag that is present, or not excluded; those that are excluded are not listed."""

    id: str
    title: str
    status: str
    """``present`` or ``not_excluded``."""
    tier: Tier
    """The worst level that is present or, where none is, that is open."""
    not_excluded: list[str]
    """The levels that are unknown."""
    within: str | None
    """The shortest time of the levels meant: ``now``, ``same_day``, ``3_days``, ``2_weeks``, ..."""
    sides: list[Side]
    """The legs that the findings are of."""
    suspends: bool
    """Whether the verdict is suspended by it."""
    action: str
    """What is to be done: an action, never an advice."""
    to: str | None
    """Who is to be told, or to whom the person goes."""
    blocks: list[str]
    """What must not be done: advice by id, then tests by path."""
    not_done: list[str]
    """The tests among them that nobody has recorded."""
    because: str
    findings: list[FlagFinding]
    """The findings under the rules that fired."""
    contradicts: list[str]
    """Gates that were answered no although a sign of theirs is recorded, by path."""
    rules: list[str]
    """The rules that fired, by id."""


@described
class TriageRecord(TypedDict):
    """What comes first: who must be seen by whom, and how soon."""

    tier: Tier
    """The worst tier of the flags present. ``none`` clears nobody unless ``complete``."""
    within: str | None
    """The shortest time of all flags present."""
    complete: bool
    """Whether every gate is answered and no flag is unknown."""
    attested: list[str]
    """The gates that were answered together, by a name and a date."""
    unanswered: list[str]
    """The gates still to ask; ``complete`` is false while there are any."""
    asked_and_answered_yes: list[GateAnsweredYes]
    """Gates answered yes that led to no flag."""
    flags: list[FlagRecord]
    """The flags that are present or not excluded."""


@described
class Outcome(TypedDict):
    """What the verdict would become with one answer."""

    answer: str
    verdict: str


@described
class Deciding(TypedDict):
    """The test, or the shortest set of tests, that would decide a verdict which waits for it."""

    paths: list[str]
    titles: list[str]
    minutes: int | float
    outcomes: list[Outcome]
    """What each answer would make of the verdict, where it is one test."""
    blocked_by: list[str]
    """Flags that forbid the test until they are cleared."""


@described
class Firmness(TypedDict):
    """One reading, moved within its minimal detectable change (MDC)."""

    path: str
    value: int | float
    mdc: int | float
    holds: bool
    """Whether the verdict stays."""
    turns_at: int | float | None
    """The nearest value with another verdict."""
    becomes: str | None
    text: str


@described
class Consideration(TypedDict):
    """An explanation to consider beside the calf."""

    id: str
    title: str
    strength: str
    """What speaks for it: a cluster or tests, findings, or only where it hurts."""
    certainty: str
    because: list[str]
    open: list[str]
    """What was not recorded and would end it if it failed, by path."""
    rules: list[str]


_For = TypedDict(
    "_For", {"for": Annotated[list[str], Field(description="What speaks for the pattern.")]}
)


@described
class LegRecord(_For):
    """One leg with hip pain. The verdict is on the MOVEMENT PATTERN, never on the pain's cause."""

    verdict: str
    reason: str | None
    """Why it cannot be judged, where it cannot."""
    settled: bool
    """Whether nothing that is not recorded could still change the verdict."""
    because: str
    because_lines: list[str]
    """The first level of the proof of the row that won, each finding said once."""
    decides: Deciding | None
    missing: list[str]
    """What is not recorded and could still settle it, by path."""
    firmness: list[Firmness]
    restriction: str
    pattern: str
    against: list[str]
    neither: list[str]
    """What is recorded and speaks neither way."""
    evidence_against: list[str]
    """What studies say that speaks against acting on this verdict, with the source."""
    evidence_in_short: list[str]
    """The same as a page says it."""
    evidence_for: list[str]
    explanations_to_consider: list[Consideration]


@described
class PainlessLeg(TypedDict):
    """What is tight on a leg without hip pain: listed, with no claim across legs."""

    side: Side
    restriction: str
    pattern: str
    text: str
    readings: list[str]


@described
class PatientWords(TypedDict):
    """An exercise in the patient's words."""

    title: str
    drawing: str | None
    """The name of its drawing."""
    dose: str
    how: list[str]
    come_back: str


@described
class AdviceRecord(TypedDict):
    """One advice for one leg: advised, blocked or withheld."""

    id: str
    side: Side
    status: str
    """``advised``, ``blocked`` or ``withheld``."""
    part: str | None
    """Where it stands in the plan."""
    title: str
    short: str
    heading: str
    dose: str
    how: list[str]
    variants: list[str]
    """What is done otherwise for this person."""
    replaced: bool
    """Whether another advice takes its place for this person."""
    stop_rules: list[str]
    look_now: list[str]
    """Signs that would stop it and are recorded already: a reason to look now."""
    blocked_by: list[str]
    """The flags, gates and conclusions that block it, by id."""
    withheld_for: list[str]
    """What must be asked before it may be advised, by path."""
    because: list[str]
    expected_change: str
    retest: str
    notes: list[str]
    for_patient: PatientWords | None
    certainty: str
    rules: list[str]
    references: list[str]


@described
class ScoreRecord(TypedDict):
    """A score of weighted items, from the least to the most that it could be."""

    id: str
    side: Side | None
    title: str
    low: int | float
    high: int | float
    any_item_settled: bool
    missing: list[str]
    says: list[str]


@described
class NextRecord(TypedDict):
    """A finding to record next."""

    path: str
    title: str
    because: str
    position: str
    """The position of the patient in which it is asked or tested."""
    minutes: int | float
    equipment: list[str]
    again: bool
    """Whether it is recorded already and should be measured again."""


@described
class WarningRecord(TypedDict):
    """What is doubtful in a case: kept or set aside, and always said."""

    path: str
    message: str


@described
class ConclusionRecord(TypedDict):
    """A conclusion: true, false, or null where it is unknown."""

    id: str
    side: Side | None
    value: bool | None
    rules: list[str]


@described
class CodeRecord(TypedDict):
    """A code of another system for what was found, with its side; never a diagnosis."""

    of: str
    side: Side | None
    system: str
    code: str
    checked: bool


@described
class TraceRecord(TypedDict):
    """A written rule that fired."""

    rule: str
    side: Side | None
    concludes: str
    title: str
    premises: list[str]
    because: str
    references: list[str]
    certainty: str


@described
class Record(TypedDict):
    """Everything that a screening holds, in a fixed order; the same case gives the same bytes."""

    case_id: str
    screened_with: ScreenedWith
    """The program and the rules, and whether both readings agree."""
    patient: dict[str, object]
    """The answers that head a report, by path, as they were typed."""
    heading: list[str]
    """The head of a report in words: the person, then each leg that hurts."""
    triage: TriageRecord
    sides: dict[Side, LegRecord | None]
    """Each leg; null without hip pain there."""
    painless_legs: list[PainlessLeg]
    """Tightness of legs without hip pain."""
    advice: list[AdviceRecord]
    """What is advised, blocked or withheld, for each painful leg."""
    scores: list[ScoreRecord]
    """Scores such as Wells, from the least to the most they could be."""
    next_findings: list[NextRecord]
    """What to record next, at most five."""
    warnings: list[WarningRecord]
    """What is doubtful in the case."""
    conclusions: list[ConclusionRecord]
    """Every conclusion of the rules."""
    codes: list[CodeRecord]
    """Codes of other systems for what was found."""
    trace: list[TraceRecord]
    """Every written rule that fired, in the order of strata."""
