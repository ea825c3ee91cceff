"""The shape of every kind of rule file, read strictly: a wrong or missing key is an error."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from screening.documents import overlaid
from screening.intake.thresholds import Certainty, Code, Hundredths, Strict
from screening.rulebase.levels import LevelName, Levels

Scope = Literal["leg", "person"]


def _status(written: object) -> object:
    """Old files call themselves drafts, which says nothing: a review is a signature elsewhere."""
    if written == "reviewed":
        raise ValueError("no file says of itself that it is reviewed: use `screening rules sign`")
    return None if written == "draft" else written


Status = Annotated[Literal["retired"] | None, BeforeValidator(_status)]
Lines = tuple[tuple[str, ...], ...]


class Reference(Strict):
    """A source, as far as it is known.

    ``checked`` needs the page that was read (``read_at``) and what stood there (``says``).
    """

    short: str
    authors: str = ""
    year: int | None = None
    title: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str | int = ""
    read_at: str = ""
    says: str = ""
    checked: bool
    note: str = ""
    claims: dict[str, Claim] = {}


class Claim(Strict):
    """One claim of the source article and what the evidence says of it."""

    text: str
    evidence: str


class Example(Strict):
    """A partial case that shows a rule firing, or nearly.

    It is written whole (``case``), or as its difference (``but``) from what the file gives.
    """

    story: str
    case: dict[str, Any] | None = None
    but: dict[str, Any] | None = None
    fires: tuple[str, ...] = ()
    does_not_fire: tuple[str, ...] = ()
    shows: dict[str, str] = {}
    """What a finding, a conclusion or a decision (its name with the side) must be.

    Of a finding it is the word or the number; of a conclusion ``true``, ``false`` or ``unknown``;
    of a decision the word, and ``word: reason`` where the row has a reason. ``not there`` is what
    does not exist for the case.
    """

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.case is None) == (self.but is None):
            raise PydanticCustomError("one_of_two", 'either "case" or "but" is expected.')
        return self


class Sourced(Strict):
    """What every file says about itself."""

    id: str
    title: str
    purpose: str = ""
    limits: str = ""
    certainty: Certainty
    references: tuple[str, ...]
    status: Status = None
    meant: dict[str, str] = {}
    """What a linter finds and why it stays: by rule id, or by the kind of finding."""
    codes: tuple[Code, ...] = ()
    """Codes of other systems: exported, never shown as a diagnosis."""
    given: dict[str, Any] = {}
    """What is recorded in every example that says its ``but``."""
    examples: tuple[Example, ...] = ()

    def case_of(self, example: Example) -> dict[str, Any]:
        """Give the whole case of an example, as a case file would hold it."""
        if example.but is None:
            return example.case or {}
        return overlaid(self.given, example.but)


Strength = Literal["tests", "findings", "place"]
STRENGTHS: tuple[Strength, ...] = ("tests", "findings", "place")
"""What speaks for an explanation: a cluster or tests, findings, or only where it hurts."""


class RuleText(Strict):
    """One rule as written: premises that must all hold, and why that matters."""

    id: str
    title: str
    short: str = ""
    """What the page says of the findings it reads; without it they are said one by one."""
    when: tuple[str, ...] = Field(min_length=1)
    because: str
    level: LevelName | None = None
    strength: Strength | None = None
    """Of an explanation to consider: what speaks for it."""
    cluster: bool = False
    """A published cluster of tests is met: it stands before single tests."""
    open: tuple[str, ...] = ()
    """Premises that need not be answered for the explanation to be listed, unless they fail."""
    each: Literal["leg"] | None = None
    references: tuple[str, ...] = ()
    certainty: Certainty | None = None


class MeasureFile(Sourced):
    """A difference of two findings."""

    kind: Literal["measure"]
    of: Scope
    unit: str
    minuend: str
    subtrahend: str
    below_zero: str = ""
    """How a difference below zero is said of a patient, behind the number without its sign."""
    plausible: dict[Literal["below", "above"], str] = {}
    warning: str = ""


class InstrumentText(Strict):
    """One instrument of a band."""

    reads: str | tuple[str, ...]
    words: dict[str, tuple[str, ...]]


class SetAside(Strict):
    """A contradiction that leaves a band not recorded."""

    when: tuple[str, ...]
    because: str


class BandFile(Sourced):
    """Alternative instruments merged into ordered words."""

    kind: Literal["band"]
    of: Scope
    words: dict[str, str]
    instruments: tuple[InstrumentText, ...]
    set_aside: tuple[SetAside, ...] = ()


class ItemText(Strict):
    """One item of a score; it counts when any line holds."""

    points: int
    title: str
    any: Lines


class Reading(Strict):
    """What a score says when its premises hold."""

    when: tuple[str, ...]
    text: str
    references: tuple[str, ...] = ()


class ScoreFile(Sourced):
    """A weighted sum of items."""

    kind: Literal["score"]
    of: Scope
    unit: str
    exists: tuple[str, ...] = ()
    items: tuple[ItemText, ...]
    reading: tuple[Reading, ...] = ()


class ConclusionFile(Sourced):
    """All the rules for one conclusion."""

    kind: Literal["conclusion", "flag", "explanation", "sign", "verdict"]
    of: Scope
    exists: tuple[str, ...] = ()
    levels: Levels = {}
    """The levels of a flag, the worst first."""
    rules: tuple[RuleText, ...] = Field(min_length=1)
    reported: Literal["for", "against", "neither"] | None = None
    short: str = ""
    """How the page begins the line of it; ``short_when_false`` is the whole line."""
    short_when_false: str = ""
    when_false: str = ""
    """What a report says when the conclusion is false and that counts for something."""


class RowText(Strict):
    """One row of a ladder."""

    word: str
    reason: str | None = None
    says: str = ""
    any: Lines | None = None
    own: Literal["first", "optional"] | None = None
    """Of a ladder per advice: a line that the advice gives under this key must hold as well."""
    because: str = ""


class Gap(Strict):
    """The word that decides nothing, and where that is meant although all is recorded."""

    word: str
    meant: Lines
    because: str


class LadderFile(Sourced):
    """A decision: the first row that is established wins."""

    kind: Literal["ladder"]
    of: Scope
    per: Literal["advice"] | None = None
    exists: tuple[str, ...] = ()
    rows: tuple[RowText, ...] = Field(min_length=2)
    gap: Gap | None = None


class ForPatient(Strict):
    """What the patient reads of an advice; without it an advice is the clinician's alone."""

    title: str = ""
    """Names an exercise; without it there is only when to come back."""
    drawing: str = ""
    """A file of ``report/drawings``."""
    dose: str = ""
    how: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """What is added to how it is done; the variants that hold add up."""
    come_back: str = ""


