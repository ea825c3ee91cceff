"""REDCap: a data dictionary of the vocabulary, and the names of the export that matches it.

The dictionary is the plain CSV of 18 columns that REDCap uploads; the export is the one with raw
data (codes). A path becomes a field by writing ``_`` for each dot. https://projectredcap.org
"""

from __future__ import annotations

import csv
import io

from screening.batch.columns import NONE_TICKED, TICKS, ColumnMap, Map
from screening.intake.answers import words_of
from screening.intake.vocabulary import SIDES, Entry, Vocabulary, without_side
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
    forms = dict.fromkeys(form(path) for path in vocabulary.all_paths)
    added = [f"{each}{ending}" for each in forms for ending in ("_complete", "_timestamp")]
    return Map(columns=found, ignore=(*_ADDED, *added))


def form(path: str) -> str:
    """Give the form of a path: a leg, a group of the person, or the case itself."""
    side, bare = without_side(path)
    group = bare.partition(".")[0] if "." in bare else "person"
    return f"{side}_leg" if side else group


def dictionary(vocabulary: Vocabulary) -> str:
    """Give the data dictionary as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    paths = sorted(vocabulary.all_paths, key=lambda path: path != CASE_ID)
    forms = list(dict.fromkeys(form(path) for path in paths))
    for path in sorted(paths, key=lambda path: forms.index(form(path))):
        row = dict.fromkeys(_HEAD, "") | _field(path, vocabulary)
        writer.writerow([row[column] for column in _HEAD])
    return text.getvalue()


def _field(path: str, vocabulary: Vocabulary) -> dict[str, str]:
    entry, (side, _) = vocabulary[path], without_side(path)
    leg = f" ({side} leg)" if side else ""
    found = {
        "Variable / Field Name": name(path),
        "Form Name": form(path),
        "Field Type": "text",
        "Field Label": f"{entry.question or entry.title}{leg}",
        "Field Note": f"in {entry.unit}" if entry.unit else "",
        "Branching Logic (Show field only if...)": _shown_if(path, vocabulary),
        "Field Annotation": path,
    }
    if entry.type == "number":
        found |= _limits(entry)
    elif entry.type == "date":
        found["Text Validation Type OR Show Slider Number"] = "date_ymd"
    elif entry.type != "text":
        boxes = entry.type == "list"
        words = {word: entry.says.get(word, word) for word in words_of(path, vocabulary)}
        if boxes:
            words[NONE_TICKED] = "none of these"
        said = " | ".join(f"{word}, {text.replace('|', '/')}" for word, text in words.items())
        found["Field Type"] = "checkbox" if boxes else "radio"
        found["Choices, Calculations, OR Slider Labels"] = said
    return found


def _limits(entry: Entry) -> dict[str, str]:
    found = {
        "Text Validation Type OR Show Slider Number": "integer" if entry.whole else "number",
    }
    if entry.hard:
        low, high = entry.hard
        found |= {"Text Validation Min": written(low), "Text Validation Max": written(high)}
    return found


def _shown_if(path: str, vocabulary: Vocabulary) -> str:
    """Hide a detail while everything that owns it was answered with absent."""
    side, _ = without_side(path)
    owners = () if vocabulary[path].asked_also else vocabulary[path].family
    full = [
        f"{side}.{owner}" if vocabulary.entries[owner].of == "leg" else owner
        for owner in owners
        if side or vocabulary.entries[owner].of == "person"
    ]
    full += [
        f"{each}.{owner}"
        for owner in owners
        for each in SIDES
        if not side and vocabulary.entries[owner].of == "leg"
    ]
    return " or ".join(f"[{name(owner)}] <> 'absent'" for owner in full)
