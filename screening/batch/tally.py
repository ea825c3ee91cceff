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
_BITS_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")


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
    flags = _words_of("flags_present"), _words_of("flags_open")
    persons = screenings.select("tier", "within", "triage_complete", *flags).gather_every(2)
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
        "restriction_by_age": _by_age(bands, painful["restriction"]),
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


def _by_age(ages: pl.Series, column: pl.Series) -> Counts:
    """Count words by the decade of the age; ages are numbers or text, as they were handed in."""
    years = pl.col("age").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    given = pl.DataFrame({"age": ages, "word": column}).drop_nulls("word")
    found: Counts = {}
    for decade, word, count in given.group_by(years // _DECADE, "word").len().rows():
        name = NO_AGE
        if decade is not None:
            name = f"{decade * _DECADE}-{decade * _DECADE + _DECADE - 1}"
        found.setdefault(name, {})[word] = count
    return {name: dict(sorted(words.items())) for name, words in sorted(found.items())}


def _bits(frame: pl.DataFrame, kind: str, names: Iterable[str]) -> Counts:
    """Count every bit that is set; verbose columns name them instead."""
    names = list(names)
    if kind in frame.columns:
        return _named(frame[kind])
    found: Counts = {}
    for start in range(0, len(names), WORD):
        often = _bits_set(frame[f"{kind}_{start // WORD}"])
        for name, count in zip(names[start : start + WORD], often, strict=False):
            if count:
                found[name] = count
    return found


def _words_of(kind: str) -> pl.Expr:
    """Give the columns of one kind of bits, and no others: it is quick to filter these."""
    return pl.col(f"^{kind}(_[0-9]+)?$")


def _bits_set(column: pl.Series) -> list[int]:
    """Count for each bit the rows that have it: rows by byte first, of which there are 256."""
    bytes_ = column.to_numpy().astype("<i8").view(np.uint8).reshape(-1, 8)
    rows_by_byte = [np.bincount(bytes_[:, place], minlength=256) for place in range(WORD // 8)]
    found: list[int] = (np.array(rows_by_byte) @ _BITS_OF_BYTE).ravel().tolist()
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
    painful = painful.select(VERDICT, _words_of("missing")).filter(~painful["settled"])
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
            blocked = painful.select(_words_of("blocked_by")).filter(painful[column] == BLOCKED)
            counted = _bits(blocked, "blocked_by", key(base).blocked_by)
            found[advice] = {name: counted[name] for name in names if name in counted}
    return found
