"""Reading parts of tables that have the same columns."""

from __future__ import annotations

import polars as pl

from screening.cohort.columns import column
from screening.cohort.intake import Intake, check_columns
from screening.intake.vocabulary import Vocabulary


class Table:
    """How the columns of a table are read, decided once from their types."""

    def __init__(self, schema: pl.Schema, vocabulary: Vocabulary) -> None:
        """Look at the columns.

        Raises:
            UsageError: for columns that are no findings.

        """
        check_columns(schema.names(), vocabulary)
        self.schema = schema
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
        return intake
