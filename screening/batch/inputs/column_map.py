"""A map of columns: how the columns of a site become findings, declared by whoever knows them.

A map changes names, codes, scales and ways of writing. It cannot fill a column with a constant, nor
an empty cell with a word: what was not recorded for a row stays not recorded.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ValidationError
from pydantic.types import StringConstraints

from screening.documents import Document, Place
from screening.errors import Problem, UsageError, did_you_mean, of_another_shape
from screening.intake.answers import NOT_TESTED, words_of
from screening.intake.thresholds import Hundredths, Strict
from screening.intake.vocabulary import ABSENT, PRESENT, Vocabulary
from screening.safe import shortened
from screening.strict_json import parse_json
from screening.strict_yaml import read_settings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from screening.documents import Data, Json

TICKS = {"1": PRESENT, "0": ABSENT}
"""How a ticked box is exported everywhere."""

NONE_TICKED = "none"
"""The word of a box that says none of the words of a list applies."""

TODO = "TODO"
"""Begins what somebody must still look at: a map that holds it is not read."""

CodeText = Annotated[str, StringConstraints(max_length=200)]
Codes = dict[CodeText, str]
Mark = Literal[",", "."]

_MOST_LINES = 30
_MOST_BYTES = 1_000_000
_DATE_PARTS = {"DD": "%d", "MM": "%m", "YYYY": "%Y"}
_DATE_FORM = re.compile(r"(DD|MM|YYYY)([./ -])(DD|MM|YYYY)\2(DD|MM|YYYY)")
_MADE_UP = 'What was not recorded stays not recorded; it is never "no".'


class ColumnMap(Strict):
    """How one column of a site becomes a finding (or one word of a list finding)."""

    finding: str
    word: str | None = None
    codes: Codes | None = None
    multiply: Hundredths | None = None
    divide: Hundredths | None = None
    decimal: Mark | None = None
    """The decimal mark of its numbers; a point is always read."""
    date: str | None = None
    """How its dates are written, such as ``DD.MM.YYYY``; year-month-day is always read."""


class CodesFor(Strict):
    """Codes that many columns share."""

    columns: tuple[str, ...]
    codes: Codes


class Map(Strict):
    """A whole map: columns that are findings, and columns that are left out knowingly."""

    columns: dict[str, ColumnMap] = {}
    codes_for: tuple[CodesFor, ...] = ()
    decimal: Mark | None = None
    """The decimal mark of all numbers whose column names no other."""
    date: str | None = None
    """How all dates are written whose column says no other."""
    ignore: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every column that it names."""
        return frozenset((*self.columns, *self.ignore))

    def finding(self, name: str, vocabulary: Vocabulary) -> str | None:
        """Give the finding that a column is, if any."""
        own = self.columns.get(name)
        if own is None:
            return name if name in vocabulary else None
        return own.finding

    def column(self, name: str, vocabulary: Vocabulary) -> ColumnMap | None:
        """Give how a column is read, with what is declared for many; None if it is no finding."""
        finding = self.finding(name, vocabulary)
        if finding is None:
            return None
        own = self.columns.get(name) or ColumnMap(finding=finding)
        kind = vocabulary[finding].type
        shared = next((each.codes for each in self.codes_for if name in each.columns), None)
        return own.model_copy(
            update={
                "codes": shared if own.codes is None else own.codes,
                "decimal": own.decimal or (self.decimal if kind == "number" else None),
                "date": own.date or (self.date if kind == "date" else None),
            }
        )


def date_form(form: str) -> str:
    """Give ``DD.MM.YYYY`` as computers write it: ``%d.%m.%Y``.

    Raises:
        ValueError: if a day, a month or a year of four digits is missing or doubled.

    """
    parts = _DATE_FORM.fullmatch(form)
    if not parts or len({parts[1], parts[3], parts[4]}) < len(_DATE_PARTS):
        raise ValueError(f'"{shortened(form)}" is no way to write a date, such as DD.MM.YYYY.')
    return re.sub("[DMY]+", lambda part: _DATE_PARTS[part.group()], form)


def load_map(path: Path, vocabulary: Vocabulary) -> Map:
    """Read a map of columns.

    Raises:
        UsageError, DocumentError: with line, reason and what to do.

    """
    document = read_settings(path, "the map", _MOST_BYTES)
    if guesses := list(_open(document.data)):
        raise UsageError(_unsettled(document, guesses))
    try:
        found = Map.model_validate(document.data)
    except ValidationError as error:
        raise UsageError([_misshapen(document, item) for item in error.errors()]) from None
    if problems := list(_problems(found, document, vocabulary)):
        raise UsageError(problems)
    return found


def kept_map(data: Mapping[str, Json]) -> Map:
    """Read a map again as a manifest keeps it: exact numbers, and lists as they were."""
    return Map.model_validate(_frozen(parse_json(json.dumps(data), "the map")))


def _frozen(data: Data) -> Data:
    if isinstance(data, dict):
        return {name: _frozen(part) for name, part in data.items()}
    return tuple(map(_frozen, data)) if isinstance(data, list) else data


