"""What became of cards: read strictly, and kept without anything of a patient."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NotRequired

from typing_extensions import TypedDict

from screening.exchange.cds.asked import BAD, RequestError, uuid_of
from screening.exchange.fhir.assessed import OVERRIDES

if TYPE_CHECKING:
    from screening.documents import Data

ACCEPTED, OVERRIDDEN = "accepted", "overridden"


class Heard(TypedDict):
    """What is kept of one card."""

    card: str
    outcome: str
    outcomeTimestamp: str
    acceptedSuggestions: NotRequired[list[str]]
    reason: NotRequired[str]


def heard(data: Data) -> list[Heard]:
    """Read feedback; give what may be kept of each: ids, outcome, time, and the code of a reason.

    Words that somebody typed are left out: they may be of a patient.

    Raises:
        RequestError: if it is no feedback.

    """
    found = data.get("feedback") if isinstance(data, dict) else None
    if not isinstance(found, list) or not found:
        raise RequestError(BAD, '"feedback" is no list of what became of cards.')
    return [_one(each) for each in found]


def _one(each: Data) -> Heard:
    if not isinstance(each, dict):
        raise RequestError(BAD, "a feedback is no object.")
    outcome = each.get("outcome")
    if not isinstance(outcome, str) or outcome not in (ACCEPTED, OVERRIDDEN):
        raise RequestError(BAD, f'an outcome is "{ACCEPTED}" or "{OVERRIDDEN}".')
    suggestions = list(_suggestions(each.get("acceptedSuggestions", [])))
    if (outcome == ACCEPTED) != bool(suggestions):
        what = f'"acceptedSuggestions" stand with "{ACCEPTED}", and only there.'
        raise RequestError(BAD, what)
    if "overrideReason" in each and outcome != OVERRIDDEN:
        raise RequestError(BAD, f'"overrideReason" stands with "{OVERRIDDEN}" only.')
    kept: Heard = {
        "card": _uuid(each.get("card"), "card"),
        "outcome": outcome,
        "outcomeTimestamp": _time(each.get("outcomeTimestamp")),
    }
    if suggestions:
        kept["acceptedSuggestions"] = suggestions
    if reason := _reason(each.get("overrideReason")):
        kept["reason"] = reason
    return kept


def _suggestions(found: Data) -> Iterator[str]:
    for each in found if isinstance(found, list) else [None]:
        if not isinstance(each, dict):
            raise RequestError(BAD, '"acceptedSuggestions" is no list of ids.')
        yield _uuid(each.get("id"), "acceptedSuggestions.id")


def _uuid(value: Data, name: str) -> str:
    return uuid_of(value, f'"{name}" is no UUID.')


def _time(value: Data) -> str:
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise RequestError(BAD, '"outcomeTimestamp" is no time.') from None


def _reason(given: Data) -> str:
    """Give the code of a reason, if it is one that was offered, else nothing."""
    if given is None:
        return ""
    reason = given.get("reason") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not (isinstance(reason, dict) or "userComment" in given):
        raise RequestError(BAD, '"overrideReason" holds neither a reason nor a comment.')
    code = reason.get("code") if isinstance(reason, dict) else None
    return code if isinstance(code, str) and code in OVERRIDES else ""
