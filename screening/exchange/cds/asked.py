"""One request: whose record it is, and the examination in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from screening.documents import Document
from screening.errors import CaseError, Problem, ScreeningError
from screening.exchange.cds.discovery import HOOK, OBSERVATIONS, PATIENT, PREFETCH, RESPONSE
from screening.exchange.fhir.bulk import observed_on
from screening.exchange.fhir.foreign import ForeignCodes
from screening.exchange.fhir.resource_case import resource_case
from screening.intake.case import Case
from screening.rulebase.base import RuleBase
from screening.safe import shortened

if TYPE_CHECKING:
    from screening.documents import Data

_SOURCE = "prefetch"
BAD, MISSING, FOREIGN = 400, 412, 422


class RequestError(ScreeningError):
    """A request that is not answered; ``status`` is what HTTP calls that."""

    def __init__(self, status: int, what: str, todo: str = "") -> None:
        """Say what is wrong with it; never with a finding."""
        super().__init__(Problem("", what, "", todo))
        self.status = status


@dataclass(frozen=True)
class HookCall:
    """What was asked: by which call, of whom, and what was handed over."""

    instance: str
    patient: str
    prefetch: Mapping[str, Data]


def read_request(data: Data) -> HookCall:
    """Read a request.

    Raises:
        RequestError: if it is none, lacks the prefetch, or holds another patient's resources.

    """
    if not isinstance(data, dict) or data.get("hook") != HOOK:
        raise RequestError(BAD, f"this service answers the hook {HOOK} only.")
    context = data.get("context")
    patient = context.get("patientId") if isinstance(context, dict) else None
    if not isinstance(patient, str) or not patient.strip():
        raise RequestError(BAD, "context.patientId does not say whose record is open.")
    prefetch = data.get("prefetch")
    lacking = [name for name in PREFETCH if not isinstance(prefetch, dict) or name not in prefetch]
    if lacking or not isinstance(prefetch, dict):
        what = f"the prefetch lacks {', '.join(lacking)}."
        raise RequestError(MISSING, what, "Hand it over: this service never calls out.")
    asked = HookCall(_instance(data), patient, {name: prefetch[name] for name in PREFETCH})
    _same_patient(asked)
    return asked


def _instance(data: Mapping[str, Data]) -> str:
    return uuid_of(data.get("hookInstance"), "hookInstance is no UUID.")


def uuid_of(value: Data, wrong: str) -> str:
    """Read a UUID.

    Raises:
        RequestError: saying what is wrong, if it is none.

    """
    try:
        return str(UUID(value if isinstance(value, str) else ""))
    except ValueError:
        raise RequestError(BAD, wrong) from None


def _same_patient(asked: HookCall) -> None:
    """Refuse what is of somebody else, or does not say of whom it is."""
    who = asked.prefetch[PATIENT]
    if (
        isinstance(who, dict)
        and _kind(who) == "Patient"
        and who.get("id") not in (None, asked.patient)
    ):
        raise RequestError(FOREIGN, "the patient of the prefetch is not the one that is open.")
    for resource in (*held(asked, RESPONSE), *held(asked, OBSERVATIONS)):
        subject = resource.get("subject")
        named = subject.get("reference") if isinstance(subject, dict) else None
        if not isinstance(named, str) or f"/{named}".rsplit("/", 2)[1:] != [
            "Patient",
            asked.patient,
        ]:
            kind = shortened(_kind(resource))
            raise RequestError(FOREIGN, f"a {kind} of the prefetch is not of the open patient.")


def _kind(resource: Data) -> Data:
    return resource.get("resourceType") if isinstance(resource, dict) else None


def unavailable(asked: HookCall) -> bool:
    """Tell whether something that was to be handed over could not be had."""
    return any(_kind(part) == "OperationOutcome" for part in asked.prefetch.values())


def held(asked: HookCall, name: str) -> Iterator[dict[str, Data]]:
    """Give the resources of one part of the prefetch; a search gives a Bundle, or nothing."""
    part = asked.prefetch[name]
    if not isinstance(part, dict) or _kind(part) != "Bundle":
        parts = [part]
    else:
        entries = part.get("entry")
        each = entries if isinstance(entries, list) else []
        parts = [entry.get("resource") for entry in each if isinstance(entry, dict)]
    for resource in parts:
        kind = _kind(resource)
        if isinstance(resource, dict) and kind in ("QuestionnaireResponse", "Observation"):
            yield resource


def examination(asked: HookCall, base: RuleBase) -> Case | None:
    """Give the newest examination as a case; None if there is none.

    The newest response is it, together with findings of its day; without a response, the findings
    of the newest day. Other days are other examinations.

    Raises:
        CaseError: with everything that cannot be read.

    """
    responses, found = list(held(asked, RESPONSE)), list(held(asked, OBSERVATIONS))
    _whole(asked.prefetch[OBSERVATIONS])
    newest = max(responses, key=lambda each: str(each.get("authored", "")), default=None)
    day = _day_of(newest) if newest else max(map(observed_on, found), default="")
    same = [each for each in found if observed_on(each) in (day, "")]
    chosen = [*([newest] if newest else []), *same]
    if not chosen:
        return None
    entries: list[Data] = [{"resource": each} for each in chosen]
    bundle: Data = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return resource_case(Document(_SOURCE, bundle), base, ForeignCodes(), asked.patient)


def _whole(part: Data) -> None:
    links = part.get("link") if isinstance(part, dict) and _kind(part) == "Bundle" else None
    listed = links if isinstance(links, list | tuple) else ()
    if any(isinstance(each, dict) and each.get("relation") == "next" for each in listed):
        what, why = "the findings are one page of several.", "A sign on another page would be lost."
        raise CaseError(Problem(_SOURCE, what, why))


def _day_of(response: dict[str, Data]) -> str:
    """Give the day of the examination that a response says, else of its writing."""
    ahead = [response]
    while ahead:
        part = ahead.pop()
        items = part.get("item")
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict):
                continue
            answers = item.get("answer")
            if item.get("linkId") == "examined_on" and isinstance(answers, list) and answers:
                return str(answers[0].get("valueDate", "")) if isinstance(answers[0], dict) else ""
            ahead.append(item)
    return str(response.get("authored", "")).partition("T")[0]
