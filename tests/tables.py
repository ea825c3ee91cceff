"""Cases as tables: one row a case, columns headed by the paths of findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from screening.intake.case import Case, as_typed
from screening.intake.vocabulary import Vocabulary


def cells(case: Case, vocabulary: Vocabulary) -> dict[str, str]:
    """Give the cells of a case as a CSV file holds them."""
    found = {}
    for path, value in case.answers.items():
        typed = as_typed(path, value, vocabulary)
        found[path] = (";".join(typed) or "[]") if isinstance(typed, list) else str(typed)
    return {**found, "case_id": case.case_id}


def table(cases: Iterable[Case], vocabulary: Vocabulary) -> pl.DataFrame:
    """Give a table of text, with every column that can be recorded."""
    schema = dict.fromkeys(vocabulary.all_paths, pl.String)
    return pl.DataFrame([cells(case, vocabulary) for case in cases], schema=schema)


def named(cases: Iterable[Case]) -> list[Case]:
    """Give cases with ids of their own."""
    return [replace(case, case_id=f"c{number}") for number, case in enumerate(cases)]
