"""How firm a verdict is: one reading at a time moved within its minimal detectable change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.algebra import Number
from screening.inference.infer import Inferred
from screening.intake.thresholds import with_unit
from screening.numbers import plain
from screening.record.wording import Wording

if TYPE_CHECKING:
    from screening.record.model import Firmness

_STEP = 10
"""Readings are moved in tenths: finer than any tape or inclinometer."""


def firmness(side: str, inferred: Inferred, wording: Wording) -> Iterator[Firmness]:
    """Give, for each reading with an MDC, whether moving it within the MDC changes the verdict."""
    name = f"{side}.verdict"
    now = inferred.rows[name].word
    for operand in inferred.form.recorded.values():
        reading = inferred.known.get(operand.name)
        if operand.mdc is None or not isinstance(reading, tuple):
            continue
        value = reading[0]
        turn = _turn(operand.name, value, operand.mdc, name, now, inferred)
        entry = wording.entry(operand.name)
        yield {
            "path": operand.path,
            "value": plain(value),
            "mdc": plain(operand.mdc),
            "holds": turn is None,
            "turns_at": plain(turn[0]) if turn else None,
            "becomes": turn[1] if turn else None,
            "text": _text(entry.title, value, operand.mdc, entry.unit, turn),
        }


def _turn(
    operand: str, value: int, mdc: int, ladder: str, now: str, inferred: Inferred
) -> tuple[int, str] | None:
    """Give the nearest value within the MDC at which the verdict becomes another one."""
    if all(_word(operand, end, ladder, inferred) == now for end in (value - mdc, value + mdc)):
        return None
    for step in range(_STEP, mdc + 1, _STEP):
        for moved in (value + step, value - step):
            word = _word(operand, moved, ladder, inferred)
            if word != now:
                return moved, word
    return None


def _word(operand: str, value: int, ladder: str, inferred: Inferred) -> str:
    walk = inferred.walk.again({operand: Number(True, value, value)})
    rows = inferred.form.ladders_by_name[ladder].rows
    return rows[walk.rows(ladder).index(True)].word


def _text(title: str, value: int, mdc: int, unit: str, turn: tuple[int, str] | None) -> str:
    reading = f"{title} {with_unit(value, unit)} ± {with_unit(mdc, unit)}"
    if turn is None:
        return f"{reading}: the verdict holds."
    at = with_unit(turn[0], unit)
    return (
        f"{reading}: at {at} this becomes {turn[1].replace('_', ' ').upper()}. Measure three times."
    )