def _open(part: Data, place: Place = ()) -> Iterator[Place]:
    """Give the place of every guess of a map that nobody has looked at yet."""
    if isinstance(part, dict):
        for name, below in part.items():
            yield from _open(below, (*place, str(name)))
    elif isinstance(part, tuple):
        for number, below in enumerate(part):
            yield from _open(below, (*place, number))
    elif isinstance(part, str) and part.startswith(TODO):
        yield place


def _unsettled(document: Document, guesses: list[Place]) -> Problem:
    lines = list(dict.fromkeys(document.where(place).rpartition(":")[2] for place in guesses))
    said = ", ".join(lines[:_MOST_LINES]) + ", ..." * (len(lines) > _MOST_LINES)
    guess = "a guess" if len(guesses) == 1 else f"{len(guesses)} guesses"
    what = f"it holds {guess} that nobody has looked at yet: line {said}."
    todo = f'Mend each, or take the word "{TODO}" away where it is right.'
    return Problem(document.source, what, "", todo)


def _misshapen(document: Document, item: ErrorDetails) -> Problem:
    place = tuple(item["loc"])
    if item["type"] != "extra_forbidden":
        return Problem(document.where(place), f"{_named(place)}: {of_another_shape(item)}")
    kind = ColumnMap if place[0] == "columns" else CodesFor if place[0] == "codes_for" else Map
    known = list(kind.model_fields)
    name = shortened(place[-1])
    what = f'{_named(place[:-1])}: "{name}" is no setting; there are {", ".join(known)}.'
    why = f"A map never fills in what a table does not say. {_MADE_UP}"
    return Problem(document.where(place), what, why, did_you_mean(name, known))


def _named(place: tuple[str | int, ...]) -> str:
    return shortened(".".join(str(part) for part in place)) or "the map"


def _problems(found: Map, document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    for name, column in found.columns.items():
        for what in _wrong(column, vocabulary):
            where = document.where(("columns", name))
            yield Problem(where, f'the column "{shortened(name)}": {what}')
    for place, what in (*_wrong_as_a_whole(found), *_wrongly_shared(found, vocabulary)):
        yield Problem(document.where(place), what)


def _wrong_as_a_whole(found: Map) -> Iterator[tuple[tuple[str, ...], str]]:
    for what in _wrong_date(found.date):
        yield ("date",), what
    for name in found.ignore:
        if name in found.columns:
            yield ("ignore",), f'"{shortened(name)}" is a column to read and one to leave out.'


def _wrongly_shared(found: Map, vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], str]]:
    place = ("codes_for",)
    often = Counter(name for each in found.codes_for for name in each.columns)
    for name, times in often.items():
        said = f'codes_for: the column "{shortened(name)}"'
        if times > 1:
            yield place, f"{said} is named twice."
        if name not in found.columns and name not in vocabulary:
            near = did_you_mean(name, found.columns)
            yield place, f"{said} is none of the columns of the map. {near}".strip()
            continue
        column = found.column(name, vocabulary)
        if column is not None and column.finding in vocabulary and column.codes:
            for what in _wrong_codes(column.codes, column, vocabulary):
                yield place, f"{said}: {what}"


def _wrong(column: ColumnMap, vocabulary: Vocabulary) -> Iterator[str]:
    path = column.finding
    if path not in vocabulary:
        yield f'"{shortened(path)}" is no finding. {vocabulary.meant(path)}'.strip()
        return
    kind = vocabulary[path].type
    if kind != "number" and (column.multiply is not None or column.divide is not None):
        yield f"{path} is no number, so it cannot be scaled."
    if 0 in (column.multiply, column.divide):
        yield "a scale is a number other than 0."
    if kind != "number" and column.decimal:
        yield f"{path} is no number, so it has no decimal mark."
    if kind != "date" and column.date:
        yield f"{path} is no date."
    yield from _wrong_date(column.date)
    yield from _wrong_word(column, vocabulary)
    yield from _wrong_codes(column.codes or {}, column, vocabulary)


def _wrong_date(form: str | None) -> Iterator[str]:
    try:
        date_form(form or "DD.MM.YYYY")
    except ValueError as error:
        yield str(error)


def _wrong_word(column: ColumnMap, vocabulary: Vocabulary) -> Iterator[str]:
    path, word = column.finding, column.word
    is_list = vocabulary[path].type == "list"
    if is_list and word is None and column.codes:
        yield f"{path} is a list; name the word that the column stands for."
    elif not is_list and word is not None:
        yield f"{path} is no list; name a word for a list only."
    elif word is not None:
        words = (*words_of(path, vocabulary), NONE_TICKED)
        if word not in words:
            near = did_you_mean(word, words)
            yield f'"{shortened(word)}" is none of {", ".join(words)}. {near}'.strip()


def _wrong_codes(codes: Codes, column: ColumnMap, vocabulary: Vocabulary) -> Iterator[str]:
    allowed = (PRESENT, ABSENT) if column.word else words_of(column.finding, vocabulary)
    for code, word in codes.items():
        if not code.strip() and word != NOT_TESTED:
            yield f'an empty cell cannot mean "{shortened(word)}". {_MADE_UP}'
        elif word not in (*allowed, NOT_TESTED):
            near = did_you_mean(word, allowed)
            said = f"none of {', '.join(allowed)}" if allowed else f"not {NOT_TESTED}"
            yield (
                f'the code "{shortened(code)}" means "{shortened(word)}", which is {said}. {near}'
            ).strip()
