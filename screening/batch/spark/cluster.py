"""A batch on a Spark cluster: Spark reads, spreads and commits; the workers screen.

The result is that of a local run: the same rows (words as text, for Spark has no enums), the same
refused rows, summary and manifest. The work is committed once, by Spark's own output commit; a run
that died after it resumes from there. A table has a column for every finding, and Spark takes its
time for each cell: every row is read once in full and written once.
"""

from __future__ import annotations

import json
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from screening import __version__
from screening.batch.finish import gathered, manifest_of, summary_of
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import short_names
from screening.batch.parts import BETWEEN, CASE_ID, INPUT, case_ids
from screening.batch.plans import ON_SPARK
from screening.batch.spark.session import (
    check_machine,
    check_master,
    check_workers,
    first_line,
    session,
)
from screening.batch.spark.shared_folder import Folder
from screening.batch.spark.worker import (
    COUNTS,
    KIND,
    NUMBER,
    REFUSED,
    SAMPLE,
    SCREENED,
    SOURCE,
    TEXT,
    Numbers,
    Work,
    read,
    schema,
)
from screening.batch.store import MANIFEST, UNFINISHED
from screening.batch.summary_page import summary_page
from screening.batch.verify import compare
from screening.batch.whole_files import StoreError
from screening.batch.workers import Workers
from screening.cohort import Cohort, Screened
from screening.cohort.admission import ROW
from screening.cohort.arrow import plain_types
from screening.errors import Problem, UsageError
from screening.intake.answers import NOT_TESTED
from screening.intake.vocabulary import VISIT
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from screening.batch.run_model import Manifest, PartCounts, PartTally, RunPlan

