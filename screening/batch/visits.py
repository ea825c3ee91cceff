"""The visits of each person of a run compared: the first with every later one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from screening.batch.look_up import cases_of, screened_rows
from screening.batch.parts import CASE_ID, INPUT, NUMBER
from screening.errors import ScreeningError
from screening.intake.case import CASE_FILES, Case, CaseReader
from screening.intake.vocabulary import PRESENT, SIDES, VISIT
from screening.questions.follow_up import follow_up, retest_flags
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.questions.answer_model import (
        ComparedVisits,
        RetestFlag,
        UncomparedLeg,
        UncomparedVisits,
        VisitPair,
        Visits,
    )

DAY = "examined_on"


def follow_ups(folder: Path, base: RuleBase, read: CaseReader = CASE_FILES) -> Visits:
    """Compare the first visit of each person with every later one, as data.

    Visits follow each other by the day of the examination; without it, as they stand in the run.

    Raises:
        UsageError: if there is no such run, or an input or the rule base has changed.

    """
    rows = screened_rows(folder).select(CASE_ID, VISIT, INPUT, NUMBER)
    several = rows.filter(pl.len().over(CASE_ID) > 1).collect()
    by_person: dict[str, list[Case]] = {}
    for case in cases_of(folder, several, base, read):
        by_person.setdefault(case.case_id, []).append(case)
    compared: list[ComparedVisits] = []
    not_compared: list[UncomparedVisits] = []
    for cases in by_person.values():
        first, *later = sorted(cases, key=_day) if all(map(_dated, cases)) else cases
        for second in later:
            who = _who(first, second, retest_flags(second, base))
            legs = list(_painful(first, second, base))
            if not legs:
                reason = "no leg is recorded as painful."
                not_compared.append({**who, "reason": reason})
            for side in legs:
                try:
                    found = follow_up(first, second, side, base)
                    compared.append({**who, **found})
                except ScreeningError as error:
                    reason = " ".join(problem.what for problem in error.problems)
                    leg: UncomparedLeg = {**who, "side": side, "reason": reason}
                    not_compared.append(leg)
    return {"persons": len(by_person), "compared": compared, "not_compared": not_compared}


def _dated(case: Case) -> bool:
    return isinstance(case.answers.get(DAY), date)


def _day(case: Case) -> date:
    day = case.answers[DAY]
    assert isinstance(day, date)
    return day


def _who(first: Case, second: Case, flags: list[RetestFlag]) -> VisitPair:
    return {
        "case_id": first.case_id,
        "first_visit": first.answers.get(VISIT),
        "later_visit": second.answers.get(VISIT),
        "flags": flags,
    }


def _painful(first: Case, second: Case, base: RuleBase) -> Iterator[str]:
    """Give every leg that hurts at one of two visits."""
    for side in SIDES:
        path = f"{side}.{base.follow_up.painful}"
        if PRESENT in {case.answers.get(path) for case in (first, second)}:
            yield side
