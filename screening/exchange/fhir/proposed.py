"""What a screening proposes: actions for flags, and advice for each leg. Drafts, never orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from screening.exchange.cql.fhir import PRIORITY
from screening.exchange.fhir.assessed import flag_key, flags_present, risk_key
from screening.exchange.fhir.systems import Resource, concept
from screening.exchange.fhir.writer import ResourceWriter
from screening.intake.vocabulary import SIDES

if TYPE_CHECKING:
    from screening.record.model import AdviceRecord

ADVISED, BLOCKED = "advised", "blocked"


def requests(writer: ResourceWriter) -> Iterator[Resource]:
    """Give a ServiceRequest for the action of each flag that is present."""
    for flag in flags_present(writer):
        yield writer.resource(
            "ServiceRequest",
            f"ServiceRequest {flag['id']}",
            [flag["action"], flag["because"]],
            {
                "status": "draft",
                "intent": "proposal",
                "priority": PRIORITY.get(flag["within"] or "", "routine"),
                "code": {"text": flag["action"]},
                "subject": writer.subject,
                **({"performerType": {"text": flag["to"]}} if flag["to"] else {}),
                "reasonCode": [{"text": flag["because"]}],
                "supportingInfo": [writer.reference(flag_key(flag["id"]))],
            },
        )


def plans(writer: ResourceWriter) -> Iterator[Resource]:
    """Give a CarePlan for each leg: what is advised, and what must not be done."""
    for side in SIDES:
        listed = [a for a in writer.record["advice"] if a["side"] == side]
        listed = [advice for advice in listed if advice["status"] in (ADVISED, BLOCKED)]
        if listed:
            yield plan(writer, side, listed)


def plan(writer: ResourceWriter, side: str, listed: Sequence[AdviceRecord]) -> Resource:
    """Give a CarePlan that holds these advices for a leg."""
    return writer.resource(
        "CarePlan",
        f"CarePlan {side}",
        [_said(writer, advice) for advice in listed],
        {
            "status": "draft",
            "intent": "proposal",
            "title": f"Proposed for the {side} leg",
            "subject": writer.subject,
            "supportingInfo": [writer.reference(risk_key(side))],
            "activity": [{"detail": _detail(writer, advice)} for advice in listed],
        },
    )


def _said(writer: ResourceWriter, advice: AdviceRecord) -> str:
    if advice["status"] == BLOCKED:
        return f"Not: {advice['title']} ({_blocked_by(writer, advice)})."
    return f"{advice['title']}: {advice['dose']}"


def _blocked_by(writer: ResourceWriter, advice: AdviceRecord) -> str:
    return f"blocked by {writer.titles(advice['blocked_by'])}"


def _detail(writer: ResourceWriter, advice: AdviceRecord) -> Resource:
    found: Resource = {
        "code": concept(f"advice.{advice['id']}", advice["title"]),
        "status": "not-started",
    }
    if advice["status"] == BLOCKED:
        reason = _blocked_by(writer, advice)
        return found | {"statusReason": {"text": reason}, "doNotPerform": True}
    how = [advice["dose"], *advice["how"], *advice["variants"]]
    stops = [f"Stop: {text}" for text in (*advice["stop_rules"], *advice["look_now"])]
    because = [{"text": text} for text in advice["because"]]
    return (
        found
        | ({"reasonCode": because} if because else {})
        | {"doNotPerform": False, "description": "\n".join(filter(None, [*how, *stops]))}
    )
