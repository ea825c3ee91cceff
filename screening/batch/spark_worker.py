"""What a Spark worker does with its batches: the same parts, in the same words, as a local run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from screening.batch.columns import Columns, Map
from screening.batch.parts import Done, refused_lines, work
from screening.batch.rows import Part
from screening.batch.tally import of_part
from screening.cohort import Cohort
from screening.cohort.arrow import plain_types
from screening.rulebase.base import RuleBase, load

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE, NUMBER, TWICE = "__source", "__number", "__twice"
"""Columns that the driver adds: the file of a row, its number in it, and whether its id was there
before."""

KIND, TEXT = "kind", "text"
SCREENED, REFUSED, COUNTS = "screened", "refused", "counts"
"""The kinds of rows that come back: screenings, refused rows as JSON, and counts as JSON."""

Rules = Mapping[str, bytes]
"""Every file of a rule base by its path; it travels with the work, so that all have the same."""


@dataclass(frozen=True)
class Work:
    """What is done with every batch; it is sent to the workers as it is."""

    rules: Rules
    columns: dict[str, Any]
    verbose: bool
    head: tuple[str, ...]
    """The names of the columns, in their order."""

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Screen the batches of one partition, each file of a batch on its own."""
        base, cohort = _loaded(tuple(sorted(self.rules.items())), self.verbose)
        columns = Columns(base.vocabulary, Map.model_validate(self.columns))
        for batch in batches:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            frame.columns = list(self.head)
            for part in frame.partition_by(SOURCE, maintain_order=True):
                yield from _table(_done(part, columns, cohort), columns, base).to_batches()


@lru_cache(maxsize=2)
def _loaded(rules: tuple[tuple[str, bytes], ...], verbose: bool) -> tuple[RuleBase, Cohort]:
    """Load a rule base once in each worker process."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in rules:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        base = load(Path(folder))
    return base, Cohort(base, verbose=verbose)


def _done(frame: pl.DataFrame, columns: Columns, cohort: Cohort) -> Done:
    cells = frame.drop(SOURCE, NUMBER, TWICE)
    part = Part(frame[SOURCE][0], cells, frame[NUMBER].to_list())
    twice = frame[TWICE].to_numpy()
    return work(part, columns, lambda _: twice, cohort.screen)


def _table(done: Done, columns: Columns, base: RuleBase) -> pa.Table:
    counts = of_part(done, columns, base) | {"source": done.part.source}
    texts = [(REFUSED, line) for line in refused_lines(done)]
    texts.append((COUNTS, json.dumps(counts)))
    other = pl.DataFrame(texts, schema={KIND: pl.String, TEXT: pl.String}, orient="row")
    rows = plain_types(done.screenings).with_columns(
        pl.lit(SCREENED).alias(KIND), pl.lit(None, pl.String).alias(TEXT)
    )
    both = pl.concat([rows, other], how="diagonal").select(rows.columns)
    return both.to_arrow(compat_level=pl.CompatLevel.oldest())


def schema(work: Work) -> pa.Schema:
    """Give the schema of what comes back."""
    base, cohort = _loaded(tuple(sorted(work.rules.items())), work.verbose)
    empty = pl.DataFrame(schema={SOURCE: pl.String, NUMBER: pl.Int64, TWICE: pl.Boolean})
    cells = empty.drop(SOURCE, NUMBER, TWICE)
    columns = Columns(base.vocabulary, Map.model_validate(work.columns))
    done = _done_empty(cells, columns, cohort)
    return _table(done, columns, base).schema


def _done_empty(cells: pl.DataFrame, columns: Columns, cohort: Cohort) -> Done:
    import numpy as np

    none = np.zeros(0, dtype=np.bool_)
    return work(Part("", cells, []), columns, lambda _: none, cohort.screen)


def probe(_: object) -> Iterator[str]:
    """Tell what a worker lacks; nothing, if it can do the work."""
    import importlib
    import sys

    for name in ("polars", "numpy", "pydantic", "yaml", "pyarrow", "screening.batch.spark_worker"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield f"{sys.executable} (Python {sys.version.split()[0]}): {error.msg}"
            return
