"""The shape of a proof: what every key holds. Plain dictionaries at run time."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from screening.record.proof import Source


class ThresholdProof(TypedDict):
    """The number that a premise compares with, and where it comes from."""

    name: str
    text: str
    certainty: str
    references: list[str]


class FindingProof(TypedDict):
    """A recorded finding under a derived one."""

    path: str
    title: str
    value: str
    source: Source | None
    origin: str


class PremiseProof(TypedDict):
    """A premise and what it rests on: a conclusion with its proofs, or a finding."""

    text: str
    status: Literal["met", "not_met", "unknown"]
    value: str | bool | None
    """What a finding is, in words; of a conclusion, whether it holds."""
    proofs: list[RuleProof]
    conclusion: NotRequired[str]
    side: NotRequired[str | None]
    wanted: NotRequired[bool]
    """Of a conclusion: whether it is to hold."""
    path: NotRequired[str]
    threshold: NotRequired[ThresholdProof | None]
    source: NotRequired[Source | None]
    origin: NotRequired[str]
    findings: NotRequired[list[FindingProof]]


class NearRule(TypedDict):
    """A rule and its premises."""

    rule: str
    side: str | None
    title: str
    premises: list[PremiseProof]


class RuleProof(NearRule):
    """A rule that decides a conclusion, with its reason and its sources."""

    because: str
    certainty: str | None
    references: list[str]


class LegVerdict(TypedDict):
    """The verdict of the leg that a line of the verdict is of."""

    word: str
    says: str


class AboutConclusion(TypedDict):
    """Which conclusion is spoken of, and what it came to."""

    conclusion: str
    side: str | None
    title: str
    value: bool | None


class ConclusionProof(AboutConclusion):
    """A conclusion with every rule that decides it."""

    proofs: list[RuleProof]
    verdict: NotRequired[LegVerdict | None]
