"""What a Spark worker does with its batches: the same parts, in the same words, as a local run."""

from __future__ import annotations

import base64
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.batch.inputs.column_map import kept_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.source_rows import Part
from screening.batch.parts import CASE_ID, Done, refused_lines, work
from screening.batch.tally import of_part
from screening.cohort import Cohort
from screening.cohort.admission import ROW
from screening.cohort.arrow import plain_types
from screening.rulebase.base import RuleBase, load

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark import Broadcast

    from screening.documents import Json

SOURCE, NUMBER = "__source", "__number"
"""Columns that the driver adds: the file of a row, and its number in it."""

KIND, TEXT = "kind", CASE_ID
SCREENED, REFUSED, COUNTS, SAMPLE = "screened", "refused", "counts", "sample"
"""The kinds of rows that come back: screenings, refused rows and counts as JSON, and the cells of
rows to be verified as Arrow in base 64. What is text stands in the column of the case id, so that
screenings have their own columns and no other, and need not be written twice."""

Numbers = Mapping[str, list[int]]
"""The numbers of some rows of some files."""

Rules = Mapping[str, bytes]
"""Every file of a rule base by its path; it travels with the work, so that all have the same."""


@dataclass(frozen=True)
class Work:
    """What is done with every batch; it is sent to the workers as it is."""

    rules: Rules
    columns: dict[str, Json]
    verbose: bool
    head: tuple[str, ...]
    """The names of the columns, in their order."""
    names: Mapping[str, str]
    """The name of each file by its path."""
    twice: Broadcast[Numbers]
    """A broadcast of ``Numbers``: rows whose case id was there before."""
    sample: Numbers
    """Rows that will be verified."""

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Screen the batches of one partition, each file of a batch on its own."""
        base, cohort = _loaded(tuple(sorted(self.rules.items())), self.verbose)
        columns = Columns(base.vocabulary, kept_map(self.columns))
        for batch in batches:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            frame.columns = list(self.head)
            for part in frame.partition_by(SOURCE, maintain_order=True):
                source, numbers = part[SOURCE][0], part[NUMBER]
                again = np.isin(numbers.to_numpy(), self.twice.value.get(source, ()))
                done = _done(part, self.names[source], again, columns, cohort)
                drawn = numbers.is_in(self.sample.get(source, []))
                sample = part.filter(drawn & numbers.is_in(done.accepted[ROW].implode()))
                yield from _table(done, sample, columns, base).to_batches()


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


def _done(
    frame: pl.DataFrame, name: str, twice: NDArray[np.bool_], columns: Columns, cohort: Cohort
) -> Done:
    part = Part(name, frame.drop(SOURCE, NUMBER), frame[NUMBER].to_list())
    return work(part, columns, lambda _: twice, cohort.screen)


def _table(done: Done, sample: pl.DataFrame, columns: Columns, base: RuleBase) -> pa.Table:
    counts = of_part(done, columns, base) | {"source": done.part.source}
    texts = [(REFUSED, line) for line in refused_lines(done)]
    texts.append((COUNTS, json.dumps(counts)))
    if sample.height:
        texts.append((SAMPLE, written(sample)))
    other = pl.DataFrame(texts, schema={KIND: pl.String, TEXT: pl.String}, orient="row")
    rows = plain_types(done.screenings).with_columns(pl.lit(SCREENED).alias(KIND))
    both = pl.concat([rows, other], how="diagonal").select(rows.columns)
    return both.to_arrow(compat_level=pl.CompatLevel.oldest())


def written(cells: pl.DataFrame) -> str:
    """Write cells with their types as a text."""
    stream = io.BytesIO()
    cells.write_ipc(stream)
    return base64.b64encode(stream.getvalue()).decode()


def read(text: str) -> pl.DataFrame:
    """Read cells that were written as a text."""
    return pl.read_ipc(io.BytesIO(base64.b64decode(text)))


def schema(work: Work) -> pa.Schema:
    """Give the schema of what comes back."""
    base, cohort = _loaded(tuple(sorted(work.rules.items())), work.verbose)
    empty = pl.DataFrame(schema={SOURCE: pl.String, NUMBER: pl.Int64})
    columns = Columns(base.vocabulary, kept_map(work.columns))
    done = _done(empty, "", np.zeros(0, dtype=np.bool_), columns, cohort)
    return _table(done, empty, columns, base).schema


def probe(_: object) -> Iterator[str]:
    """Tell what a worker lacks; nothing, if it can do the work."""
    import importlib
    import sys

    for name in ("polars", "numpy", "pydantic", "yaml", "pyarrow", "screening.batch.spark.worker"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield f"{sys.executable} (Python {sys.version.split()[0]}): {error.msg}"
            return