class Variant(Strict):
    """Words that are added to an advice when its premises hold."""

    when: tuple[str, ...]
    text: str
    replaced: bool = False
    """Another advice takes its place then: it is no step and stands on no patient's sheet."""
    for_patient: ForPatient | None = None
    """What replaces the patient's words where it holds, key by key."""


class AdviceFile(Sourced):
    """One advice: when it is indicated, what blocks it, dose, how, and when to stop."""

    kind: Literal["advice"]
    order: int
    short: str = ""
    """One line for the page: its name, a colon, how much."""
    heading: str = ""
    """A heading of its own on the page, instead of a place in the list."""
    decided_by: str
    placed_by: str = ""
    """The ladder that says in which part of the plan it stands."""
    first: Lines = ()
    optional: Lines = ()
    rules: tuple[RuleText, ...] = Field(min_length=1)
    blocked_by: tuple[str, ...] = ()
    dose: str = Field(min_length=1)
    how: tuple[str, ...] = Field(min_length=1)
    stop_rules: tuple[str, ...] = Field(min_length=1)
    """Names of signs in ``advice/blocks.yaml``."""
    expected_change: str
    retest: str
    notes: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    for_patient: ForPatient | None = None


class Group(Strict):
    """A named set of advice and tests that are blocked together."""

    title: str
    holds: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class GateBlock(Strict):
    """What a gate blocks by itself."""

    blocks: tuple[str, ...]
    because: str


class StopSign(Strict):
    """A sign at which an exercise stops; once it is recorded it is no longer to come."""

    says: str
    recorded: Lines = ()


class StopSigns(Strict):
    """Signs that ask for the same."""

    says: str
    signs: dict[str, StopSign]


