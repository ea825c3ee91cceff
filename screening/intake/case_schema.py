"""The JSON Schema of a case file, for editors and forms: the one form to fill, nested by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.intake.answers import NOT_TESTED
from screening.intake.case import EXPECT
from screening.intake.nested import planted
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.vocabulary import SIDES, Vocabulary
from screening.numbers import plain

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.intake.nested import Tree

SWEEP = "all"
"""The sweep of a group may be written in place of the group: ``red_flags: none_present``."""


def json_schema(vocabulary: Vocabulary) -> dict[str, Data]:
    """Give the JSON Schema of a case file; findings stand in the order in which they are asked."""
    tree = planted((each.path, each) for each in Questionnaire(vocabulary).questions)
    leg = tree[SIDES[0]]
    assert isinstance(leg, dict)
    fields = _fields({key: part for key, part in tree.items() if key not in SIDES})
    fields |= {side: {"$ref": "#/$defs/leg"} for side in SIDES}
    fields[EXPECT] = {"title": "Expected", "description": "Read by tests only."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Case",
        **_object(fields),
        "$defs": {"leg": {"title": "Leg", **_object(_fields(leg))}},
    }


def _object(fields: dict[str, Data]) -> dict[str, Data]:
    return {"type": "object", "additionalProperties": False, "properties": fields}


def _fields(tree: Tree[Question]) -> dict[str, Data]:
    return {
        key: _finding(part)
        if isinstance(part, Question)
        else {"anyOf": [_object(_fields(part)), *_short(part)]}
        for key, part in tree.items()
    }


def _short(tree: Tree[Question]) -> list[Data]:
    sweep = tree.get(SWEEP)
    short: list[Data] = [{"enum": [*sweep.words]}] if isinstance(sweep, Question) else []
    return [*short, {"type": "null"}]


def _finding(question: Question) -> dict[str, Data]:
    words: list[Data] = [*question.words]
    described: dict[str, Data] = {"title": question.title, "description": question.question}
    if question.kind == "number":
        kind: dict[str, Data] = {"type": "integer" if question.whole else "number"}
        if question.limits:
            low, high = question.limits
            kind |= {"minimum": plain(low), "maximum": plain(high)}
    elif question.kind == "list":
        kind = {"type": "array", "items": {"enum": words}, "uniqueItems": True}
    elif question.kind == "date":
        kind = {"type": "string", "format": "date"}
    elif question.kind == "text":
        kind = {"type": ["string", "integer"]}
    else:
        kind = {"enum": words}
    return {**described, "anyOf": [kind, {"enum": [NOT_TESTED, None]}]}
