"""Reading parts of tables that have the same columns."""

from __future__ import annotations

import numpy as np
import polars as pl

from screening.cohort.admission import Intake, check_columns
from screening.cohort.columns import column
from screening.cohort.evaluate import pack
from screening.cohort.texts import Truths
from screening.intake.vocabulary import Vocabulary
from screening.safe import is_name


class Table:
    """How the columns of a table are read, decided once from their types."""

    def __init__(self, schema: pl.Schema, vocabulary: Vocabulary) -> None:
        """Look at the columns.

        Raises:
            UsageError: for columns that are no findings.

        """
        check_columns(schema.names(), vocabulary)
        self.schema, self.vocabulary = schema, vocabulary
        self._beside_sweeps = {
            need for entry in vocabulary.entries.values() for need in entry.needs if need in schema
        }
        self._columns = {
            path: column(path, vocabulary, schema[path])
            for path in vocabulary.all_paths
            if path in schema
        }
        self._look_up = {path: list(each.look_up()) for path, each in self._columns.items()}

    def read(self, part: pl.DataFrame) -> Intake:
        """Read every column of a part."""
        nulls = part.null_count().row(0, named=True) if part.width else {}
        intake = Intake(part.height, nulls)
        said = [path for path in self._columns if nulls[path] < part.height]
        looked_up = part.select(found for path in said for found in self._look_up[path])
        for path in said:
            self._columns[path].read(part, looked_up, intake)
        for path in self._beside_sweeps:
            given = (path, None)
            if given in intake.given and (lacks := self._lacking(path, part)).any():
                intake.given[given] = intake.given[given] & ~pack(lacks)
        return intake

    def _lacking(self, path: str, part: pl.DataFrame) -> Truths:
        """Tell in which rows an answer beside a sweep does not count (as ``findings`` tells it)."""
        cells, latest = _text(part[path]), self.vocabulary[path].not_after
        if self.vocabulary[path].type == "text":
            plain = cells.str.contains("[A-Za-z0-9]").fill_null(True).to_numpy()
            found = ~plain
            for row in np.flatnonzero(found):
                found[row] = not is_name(str(cells[int(row)]))
            return found
        if latest in part.columns:
            # Dates of the form year-month-day: their order is that of their texts.
            later: Truths = (cells > _text(part[latest])).fill_null(False).to_numpy()
            return later
        return np.zeros(part.height, np.bool_)


def _text(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.Datetime):
        cells = cells.dt.date()
    return cells.cast(pl.String)
