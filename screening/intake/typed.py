"""Reading what was typed: y, n and u, a word or its number, a figure, a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from screening.intake.answers import Answer, reader
from screening.intake.questionnaire import UNSURE, Question
from screening.intake.vocabulary import ABSENT, PRESENT, SIDES, Vocabulary
from screening.numbers import number

YES, NO = ("y", "yes"), ("n", "no", "none")
_UNSURE = ("u", "unsure")
_A_NUMBER = "a plain number is expected, such as 6.5."


def read(question: Question, typed: str, vocabulary: Vocabulary, today: date) -> Answer | None:
    """Read an answer; None is "not tested".

    Raises:
        ValueError: in a clinician's words, if it cannot be the answer.

    """
    text = typed.strip()
    if not text:
        return None
    as_answer = reader(question.path, vocabulary)
    if question.kind == "list":
        return as_answer(tuple(_several(text, question)))
    if question.words:
        word = _word(text, question)
        return None if word is None else as_answer(word)
    if question.kind == "number":
        return None if text.lower() in _UNSURE else as_answer(_number(text))
    found = as_answer(text)
    if isinstance(found, date) and found > today:
        raise ValueError(f"this day is still to come: today is {today.isoformat()}.")
    return found


def _number(text: str) -> int | Decimal:
    try:
        return number(text.replace(",", "."))
    except (ArithmeticError, ValueError):
        raise ValueError(_A_NUMBER) from None


def keys(question: Question) -> Mapping[str, str | None]:
    """Give what one key answers: a word of the question, or None for "not tested"."""
    found: dict[str, str | None] = {}
    if question.kind == "sweep":
        found["y"], found["n"] = next(iter(question.words)), None
    if PRESENT in question.words:
        found["y"], found["n"] = PRESENT, ABSENT
    found["u"] = UNSURE if UNSURE in question.words else None
    for side in SIDES:
        if side in question.words:
            found[side[0]] = side
    return found


def _word(text: str, question: Question) -> str | None:
    short, low = keys(question), text.lower()
    key = "y" if low in YES else "n" if low in NO else "u" if low in _UNSURE else low
    return short[key] if key in short else _one_of(text, question)


def _one_of(text: str, question: Question) -> str:
    words = tuple(question.words)
    if text.isdigit() and 1 <= int(text) <= len(words):
        return words[int(text) - 1]
    low = text.lower().replace(" ", "_")
    near = [word for word in words if word.startswith(low)]
    return near[0] if len(near) == 1 else low


def _several(text: str, question: Question) -> list[str]:
    if text.lower() in NO or text.lower() == "none_of_these":
        return []
    return [_one_of(part, question) for part in text.replace(",", " ").split()]


def looks_like_a_name(text: str) -> bool:
    """Tell whether a case id looks like a person's name: letters alone, more than two of them."""
    letters = text.replace(" ", "").replace("-", "").replace(".", "").replace(",", "")
    return letters.isalpha() and len(letters) > 2
