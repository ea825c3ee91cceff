"""Cells of text, read as strictly as a case file reads them.

A text stands in many cells of a column, so only the different ones are read, each once. Empty and
``not_tested`` mean not recorded. What a case file would refuse is refused with a reason that never
names the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from screening.intake.answers import LONGEST_TEXT, NOT_TESTED, number_expected, words_of
from screening.intake.replaces import LATER, NO_VERSION, Version, version
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import ASKED_WITH, Entry, Vocabulary

LIST_SEPARATOR = ";"
"""Between the words of a list finding in a cell of text: ``side;thigh``."""

Truths = NDArray[np.bool_]
Whole = NDArray[np.int32]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{1,2}0*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BETWEEN = re.compile(r"\s*[;,]\s*")
MOST = 1e7
"""Far above every hard limit and far below what hundredths in 32 bits can hold."""


@dataclass
class Cells:
    """What was read: given, the words or the number (in hundredths), and what is refused."""

    given: Truths
    words: dict[str, Truths] = field(default_factory=dict)
    number: Whole | None = None
    refused: dict[str, Truths] = field(default_factory=dict)


@dataclass(frozen=True)
class Reasons:
    """Why cells of a finding are refused."""

    kind: str
    decimals: str
    whole: str
    limits: str

    @classmethod
    def of(cls, path: str, vocabulary: Vocabulary) -> Reasons:
        """Give the reasons of a finding."""
        entry = vocabulary[path]
        words = words_of(path, vocabulary)
        kinds = {
            "number": number_expected(entry),
            "list": f"one or more of {', '.join(words)} are expected.",
            "date": "a date is expected as year-month-day, such as 2025-03-04.",
            "text": f"the text is longer than {LONGEST_TEXT} characters.",
        }
        if path == ASKED_WITH:
            kinds["text"] = NO_VERSION
        limits = ""
        if entry.hard:
            low, high = (with_unit(end, entry.unit) for end in entry.hard)
            hint = f" {entry.refused_hint}" if entry.refused_hint else ""
            limits = f"it is outside {low} to {high}.{hint}"
        return cls(
            kinds.get(entry.type, f"one of {', '.join(words)} is expected."),
            "it has more than two decimals; round it.",
            "a whole number is expected.",
            limits,
        )


def read_texts(path: str, vocabulary: Vocabulary, texts: Sequence[str | None]) -> Cells:
    """Read different texts of a finding."""
    entry, words = vocabulary[path], words_of(path, vocabulary)
    reasons = Reasons.of(path, vocabulary)
    given = [None if text in ("", NOT_TESTED) else text for text in texts]
    if entry.type == "number":
        return _numbers(given, entry, reasons)
    if entry.type == "list":
        return _words(given, words, _listed, reasons)
    if path == ASKED_WITH:
        return _versions(given, vocabulary, reasons)
    if entry.type in ("date", "text"):
        fits = _is_date if entry.type == "date" else _is_short
        return _refused(given, [text is None or fits(text) for text in given], reasons)
    return _words(given, words, lambda text: [text], reasons)


def _refused(given: list[str | None], fits: list[bool], reasons: Reasons) -> Cells:
    fitting = np.array(fits, np.bool_)
    read = Cells(np.array([text is not None for text in given], np.bool_) & fitting)
    read.refused[reasons.kind] = ~fitting
    return read


def _words(
    given: list[str | None],
    words: tuple[str, ...],
    parts: Callable[[str], list[str]],
    reasons: Reasons,
) -> Cells:
    said = [parts(text) if text is not None else [] for text in given]
    known = set(words)
    read = _refused(given, [known.issuperset(each) for each in said], reasons)
    for word in words:
        read.words[word] = np.array([word in each for each in said], np.bool_)
    return read


def _listed(text: str) -> list[str]:
    parts = _BETWEEN.sub(LIST_SEPARATOR, text.strip("[] ")).split(LIST_SEPARATOR)
    return [part for part in parts if part]


def _versions(given: list[str | None], vocabulary: Vocabulary, reasons: Reasons) -> Cells:
    """Read versions; the words are those since which a question asks for more."""
    asked = [_version(text) for text in given]
    fits = [text is None or found is not None for text, found in zip(given, asked, strict=True)]
    read = _refused(given, fits, reasons)
    read.refused[LATER] = np.array(
        [found is not None and vocabulary.asked_later(found) for found in asked], np.bool_
    )
    for since in dict.fromkeys(vocabulary.widened.values()):
        later = [found is not None and found >= version(since) for found in asked]
        read.words[since] = np.array(later, np.bool_)
    return read


def _version(text: str | None) -> Version | None:
    try:
        return version(text) if text is not None else None
    except ValueError:
        return None


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_TEXT


def _numbers(given: list[str | None], entry: Entry, reasons: Reasons) -> Cells:
    is_number = [text is None or bool(_NUMBER.fullmatch(text)) for text in given]
    plain = [text is None or bool(_PLAIN.fullmatch(text)) for text in given]
    numbers = [
        float(text) if fits and text is not None else np.nan
        for text, fits in zip(given, is_number, strict=True)
    ]
    read = within_limits(np.array(numbers, np.float64), entry, reasons)
    fits = np.array(is_number, np.bool_)
    uneven = fits & ~np.array(plain, np.bool_)
    read.refused = {reasons.kind: ~fits, reasons.decimals: uneven, **read.refused}
    return read


def within_limits(numbers: NDArray[np.float64], entry: Entry, reasons: Reasons) -> Cells:
    """Give numbers in hundredths and refuse what is not whole or implausible; NaN is not given."""
    valid = ~np.isnan(numbers)
    kept = np.clip(np.where(valid, numbers, 0), -MOST, MOST)
    value = np.rint(kept * 100).astype(np.int32)
    read = Cells(valid, {}, value)
    if entry.whole:
        read.refused[reasons.whole] = valid & (value % 100 != 0)
    if entry.hard:
        low, high = entry.hard
        read.refused[reasons.limits] = valid & ((value < low) | (value > high))
    return read
