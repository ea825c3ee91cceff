"""What a column could be by its name: the nearest finding, by the words of the vocabulary.

It is a guess and is only ever offered to somebody who knows the table.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from screening.batch.inputs.column_map import NONE_TICKED
from screening.batch.inputs.redcap import CASE_ID
from screening.intake.vocabulary import SIDES, Entry, Vocabulary, sided

_SIDES = {
    **dict.fromkeys(("l", "lt", "li", "left", "links"), SIDES[0]),
    **dict.fromkeys(("r", "rt", "re", "right", "rechts"), SIDES[1]),
}
_SCALES = {("mm", "cm"): "divide: 10", ("m", "cm"): "multiply: 100", ("cm", "mm"): "multiply: 10"}
_UNIT_WORDS = {"mm": "mm", "cm": "cm", "m": "m", "deg": "deg", "degrees": "deg", "grad": "deg"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_ID_ALSO = ("patient", "subject", "participant", "record", "person")
"""What tables call the number of a case."""

_PERSONAL = {"name", "names", "vorname", "nachname", "surname", "forename", "birth", "phone"}
"""A column of these holds no number of a case, whatever else it is called."""

_BEGINNING, _ACRONYM = 4, 3
_BESIDE = 0.7
"""A word of a title says less than one of the path."""

_NEAR = 0.45
"""So near a name must be to be offered at all."""

_NEAR_OF_DAYS = 0.2
"""The same where the cells are days: there are few such findings."""


@dataclass(frozen=True)
class Likeness:
    """A finding that a column could be, and what its name says of it."""

    finding: str
    word: str = ""
    scale: str = ""
    score: float = 0.0
    legs: tuple[str, ...] = ()
    """Of a finding of a leg whose side the name does not say: both paths."""


@dataclass(frozen=True)
class _Known:
    """One finding, or one word of a list, by the words that it is spoken of with."""

    bare: str
    word: str
    entry: Entry
    own: frozenset[str]
    more: frozenset[str]


@dataclass(frozen=True)
class KnownNames:
    """Compares the names of columns with the findings of a vocabulary."""

    vocabulary: Vocabulary
    _scores: dict[str, float] = field(default_factory=dict)

    @cached_property
    def _known(self) -> tuple[_Known, ...]:
        found = [
            _Known(bare, word, entry, frozenset(own), frozenset(more) | frozenset(own))
            for bare, entry in self.vocabulary.entries.items()
            for word, own, more in _spoken(bare, entry)
        ]
        entry = self.vocabulary[CASE_ID]
        more = frozenset([*_ID_ALSO, *_words(CASE_ID)])
        return (*found, *(_Known(CASE_ID, "", entry, frozenset([own]), more) for own in _ID_ALSO))

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Words that few findings have say more."""
        often = Counter(word for known in self._known for word in known.more)
        return {word: math.log(1 + len(self._known) / times) for word, times in often.items()}

    @cached_property
    def _most(self) -> float:
        return max(self._weights.values())

    def likely(self, name: str, days: bool = False) -> list[Likeness]:
        """Give the findings that a name is like, the nearest first.

        Args:
            name: the head of a column.
            days: whether its cells are days: then it is a finding that is a date, and no other.

        """
        words = [word.lower() for word in _WORD.findall(name)]
        side = next((_SIDES[word] for word in words if word in _SIDES), None)
        unit = next((_UNIT_WORDS[word] for word in words if word in _UNIT_WORDS), "")
        said = [word for word in words if word not in _SIDES and word not in _UNIT_WORDS]
        said = said or [word for word in words if word not in _SIDES]
        if not said:
            return []
        personal = not _PERSONAL.isdisjoint(said)
        fitting = (
            known
            for known in self._known
            if (known.entry.type == "date" or not days) and not (personal and known.bare == CASE_ID)
        )
        scored = [(self._score(said, unit, side, known), known) for known in fitting]
        least = _NEAR_OF_DAYS if days else _NEAR
        near = sorted((each for each in scored if each[0] >= least), key=lambda each: -each[0])
        return [_likeness(known, side, unit, score) for score, known in near]

    def _score(self, said: list[str], unit: str, side: str | None, known: _Known) -> float:
        """Weigh how much of a name a finding has, and how much of the finding the name has."""
        whole = sum(self._weights[word] for word in known.own)
        all_, hit, heaviest, missed = 0.0, 0.0, 0.0, 0.0
        for word in said:
            own = _first_like(word, known.own)
            like = own or _first_like(word, known.more)
            weight = self._weights.get(like or word, self._most)
            all_ += weight
            hit += weight if own else _BESIDE * weight if like else 0.0
            if like:
                heaviest = max(heaviest, weight)
            elif word in self._weights:
                missed = max(missed, weight)
        if missed > heaviest / 2 and known.entry.type != "date":
            return 0.0  # The name says as much that is said of other findings and not of this one.
        precise, complete = hit / all_, min(1.0, hit / whole) if whole else 0.0
        score = 2 * precise * complete / (precise + complete) if precise + complete else 0.0
        fits = unit and (unit == known.entry.unit or (unit, known.entry.unit) in _SCALES)
        score += 0.1 if score and fits else 0.0
        return score - (0.2 if (side is not None) != (known.entry.of == "leg") else 0.0)


def _likeness(known: _Known, side: str | None, unit: str, score: float) -> Likeness:
    leg = known.entry.of == "leg"
    finding = f"{side}.{known.bare}" if leg and side else known.bare
    scale = _SCALES.get((unit, known.entry.unit), "")
    legs = sided(known.bare) if leg and not side else ()
    return Likeness(finding, known.word, scale, score, legs)


def _first_like(word: str, others: Iterable[str]) -> str | None:
    """Give the first that is the same word, or of which one is how the other begins."""
    return next((other for other in sorted(others) if _like(word, other)), None)


def _like(word: str, other: str) -> bool:
    begins = word.startswith(other) or other.startswith(word)
    return word == other or (begins and min(len(word), len(other)) >= _BEGINNING)


def _spoken(bare: str, entry: Entry) -> Iterator[tuple[str, set[str], set[str]]]:
    """Give the words of a finding: those of its path, and those of its titles; a list for each."""
    last = bare.rpartition(".")[2]
    own, more = set(_words(last)), set(_words(bare, entry.title, entry.brief))
    own -= set(_UNIT_WORDS)
    for text in (entry.title, entry.brief):
        more |= set(_acronyms(text))
    if entry.type != "list":
        yield "", own or set(_words(last)), more
        return
    for word, text in {**entry.words, NONE_TICKED: NONE_TICKED}.items():
        yield word, set(_words(word)), more | set(_words(text))


def _words(*texts: str) -> Iterable[str]:
    return (word.lower() for text in texts for word in _WORD.findall(text))


def _acronyms(text: str) -> Iterator[str]:
    """Give the first letters of words that follow each other: ktw for knee to wall."""
    initials = "".join(word[0] for word in _words(text))
    for start in range(len(initials) - _ACRONYM + 1):
        yield initials[start : start + _ACRONYM]
