"""The one form to fill as a Questionnaire of FHIR R4, for any renderer.

No question of it has ``enableWhen``: renderers strip the answers of what is hidden, and a sign that
was recorded would be lost with the gate that hides it. Details stand folded under their gate. A
yes/no is a choice, never a boolean: a default of false would be a "no" that nobody said.
"""

from __future__ import annotations

from collections.abc import Iterator

from screening.exchange.cql.fhir import USE
from screening.exchange.fhir.systems import (
    QUESTIONNAIRE,
    UNITS_OF_MEASURE,
    Resource,
    answer_code,
    coding,
    ucum,
)
from screening.intake.answers import LONGEST_TEXT
from screening.intake.questionnaire import NONE_OF_THESE, Question, Questionnaire
from screening.intake.vocabulary import ASKED_WITH, without_side
from screening.numbers import plain
from screening.rulebase.base import RuleBase

_HL7 = "http://hl7.org/fhir/StructureDefinition"
_COLLAPSIBLE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-collapsible"
_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
_TYPES = {"number": "decimal", "text": "string", "date": "date"}
_HEADINGS = {
    "talk": "History and pain",
    "stand": "Standing",
    "walk": "Walking",
    "couch": "On the couch",
}


def form_resource(base: RuleBase) -> Resource:
    """Give the Questionnaire; the same rules give the same bytes."""
    form = Questionnaire(base.vocabulary)
    return {
        "resourceType": "Questionnaire",
        "id": QUESTIONNAIRE.rpartition("/")[2],
        "url": QUESTIONNAIRE,
        "version": base.version,
        "name": "CalfHipIntake",
        "title": "Examination for calf-driven hip pain",
        "status": "draft",
        "experimental": True,
        "subjectType": ["Patient"],
        "purpose": USE,
        "item": [_group(*each, base) for each in _groups(form)],
    }


def link_ids(resource: Resource) -> Iterator[str]:
    """Give the linkId of every item of a Questionnaire."""
    items = resource.get("item")
    for item in items if isinstance(items, list) else ():
        yield item["linkId"]
        yield from link_ids(item)


# -- groups ---------------------------------------------------------------------------------------

_Group = tuple[str, str, list[Question], list[Question]]
"""Its linkId and heading, what is asked in any case, and the details that are folded away."""


def _groups(form: Questionnaire) -> Iterator[_Group]:
    """Give the case, each gate with its details, the sweep with its needs, then each position."""
    needs = [need for each in form.questions if each.side is None for need in each.needs]
    group: _Group = ("group/case", "The case", [], [])
    owner = ""
    for question in form.questions:
        if question.path in needs:
            continue
        if question.kind == "gate" or (question.kind == "sweep" and question.side is None):
            if group[2]:
                yield group
            own = [form[need] for need in question.needs]
            heading = question.section or question.title
            group = (f"group/{question.path}", heading, [question, *own], [])
            owner = question.path
        elif owner and owner in question.owners:
            group[3].append(question)
        elif owner:
            yield group
            group, owner = _at(question), ""
        elif group[0] in ("group/case", f"group/{question.position}"):
            group[2].append(question)
        else:
            yield group
            group = _at(question)
    yield group


def _at(question: Question) -> _Group:
    return f"group/{question.position}", _HEADINGS[question.position], [question], []


def _group(
    id: str, heading: str, asked: list[Question], folded: list[Question], base: RuleBase
) -> Resource:
    items = [item for question in asked for item in _items(question, base)]
    if folded:
        details = [item for question in folded for item in _items(question, base)]
        items.append(
            {
                "extension": [{"url": _COLLAPSIBLE, "valueCode": "default-closed"}],
                "linkId": f"{id}/details",
                "text": f"{heading}: details, if any was said or seen",
                "type": "group",
                "item": details,
            }
        )
    return {"linkId": id, "text": heading, "type": "group", "item": items}


# -- one question ---------------------------------------------------------------------------------


def _items(question: Question, base: RuleBase) -> Iterator[Resource]:
    if question.answers:
        titles = [base.vocabulary[path].title for path in question.answers]
        text = f"{_said(question)} It answers: {'; '.join(dict.fromkeys(titles))}."
        yield {"linkId": f"{question.path}/answers", "text": text, "type": "display"}
    bare, extensions = without_side(question.path)[1], list(_extensions(question))
    yield {
        **({"extension": extensions} if extensions else {}),
        "linkId": question.path,
        "code": [coding(bare, question.title)],
        "text": question.title if question.answers else _said(question),
        "type": _TYPES.get(question.kind, "choice"),
        **({"repeats": True} if question.kind == "list" else {}),
        **({"maxLength": LONGEST_TEXT} if question.kind == "text" else {}),
        **_choices(question),
        **_filled_in(question, base),
        **_help(question),
    }


def _said(question: Question) -> str:
    """Say a question; of a leg, with its side."""
    return f"{question.side.title()}: {question.question}" if question.side else question.question


def _choices(question: Question) -> Resource:
    options: list[Resource] = [
        {"valueCoding": coding(answer_code(question.path, word), said)}
        for word, said in question.words.items()
    ]
    if question.kind == "list":
        none = coding(answer_code(question.path, NONE_OF_THESE), "none of these")
        alone: Resource = {"url": f"{_HL7}/questionnaire-optionExclusive", "valueBoolean": True}
        options.append({"extension": [alone], "valueCoding": none})
    return {"answerOption": options} if options else {}


def _filled_in(question: Question, base: RuleBase) -> Resource:
    """Say which version's questions these are; nobody need answer that."""
    if question.path != ASKED_WITH:
        return {}
    return {"readOnly": True, "initial": [{"valueString": base.asked_with}]}


def _help(question: Question) -> Resource:
    if not question.help:
        return {}
    item: Resource = {
        "extension": [_control("help")],
        "linkId": f"{question.path}/help",
        "text": question.help,
        "type": "display",
    }
    return {"item": [item]}


def _extensions(question: Question) -> Iterator[Resource]:
    if question.words:
        yield _control("check-box" if question.kind == "list" else "radio-button")
    if question.kind != "number":
        return
    if question.unit:
        unit = {"system": UNITS_OF_MEASURE, "code": ucum(question.unit), "display": question.unit}
        yield {"url": f"{_HL7}/questionnaire-unit", "valueCoding": unit}
    for name, limit in zip(("minValue", "maxValue"), question.limits or (), strict=False):
        yield {"url": f"{_HL7}/{name}", "valueDecimal": plain(limit)}
    yield {"url": f"{_HL7}/maxDecimalPlaces", "valueInteger": 0 if question.whole else 2}


def _control(code: str) -> Resource:
    concept = {"coding": [{"system": _CONTROLS, "code": code}]}
    return {"url": f"{_HL7}/questionnaire-itemControl", "valueCodeableConcept": concept}
