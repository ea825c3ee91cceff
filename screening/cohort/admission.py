"""What a part of a table gives: answers as a circuit takes them, and the rows that are refused.

A column is headed by the path of a finding. A row with one cell that a single case would refuse is
refused, with the field and the reason, never the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from screening.cohort.evaluate import Packed, Whole
from screening.cohort.texts import Truths
from screening.errors import Problem, UsageError, each_said
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened

ROW = "__row"
"""A column of this name holds what a refusal calls the row; otherwise its position."""


@dataclass
class Intake:
    """The answers of a part, as a circuit takes them, and the refusals of its rows."""

    rows: int
    nulls: dict[str, int] = field(default_factory=dict)
    """How many cells of each column are null."""
    given: dict[tuple[str, str | None], Packed] = field(default_factory=dict)
    numbers: dict[str, Whole] = field(default_factory=dict)
    refused: dict[tuple[str, str], Truths] = field(default_factory=dict)
    """By field and reason: the rows that it refuses."""

    def refuse(self, path: str, reason: str, rows: Truths) -> None:
        """Refuse rows, if there are any."""
        if rows.any():
            self.refused[path, reason] = rows

    @property
    def accepted(self) -> Truths:
        """Which rows are not refused."""
        found = np.ones(self.rows, np.bool_)
        for rows in self.refused.values():
            found &= ~rows
        return found


def check_columns(names: Iterable[str], vocabulary: Vocabulary) -> None:
    """Refuse columns that are no findings.

    Raises:
        UsageError: with a suggestion for every unknown column.

    """
    unknown = [name for name in names if name != ROW and name not in vocabulary]

    def said(name: str) -> Problem:
        what = f'the column "{shortened(name)}" is no finding that can be recorded.'
        why = "It would be silently left out of every screening."
        todo = f"{vocabulary.meant(name)} `screening rules vocabulary` lists them all.".strip()
        return Problem("", what, why, todo)

    if unknown:
        raise UsageError(each_said(unknown, said))


def refusals(intake: Intake, part: pl.DataFrame, first: int) -> pl.DataFrame:
    """Give one row for each refused row: its number, the first field, and every reason."""
    schema = {"row": pl.Int64, "field": pl.String, "reason": pl.String}
    if not intake.refused:
        return pl.DataFrame(schema=schema)
    refused = ~intake.accepted
    if ROW in part.columns:
        rows = part[ROW].filter(pl.Series(refused))
    else:
        rows = pl.Series(first + np.flatnonzero(refused))
    fields, reasons = [], []
    for (path, reason), hit in intake.refused.items():
        here = pl.lit(pl.Series(hit[refused]))
        fields.append(pl.when(here).then(pl.lit(path)))
        reasons.append(pl.when(here).then(pl.lit(f"{path}: {reason}")))
    return pl.select(
        row=pl.lit(rows).cast(pl.Int64),
        field=pl.coalesce(fields),
        reason=pl.concat_str(reasons, separator=" ", ignore_nulls=True),
    )
