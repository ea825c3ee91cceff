"""Codes of other systems, read only as a file declares them: ``--codes MAP.yaml``.

findings: {"http://loinc.org|XXXX-X": ankle.lunge_bent_cm}
words: {"http://snomed.info/sct|373066001": present}
ignore: ["http://loinc.org|8480-6"]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from screening.documents import Document
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.answers import words_of
from screening.intake.vocabulary import SIDES, Vocabulary
from screening.safe import shortened
from screening.strict_yaml import read_settings

_MOST_BYTES = 1_000_000
_SECTIONS = ("findings", "words", "ignore")


@dataclass(frozen=True)
class ForeignCodes:
    """What the codes of others stand for, each by its system and code (``system|code``)."""

    findings: dict[str, str] = field(default_factory=dict)
    """The path of a finding, with its side or, for either leg, without."""
    words: dict[str, str] = field(default_factory=dict)
    """Answers, and the sides ``left`` and ``right``."""
    ignore: frozenset[str] = frozenset()


def load_foreign(path: Path, vocabulary: Vocabulary) -> ForeignCodes:
    """Read a map strictly.

    Raises:
        UsageError: if it cannot be read, or names what cannot be recorded.
        DocumentError: if it is not YAML.

    """
    document = read_settings(path, "the map of codes", _MOST_BYTES)
    data = document.data if isinstance(document.data, dict) else {"": None}
    for name in data:
        if name not in _SECTIONS:
            hint = did_you_mean(str(name), _SECTIONS) or f"There are: {', '.join(_SECTIONS)}."
            raise _wrong(document, name, f'"{shortened(name)}" is no part of a map of codes.', hint)
    findings = _mapping(document, "findings")
    for code, finding in findings.items():
        if finding not in vocabulary and finding not in vocabulary.entries:
            what = f'"{shortened(finding)}" is no finding that can be recorded.'
            raise _wrong(document, "findings", what, vocabulary.meant(finding), code)
    words = _mapping(document, "words")
    known = {word for each in vocabulary.all_paths for word in words_of(each, vocabulary)}
    for code, word in words.items():
        if word not in known and word not in SIDES:
            what = f'"{shortened(word)}" is no answer to any question.'
            raise _wrong(document, "words", what, did_you_mean(word, known), code)
    ignore = data.get("ignore") or ()
    codes = [each for each in ignore if isinstance(each, str)] if isinstance(ignore, tuple) else []
    if not isinstance(ignore, tuple) or len(codes) < len(ignore):
        raise _wrong(document, "ignore", '"ignore" is no list of codes.', _HOW)
    return ForeignCodes(findings, words, frozenset(codes))


_HOW = 'Write each as "SYSTEM|CODE", in quotation marks.'


def _mapping(document: Document, section: str) -> dict[str, str]:
    found = document.named.get(section) or {}
    pairs = found.items() if isinstance(found, dict) else [("", None)]
    known = {key: value for key, value in pairs if isinstance(value, str) and "|" in key}
    if len(known) < len(pairs):
        raise _wrong(
            document, section, f'"{section}" does not say what each code stands for.', _HOW
        )
    return known


def _wrong(document: Document, section: str, what: str, todo: str, code: str = "") -> UsageError:
    place = (section, code) if code else (section,)
    why = "A code that is misread would be another finding."
    return UsageError(Problem(document.where(place), what, why, todo))
