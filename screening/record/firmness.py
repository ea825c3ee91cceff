"""How firm a verdict is: one reading at a time moved within its minimal detectable change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from screening.algebra import Number
from screening.inference.infer import Inferred
from screening.intake.thresholds import with_unit
from screening.numbers import plain
from screening.record.candidates import Candidates
from screening.record.wording import Wording

if TYPE_CHECKING:
    from screening.record.model import Firmness

_STEP = 10
"""Readings are moved in tenths: finer than any tape or inclinometer."""


def firmness(side: str, inferred: Inferred, wording: Wording) -> Iterator[Firmness]:
    """Give, for each reading with an MDC, whether moving it within the MDC changes the verdict."""
    name = f"{side}.verdict"
    now = inferred.rows[name].word
    candidates = Candidates(inferred)
    for operand in inferred.form.measured:
        reading, mdc = inferred.known.get(operand.name), operand.mdc
        if mdc is None or not isinstance(reading, tuple):
            continue
        value = reading[0]
        word = _words(operand.name, value, name, inferred, candidates.starts(operand.path))
        turn = _turn(value, mdc, now, word)
        entry = wording.entry(operand.name)
        yield {
            "path": operand.path,
            "value": plain(value),
            "mdc": plain(mdc),
            "holds": turn is None,
            "turns_at": plain(turn[0]) if turn else None,
            "becomes": turn[1] if turn else None,
            "text": _text(entry.title, value, mdc, entry.unit, turn),
        }


def _turn(value: int, mdc: int, now: str, word: Callable[[int], str]) -> tuple[int, str] | None:
    """Give the nearest value within the MDC at which the verdict becomes another one."""
    if all(word(end) == now for end in (value - mdc, value + mdc)):
        return None
    for step in range(_STEP, mdc + 1, _STEP):
        for moved in (value + step, value - step):
            if word(moved) != now:
                return moved, word(moved)
    return None


def _words(
    operand: str, now: int, ladder: str, inferred: Inferred, starts: list[int]
) -> Callable[[int], str]:
    """Give what tells the verdict at a reading; between two limits it is worked out once."""
    rows = inferred.form.ladders_by_name[ladder].rows
    found = {bisect_right(starts, now): inferred.rows[ladder].word}

    def word(value: int) -> str:
        cell = bisect_right(starts, value)
        if cell not in found:
            walk = inferred.walk.again({operand: Number(True, value, value)})
            found[cell] = rows[walk.rows(ladder).index(True)].word
        return found[cell]

    return word


def _text(title: str, value: int, mdc: int, unit: str, turn: tuple[int, str] | None) -> str:
    reading = f"{title} {with_unit(value, unit)} ± {with_unit(mdc, unit)}"
    if turn is None:
        return f"{reading}: the verdict holds."
    at = with_unit(turn[0], unit)
    return (
        f"{reading}: at {at} this becomes {turn[1].replace('_', ' ').upper()}. Measure three times."
    )