_ROWS, _OTHERS = "screenings.parquet", ("refused.jsonl", "summary.json", "summary.html")
_STAGE = f"{UNFINISHED}/rows"
_SCREENED = f"{_STAGE}/{KIND}={SCREENED}"


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
        """Screen rows by the forward reading on this machine, in their order."""
        headed = self.columns.head(cells.drop(SOURCE, NUMBER), self.input).frame
        cohort = Cohort(self.base, verbose=self.verbose)
        frame = headed.with_columns(
            pl.int_range(headed.height, dtype=pl.Int64).alias(ROW),
            case_ids(headed, cells[SOURCE], cells[NUMBER]),
        )
        with Workers(cohort, self.base.root) as workers:
            found = workers.screen(frame)
        return Screened(plain_types(found.screenings), found.refused)

    def run(self, resume: bool) -> Manifest:
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
    spark: SparkSession

    def __post_init__(self) -> None:
        """Find the folder of the results."""
        self.folder = Folder(self.spark, self.asked.out)

    def run(self, resume: bool, begun: tuple[datetime, float]) -> Manifest:
        """Do what is not done yet; give the manifest."""
        check_workers(self.spark)
        files = self._files()
        rows = self.rows(files)
        plan = self._plan(files)
        if self.folder.begin(plan, resume):
            return self.folder.manifest()
        if not self.folder.exists(f"{_STAGE}/_SUCCESS"):
            self._screen(rows, plan)
        return self._finish(plan, begun)

    # -- inputs ---------------------------------------------------------------------------------

    def _files(self) -> list[str]:
        """Give the input files in order; all must have the same columns of the same types."""
        try:
            found = self.spark.read.parquet(self.asked.input).inputFiles()
        except Exception as error:
            what = f"Spark cannot read it as Parquet: {first_line(error)}"
            todo = "Name a Parquet file or a folder of them that every worker can read."
            raise UsageError(Problem(self.asked.input, what, "", todo)) from None
        files = sorted(map(self.folder.named, found), key=_parts)
        with ThreadPoolExecutor(8) as pool:
            schemas = list(pool.map(lambda file: self._read(file).schema, files))
        for file, schema_found in zip(files, schemas, strict=True):
            if schema_found != schemas[0]:
                raise UsageError(_schema_problem(file, files[0], schema_found, schemas[0]))
        return files

    def _read(self, *files: str) -> DataFrame:
        """Read files by their names; what would be a pattern in a name is escaped."""
        return self.spark.read.parquet(*(re.sub(r"([]\[{}*?\\])", r"\\\1", file) for file in files))

    def _plan(self, files: list[str]) -> RunPlan:
        """Say what this run is."""
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(self.folder.digest, files))
        return {
            "program": __version__,
            "rule_base": self.asked.base.version,
            "rule_base_digest": self.asked.base.digest,
            "engine": ON_SPARK,
            "row_format": "parquet",
            "verbose_columns": self.asked.verbose,
            "verified_rows": self.asked.verify,
            "map_of_columns": self.asked.columns.map.model_dump(mode="json"),
            "inputs": [
                {"path": _plain(file), "digest": digest, "bytes": size}
                for file, (digest, size) in zip(files, found, strict=True)
            ],
        }

    def rows(self, files: list[str]) -> DataFrame:
        """Give all rows with their file and their number in it."""
        from pyspark.sql import functions as f

        # Spark gives the path as an URL, in which a space is %20 but a plus sign is itself.
        url = f.replace(f.col("_metadata.file_path"), f.lit("+"), f.lit("%2B"))
        rows = self._read(*files).select(
            "*",
            f.regexp_replace(f.url_decode(url), "^file:/+", "/").alias(SOURCE),
            (f.col("_metadata.row_index") + 1).alias(NUMBER),
        )
        self.asked.columns.check(rows.drop(SOURCE, NUMBER).columns, self.asked.input)
        return rows

    def _twice(self, rows: DataFrame) -> Numbers:
        """Find the rows whose case id was there before, by file."""
        from pyspark.sql import Window
        from pyspark.sql import functions as f

        id = self.asked.columns.column_of(CASE_ID, rows.columns)
        if id is None:
            return {}
        key = f.col(f"`{id}`").cast("string")
        given = rows.where(key != "")
        visit = self.asked.columns.column_of(VISIT, rows.columns)
        if visit is not None:
            cell = f.col(f"`{visit}`").cast("string")
            key = f.concat_ws(BETWEEN, key, f.when(~cell.isin("", NOT_TESTED), cell))
        given = given.select(key.alias("_id"), SOURCE, NUMBER)
        often = given.groupBy("_id").count().where("count > 1").select("_id")
        order = Window.partitionBy("_id").orderBy(f.split(SOURCE, "/"), NUMBER)
        again = given.join(f.broadcast(often), "_id").withColumn("_", f.row_number().over(order))
        return _by_file(again.where("_ > 1").select(SOURCE, NUMBER).toArrow())

    def _sample(self, rows: DataFrame, plan: RunPlan) -> Numbers:
        """Draw the rows that will be verified."""
        counts = sorted(rows.groupBy(SOURCE).count().collect())
        places = range(sum(count for _, count in counts))
        drawn = random.Random(f"{self.asked.base.digest} {plan['inputs']}").sample(
            places, min(self.asked.verify, len(places))
        )
        found: dict[str, list[int]] = {}
        for place in sorted(drawn):
            for source, count in counts:
                if place < count:
                    found.setdefault(source, []).append(place + 1)
                    break
                place -= count
        return found

    # -- work -----------------------------------------------------------------------------------

    def work(self, rows: DataFrame, plan: RunPlan) -> tuple[DataFrame, Work]:
        """Give the rows as they are sent to the workers, and what is done there."""
        base, columns = self.asked.base, self.asked.columns.map.model_dump(mode="json")
        twice = self.spark.sparkContext.broadcast(self._twice(rows))
        head, sample = tuple(rows.columns), self._sample(rows, plan)
        names = _names(plan)
        work = Work(rule_files(base), columns, self.asked.verbose, head, names, twice, sample)
        # Spark would read the dots of a path as fields of a structure.
        return rows.toDF(*(f"c{place}" for place in range(len(head)))), work

    def _screen(self, rows: DataFrame, plan: RunPlan) -> None:
        from pyspark.sql.pandas.types import from_arrow_schema

        try:
            given, work = self.work(rows, plan)
            found = given.mapInArrow(work, from_arrow_schema(schema(work)))
            found.write.partitionBy(KIND).mode("overwrite").parquet(self.folder.path(_STAGE))
        except Exception as error:
            what = f"the work failed on the cluster: {first_line(error)}"
            why = "Nothing was published."
            todo = "Mend what it names and run the same command with --resume."
            raise StoreError(Problem(self.asked.master, what, why, todo)) from None

    def _texts(self, kind: str) -> DataFrame:
        """Give the texts of one kind; nothing came back of a kind that has no folder."""
        path = f"{_STAGE}/{KIND}={kind}"
        if not self.folder.exists(path):
            return self.spark.createDataFrame([], f"{TEXT} string")
        return self.spark.read.parquet(self.folder.path(path)).select(TEXT)

    def _finish(self, plan: RunPlan, begun: tuple[datetime, float]) -> Manifest:
        """Verify, publish, and say what was done, the manifest last."""
        names = list(_names(plan).values())
        parts: list[PartCounts] = []
        for row in self._texts(COUNTS).collect():
            counts = json.loads(row[TEXT])
            source = names.index(counts.pop("source"))
            tallied: PartTally = counts
            parts.append({**tallied, "source": source, "verified": 0})
        total, by_source = gathered(parts, [(name, "parquet") for name in names])
        total["verified"] = self._verify(_names(plan))
        refused = self._texts(REFUSED).write.mode("overwrite")
        refused.text(self.folder.path("refused.jsonl"))
        summary = summary_of(total, self.asked.base)
        self.folder.write("summary.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
        manifest = manifest_of(plan, total, by_source, self.asked.base, (), begun)
        manifest["outputs"] = {name: {} for name in (_ROWS, *_OTHERS)}
        self.folder.write("summary.html", summary_page(summary, self.asked.base, manifest))
        self._publish_rows()
        self.folder.write(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        self.folder.remove(UNFINISHED)
        return manifest

    def _publish_rows(self) -> None:
        """Move what the workers wrote to its place; nothing is written twice."""
        if self.folder.exists(_ROWS):
            return
        if self.folder.exists(_SCREENED):
            self.folder.move(_SCREENED, _ROWS)
        else:
            none = self.spark.read.parquet(self.folder.path(_STAGE)).drop(KIND).limit(0)
            none.write.parquet(self.folder.path(_ROWS))

    def _verify(self, names: dict[str, str]) -> int:
        """Screen the sample by the forward reading here, and compare it with what was written."""
        from pyspark.sql import functions as f

        texts = [row[TEXT] for row in self._texts(SAMPLE).collect()]
        if not texts:
            return 0
        cells = pl.concat([read(text) for text in texts])
        cells = cells.with_columns(pl.col(SOURCE).replace(names)).sort(SOURCE, NUMBER)
        drawn = [f"{number} {source}" for source, number in cells[[SOURCE, NUMBER]].iter_rows()]
        written = _ROWS if self.folder.exists(_ROWS) else _SCREENED
        rows = self.spark.read.parquet(self.folder.path(written))
        found = pl.from_arrow(rows.where(f.concat_ws(" ", "row", INPUT).isin(drawn)).toArrow())
        assert isinstance(found, pl.DataFrame)
        compare(found.sort(INPUT, "row", "side"), self.asked.again(cells))
        return len(drawn)


def _by_file(rows: pa.Table) -> Numbers:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return {str(source): part[NUMBER].to_list() for (source,), part in frame.group_by(SOURCE)}


def _schema_problem(file: str, first: str, found: StructType, wanted: StructType) -> Problem:
    ours, theirs = ({field.name: field.dataType for field in s.fields} for s in (found, wanted))
    names = sorted({*ours, *theirs})
    differ = [name for name in names if ours.get(name) != theirs.get(name)]
    what = f"its columns are not those of {first}: {', '.join(differ[:5]) or 'another order'}."
    why = "A column that is missing or of another type would silently be read as not recorded."
    return Problem(file, what, why, "Write all files with the same columns.")


def _plain(path: str) -> str:
    """Give a path of this machine without its scheme."""
    return re.sub("^file:/+", "/", path)


def _parts(path: str) -> list[str]:
    """Give what files are sorted by: folder by folder, as in a local run."""
    return path.split("/")


def _names(plan: RunPlan) -> dict[str, str]:
    """Give the name of each input in rows and manifest by its path."""
    return short_names([file["path"] for file in plan["inputs"]])


def rule_files(base: RuleBase) -> dict[str, bytes]:
    """Give every file of a rule base by its path in the folder."""
    return {
        str(path.relative_to(base.root)): path.read_bytes()
        for path in sorted(base.root.rglob("*.yaml"))
    }
