"""Our codes as a CodeSystem of FHIR R4: findings with their answers, verdicts, flags and advice."""

from __future__ import annotations

from screening.exchange.cql.fhir import USE
from screening.exchange.fhir.bundle import conclusion_codes
from screening.exchange.fhir.systems import SYSTEM, Resource, answer_code
from screening.intake.questionnaire import NONE_OF_THESE, Questionnaire
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase


def code_system(base: RuleBase) -> Resource:
    """Give the CodeSystem: every finding with its answers, and what is concluded."""
    form = Questionnaire(base.vocabulary)
    concepts: dict[str, Resource] = {}
    for question in form.questions:
        bare = without_side(question.path)[1]
        words = dict(question.words)
        if question.kind == "list":
            words[NONE_OF_THESE] = "none of these"
        below = [{"code": answer_code(bare, w), "display": said} for w, said in words.items()]
        concepts[bare] = {
            "code": bare,
            "display": question.title,
            "definition": question.question,
            **({"concept": below} if below else {}),
        }
    for code, display in conclusion_codes(base):
        concepts[code] = {"code": code, "display": display}
    return {
        "resourceType": "CodeSystem",
        "id": SYSTEM.rpartition("/")[2],
        "url": SYSTEM,
        "version": base.version,
        "name": "CalfHip",
        "title": "Findings, answers and conclusions of a screening for calf-driven hip pain",
        "status": "draft",
        "experimental": True,
        "purpose": USE,
        "caseSensitive": True,
        "content": "complete",
        "concept": list(concepts.values()),
    }
