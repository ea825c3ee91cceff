"""One screening as a Bundle of FHIR R4: what was found, what it says, what it proposes, and whose.

It is read back to the same findings. When it was written is not said: the same case gives the same
bytes on every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screening.exchange.canonical import canonical
from screening.exchange.cql.fhir import TERMS, USE
from screening.exchange.fhir.assessed import (
    ISSUES,
    OVERRIDES,
    assessments,
    flags,
    issues,
    verdict_codes,
)
from screening.exchange.fhir.findings_out import observations
from screening.exchange.fhir.proposed import plans, requests
from screening.exchange.fhir.systems import ABSENT_REASON, Resource
from screening.exchange.fhir.writer import ResourceWriter
from screening.inference.infer import Inferred
from screening.record.verdict import VERDICT
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.record.model import Record

_NAME = "Calf-hip screening: research prototype, not a medical device"
_PARTS = f"{TERMS}/provenance-participant-type"
_DEVICE, _PROVENANCE = "Device", "Provenance"


def bundle(inferred: Inferred, record: Record, transaction: bool = False) -> Resource:
    """Give a screening as a Bundle.

    Args:
        inferred: what was inferred of the case.
        record: its screening record.
        transaction: for a server to keep; else a collection to read.

    """
    writer = ResourceWriter(inferred, record)
    made = [
        _device(writer),
        *assessments(writer),
        *flags(writer),
        *requests(writer),
        *issues(writer),
        *plans(writer),
        *observations(writer),
    ]
    made.append(_provenance(writer, made[1:]))
    return {
        "resourceType": "Bundle",
        "id": writer.id("Bundle"),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{writer.id('Bundle')}"},
        "type": "transaction" if transaction else "collection",
        "entry": [_entry(resource, transaction) for resource in made],
    }


def _entry(resource: Resource, transaction: bool) -> Resource:
    url = f"{resource['resourceType']}/{resource['id']}"
    found: Resource = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
    return found | ({"request": {"method": "PUT", "url": url}} if transaction else {})


def _device(writer: ResourceWriter) -> Resource:
    used = writer.record["screened_with"]
    changed = ", ".join(used["changed"])
    notes = [USE, *([f"RULES CHANGED SINCE THEY WERE SEALED: {changed}"] if changed else [])]
    if not used["readings_agree"]:
        notes.append(f"THE READINGS OF THE RULES DIFFER on {', '.join(used['disagreements'])}.")
    return writer.resource(
        _DEVICE,
        _DEVICE,
        [_NAME, *notes],
        {
            "status": "active",
            "deviceName": [{"name": _NAME, "type": "user-friendly-name"}],
            "version": [
                {"type": {"text": "program"}, "value": used["program"]},
                {"type": {"text": "rule base"}, "value": f"{used['rule_base']} {used['digest']}"},
            ],
            "note": [{"text": note} for note in notes],
        },
    )


def _provenance(writer: ResourceWriter, made: Iterable[Resource]) -> Resource:
    case, base = writer.inferred.case, writer.inferred.base
    agents = [_agent("assembler", writer.reference(_DEVICE))]
    by = case.answers.get("attested_by")
    if isinstance(by, str) and by.strip():
        agents.append(_agent("attester", {"display": by}))
    return writer.resource(
        _PROVENANCE,
        _PROVENANCE,
        (),
        {
            "target": [{"reference": f"urn:uuid:{each['id']}"} for each in made]
            or [writer.reference(_DEVICE)],
            "_recorded": {"extension": [{"url": ABSENT_REASON, "valueCode": "unknown"}]},
            "agent": agents,
            "entity": [
                _entity("case-digest", writer.digest, f"Case {case.case_id}"),
                _entity("rule-base-digest", base.digest, f"Rule base {base.version}"),
            ],
        },
    )


def _agent(part: str, who: Resource) -> Resource:
    return {"type": {"coding": [{"system": _PARTS, "code": part}]}, "who": who}


def _entity(kind: str, value: str, display: str) -> Resource:
    identifier = {"system": canonical("NamingSystem", kind), "value": value}
    return {"role": "source", "what": {"identifier": identifier, "display": display}}


def conclusion_codes(base: RuleBase) -> Iterator[tuple[str, str]]:
    """Give every code of a conclusion, flag, advice or issue, with its words."""
    yield VERDICT, base.ladder(VERDICT).title
    yield from verdict_codes(base).items()
    yield from ((flag.id, flag.title) for flag in base.flags)
    yield from ((f"advice.{advice.id}", advice.title) for advice in base.advice)
    yield from ISSUES.items()
    yield from OVERRIDES.items()
