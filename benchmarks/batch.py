"""The whole command ``screening batch`` on Parquet, against merely reading and writing that file.

Each is a process of its own: of it its time on the clock and on all cores and its peak of memory
are told. The table holds types, as a registry's Parquet does, in row groups of a part's size, with
an id of its own in every row.

Run it with ``make bench-batch``, or ``python -m benchmarks.batch --rows 10000000``. Ratios within
one run count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import polars as pl
import pyarrow.parquet as pq

from benchmarks.cohort import pool, typed
from screening.rulebase.base import load
from tests.tables import table

ROOT = Path(__file__).parents[1]
GROUP, DIFFERENT = 100_000, 2_000
FITS = 2_000_000
"""A bare read holds the whole table: more rows than this may not fit into memory."""
BARE = "import sys, polars as pl; pl.read_parquet(sys.argv[1]).write_parquet(sys.argv[2])"
WRITE = (
    "import sys, pathlib, benchmarks.batch as b; "
    "b.write_cases(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
)
STREAMED = "import sys, polars as pl; pl.scan_parquet(sys.argv[1]).sink_parquet(sys.argv[2])"


def write_cases(path: Path, rows: int, first: int = 0) -> None:
    """Write a table of cases with ids from the first on, one row group after the other."""
    base = load()
    few = typed(table(pool(base, DIFFERENT), base.vocabulary), base)
    few = few.with_columns(pl.col(pl.Enum).cast(pl.String))
    group = pl.concat([few] * (GROUP // DIFFERENT))
    writer = None
    for start in range(0, rows, GROUP):
        number = pl.int_range(first + start, first + start + GROUP)
        part = group.with_columns(case_id=pl.concat_str(pl.lit("p"), number))[: rows - start]
        arrow = part.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, arrow.schema, compression="zstd")
        writer.write_table(arrow, row_group_size=GROUP)
    if writer is not None:
        writer.close()


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds on the clock, seconds of all cores, and its most megabytes."""

    wall: float
    cores: float
    memory: float

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.wall:.1f} s ({self.cores:.1f} s of cores, {self.memory:,.0f} MB)"


def measured(*words: str) -> Spent:
    """Run a process to its end.

    Raises:
        RuntimeError: if it fails.

    """
    begin = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[:4]} ended with {process.returncode}")
    wall = time.perf_counter() - begin
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def ratios(batch: Spent, other: Spent) -> str:
    """Compare the clocks, and the work of all cores: that hardly depends on who else works."""
    return f"ratio {batch.wall / other.wall:.2f} (of cores {batch.cores / other.cores:.2f})"


def main() -> None:
    """Measure in turns and print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        cases, copy = folder / "cases.parquet", str(folder / "copy.parquet")
        # In a process of its own: the peak of what is started here would count this one's as well.
        measured(sys.executable, "-c", WRITE, str(cases), str(asked.rows))
        print(f"{asked.rows:,} rows, {cases.stat().st_size / 1e6:,.0f} MB of Parquet", flush=True)
        batches, copies = [], []
        for turn in range(asked.turns):
            out = folder / f"out{turn}"
            words = ("-m", "screening", "batch", str(cases), "--verify", "0", "--out", str(out))
            batch = measured(sys.executable, *words)
            streamed = measured(sys.executable, "-c", STREAMED, str(cases), copy)
            batches.append(batch)
            copies.append(streamed)
            counts = json.loads((out / "manifest.json").read_text())["counts"]
            print(f"batch {batch}, {counts['screened'] / batch.wall:,.0f} cases/s")
            print(f"streamed read and write {streamed}, {ratios(batch, streamed)}", flush=True)
            if asked.rows <= FITS:
                bare = measured(sys.executable, "-c", BARE, str(cases), copy)
                print(f"bare read and write {bare}, {ratios(batch, bare)}", flush=True)
        pairs = list(zip(batches, copies, strict=True))
        wall = median(batch.wall / streamed.wall for batch, streamed in pairs)
        cores = median(batch.cores / streamed.cores for batch, streamed in pairs)
        print(f"median ratio to the streamed {wall:.2f} (asked: at most 2), of cores {cores:.2f}")


if __name__ == "__main__":
    main()
