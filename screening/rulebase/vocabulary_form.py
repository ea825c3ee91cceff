"""What must hold of every entry of the vocabulary, so that whatever is asked can be answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from screening.documents import Document, Place
from screening.errors import Problem, did_you_mean
from screening.intake.vocabulary import SIDES, Entry, Vocabulary, without_side
from screening.rulebase.premises import QUANTIFIERS

_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_DECIDED = ("unknown", "set_aside")
_WITH_WORDS = ("choice", "list", "sweep")


def vocabulary_problems(
    vocabulary: Vocabulary, documents: Mapping[str, Document], broken: Collection[str]
) -> Iterator[Problem]:
    """Give what is wrong with each entry, with its file and line."""
    operands: dict[str, str] = {}
    for path, entry in vocabulary.entries.items():

        def at(place: Place, what: str, todo: str = "", path: str = path) -> Problem:
            where = documents[f"vocabulary:{path}"].where((path, *place))
            return Problem(where, f"{path}: {what}", "", todo)

        for place, what, todo in (
            *_path(path, vocabulary),
            *_shape(entry),
            *_names(entry, vocabulary, broken),
        ):
            yield at(place, what, todo)
        for name, _ in vocabulary.operands(path):
            if operands.setdefault(name, path) != path:
                yield at((), f'"{name}" is given by {operands[name]} as well.')


Found = Iterator[tuple[Place, str, str]]


def _path(path: str, vocabulary: Vocabulary) -> Found:
    first = path.partition(".")[0]
    if not _PATH.fullmatch(path) or first in (*SIDES, *QUANTIFIERS):
        yield (), "a path is small letters, figures and _, parted by dots.", "No side stands in it."
    for other in vocabulary.entries:
        if other.startswith(f"{path}."):
            yield (), f'"{other}" cannot stand below it: a case holds one value here.', ""
    if vocabulary.entries[path].type == "gate" and not path.startswith("red_flags."):
        yield ("type",), 'the path of a gate begins with "red_flags.".', ""


def _shape(entry: Entry) -> Found:
    if bool(entry.words) != (entry.type in _WITH_WORDS):
        yield ("words",), f"words stand with {', '.join(_WITH_WORDS)}, and with these always.", ""
    if entry.type == "choice" and len(entry.words) == 1:
        yield ("words",), "a choice has two words or more.", "Add what else can be answered."
    if "minutes" not in entry.model_fields_set:
        todo = "Write minutes: 0.5, or 0 for what is never asked for by itself."
        yield (), "nobody says how many minutes it takes, so it would never be asked for.", todo
    if bool(entry.answers) != (entry.type == "sweep"):
        yield ("answers",), "a sweep says what it answers, and nothing else does.", ""
    for key in ("mdc", "positive", "implies", "hard", "usual", "mirrored", "whole", "norms"):
        if getattr(entry, key) and entry.type != "number":
            yield (key,), f'"{key}" is of numbers alone.', ""
    for key in ("hard", "usual"):
        limits = getattr(entry, key)
        if limits and limits[0] > limits[1]:
            yield (key,), "the lower limit comes first.", ""
    if entry.mirrored and entry.of != "leg":
        yield ("mirrored",), "only a finding of the leg is mirrored.", ""
    if entry.ordered and entry.type != "choice":
        yield ("ordered",), "only the words of a choice are ordered.", ""
    if entry.type == "gate" and entry.of != "person":
        yield ("of",), "a gate is of the person.", ""
    for word in entry.words:
        if word in _DECIDED or "," in word or " " in word:
            yield ("words", word), f'"{word}" cannot be a word.', "Use letters, figures and _."
    try:
        entry.heading.format(value="", side="")
    except (LookupError, ValueError):
        yield ("heading",), "only {value} and {side} are filled in.", ""


def _names(entry: Entry, vocabulary: Vocabulary, broken: Collection[str]) -> Found:
    compared = [("positive", entry.positive), *(("implies", c) for c in entry.implies.values())]
    heard = [("asked_when", entry.asked_when), *(("asked_if", each) for each in entry.asked_if)]
    compared += [(k, c) for k, said in heard for c in said.values() if isinstance(c, dict)]
    named = [(key, name) for key, by in compared for name in by.values()]
    for key, name in [*named, *([("mdc", entry.mdc)] if entry.mdc else [])]:
        threshold = vocabulary.thresholds.get(name)
        if threshold is None:
            if name not in broken:
                todo = did_you_mean(name, vocabulary.thresholds)
                yield (key,), f'"{name}" is no threshold.', todo
        elif key in ("mdc", "positive") and threshold.unit != entry.unit:
            yield (key,), f'"{name}" is in "{threshold.unit}", the finding in "{entry.unit}".', ""
    others = [("family", name) for name in entry.family]
    others += [("implies", name) for name in entry.implies]
    others += [("answers", name) for name in entry.answers]
    others += [("needs", name) for name in entry.needs]
    others += [(key, name) for key, said in heard for name in said]
    for key, name in others:
        known = name in vocabulary.entries or without_side(name)[1] in vocabulary.entries
        if not known and name not in broken:
            todo = did_you_mean(name, vocabulary.entries)
            yield (key,), f'"{name}" is no finding.', todo
    for name in entry.family:
        owner = vocabulary.entries.get(name)
        if owner and owner.type not in ("gate", "yes_no"):
            yield ("family",), f'"{name}" is no gate and no yes-or-no summary.', ""
