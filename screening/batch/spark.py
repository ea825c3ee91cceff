"""A batch on a Spark cluster: Spark reads, spreads and commits; the workers screen.

The result is that of a local run: the same rows (words as text, bits as signed numbers, for Spark
has neither enums nor unsigned numbers), the same refused rows, summary and manifest. The work is
committed once, by Spark's own output commit; a run that died after it resumes from there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from screening import __version__
from screening.batch.columns import Columns
from screening.batch.finish import gathered, manifest_of, summary_of
from screening.batch.parts import CASE_ID, case_ids
from screening.batch.spark_worker import (
    COUNTS,
    KIND,
    NUMBER,
    REFUSED,
    SCREENED,
    SOURCE,
    TEXT,
    TWICE,
    Work,
    probe,
    schema,
)
from screening.batch.store import MANIFEST, PLAN, UNFINISHED, StoreError, differences
from screening.batch.summary_page import summary_page
from screening.batch.verify import compare
from screening.batch.workers import Workers
from screening.cohort import Cohort, Screened
from screening.cohort.arrow import plain_types
from screening.cohort.intake import ROW
from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase

_SECONDS = 5.0
_SPARK_PORT = 7077
_OUTPUTS = ("screenings.parquet", "refused.jsonl", "summary.json", "summary.html")
_BATCH_ROWS = 20_000
"""Rows of one Arrow batch: some tens of megabytes."""


@dataclass
class SparkRun:
    """Screens Parquet with a cluster into a folder that it can write to."""

    base: RuleBase
    columns: Columns
    verbose: bool
    verify: int
    master: str
    input: str
    out: str

    def again(self, cells: pl.DataFrame) -> Screened:
        """Screen rows by the forward reading on this machine, in the order of file and number."""
        cells = cells.sort(SOURCE, NUMBER)
        headed = self.columns.head(cells.drop(SOURCE, NUMBER, TWICE), self.input).frame
        cohort = Cohort(self.base, verbose=self.verbose)
        frame = headed.with_columns(
            pl.int_range(headed.height, dtype=pl.UInt64).alias(ROW),
            case_ids(headed, cells[SOURCE], cells[NUMBER]),
        )
        with Workers(cohort, self.base.root, self.verbose) as workers:
            found = workers.screen(frame)
        return Screened(plain_types(found.screenings), found.refused)

    def run(self, resume: bool) -> dict[str, Any]:
        """Do the run, or the rest of it; give its manifest.

        Raises:
            UsageError: for a cluster, an input or an output that cannot be used, before it begins.
            StoreError: if the work failed.

        """
        begun = datetime.now(UTC), time.perf_counter()
        _check_machine()
        _check_master(self.master)
        with _session(self.master) as spark:
            return _Job(self, spark).run(resume, begun)


@dataclass
class _Job:
    """One run in one session."""

    asked: SparkRun
    spark: Any

    def __post_init__(self) -> None:
        self.folder = _Folder(self.spark, self.asked.out)

    def run(self, resume: bool, begun: tuple[datetime, float]) -> dict[str, Any]:
        _check_workers(self.spark)
        files = self._files()
        rows = self._rows(files)
        plan = self._plan(files)
        if self.folder.begin(plan, resume):
            return self.folder.json(MANIFEST)
        stage = f"{UNFINISHED}/rows"
        if not self.folder.exists(f"{stage}/_SUCCESS"):
            self._screen(rows, stage)
        staged = self.spark.read.parquet(self.folder.path(stage))
        counts = [json.loads(row[TEXT]) for row in self._of(staged, COUNTS).collect()]
        return self._finish(staged, counts, plan, rows, begun)

    # -- inputs ---------------------------------------------------------------------------------

    def _files(self) -> list[str]:
        """Give the input files in order; all must have the same columns of the same types."""
        try:
            files = sorted(self.spark.read.parquet(self.asked.input).inputFiles())
        except Exception as error:
            what = f"Spark cannot read it as Parquet: {_first_line(error)}"
            todo = "Name a Parquet file or a folder of them that every worker can read."
            raise UsageError(Problem(self.asked.input, what, "", todo)) from None
        with ThreadPoolExecutor(8) as pool:
            schemas = list(pool.map(lambda file: self.spark.read.parquet(file).schema, files))
        for file, found in zip(files, schemas, strict=True):
            if found != schemas[0]:
                raise UsageError(_schema_problem(file, files[0], found, schemas[0]))
        return files

    def _plan(self, files: list[str]) -> dict[str, Any]:
        """Say what this run is; digests are worked out by the cluster."""
        from pyspark.sql import functions as f

        contents = self.spark.read.format("binaryFile").load(files)
        digests = {
            row["path"]: (f"sha256:{row['digest']}", row["length"])
            for row in contents.select(
                "path", "length", f.sha2("content", 256).alias("digest")
            ).collect()
        }
        by_path = {_plain(path): found for path, found in digests.items()}
        return {
            "program": __version__,
            "rule_base": self.asked.base.version,
            "rule_base_digest": self.asked.base.digest,
            "engine": "cohort on Spark",
            "row_format": "parquet",
            "verbose_columns": self.asked.verbose,
            "verified_rows": self.asked.verify,
            "map_of_columns": self.asked.columns.map.model_dump(mode="json"),
            "inputs": [
                {"path": _plain(file), "digest": digest, "bytes": size}
                for file in files
                for digest, size in (by_path[_plain(file)],)
            ],
        }

    def _rows(self, files: list[str]) -> Any:
        """Give all rows with their file, their number in it, and whether their id came before."""
        from pyspark.sql import Window
        from pyspark.sql import functions as f

        rows = self.spark.read.parquet(*files).select(
            "*",
            f.col("_metadata.file_name").alias(SOURCE),
            (f.col("_metadata.row_index") + 1).alias(NUMBER),
        )
        self.asked.columns.check(rows.drop(SOURCE, NUMBER).columns, self.asked.input)
        id = self.asked.columns.column_of(CASE_ID, rows.columns)
        if id is None:
            return rows.withColumn(TWICE, f.lit(False))
        key = f.col(f"`{id}`").cast("string")
        given = key.isNotNull() & (key != "")
        often = rows.where(given).groupBy(key.alias("_id")).count().where("count > 1")
        order = Window.partitionBy("_id").orderBy(SOURCE, NUMBER)
        again = (
            rows.where(given)
            .select(key.alias("_id"), SOURCE, NUMBER)
            .join(f.broadcast(often.select("_id")), "_id")
            .withColumn("_place", f.row_number().over(order))
            .where("_place > 1")
            .select(SOURCE, NUMBER, f.lit(True).alias(TWICE))
        )
        marked = rows.join(f.broadcast(again), [SOURCE, NUMBER], "left")
        return marked.withColumn(TWICE, f.coalesce(TWICE, f.lit(False)))

    # -- work -----------------------------------------------------------------------------------

    def _screen(self, rows: Any, stage: str) -> None:
        from pyspark.sql.pandas.types import from_arrow_schema

        rules, columns = _rule_files(self.asked.base), self.asked.columns.map.model_dump()
        work = Work(rules, columns, self.asked.verbose, tuple(rows.columns))
        # Spark would read the dots of a path as fields of a structure.
        numbered = rows.toDF(*(f"c{place}" for place in range(len(rows.columns))))
        found = numbered.mapInArrow(work, from_arrow_schema(schema(work)))
        try:
            found.write.partitionBy(KIND).mode("overwrite").parquet(self.folder.path(stage))
        except Exception as error:
            what = f"the work failed on the cluster: {_first_line(error)}"
            why = "Nothing was published."
            todo = "Mend what it names and run the same command with --resume."
            raise StoreError(Problem(self.asked.master, what, why, todo)) from None

    def _of(self, staged: Any, kind: str) -> Any:
        return staged.where(staged[KIND] == kind)

    def _finish(
        self,
        staged: Any,
        counts: list[dict[str, Any]],
        plan: dict[str, Any],
        rows: Any,
        begun: tuple[datetime, float],
    ) -> dict[str, Any]:
        verified = self._verify(staged, rows)
        names = [Path(file["path"]).name for file in plan["inputs"]]
        by_name = {name: place for place, name in enumerate(names)}
        parts = [{**each, "source": by_name[each["source"]], "verified": 0} for each in counts]
        sources = [(name, "parquet") for name in names]
        total, by_source = gathered(parts, sources)
        total["verified"] = verified
        screened = self._of(staged, SCREENED).drop(KIND, TEXT)
        refused = self._of(staged, REFUSED).select(TEXT)
        screened.write.mode("overwrite").parquet(self.folder.path("screenings.parquet"))
        refused.write.mode("overwrite").text(self.folder.path("refused.jsonl"))
        summary = summary_of(total, self.asked.base)
        self.folder.write("summary.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
        self.folder.write("summary.html", summary_page(summary, self.asked.base))
        outputs: dict[str, Any] = {name: {} for name in _OUTPUTS}
        manifest = manifest_of(plan, total, by_source, self.asked.base, outputs, (), begun)
        self.folder.write(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        self.folder.remove(UNFINISHED)
        return manifest

    def _verify(self, staged: Any, rows: Any) -> int:
        """Screen a sample by the forward reading here, and compare with what the cluster gave."""
        from pyspark.sql import functions as f

        if not self.asked.verify:
            return 0
        left = self._of(staged, SCREENED).where("side = 'left'").select("input", "row")
        drawn = left.orderBy(f.xxhash64("row", "input")).limit(self.asked.verify).collect()
        keys = self.spark.createDataFrame(
            [(row["input"], row["row"]) for row in drawn], f"{SOURCE} string, {NUMBER} long"
        )
        given = rows.join(f.broadcast(keys), [SOURCE, NUMBER]).toArrow()
        where = keys.withColumnsRenamed({SOURCE: "input", NUMBER: "row"})
        screened = self._of(staged, SCREENED).drop(KIND, TEXT)
        found = screened.join(f.broadcast(where), ["input", "row"]).toArrow()
        cells, rows_found = pl.from_arrow(given), pl.from_arrow(found)
        assert isinstance(cells, pl.DataFrame)
        assert isinstance(rows_found, pl.DataFrame)
        done = self.asked.again(cells)
        compare(rows_found.sort("input", "row", "side"), done)
        return len(drawn)


# -- before it begins -----------------------------------------------------------------------------


def _check_machine() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError:
        todo = 'Install it: pip install "calf-hip-screening[spark]".'
        raise UsageError(Problem("", "Spark is not installed.", "", todo)) from None
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        todo = "Install Java 17 (Debian: openjdk-17-jre-headless), or set JAVA_HOME."
        raise UsageError(Problem("", "Spark needs Java, and there is none.", "", todo))


def _check_master(master: str) -> None:
    """Knock at a standalone master: Spark itself would wait for minutes."""
    found = urlsplit(master)
    if found.scheme != "spark":
        return
    for place in found.netloc.split(","):
        host, _, port = place.partition(":")
        try:
            socket.create_connection((host, int(port or _SPARK_PORT)), _SECONDS).close()
            return
        except (OSError, ValueError):
            continue
    todo = "Check that it runs, its name and its port (7077 unless it was changed)."
    raise UsageError(Problem(master, "no Spark master answers there.", "", todo))


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """Open a session in which the workers have this package; its log says errors only."""
    from pyspark.sql import SparkSession

    # Python workers of a cluster have their own place; here it is the one that runs this.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        try:
            spark = (
                SparkSession.builder.master(master)
                .appName("calf-hip-screening")
                .config("spark.ui.enabled", "false")
                .config("spark.log.level", "ERROR")
                .config("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower())
                .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(_BATCH_ROWS))
                .config("spark.sql.parquet.enableVectorizedReader", "true")
                .getOrCreate()
            )
        except Exception as error:
            what = f"a Spark session cannot be opened: {_first_line(error)}"
            raise UsageError(Problem(master, what, "", "Check the master.")) from None
        try:
            spark.sparkContext.setLogLevel("OFF")
            spark.sparkContext.addPyFile(str(_package(Path(folder))))
            yield spark
        finally:
            spark.stop()


def _package(folder: Path) -> Path:
    """Pack this package, so that every worker has the same one."""
    root = Path(__file__).parents[1]
    target = folder / "screening.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(root.rglob("*.py")):
            packed.write(path, Path("screening") / path.relative_to(root))
    return target


def _check_workers(spark: Any) -> None:
    """Ask every worker whether it can do the work."""
    context = spark.sparkContext
    count = max(2, context.defaultParallelism)
    try:
        lacking = sorted(
            set(context.parallelize(range(count), count).mapPartitions(probe).collect())
        )
    except Exception as error:
        lacking = [_first_line(error)]
    if lacking:
        todo = (
            "Install the package's dependencies there (polars, numpy, pydantic, PyYAML, pyarrow), "
            "or set PYSPARK_PYTHON to a Python that has them. The package itself is sent along."
        )
        raise UsageError(
            [Problem("a worker", f"it cannot screen: {each}.", "", todo) for each in lacking]
        )


def _schema_problem(file: str, first: str, found: Any, wanted: Any) -> Problem:
    ours, theirs = ({field.name: field.dataType for field in s.fields} for s in (found, wanted))
    names = sorted({*ours, *theirs})
    differ = [name for name in names if ours.get(name) != theirs.get(name)]
    what = f"its columns are not those of {first}: {', '.join(differ[:5]) or 'another order'}."
    why = "A column that is missing or of another type would silently be read as not recorded."
    return Problem(file, what, why, "Write all files with the same columns.")


def _first_line(error: Exception) -> str:
    """Give the kind of a Java error and its first line; values of rows stand further down."""
    condition = getattr(error, "getCondition", lambda: None)()
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{condition or lines[0][:200]}"


def _plain(path: str) -> str:
    """Give a path of this machine without its scheme."""
    return (
        path.removeprefix("file://")
        if path.startswith("file:///")
        else path.replace("file:", "", 1)
    )


def _rule_files(base: RuleBase) -> dict[str, bytes]:
    return {
        str(path.relative_to(base.root)): path.read_bytes()
        for path in sorted(base.root.rglob("*.yaml"))
    }


@dataclass
class _Folder:
    """A folder that Spark can write to, by Hadoop's file systems."""

    spark: Any
    out: str

    def __post_init__(self) -> None:
        self._jvm = self.spark.sparkContext._jvm
        self._root = self._jvm.org.apache.hadoop.fs.Path(self.out)
        self._fs = self._root.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())

    def path(self, name: str) -> str:
        return f"{self.out.rstrip('/')}/{name}"

    def _at(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(self.path(name))

    def exists(self, name: str) -> bool:
        return bool(self._fs.exists(self._at(name)))

    def json(self, name: str) -> dict[str, Any]:
        rows = self.spark.read.text(self.path(name), wholetext=True).collect()
        found: dict[str, Any] = json.loads(rows[0][0])
        return found

    def write(self, name: str, text: str) -> None:
        """Write a whole file: a draft takes its place when it is complete."""
        draft = self._at(f".{name.replace('/', '-')}.draft")
        stream = self._fs.create(draft, True)
        stream.write(bytearray(text.encode()))
        stream.close()
        self._fs.delete(self._at(name), True)
        self._fs.rename(draft, self._at(name))

    def remove(self, name: str) -> None:
        self._fs.delete(self._at(name), True)

    def begin(self, plan: dict[str, Any], resume: bool) -> bool:
        """Take the folder; tell whether the run was finished before.

        Raises:
            UsageError: if it holds another run, or this one and it is not resumed.

        """
        finished, begun = self.exists(MANIFEST), self.exists(f"{UNFINISHED}/{PLAN}")
        holds_other = self._fs.exists(self._root) and len(self._fs.listStatus(self._root)) > 0
        if holds_other and not (resume and (finished or begun)):
            what = "the folder already holds a run, or something else."
            todo = "Go on with the same run with --resume, or name another folder."
            raise UsageError(Problem(self.out, what, "Nothing is written over.", todo))
        before = self.json(MANIFEST)["plan"] if finished else None
        if begun and not finished:
            before = self.json(f"{UNFINISHED}/{PLAN}")
        if before is None:
            self.write(f"{UNFINISHED}/{PLAN}", json.dumps(plan))
            return False
        problems = [
            Problem(name, what, "Both halves would not be one run.", "Start afresh elsewhere.")
            for name, what in differences(before, plan)
        ]
        if problems:
            raise UsageError(problems)
        return finished
