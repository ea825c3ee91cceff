"""Observations one by one, as FHIR Bulk Data exports them: of one examination put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.documents import Data

_NO_PART_OF_AN_ID = re.compile(r"[^A-Za-z0-9.-]+")
_LONGEST_ID = 64


def observed_on(observation: Mapping[str, object]) -> str:
    """Give the day on which an observation was made, as it is written; else nothing."""
    period = observation.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else None
    said = observation.get("effectiveDateTime") or observation.get("effectiveInstant") or start
    return str(said or "").partition("T")[0]


def examination_of(data: object) -> str:
    """Name the examination of one Observation: its patient and its day.

    Nothing is named if either is not said: what is of nobody, or of no day, goes with nothing.
    """
    if not isinstance(data, dict) or data.get("resourceType") != "Observation":
        return ""
    patient, on = _patient(data.get("subject")), observed_on(data)
    return f"{patient} {on}" if patient and on else ""


def _patient(subject: object) -> str:
    if not isinstance(subject, dict):
        return ""
    identifier = subject.get("identifier")
    own = identifier if isinstance(identifier, dict) else {}
    parts = (subject.get("reference"), own.get("system"), own.get("value"))
    return "|".join(str(each) for each in parts if each)


def together(observations: list[Data]) -> dict[str, Data]:
    """Put the Observations of one examination into a Bundle, named after patient and day."""
    patient, _, on = examination_of(observations[0]).rpartition(" ")
    name = _NO_PART_OF_AN_ID.sub("-", re.split(r"[/|]", patient)[-1])
    return {
        "resourceType": "Bundle",
        "id": f"{name[: _LONGEST_ID - len(on) - 1]}-{on}",
        "type": "collection",
        "entry": [{"resource": each} for each in observations],
    }
