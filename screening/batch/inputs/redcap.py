"""REDCap: a data dictionary of the vocabulary, and the names of the export that matches it.

The dictionary is the plain CSV of 18 columns that REDCap uploads; the export is the one with raw
data (codes). A path becomes a field by writing ``_`` for each dot. https://projectredcap.org
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Mapping

from screening.algebra import COMPARISONS
from screening.batch.inputs.column_map import NONE_TICKED, TICKS, ColumnMap, Map
from screening.intake.branching import AnyOf, Condition, Said
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.thresholds import UNITS
from screening.intake.vocabulary import Vocabulary, without_side
from screening.numbers import written

RECORD = "record_id"
"""REDCap's own name of the first field: it is the case id."""

CASE_ID = "case_id"
_ADDED = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
    "redcap_survey_identifier",
)
_HEAD = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)


def name(path: str) -> str:
    """Give the REDCap field of a path."""
    return RECORD if path == CASE_ID else path.replace(".", "_")


def columns(vocabulary: Vocabulary) -> Map:
    """Give the map of an export of the dictionary; REDCap's own columns are left out."""
    found: dict[str, ColumnMap] = {}
    for path in vocabulary.all_paths:
        if vocabulary[path].type == "list":
            for word in (*vocabulary[path].words, NONE_TICKED):
                box = ColumnMap(finding=path, word=word, codes=TICKS)
                found[f"{name(path)}___{word}"] = box
        else:
            found[name(path)] = ColumnMap(finding=path)
    forms = dict.fromkeys(form_of(path) for path in vocabulary.all_paths)
    added = [f"{each}{ending}" for each in forms for ending in ("_complete", "_timestamp")]
    return Map(columns=found, ignore=(*_ADDED, *added))


def form_of(path: str) -> str:
    """Give the form of a path: a leg, a group of the person, or the case itself."""
    side, bare = without_side(path)
    group = bare.partition(".")[0] if "." in bare else "person"
    return f"{side}_leg" if side else group


def dictionary(
    vocabulary: Vocabulary,
    paths: Container[str] | None = None,
    preset: Mapping[str, object] | None = None,
) -> str:
    """Give the data dictionary as CSV.

    Args:
        vocabulary: all findings.
        paths: those that become fields; without it, all.
        preset: answers that a new record has already.

    """
    text, form = io.StringIO(), Questionnaire(vocabulary)
    kept = form.by_path if paths is None else paths
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    questions = sorted(
        (question for question in form.questions if question.path in kept),
        key=lambda question: question.path != CASE_ID,
    )
    forms = list(dict.fromkeys(form_of(question.path) for question in questions))
    for question in sorted(questions, key=lambda question: forms.index(form_of(question.path))):
        row = dict.fromkeys(_HEAD, "") | _field(question, form, kept)
        if question.path in (preset or {}):
            row["Field Annotation"] += f" @DEFAULT='{(preset or {})[question.path]}'"
        writer.writerow([row[column] for column in _HEAD])
    return text.getvalue()


def _field(question: Question, form: Questionnaire, kept: Container[str]) -> dict[str, str]:
    leg = f" ({question.side} leg)" if question.side else ""
    found = {
        "Variable / Field Name": name(question.path),
        "Form Name": form_of(question.path),
        "Field Type": "text",
        "Field Label": f"{question.question}{leg}",
        "Field Note": _in_unit(question),
        "Branching Logic (Show field only if...)": branching(question.shown_when, form, kept),
        "Field Annotation": question.path,
    }
    if question.kind == "number":
        found |= _limits(question)
    elif question.kind == "date":
        found["Text Validation Type OR Show Slider Number"] = "date_ymd"
    elif question.kind != "text":
        boxes = question.kind == "list"
        words = question.words | ({NONE_TICKED: "none of these"} if boxes else {})
        said = " | ".join(f"{word}, {text.replace('|', '/')}" for word, text in words.items())
        found["Field Type"] = "checkbox" if boxes else "radio"
        found["Choices, Calculations, OR Slider Labels"] = said
    return found


def _in_unit(question: Question) -> str:
    unit = UNITS.get(question.unit, question.unit).strip()
    return f"in {unit}" if unit else ""


def _limits(question: Question) -> dict[str, str]:
    found = {
        "Text Validation Type OR Show Slider Number": "integer" if question.whole else "number",
    }
    if question.limits:
        low, high = question.limits
        found |= {"Text Validation Min": written(low), "Text Validation Max": written(high)}
    return found


def branching(condition: Condition, form: Questionnaire, kept: Container[str]) -> str:
    """Say in REDCap's words when a field is shown: until an answer speaks against it.

    What was not answered yet hides nothing, so that a sign can always be recorded.
    """
    if isinstance(condition, Said):
        # A field that is not in the dictionary is never answered, so it hides nothing.
        asked = condition.path in kept
        return _not_against(condition, form[condition.path]) if asked else ""
    parts = list(filter(None, (branching(part, form, kept) for part in condition.parts)))
    if isinstance(condition, AnyOf):
        return " or ".join(parts) if len(parts) == len(condition.parts) else ""
    return " and ".join(f"({part})" if " or " in part else part for part in parts)


def _not_against(said: Said, question: Question) -> str:
    field = name(said.path)
    empty = f"[{field}] = ''"
    if not said.words and not said.limits:
        return ""
    if said.limits:
        past = (f"[{field}] {COMPARISONS[how].sign} {written(limit)}" for how, limit in said.limits)
        return f"{' and '.join(past)} or {empty}"
    if question.kind == "list":
        return " or ".join(f"[{field}({word})] = '1'" for word in said.words)
    against = [word for word in question.words if word not in said.words]
    if len(against) < len(said.words) or len(against) == 1:
        return " and ".join(f"[{field}] <> '{word}'" for word in against)
    return " or ".join([*(f"[{field}] = '{word}'" for word in said.words), empty])
