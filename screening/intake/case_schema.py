"""The JSON Schema of a case file, for editors and forms: the one form to fill, nested by path."""

from __future__ import annotations

from typing import Any

from screening.intake.answers import NOT_TESTED
from screening.intake.case import EXPECT
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.vocabulary import SIDES, Vocabulary
from screening.numbers import plain

SWEEP = "all"
"""The sweep of a group may be written in place of the group: ``red_flags: none_present``."""


def json_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Give the JSON Schema of a case file; findings stand in the order in which they are asked."""
    tree = _tree(Questionnaire(vocabulary).questions)
    schema = _group({key: part for key, part in tree.items() if key not in SIDES})
    schema["properties"] |= {side: {"$ref": "#/$defs/leg"} for side in SIDES}
    schema["properties"][EXPECT] = {"title": "Expected", "description": "Read by tests only."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Case",
        **schema,
        "$defs": {"leg": {"title": "Leg", **_group(tree[SIDES[0]])}},
    }


def _tree(questions: tuple[Question, ...]) -> dict[str, Any]:
    """Give all questions nested by path, both legs written out."""
    tree: dict[str, Any] = {}
    for question in questions:
        *groups, last = question.path.split(".")
        part = tree
        for group in groups:
            part = part.setdefault(group, {})
        part[last] = question
    return tree


def _group(tree: dict[str, Any]) -> dict[str, Any]:
    properties = {
        key: _finding(part)
        if isinstance(part, Question)
        else {"anyOf": [_group(part), *_short(part)]}
        for key, part in tree.items()
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _short(tree: dict[str, Any]) -> list[dict[str, Any]]:
    sweep = tree.get(SWEEP)
    return [*([{"enum": list(sweep.words)}] if sweep else []), {"type": "null"}]


def _finding(question: Question) -> dict[str, Any]:
    words = list(question.words)
    described = {"title": question.title, "description": question.question}
    if question.kind == "number":
        kind: dict[str, Any] = {"type": "integer" if question.whole else "number"}
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
