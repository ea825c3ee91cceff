"""The cohort reading on a Spark cluster of this machine, with one and with two workers.

Each worker has one core. The same table is read into nothing, sent to Python and back as it is, and
screened; the differences say where the time goes. The local run is measured in the same run.

Run it with ``python -m benchmarks.spark`` (needs Java). Ratios within one run count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.batch import measured, write_cases
from screening.batch import spark as on_spark
from screening.batch import spark_session
from screening.batch.columns import Columns
from screening.batch.spark_worker import Work, schema
from screening.rulebase.base import load
from tests.cluster import Cluster


def as_it_is(batches: Iterator[Any]) -> Iterator[Any]:
    """Send every batch back."""
    yield from batches


def seconds(frame: Any) -> float:
    """Give the time until all rows were made; they are written nowhere."""
    begin = time.perf_counter()
    frame.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - begin


def stages(master: str, cases: Path, rows: int) -> None:
    """Print the seconds of each stage on one cluster."""
    from pyspark.sql.pandas.types import from_arrow_schema

    base = load()
    with spark_session.session(master) as spark:
        run = on_spark.SparkRun(base, Columns(base.vocabulary), False, 0, master, str(cases), "")
        table = on_spark.Job(run, spark)._rows(sorted(map(str, cases.glob("*.parquet"))))
        names = tuple(table.columns)
        numbered = table.toDF(*(f"c{place}" for place in range(len(names))))
        work = Work(on_spark.rule_files(base), {"columns": {}, "ignore": ()}, False, names)
        given = numbered.mapInArrow(as_it_is, numbered.schema)
        screened = numbered.mapInArrow(work, from_arrow_schema(schema(work)))
        first = seconds(screened.limit(1))
        read, sent, all_of_it = (seconds(each) for each in (numbered, given, screened))
        print(
            f"  first row after {first:.1f} s (processes, imports, rules); reading {read:.1f} s, "
            f"to Python and back {sent - read:.1f} s, screening {all_of_it - sent:.1f} s: "
            f"{rows / all_of_it:,.0f} cases/s",
            flush=True,
        )


def main() -> None:
    """Measure one and two workers and the local run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        cases = folder / "cases"
        cases.mkdir()
        files = 8
        for number in range(files):
            start = number * asked.rows // files
            write_cases(cases / f"{number}.parquet", asked.rows // files, start)
        for count in (1, 2):
            place = folder / f"cluster{count}"
            place.mkdir()
            with Cluster(place, count) as cluster:
                print(f"{count} worker(s):", flush=True)
                stages(cluster.master, cases, asked.rows)
        words = ("-m", "screening", "batch", str(cases), "--verify", "0", "--out")
        local, memory = measured(sys.executable, *words, str(folder / "out"))
        print(f"local run, whole command: {asked.rows / local:,.0f} cases/s, {memory:,.0f} MB")


if __name__ == "__main__":
    main()
