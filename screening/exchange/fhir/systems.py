"""The names in records: our code system, our questionnaire, units, and how a code is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.exchange.canonical import canonical
from screening.intake.vocabulary import without_side

if TYPE_CHECKING:
    from screening.documents import Json

Resource = dict[str, "Json"]
"""A resource of FHIR, or a part of one."""

SYSTEM = canonical("CodeSystem", "calf-hip")
"""Findings, their answers, and what is concluded: one system, so that a code is unique."""

QUESTIONNAIRE = canonical("Questionnaire", "calf-hip-intake")
CASES = canonical("NamingSystem", "case")
"""The system of case ids."""

UNITS_OF_MEASURE = "http://unitsofmeasure.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
FOREIGN = {
    "icd_10_cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icf": "http://hl7.org/fhir/sid/icf-nl",
}
"""Under which names FHIR knows the other systems whose codes the rules quote."""

_UCUM = {"": "1", "points": "{points}", "ratio": "{ratio}"}


def ucum(unit: str) -> str:
    """Give the UCUM code of a unit of the vocabulary; most are UCUM as they stand."""
    return _UCUM.get(unit, unit)


def answer_code(path: str, word: str) -> str:
    """Give the code of an answer: the finding without its side, and the word."""
    return f"{without_side(path)[1]}.{word}"


def coding(code: str, display: str) -> Resource:
    """Give one of our own codes."""
    return {"system": SYSTEM, "code": code, "display": display}


def concept(code: str, display: str) -> Resource:
    """Give one of our own codes with its words."""
    return {"coding": [coding(code, display)], "text": display}
