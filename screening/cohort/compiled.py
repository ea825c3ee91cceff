"""One rule base, ready to screen parts of tables."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from screening.cohort.algebra import Bits, ColumnAlgebra, as_column
from screening.cohort.findings import Resolver, Warned
from screening.cohort.intake import ROW, accepted, read, refusals
from screening.cohort.rows import Rows
from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.rulebase.base import RuleBase


@dataclass(frozen=True)
class Screened:
    """What follows from one part: two rows for each accepted case, and the refused rows."""

    screenings: pl.DataFrame
    refused: pl.DataFrame


class Cohort:
    """Screens parts of tables with one rule base."""

    def __init__(
        self, base: RuleBase, *, verbose: bool = False, only_decisions: bool = False
    ) -> None:
        """Take a rule base.

        Args:
            base: the rule base.
            verbose: names in columns of text instead of bits.
            only_decisions: tier and verdict only, without advice, scores and bits.

        """
        self.base, self._verbose, self._only = base, verbose, only_decisions

    def screen(self, frame: pl.DataFrame) -> Screened:
        """Screen one part.

        Raises:
            UsageError: for columns that are no findings.

        """
        vocabulary = self.base.vocabulary
        intake = read(frame, vocabulary)
        refused = refusals(intake, frame)
        if refused.height:
            # Refused rows take no part: what is left is read once more, without them.
            frame = frame.filter(as_column(accepted(intake), frame.height))
            intake = read(frame, vocabulary)
        resolver = Resolver(vocabulary, intake.answers)
        walk = Walk(self.base.form, ColumnAlgebra(resolver.resolve()))
        rows = Rows(self.base, walk, resolver.warned, frame.height, self._verbose)
        return Screened(rows.frame(_case_ids(frame), self._only), refused)


def _case_ids(frame: pl.DataFrame) -> pl.Series:
    """Give the case ids; a row without one is called by its number."""
    number = frame[ROW] if ROW in frame.columns else pl.int_range(frame.height, eager=True)
    numbers = number.cast(pl.String).alias("case_id")
    if "case_id" not in frame.columns:
        return numbers
    given = frame["case_id"].cast(pl.String)
    empty = given.is_null() | (given == "")
    return given if not empty.any() else numbers.zip_with(empty, given)


def rows_of(inferred: Inferred, *, verbose: bool = False) -> pl.DataFrame:
    """Give the two rows of one case that the forward reading screened."""
    warned: dict[Warned, Bits] = {(w.path, w.message): True for w in inferred.findings.warnings}
    rows = Rows(inferred.base, inferred.walk, warned, 1, verbose)
    return rows.frame(pl.Series("case_id", [inferred.case.case_id]))
