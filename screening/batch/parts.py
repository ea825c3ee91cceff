"""One part of a run: headed, screened, its refused rows with what they held."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.batch.ids import Hashes, hashes
from screening.batch.inputs import headings as heads
from screening.batch.inputs.cells import as_case, written
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.source_rows import Part, Refusal
from screening.cohort import Screened
from screening.cohort.admission import ROW
from screening.intake.answers import NOT_TESTED
from screening.intake.case import Case
from screening.intake.vocabulary import VISIT, Vocabulary
from screening.report.as_json import plain_json

CASE_ID, INPUT, NUMBER = "case_id", "input", "row"
BETWEEN = "\x1f"
"""Between case id and visit where they are one key; no one types it."""

TWICE = "this case id stands in an earlier row; every case, or visit of it, needs one of its own."
_SLICE, _LONG = 1_000, 50

Screen = Callable[[pl.DataFrame], Screened]
Twice = Callable[[Hashes], NDArray[np.bool_]]
"""Tells which ids were there before."""


@dataclass(frozen=True)
class Done:
    """What follows from one part."""

    part: Part
    accepted: pl.DataFrame
    """The accepted rows, headed by findings, with their ids and numbers."""
    screenings: pl.DataFrame
    refusals: list[Refusal]
    ids: Hashes

    def place(self, row: int) -> int:
        """Give the place of a row among all rows of the part, refused ones included."""
        return row - self.part.first


def work(part: Part, columns: Columns, twice: Twice, screen: Screen) -> Done:
    """Screen one part.

    Raises:
        UsageError: for columns that are no findings.

    """
    rows = pl.Series(ROW, part.rows, dtype=pl.Int64)
    headed = columns.head(part.frame, part.source)
    frame = headed.frame.with_columns(rows) if headed.frame.width else rows.to_frame()
    source = pl.repeat(part.source, frame.height, dtype=pl.String, eager=True)
    frame = frame.with_columns(case_ids(frame, source, rows))
    refusals = [*part.unread, *heads.refusals(headed.bad, rows)]
    ids = hashes(keys(frame))
    again = pl.Series(twice(ids), dtype=pl.Boolean)
    known = {refusal.row for refusal in refusals}
    refusals += [
        Refusal(row, CASE_ID, f"{CASE_ID}: {TWICE}")
        for row in rows.filter(again).to_list()
        if row not in known
    ]
    frame = _without(frame, [refusal.row for refusal in refusals])
    found = screen(frame)
    refusals += [Refusal(*refused) for refused in found.refused.iter_rows()]
    accepted = _without(frame, found.refused["row"].to_list())
    screenings = _placed(found.screenings, accepted, part)
    return Done(part, accepted, screenings, sorted(refusals, key=lambda r: r.row), ids)


def case_ids(frame: pl.DataFrame, source: pl.Series, number: pl.Series) -> pl.Series:
    """Give the case ids; a row without one is called by its input and number."""
    named = pl.DataFrame([source.alias("s"), number.alias("n")])
    own = named.select(pl.concat_str("s", "n", separator=":")).to_series()
    if CASE_ID not in frame.columns:
        return own.alias(CASE_ID)
    given = frame[CASE_ID]
    if given.dtype.is_nested():
        return own.alias(CASE_ID)
    given = given.cast(pl.String)
    empty = (given == "").fill_null(True)
    return given.zip_with(~empty, own).alias(CASE_ID)


def keys(frame: pl.DataFrame) -> pl.Series:
    """Give what no two rows may share: the case id, and the visit where there is one."""
    if VISIT not in frame.columns:
        return frame[CASE_ID]
    both = pl.concat_str(CASE_ID, _visits(frame), separator=BETWEEN, ignore_nulls=True)
    return frame.select(both).to_series()


def _visits(frame: pl.DataFrame) -> pl.Series:
    if VISIT not in frame.columns or frame[VISIT].dtype.is_nested():
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(VISIT)
    visits = frame[VISIT].cast(pl.String)
    return visits.set(visits.is_in(["", NOT_TESTED]).fill_null(False), None)


def _without(frame: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
    if not rows:
        return frame
    return frame.filter(~frame[ROW].is_in(pl.Series(rows, dtype=pl.Int64).implode()))


def _placed(screenings: pl.DataFrame, accepted: pl.DataFrame, part: Part) -> pl.DataFrame:
    """Say of every row of the output from which row of which input it came, and of which visit."""
    rows = accepted[ROW]
    if part.names:
        inputs = pl.Series([part.names[row] for row in rows.to_list()], dtype=pl.String)
        numbers = pl.repeat(1, len(rows), dtype=pl.Int64, eager=True)
    else:
        inputs = pl.repeat(part.source, len(rows), dtype=pl.String, eager=True)
        numbers = rows
    twice = pl.int_range(2 * len(rows), eager=True) // 2
    where = [inputs.gather(twice).alias(INPUT), numbers.gather(twice).alias(NUMBER)]
    case_id, *others = screenings.get_columns()
    return pl.DataFrame([*where, case_id, _visits(accepted).gather(twice), *others])


def each_case(done: Done, vocabulary: Vocabulary) -> Iterator[Case]:
    """Give every accepted row as the case that was screened."""
    for row in done.accepted.iter_rows(named=True):
        cells = {name: cell for name, cell in row.items() if name in vocabulary}
        yield as_case(str(row[CASE_ID]), cells, vocabulary)


def refused_lines(done: Done) -> Iterator[str]:
    """Give every refused row as a line of JSON, with what it held; some thousand at a time."""
    part = done.part
    by_row = {row: place for place, row in enumerate(part.rows)} if done.refusals else {}
    for start in range(0, len(done.refusals), _SLICE):
        some = done.refusals[start : start + _SLICE]
        places = [by_row[each.row] for each in some if each.kept is None]
        held = iter(part.frame[places].iter_rows(named=True) if places else ())
        for each in some:
            kept = {"cells": _recorded(next(held))} if each.kept is None else each.kept
            yield json.dumps({**_entry(each, part), **kept}, ensure_ascii=True, default=_as_it_is)


def _as_it_is(value: object) -> object:
    """Give a cell of any type as text, so that no row is lost because of it."""
    text = written(value) if isinstance(value, Decimal) else ""
    if len(text) > _LONG or "E" in text:
        return text  # JSON would write a thousand zeros.
    try:
        return plain_json(value)
    except TypeError:
        return str(value)


def _recorded(row: dict[str, object]) -> dict[str, object]:
    return {name: cell for name, cell in row.items() if cell is not None and cell != ""}


def _entry(refusal: Refusal, part: Part) -> dict[str, object]:
    own = part.names.get(refusal.row)
    found = {
        "input": own or part.source,
        "row": 1 if own else refusal.row,
        "line": part.line(refusal.row, refusal.field),
        "field": refusal.field or None,
        "reason": refusal.reason,
    }
    return {name: value for name, value in found.items() if value is not None}


def write_refused(done: Done) -> Callable[[Path], None]:
    """Give what writes the refused rows of a part."""

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in refused_lines(done))

    return write
