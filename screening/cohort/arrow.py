"""The cohort reading over Arrow record batches: what Spark, Ray and Daft hand to a worker."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from screening.cohort.compiled import Cohort
from screening.rulebase.base import load

if TYPE_CHECKING:
    import pyarrow as pa

REFUSED_FIELD, REFUSED_REASON = "refused_field", "refused_reason"
PART_ROWS = 100_000


@lru_cache(maxsize=2)
def _cohort(rules: str | None) -> Cohort:
    """Load a rule base once for each worker process."""
    return Cohort(load(Path(rules) if rules else None))


def output_schema(rules: Path | None = None) -> pa.Schema:
    """Give the schema of the batches that ``screen_batches`` gives."""
    empty = _cohort(str(rules) if rules else None).screen(pl.DataFrame({"case_id": []}))
    return _marked(empty.screenings, empty.refused, pl.Series("case_id", [], pl.String)).schema


def screen_batches(
    batches: Iterator[pa.RecordBatch], rules: Path | str | None = None
) -> Iterator[pa.RecordBatch]:
    """Screen batches whose columns are finding paths; give two rows for each accepted case.

    A refused case gives one row with its ``case_id``, ``refused_field`` and ``refused_reason`` and
    nothing else; the value is never named. Use it as the function of Spark's ``mapInArrow``.

    Raises:
        UsageError: for columns that are no findings.

    """
    cohort = _cohort(str(rules) if rules else None)
    for batch in batches:
        whole = pl.from_arrow(batch)
        assert isinstance(whole, pl.DataFrame)
        for frame in whole.iter_slices(PART_ROWS):
            found = cohort.screen(frame)
            ids = frame["case_id"].cast(pl.String) if "case_id" in frame.columns else None
            yield from _marked(found.screenings, found.refused, ids).to_batches()


def _marked(screenings: pl.DataFrame, refused: pl.DataFrame, ids: pl.Series | None) -> pa.Table:
    """Give rows and refusals as one table, in types that every engine knows."""
    rows = plain_types(screenings).with_columns(
        pl.lit(None, pl.String).alias(REFUSED_FIELD),
        pl.lit(None, pl.String).alias(REFUSED_REASON),
    )
    names = refused["row"].cast(pl.String) if ids is None else ids.gather(refused["row"])
    marked = pl.DataFrame(
        {
            "case_id": names,
            REFUSED_FIELD: refused["field"],
            REFUSED_REASON: refused["reason"],
        },
        schema_overrides={"case_id": pl.String},
    )
    both = pl.concat([rows, marked], how="diagonal_relaxed")
    return both.select(rows.columns).to_arrow(compat_level=pl.CompatLevel.oldest())


def plain_types(screenings: pl.DataFrame) -> pl.DataFrame:
    """Give rows in types that every engine knows: words as text."""
    enums = [name for name, dtype in screenings.schema.items() if isinstance(dtype, pl.Enum)]
    return screenings.with_columns(pl.col(enums).cast(pl.String))
