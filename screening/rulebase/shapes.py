"""The shape of every kind of rule file, read strictly: a wrong or missing key is an error."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from screening.intake.thresholds import Certainty, Hundredths, Strict
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.kinds import DERIVED_KINDS
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.levels import Levels
from screening.rulebase.sourced import Lines, RuleText, Scope, Sourced


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


RuleFile = DerivedFile | ConclusionFile | LadderFile | AdviceFile
KINDS: dict[str, type[Strict]] = {
    **DERIVED_KINDS,
    "conclusion": ConclusionFile,
    "flag": ConclusionFile,
    "explanation": ConclusionFile,
    "sign": ConclusionFile,
    "verdict": ConclusionFile,
    "ladder": LadderFile,
    "advice": AdviceFile,
    "evidence": EvidenceFile,
}
