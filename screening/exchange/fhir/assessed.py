"""What a screening says: the movement pattern of each leg, flags, and what stays open or doubtful.

Never a Condition, never a probability: a verdict is on the movement, and a flag suspects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.exchange.cql.fhir import TERMS
from screening.exchange.fhir.findings_out import basis
from screening.exchange.fhir.systems import Resource, coding, concept
from screening.exchange.fhir.writer import ResourceWriter
from screening.intake.vocabulary import SIDES
from screening.record.verdict import VERDICT
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.record.model import FlagRecord, LegRecord

NOT_THE_CAUSE = "not the cause of the pain"
NOT_EXCLUDED, DOUBTFUL, WITHHELD = "issue.not_excluded", "issue.doubtful", "issue.withheld"
ISSUES = {
    NOT_EXCLUDED: "A red flag is not excluded",
    DOUBTFUL: "A finding is doubtful or contradicts another one",
    WITHHELD: "An advice is withheld until more is known",
}
OVERRIDES = {
    "override.known": "Known and acted on already",
    "override.not_applicable": "Does not apply to this patient",
    "override.judgement": "Decided otherwise after examination",
}
"""Why a card of it may be set aside."""

_SEVERITY = {"emergency": "high", "urgent": "high", "referral": "moderate"}
PRESENT, SUSPENDED = "present", "suspended"


def verdict_codes(base: RuleBase) -> dict[str, str]:
    """Give the code of every verdict with its words; it never stands without the movement."""
    words = dict.fromkeys(row.word for row in base.ladder(VERDICT).rows)
    movement = base.evidence.statements["movement"].lower()
    return {
        f"{VERDICT}.{word}": f"{word.replace('_', ' ').capitalize()}: {movement}, {NOT_THE_CAUSE}"
        for word in words
    }


def flag_key(id: str) -> str:
    """Give the key of the Flag of a red flag."""
    return f"Flag {id}"


def risk_key(side: str) -> str:
    """Give the key of the RiskAssessment of a leg."""
    return f"RiskAssessment {side}"


def assessments(writer: ResourceWriter) -> Iterator[Resource]:
    """Give a RiskAssessment for each painful leg."""
    for side in SIDES:
        leg = writer.record["sides"][side]
        if leg:
            yield _assessment(writer, side, leg)


def _assessment(writer: ResourceWriter, side: str, leg: LegRecord) -> Resource:
    base = writer.inferred.base
    code = f"{VERDICT}.{leg['verdict']}"
    said = f"{side.title()} leg. {verdict_codes(base)[code]}."
    against = [] if leg["verdict"] == SUSPENDED else leg["against"]
    narrative = [said, leg["because"], *leg["because_lines"], *(f"But: {text}" for text in against)]
    rests = basis(writer, side)
    prediction: Resource = {
        "outcome": {"text": f"{base.evidence.statements['movement']}, {side} leg"},
        "qualitativeRisk": concept(code, verdict_codes(base)[code]),
        "rationale": leg["because"],
    }
    return writer.resource(
        "RiskAssessment",
        risk_key(side),
        narrative,
        {
            "status": "preliminary",
            "method": {"text": f"Rules {base.version}, {base.digest}"},
            "subject": writer.subject,
            **writer.on_the_day("occurrenceDateTime"),
            **({"basis": rests} if rests else {}),
            "prediction": [prediction],
        },
    )


def flags_present(writer: ResourceWriter) -> list[FlagRecord]:
    """Give the red flags that are present."""
    return [flag for flag in writer.record["triage"]["flags"] if flag["status"] == PRESENT]


def flags(writer: ResourceWriter) -> Iterator[Resource]:
    """Give a Flag for each red flag that is present."""
    for flag in flags_present(writer):
        blocked = writer.titles(flag["blocks"])
        until = f"Until it is cleared, not: {blocked}." if blocked else ""
        narrative = [f"{flag['title']}. {flag['action']}", flag["because"], until]
        day = writer.on_the_day("start")
        yield writer.resource(
            "Flag",
            flag_key(flag["id"]),
            narrative,
            {
                "status": "active",
                "category": [
                    {"coding": [{"system": f"{TERMS}/flag-category", "code": "clinical"}]}
                ],
                "code": concept(f"flag.{flag['id']}", flag["title"]),
                "subject": writer.subject,
                **({"period": day} if day else {}),
            },
        )


def issues(writer: ResourceWriter) -> Iterator[Resource]:
    """Give a DetectedIssue for each flag not excluded, each doubt, and each withheld advice."""
    for flag in writer.record["triage"]["flags"]:
        if flag["not_excluded"]:
            code = coding(f"flag.{flag['id']}", flag["title"])
            levels = ", ".join(level.replace("_", " ") for level in flag["not_excluded"])
            detail = f"Not excluded ({levels}): {flag['title']}."
            detail += "" if flag["status"] == PRESENT else f" {flag['because']}"
            severity: Resource = (
                {"severity": _SEVERITY[flag["tier"]]} if flag["tier"] in _SEVERITY else {}
            )
            yield _issue(writer, NOT_EXCLUDED, code, detail, severity)
    for number, warning in enumerate(writer.record["warnings"]):
        yield _issue(writer, DOUBTFUL, None, warning["message"], {}, f"{warning['path']} {number}")
    for advice in writer.record["advice"]:
        if advice["status"] == "withheld":
            code = coding(f"advice.{advice['id']}", advice["title"])
            asked = writer.titles(advice["withheld_for"])
            detail = f"Withheld ({advice['side']}): {advice['title']}. First record: {asked}."
            action: Resource = (
                {"mitigation": [{"action": {"text": f"Record: {asked}"}}]} if asked else {}
            )
            yield _issue(writer, WITHHELD, code, detail, action, str(advice["side"]))


def _issue(
    writer: ResourceWriter,
    kind: str,
    about: Resource | None,
    detail: str,
    more: Resource,
    key: str = "",
) -> Resource:
    of = about["code"] if about else ""
    return writer.resource(
        "DetectedIssue",
        f"DetectedIssue {kind} {of} {key}",
        [detail],
        {
            "status": "preliminary",
            "code": {
                "coding": [coding(kind, ISSUES[kind]), *([about] if about else [])],
                "text": detail,
            },
            "patient": writer.subject,
            **writer.on_the_day("identifiedDateTime"),
            "detail": detail,
            **more,
        },
    )
