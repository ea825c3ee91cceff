"""What became of cards: read strictly, and kept without anything of a patient."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from screening.exchange.cds.asked import BAD, RequestError
from screening.exchange.fhir.assessed import OVERRIDES

ACCEPTED, OVERRIDDEN = "accepted", "overridden"


def heard(data: Any) -> list[dict[str, Any]]:
    """Read feedback; give what may be kept of each: ids, outcome, time, and the code of a reason.

    Words that somebody typed are left out: they may be of a patient.

    Raises:
        RequestError: if it is no feedback.

    """
    found = data.get("feedback") if isinstance(data, dict) else None
    if not isinstance(found, list) or not found:
        raise RequestError(BAD, '"feedback" is no list of what became of cards.')
    return [_one(each) for each in found]


def _one(each: Any) -> dict[str, Any]:
    if not isinstance(each, dict):
        raise RequestError(BAD, "a feedback is no object.")
    outcome = each.get("outcome")
    if outcome not in (ACCEPTED, OVERRIDDEN):
        raise RequestError(BAD, f'an outcome is "{ACCEPTED}" or "{OVERRIDDEN}".')
    suggestions = list(_suggestions(each.get("acceptedSuggestions", [])))
    if (outcome == ACCEPTED) != bool(suggestions):
        what = f'"acceptedSuggestions" stand with "{ACCEPTED}", and only there.'
        raise RequestError(BAD, what)
    if "overrideReason" in each and outcome != OVERRIDDEN:
        raise RequestError(BAD, f'"overrideReason" stands with "{OVERRIDDEN}" only.')
    return {
        "card": _uuid(each.get("card"), "card"),
        "outcome": outcome,
        "outcomeTimestamp": _time(each.get("outcomeTimestamp")),
        **({"acceptedSuggestions": suggestions} if suggestions else {}),
        **_reason(each.get("overrideReason")),
    }


def _suggestions(found: Any) -> Iterator[str]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RequestError(BAD, '"acceptedSuggestions" is no list of ids.')
    for each in found:
        yield _uuid(each.get("id"), "acceptedSuggestions.id")


def _uuid(value: Any, name: str) -> str:
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise RequestError(BAD, f'"{name}" is no UUID.') from None


def _time(value: Any) -> str:
    try:
        return datetime.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise RequestError(BAD, '"outcomeTimestamp" is no time.') from None


def _reason(given: Any) -> dict[str, str]:
    """Give the code of a reason, if it is one that was offered."""
    if given is None:
        return {}
    reason = given.get("reason") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not (isinstance(reason, dict) or "userComment" in given):
        raise RequestError(BAD, '"overrideReason" holds neither a reason nor a comment.')
    code = reason.get("code") if isinstance(reason, dict) else None
    return {"reason": code} if isinstance(code, str) and code in OVERRIDES else {}
