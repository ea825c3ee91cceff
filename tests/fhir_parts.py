"""Resources of FHIR written apart from the program: what others send is not what we would write."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from screening.documents import Document
from screening.exchange.any_case import read_any
from screening.intake.case import as_typed
from screening.report.as_json import plain_json
from screening.strict_json import read_json

OURS = "https://calf-hip-screening.example/fhir"
CODES = f"{OURS}/CodeSystem/calf-hip"
UNITS = {"": "1", "points": "{points}", "ratio": "{ratio}"}


def bare(path: str) -> str:
    """Give a path without its side."""
    side, _, rest = path.partition(".")
    return rest if side in ("left", "right") else path


def coding(path: str, word: str) -> dict[str, Any]:
    """Give the code of an answer."""
    return {"system": CODES, "code": f"{bare(path)}.{word}"}


def answers(path: str, value: Any, kind: str) -> list[dict[str, Any]]:
    """Give the answers of one item."""
    if kind == "number":
        return [{"valueDecimal": value}]
    if kind == "date":
        return [{"valueDate": value}]
    if kind == "text":
        return [{"valueString": str(value)}]
    words = value if kind == "list" else [value]
    return [{"valueCoding": coding(path, word)} for word in words or ["none_of_these"]]


def response(case, base) -> dict[str, Any]:
    """Give a case as a QuestionnaireResponse, its items flat as some forms send them."""
    vocabulary = base.vocabulary
    items = [
        {"linkId": path, "answer": answers(path, as_typed(path, value, vocabulary), kind)}
        for path, value in case.answers.items()
        if (kind := vocabulary[path].type)
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "questionnaire": f"{OURS}/Questionnaire/calf-hip-intake|{base.version}",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "item": items,
    }


def nested(answered: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    """Give a response whose items stand in the groups of the form, as renderers want it."""
    items = {item["linkId"]: item for item in answered["item"]}

    def within(part: dict[str, Any]) -> list[dict[str, Any]]:
        found = []
        for item in part.get("item", []):
            below = within(item) if item["type"] == "group" else []
            if below:
                found.append({"linkId": item["linkId"], "item": below})
            elif item["linkId"] in items:
                found.append(items[item["linkId"]])
        return found

    return {**answered, "item": within(form)}


def observation(path: str, value: Any, base) -> dict[str, Any]:
    """Give one finding as an Observation."""
    entry = base.vocabulary[path]
    side = path.partition(".")[0]
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": CODES, "code": bare(path)}]},
        "subject": {"reference": "Patient/p1"},
    }
    if side in ("left", "right"):
        found["bodySite"] = {"text": side}
    if entry.type == "number":
        unit = UNITS.get(entry.unit, entry.unit)
        found["valueQuantity"] = {
            "value": value,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
    elif entry.type == "date":
        found["valueDateTime"] = value
    elif entry.type == "text":
        found["valueString"] = str(value)
    elif entry.type == "list":
        found["component"] = [
            {"code": found["code"], "valueCodeableConcept": {"coding": [coding(path, word)]}}
            for word in value or ["none_of_these"]
        ]
    else:
        found["valueCodeableConcept"] = {"coding": [coding(path, value)]}
    return found


def observations(case, base) -> dict[str, Any]:
    """Give a case as a Bundle of Observations."""
    vocabulary = base.vocabulary
    found = [
        observation(path, as_typed(path, value, vocabulary), base)
        for path, value in case.answers.items()
    ]
    entries = [{"resource": each} for each in found]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def text(resource: dict[str, Any]) -> str:
    """Give a resource as JSON."""
    return json.dumps(resource, default=plain_json, indent=1)


def read(resource: dict[str, Any] | str, base, codes=None):
    """Read a resource as a file would be read."""
    written = resource if isinstance(resource, str) else text(resource)
    return read_any(read_json(written, "record.json"), base, "case", codes)


def read_data(data: dict[str, Any], base):
    """Read plain data."""
    return read_any(Document("record.json", data), base)


def checked(resource: dict[str, Any]) -> None:
    """Check a resource against the definitions of ``fhir.resources``."""
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(resource)