class BlocksFile(Strict):
    """What is blocked together, what a gate blocks by itself, and what stops an exercise."""

    id: ClassVar[str] = "blocks"
    groups: dict[str, Group]
    by_gate: dict[str, GateBlock] = {}
    stop_rules: dict[str, StopSigns] = {}

    @cached_property
    def stop_signs(self) -> dict[str, tuple[str, StopSign]]:
        """Every sign by its name, with what to do when it appears, in the order of printing."""
        return {
            name: (group.says, sign)
            for group in self.stop_rules.values()
            for name, sign in group.signs.items()
        }

    def stops(self, names: Iterable[str]) -> list[tuple[str, StopSign]]:
        """Give what to do at which sign, for the stop rules of an advice, as they are printed."""
        wanted = set(names)
        return [found for name, found in self.stop_signs.items() if name in wanted]

    def expand(self, names: Iterable[str]) -> list[str]:
        """Give the advice ids and test paths that groups and single names stand for."""
        found: dict[str, None] = {}
        for name in names:
            group = self.groups.get(name)
            inside = [*self.expand(group.groups), *group.holds] if group else [name]
            found.update(dict.fromkeys(inside))
        return list(found)


class EvidenceItem(Strict):
    """One finding of the literature for or against the chain."""

    id: str
    direction: Literal["for", "against"]
    text: str
    short: str = ""
    """As a page says it."""
    references: tuple[str, ...]
    certainty: Certainty
    shown_for: tuple[str, ...] = ()


class EvidenceFile(Strict):
    """Evidence for and against the chain, and the sentences every report says."""

    id: str
    kind: Literal["evidence"]
    items: tuple[EvidenceItem, ...]
    statements: dict[str, str]


class PromiseText(Strict):
    """What must hold of every screening; the kinds say how it is proved."""

    title: str
    because: str
    kind: Literal[
        "never",
        "blocks_hold",
        "one_row_wins",
        "rising_flags",
        "independent",
        "attestation",
        "complete_texts",
        "named_tiers",
        "at_most",
    ] = "never"
    for_each: tuple[str, ...] = ()
    """Advice ids or groups of blocks; ``every_advice`` is all: each stands for ``*`` in turn."""
    most: int = Field(default=0, ge=0)
    """Of ``at_most``: of how many of ``for_each`` the line ``whenever`` may hold on one leg."""
    whenever: tuple[str, ...] = ()
    any_of: Lines = ()
    """Lines that must never hold; ``whenever`` is one such line."""
    readings: dict[str, tuple[Hundredths, ...]] = {}
    """The only readings there are of these findings and of all that share their first name."""
    of: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Message(Strict):
    """One of the messages of a re-test."""

    title: str
    because: str


class Messages(Strict):
    """The three messages of a re-test."""

    fits: Message
    unlikely_driver: Message
    not_tested_yet: Message


class Notes(Strict):
    """What a re-test adds where something is open."""

    too_early: str
    hardly_done: str
    exercises_unknown: str
    interval_unknown: str
    pain_unknown: str


class Reason(Strict):
    """Why a decision may get milder than in an earlier version."""

    decision: str
    before: str = Field(alias="from")
    after: str = Field(alias="to")
    because: str = Field(min_length=1)


class ChangesFile(Strict):
    """What got milder on purpose since a version, each with its reason."""

    since: str
    changes: tuple[Reason, ...] = ()


class FollowUpFile(Strict):
    """What a re-test reads, and what it says."""

    title: str
    painful: str
    pain: str
    pain_points: str
    pain_percent: str
    exercises: str
    exercises_enough: tuple[str, ...]
    not_before: str
    messages: Messages
    notes: Notes
    references: tuple[str, ...]


RuleFile = MeasureFile | BandFile | ScoreFile | ConclusionFile | LadderFile | AdviceFile
KINDS: dict[str, type[Strict]] = {
    "measure": MeasureFile,
    "band": BandFile,
    "score": ScoreFile,
    "conclusion": ConclusionFile,
    "flag": ConclusionFile,
    "explanation": ConclusionFile,
    "sign": ConclusionFile,
    "verdict": ConclusionFile,
    "ladder": LadderFile,
    "advice": AdviceFile,
    "evidence": EvidenceFile,
}
