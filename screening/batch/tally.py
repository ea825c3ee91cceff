"""Counts of one part, such that the counts of parts add up to those of the run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from screening.batch.inputs.headings import Columns
from screening.batch.parts import Done
from screening.cohort import key
from screening.cohort.rows import blockers
from screening.cohort.writing import WORD
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.batch.run_model import PartTally

Counts = dict[str, Any]
"""Numbers, or counts by name, nested."""

AGE = "age_years"
VERDICT = "movement_pattern_verdict"
NO_AGE = "not recorded"
BLOCKED = "blocked"
_DECADE = 10


def add(first: Counts, second: Counts) -> Counts:
    """Add counts."""
    total = dict(first)
    for name, value in second.items():
        if isinstance(value, dict):
            total[name] = add(total.get(name, {}), value)
        else:
            total[name] = total.get(name, 0) + value
    return total


def of_part(done: Done, columns: Columns, base: RuleBase) -> PartTally:
    """Count the rows of one part, why some were refused, and what followed from the others."""
    reasons: dict[str, int] = {}
    for refusal in done.refusals:
        reasons[refusal.reason] = reasons.get(refusal.reason, 0) + 1
    return {
        "rows": done.part.count,
        "screened": done.accepted.height,
        "refused": len(done.refusals),
        "columns": done.part.frame.columns,
        "ignored_columns": columns.ignored(done.part.frame.columns),
        "refused_by_reason": reasons,
        "summary": tally(done.screenings, _ages(done.accepted), base),
    }


def _ages(accepted: pl.DataFrame) -> pl.Series:
    """Give the age of each row of the screenings, as it was handed in."""
    twice = pl.int_range(2 * accepted.height, eager=True) // 2
    if AGE not in accepted.columns:
        return pl.repeat(None, 2 * accepted.height, dtype=pl.Float64, eager=True)
    return accepted[AGE].gather(twice)


def tally(screenings: pl.DataFrame, ages: pl.Series, base: RuleBase) -> Counts:
    """Count what a service lead looks at; ``ages`` has one age for each row of the screenings."""
    bits = key(base)
    persons = screenings.gather_every(2)
    painful = screenings.filter(pl.col(VERDICT).is_not_null())
    bands = ages.filter(screenings[VERDICT].is_not_null())
    found: Counts = {
        "cases": persons.height,
        "legs_with_hip_pain": painful.height,
        "tier": _values(persons["tier"]),
        "within": _values(persons["within"]),
        "triage_complete": int(persons["triage_complete"].sum()),
        "verdict": _values(painful[VERDICT]),
        "reason": _values(painful["reason"]),
        "settled": int(painful["settled"].sum()),
        "restriction_by_age": _crossed(_age_bands(bands), painful["restriction"]),
        "pattern": _values(painful["pattern"]),
        "advice": {
            name.removeprefix("advice."): _values(painful[name])
            for name in painful.columns
            if name.startswith("advice.")
        },
        "flags_present": _bits(persons, "flags_present", bits.flags),
        "flags_alone": _bits(_alone(persons, bits.flags), "flags_present", bits.flags),
        "flags_open": _bits(persons, "flags_open", bits.flags),
        "missing": _bits(painful, "missing", bits.missing),
        "missing_by_verdict": _by_verdict(painful, bits.missing),
        "warnings": _bits(screenings, "warnings", bits.warnings),
        "rules_fired": _bits(screenings, "fired", bits.fired),
        "blocked_by": _blocked(painful, base),
    }
    return found


def _values(column: pl.Series) -> Counts:
    """Count every value that occurs, in the order in which the column knows them."""
    counted = column.drop_nulls().value_counts(sort=False)
    by_name = dict(zip(counted[column.name].cast(pl.String), counted["count"], strict=True))
    dtype = column.dtype
    order = dtype.categories.to_list() if isinstance(dtype, pl.Enum) else sorted(by_name)
    return {name: by_name[name] for name in order if name in by_name}


def _age_bands(ages: pl.Series) -> pl.Series:
    """Give the decade of every age; ages are numbers or text, as they were handed in."""
    start = pl.col("age").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    start = start // _DECADE * _DECADE
    named = pl.concat_str(start, start + _DECADE - 1, separator="-").fill_null(NO_AGE)
    return ages.alias("age").to_frame().select(named).to_series()


def _crossed(rows: pl.Series, columns: pl.Series) -> Counts:
    frame = pl.DataFrame({"row": rows, "column": columns.cast(pl.String)})
    found: Counts = {}
    for row, column, count in sorted(frame.drop_nulls().group_by("row", "column").len().rows()):
        found.setdefault(row, {})[column] = count
    return found


def _bits(frame: pl.DataFrame, kind: str, names: Iterable[str]) -> Counts:
    """Count every bit that is set; verbose columns name them instead."""
    names = list(names)
    if kind in frame.columns:
        return _named(frame[kind])
    found: Counts = {}
    for start in range(0, len(names), WORD):
        word = frame[f"{kind}_{start // WORD}"].to_numpy()
        bits = np.unpackbits(
            word.astype("<i8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little"
        )
        for name, count in zip(
            names[start : start + WORD], bits.sum(axis=0, dtype=np.int64), strict=False
        ):
            if count:
                found[name] = int(count)
    return found


def _alone(persons: pl.DataFrame, flags: Iterable[str]) -> pl.DataFrame:
    """Give the persons with one level of one flag: without it, nothing would be referred."""
    if "flags_present" in persons.columns:
        named = pl.col("flags_present")
        return persons.filter((named != "") & ~named.str.contains(" ", literal=True))
    words = range((len(list(flags)) + WORD - 1) // WORD)
    ones = pl.sum_horizontal(pl.col(f"flags_present_{word}").bitwise_count_ones() for word in words)
    return persons.filter(ones == 1)


def _by_verdict(painful: pl.DataFrame, missing: Iterable[str]) -> Counts:
    """Count for each finding that is missing the verdicts that it could still settle."""
    found: Counts = {}
    painful = painful.filter(~pl.col("settled"))
    for verdict in _values(painful[VERDICT]):
        legs = painful.filter(pl.col(VERDICT).cast(pl.String) == verdict)
        for name, count in _bits(legs, "missing", missing).items():
            found.setdefault(name, {})[verdict] = count
    return found


def _named(column: pl.Series) -> Counts:
    words = column.str.split(" ").explode().drop_nulls()
    return _values(words.filter(words != ""))


def _blocked(painful: pl.DataFrame, base: RuleBase) -> Counts:
    """Count for each blocked advice what blocks it."""
    found: Counts = {}
    for advice, names in blockers(base).items():
        column = f"advice.{advice}"
        if column in painful.columns:
            blocked = painful.filter(pl.col(column) == BLOCKED)
            counted = _bits(blocked, "blocked_by", key(base).blocked_by)
            found[advice] = {name: counted[name] for name in names if name in counted}
    return found
