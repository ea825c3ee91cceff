"""The cohort reading on a Spark cluster of this machine, with one and with two workers.

Each worker has one core. The same table is read, sent to Python, screened there, brought back and
written, each time one step more; the differences say where the time goes. The whole command is
measured as well, there and on this machine alone.

Run it with ``make bench-spark`` (needs Java). Ratios within one run count.
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
from screening.batch.inputs.headings import Columns
from screening.batch.spark import cluster as on_spark
from screening.batch.spark import session as spark_session
from screening.batch.spark.worker import schema
from screening.rulebase.base import load
from tests.cluster import Cluster


def counted(batches: Iterator[Any]) -> Iterator[Any]:
    """Give one number for every batch: hardly anything goes back."""
    import pyarrow as pa

    for batch in batches:
        yield pa.record_batch({"here": pa.array([batch.num_rows], pa.int64())})


def screened_and_counted(work: Any) -> Any:
    """Screen, and give one number for every batch."""

    def screen(batches: Iterator[Any]) -> Iterator[Any]:
        return counted(work(batches))

    return screen


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
        columns = Columns(base.vocabulary)
        run = on_spark.SparkRun(base, columns, False, 0, master, str(cases), str(cases / "out"))
        job = on_spark.Job(run, spark)
        files = sorted(map(str, cases.glob("*.parquet")))
        table = job.rows(files)
        begin = time.perf_counter()
        given, work = job.work(table, {"inputs": [{"path": file} for file in files]})
        twice = time.perf_counter() - begin
        small = given.sparkSession.createDataFrame([], "here long")
        sent = given.mapInArrow(counted, small.schema)
        screened = given.mapInArrow(screened_and_counted(work), small.schema)
        back = given.mapInArrow(work, from_arrow_schema(schema(work)))
        first = seconds(back.limit(1))
        read, to_python, worked, returned = (
            seconds(each) for each in (given, sent, screened, back)
        )
        begin = time.perf_counter()
        back.write.parquet(str(cases.parent / f"written-{time.time()}"))
        all_of_it = time.perf_counter() - begin
        print(f"  case ids that occur twice: {twice:.1f} s; first row after {first:.1f} s")
        print(
            f"  reading {read:.1f} s, then to Python {to_python - read:.1f} s, screening "
            f"{worked - to_python:.1f} s, back from Python {returned - worked:.1f} s, writing "
            f"{all_of_it - returned:.1f} s: all of it {rows / all_of_it:,.0f} cases/s",
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
        whole = ("-m", "screening", "batch", str(cases), "--verify", "0")
        for number in range(files):
            start = number * asked.rows // files
            write_cases(cases / f"{number}.parquet", asked.rows // files, start)
        for count in (1, 2):
            place = folder / f"cluster{count}"
            place.mkdir()
            with Cluster(place, count) as cluster:
                print(f"{count} worker(s):", flush=True)
                stages(cluster.master, cases, asked.rows)
                words = (*whole, "--spark", cluster.master, "--out", str(folder / f"out{count}"))
                spent = measured(sys.executable, *words)
                print(f"  whole command: {spent}, {asked.rows / spent.wall:,.0f} cases/s")
        spent = measured(sys.executable, *whole, "--out", str(folder / "out"))
        print("this machine alone, two cores:")
        print(f"  whole command: {spent}, {asked.rows / spent.wall:,.0f} cases/s")


if __name__ == "__main__":
    main()
