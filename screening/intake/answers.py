"""What may be answered to one finding: types, hard limits and the likely cause of a slip.

Plausibility limits come from the vocabulary (brief section 1.7). A value outside the hard limits
is refused with its likely cause; a doubtful one is kept and reported as a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.errors import did_you_mean
from screening.intake.replaces import LATER, version
from screening.intake.thresholds import from_to, unit_name
from screening.intake.vocabulary import ASKED_WITH, CASE_ID, Entry, Vocabulary
from screening.numbers import hundredths
from screening.safe import is_blank

if TYPE_CHECKING:
    from screening.documents import Data

Answer = int | str | tuple[str, ...] | date
"""A recorded value: hundredths, a word or text, words of a list, or a date."""

Typed = int | float | str | list[str]
"""The same as it stands in a file: a number with its decimals, a date as text."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

NOT_TESTED = "not_tested"
"""May be typed for "not recorded"; nothing recorded is the same."""

LONGEST_TEXT = 200

NO_NAME = "nothing can be seen in it; a name or number of the case is expected."


def words_of(path: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Give the words with which a finding may be answered; empty for numbers, text and dates."""
    entry = vocabulary[path]
    if entry.type == "yes_no":
        return ("present", "absent")
    if entry.type == "gate":
        sides = ("left", "right") if path in vocabulary.leg_gates else ()
        return ("present", "absent", "unsure", *sides)
    return tuple(entry.words)


def number_expected(entry: Entry) -> str:
    """Say what is to be typed for a finding that is a number."""
    unit = unit_name(entry.unit) or "digits"
    return f"a plain number in {unit} is expected, such as 6.5."


def reader(path: str, vocabulary: Vocabulary) -> Callable[[Data], Answer]:
    """Give the function that reads what was typed for a finding.

    The function raises ValueError, in a clinician's words and without the value's owner.
    """
    entry = vocabulary[path]
    if entry.type == "number":
        return lambda value: _number(value, entry)
    if entry.type == "date":
        return day
    if path == ASKED_WITH:
        return lambda value: _version(value, vocabulary)
    if path == CASE_ID:
        return _name
    if entry.type == "text":
        return _text
    words = words_of(path, vocabulary)
    if entry.type == "list":
        return lambda value: _words(value, words)
    return lambda value: _word(value, words, entry)


def _number(value: Data, entry: Entry) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise ValueError(number_expected(entry))
    try:
        exact = hundredths(Decimal(str(value)) if isinstance(value, float) else value)
    except ValueError as error:
        raise ValueError(f"the number {error}.") from None
    if entry.whole and exact % 100:
        raise ValueError("a whole number is expected.")
    if entry.hard and not entry.hard[0] <= exact <= entry.hard[1]:
        hint = f" {entry.refused_hint}" if entry.refused_hint else ""
        raise ValueError(f"it is outside {from_to(*entry.hard, entry.unit)}.{hint}")
    return exact


def day(value: Data) -> date:
    """Read a day as year-month-day, and in no other of the forms that ISO 8601 knows.

    Raises:
        ValueError: for anything else, without the value.

    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a date is expected as year-month-day, such as 2025-03-04.") from None


def _text(value: Data) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("a short text is expected.")
    text = str(value)
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text is longer than {LONGEST_TEXT} characters.")
    return text


def _name(value: Data) -> str:
    text = _text(value)
    if is_blank(text):
        raise ValueError(NO_NAME)
    return text


def _version(value: Data, vocabulary: Vocabulary) -> str:
    text = _text(value)
    if vocabulary.asked_later(version(text)):
        raise ValueError(LATER)
    return text


def _word(value: Data, words: tuple[str, ...], entry: Entry) -> str:
    if isinstance(value, str) and value in words:
        return value
    slip = {"yes": "present", "no": "absent", "true": "present", "false": "absent"}
    typed = str(value).lower() if isinstance(value, str | bool) else ""
    hint = (
        f'Did you mean "{slip[typed]}"?' if slip.get(typed) in words else did_you_mean(typed, words)
    )
    raise ValueError(f"one of {', '.join(words)} is expected. {hint}".strip())


def _words(value: Data, words: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"a list is expected, such as [{words[0]}].")
    for item in value:
        if item not in words:
            raise ValueError(
                f"one or more of {', '.join(words)} are expected. "
                f"{did_you_mean(str(item), words)}".strip()
            )
    return tuple(word for word in words if word in value)
