"""A batch on a Spark cluster: Spark reads, spreads and commits; the workers screen.

The result is that of a local run: the same rows (words as text, for Spark has no enums), the same
refused rows, summary and manifest. The work is committed once, by Spark's own output commit; a run
that died after it resumes from there.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from screening import __version__
from screening.batch.columns import Columns
from screening.batch.finish import gathered, manifest_of, summary_of
from screening.batch.parts import CASE_ID, case_ids
from screening.batch.spark_folder import Folder
from screening.batch.spark_session import (
    check_machine,
    check_master,
    check_workers,
    first_line,
    session,
)
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
    schema,
)
from screening.batch.store import MANIFEST, UNFINISHED, StoreError
from screening.batch.summary_page import summary_page
from screening.batch.verify import compare
from screening.batch.workers import Workers
from screening.cohort import Cohort, Screened
from screening.cohort.arrow import plain_types
from screening.cohort.intake import ROW
from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase

_OUTPUTS = ("screenings.parquet", "refused.jsonl", "summary.json", "summary.html")


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
            pl.int_range(headed.height, dtype=pl.Int64).alias(ROW),
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
        check_machine()
        check_master(self.master)
        with session(self.master) as spark:
            return Job(self, spark).run(resume, begun)


@dataclass
class Job:
    """One run in one session."""

    asked: SparkRun
    spark: Any

    def __post_init__(self) -> None:
        """Find the folder of the results."""
        self.folder = Folder(self.spark, self.asked.out)

    def run(self, resume: bool, begun: tuple[datetime, float]) -> dict[str, Any]:
        """Do what is not done yet; give the manifest."""
        check_workers(self.spark)
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
            what = f"Spark cannot read it as Parquet: {first_line(error)}"
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

        rules, columns = rule_files(self.asked.base), self.asked.columns.map.model_dump()
        work = Work(rules, columns, self.asked.verbose, tuple(rows.columns))
        # Spark would read the dots of a path as fields of a structure.
        numbered = rows.toDF(*(f"c{place}" for place in range(len(rows.columns))))
        found = numbered.mapInArrow(work, from_arrow_schema(schema(work)))
        try:
            found.write.partitionBy(KIND).mode("overwrite").parquet(self.folder.path(stage))
        except Exception as error:
            what = f"the work failed on the cluster: {first_line(error)}"
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


def _schema_problem(file: str, first: str, found: Any, wanted: Any) -> Problem:
    ours, theirs = ({field.name: field.dataType for field in s.fields} for s in (found, wanted))
    names = sorted({*ours, *theirs})
    differ = [name for name in names if ours.get(name) != theirs.get(name)]
    what = f"its columns are not those of {first}: {', '.join(differ[:5]) or 'another order'}."
    why = "A column that is missing or of another type would silently be read as not recorded."
    return Problem(file, what, why, "Write all files with the same columns.")


def _plain(path: str) -> str:
    """Give a path of this machine without its scheme."""
    return (
        path.removeprefix("file://")
        if path.startswith("file:///")
        else path.replace("file:", "", 1)
    )


def rule_files(base: RuleBase) -> dict[str, bytes]:
    """Give every file of a rule base by its path in the folder."""
    return {
        str(path.relative_to(base.root)): path.read_bytes()
        for path in sorted(base.root.rglob("*.yaml"))
    }
