"""Each recorded finding as an Observation, and which of them a leg's verdict rests on."""

from __future__ import annotations

from collections.abc import Iterator

from screening.exchange.fhir.systems import (
    CATEGORIES,
    FOREIGN,
    UNITS_OF_MEASURE,
    Resource,
    answer_code,
    coding,
    concept,
    ucum,
)
from screening.exchange.fhir.writer import ResourceWriter
from screening.intake.case import as_typed
from screening.intake.questionnaire import NONE_OF_THESE
from screening.intake.vocabulary import POSITIONS, PRESENT, Entry, without_side

CASE_ID, EXAMINED_BY = "case_id", "examined_by"


def observation_key(path: str) -> str:
    """Give the key of the Observation of a path."""
    return f"Observation {path}"


def observations(writer: ResourceWriter) -> Iterator[Resource]:
    """Give an Observation for each answer; what is not recorded is not written."""
    answers = writer.inferred.case.answers
    for path in answers:
        if path != CASE_ID and answers[path] != "":
            yield writer.resource("Observation", observation_key(path), (), _body(writer, path))


def _body(writer: ResourceWriter, path: str) -> Resource:
    case, vocabulary = writer.inferred.case, writer.inferred.base.vocabulary
    (side, bare), entry = without_side(path), vocabulary[path]
    by = case.answers.get(EXAMINED_BY)
    examined = entry.position != POSITIONS[0]
    category = {"system": CATEGORIES, "code": "exam" if examined else "survey"}
    code = concept(bare, entry.title)
    return {
        "status": "final",
        "category": [{"coding": [category]}],
        "code": code,
        "subject": writer.subject,
        **writer.on_the_day("effectiveDateTime"),
        **({"performer": [{"display": by}]} if isinstance(by, str) and by.strip() else {}),
        **_value(writer, path, entry, code),
        **({"bodySite": {"text": side}} if side else {}),
    }


def _value(writer: ResourceWriter, path: str, entry: Entry, code: Resource) -> Resource:
    vocabulary = writer.inferred.base.vocabulary
    value = as_typed(path, writer.inferred.case.answers[path], vocabulary)
    if entry.type == "number":
        unit = {"unit": entry.unit} if entry.unit else {}
        measured = {"system": UNITS_OF_MEASURE, "code": ucum(entry.unit)}
        return {"valueQuantity": {"value": value, **unit, **measured}}
    if entry.type == "date":
        return {"valueDateTime": value}
    if entry.type == "text":
        return {"valueString": value}
    if not isinstance(value, list):
        return {"valueCodeableConcept": _answer(path, str(value), entry)}
    words = value or [NONE_OF_THESE]
    parts = [{"code": code, "valueCodeableConcept": _answer(path, w, entry)} for w in words]
    return {"component": parts}


def _answer(path: str, word: str, entry: Entry) -> Resource:
    """Give an answer in our code, beside it the codes of other systems for what was found."""
    said = entry.says.get(word, word.replace("_", " "))
    side = without_side(path)[0]
    foreign = [
        {"system": FOREIGN[code.system], "code": code.code}
        for code in entry.codes
        if code.side in (None, side) and word == (code.word or PRESENT)
    ]
    return {"coding": [coding(answer_code(path, word), said), *foreign], "text": said}


def basis(writer: ResourceWriter, side: str) -> list[Resource]:
    """Give the Observations that the rules of the trace read, of a leg and of the person."""
    inferred = writer.inferred
    fired = [
        rule
        for rule in inferred.form.rules.values()
        if rule.side in (None, side) and inferred.run.rules[rule.name].must
    ]
    ahead = [premise.operand for rule in fired for premise in rule.premises]
    seen: set[str] = set()
    paths: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in inferred.form.recorded:
            paths.add(inferred.form.recorded[name].path)
        elif name in inferred.form.derived_by_name:
            ahead += inferred.form.derived_by_name[name].operands
    answers = inferred.case.answers
    return [writer.reference(observation_key(path)) for path in answers if path in paths]
