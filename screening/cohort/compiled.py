"""One rule base, ready to screen parts of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from screening.cohort.admission import ROW, Intake, refusals
from screening.cohort.circuit import Circuit, CircuitAlgebra
from screening.cohort.evaluate import Evaluator
from screening.cohort.one_by_one import SaidOfCase, written
from screening.cohort.rows import Legs, Rows, gates_of
from screening.cohort.table import Table
from screening.cohort.texts import Truths
from screening.cohort.writing import Writer
from screening.inference.meaning import Walk
from screening.intake.family_terms import TermLedger
from screening.rulebase.base import RuleBase

SLICE = 131_072
"""Cases that are worked out together: more would leave the cache, fewer cost more calls."""


@dataclass(frozen=True)
class Screened:
    """What follows from one part: two rows for each accepted case, and the refused rows."""

    screenings: pl.DataFrame
    refused: pl.DataFrame


class Cohort:
    """Screens parts of tables with one rule base, which it lays out once."""

    def __init__(
        self, base: RuleBase, *, verbose: bool = False, only_decisions: bool = False
    ) -> None:
        """Take a rule base.

        Args:
            base: the rule base.
            verbose: names in columns of text instead of bits.
            only_decisions: tier and verdict only, without advice, scores and bits.

        """
        self.base, self._verbose = base, verbose
        self._last: Table | None = None
        self._legs, self._engine = _laid_out(base, only_decisions)

    def screen(self, frame: pl.DataFrame) -> Screened:
        """Screen one part.

        Raises:
            UsageError: for columns that are no findings.

        """
        table = self._table(frame.schema)
        accepted = np.ones(frame.height, np.bool_)
        screenings, refused = [], []
        for first, part in _slices(frame):
            intake = table.read(part)
            rows = self._rows(intake)
            if intake.refused:
                kept = accepted[first : first + part.height] = intake.accepted
                rows = rows.filter(pl.Series(np.repeat(kept, 2)))
            screenings.append(rows)
            refused.append(refusals(intake, part, first))
        both = pl.concat(screenings, rechunk=False)
        ids = _twice(_case_ids(frame, accepted))
        return Screened(both.insert_column(0, ids), pl.concat(refused))

    def written(self, told: Sequence[SaidOfCase]) -> pl.DataFrame:
        """Give the two rows of each case that another reading screened, in their order."""
        return written(self._legs, told, self._verbose)

    def _table(self, schema: pl.Schema) -> Table:
        """Give how a table is read; the parts of one table all have the same columns."""
        # Another thread may put its own table in place meanwhile.
        table = self._last
        if table is None or table.schema != schema:
            table = self._last = Table(schema, self.base.vocabulary)
        return table

    def _rows(self, intake: Intake) -> pl.DataFrame:
        values = self._engine.run(intake.rows, intake.given, intake.numbers)
        return Writer(self._legs, values, self._verbose).frame()


@lru_cache(maxsize=8)
def _laid_out(base: RuleBase, only_decisions: bool) -> tuple[Legs, Evaluator]:
    """Lay the columns of both legs out, and what they rest on; nobody changes either."""
    circuit = Circuit()
    ledger = TermLedger(base.vocabulary, circuit)
    walk = Walk(base.form, CircuitAlgebra(circuit, ledger.values()))
    legs = Rows(base, walk, ledger.doubts).columns(only_decisions)
    columns = [column for leg in legs.values() for column in leg.values()]
    return legs, Evaluator(circuit, (gate for each in columns for gate in gates_of(each)))


def _slices(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Give a part in slices of about the same size, each with the number of its first row."""
    size = -(-frame.height // max(-(-frame.height // SLICE), 1)) or 1
    for first in range(0, max(frame.height, 1), size):
        yield first, frame.slice(first, size)


def _twice(column: pl.Series) -> pl.Series:
    return column.gather(np.repeat(np.arange(len(column), dtype=np.uint32), 2))


def _case_ids(frame: pl.DataFrame, accepted: Truths) -> pl.Series:
    """Give the case ids; a row without one is called by its number."""
    frame = frame.select(name for name in ("case_id", ROW) if name in frame.columns)
    height = int(np.count_nonzero(accepted))
    if frame.width and height < frame.height:
        frame = frame.filter(pl.Series(accepted))
    number = frame[ROW] if ROW in frame.columns else pl.int_range(height, eager=True)
    numbers = number.cast(pl.String).alias("case_id")
    if "case_id" not in frame.columns:
        return numbers
    given = frame["case_id"].cast(pl.String)
    empty = given.is_null() | (given == "")
    return given if not empty.any() else numbers.zip_with(empty, given)
