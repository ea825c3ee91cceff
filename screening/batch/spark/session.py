"""A session on a Spark cluster whose workers can screen; what cannot be used is said beforehand."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from screening.batch.spark.worker import probe
from screening.errors import Problem, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECONDS = 5.0
_SPARK_PORT = 7077
_BATCH_ROWS = 20_000
"""Rows of one Arrow batch: some tens of megabytes."""
_MOST_COLUMNS = 3_000
_WRITERS = 8


def check_machine() -> None:
    """Refuse to begin without Spark or Java.

    Raises:
        UsageError: with what to install.

    """
    try:
        import pyspark  # noqa: F401
    except ImportError:
        todo = 'Install it: pip install "calf-hip-screening[spark]".'
        raise UsageError(Problem("", "Spark is not installed.", "", todo)) from None
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        todo = "Install Java 17 (Debian: openjdk-17-jre-headless), or set JAVA_HOME."
        raise UsageError(Problem("", "Spark needs Java, and there is none.", "", todo))


def check_master(master: str) -> None:
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
def session(master: str) -> Iterator[SparkSession]:
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
                # A table has a column for every finding: Spark would not compile what reads it.
                .config("spark.sql.codegen.maxFields", str(_MOST_COLUMNS))
                # Rows of each kind go to files of their own without being sorted before.
                .config("spark.sql.maxConcurrentOutputFileWriters", str(_WRITERS))
                .getOrCreate()
            )
        except Exception as error:
            what = f"a Spark session cannot be opened: {first_line(error)}"
            raise UsageError(Problem(master, what, "", "Check the master.")) from None
        try:
            spark.sparkContext.setLogLevel("OFF")
            spark.sparkContext.addPyFile(str(_package(Path(folder))))
            yield spark
        finally:
            spark.stop()


def _package(folder: Path) -> Path:
    """Pack this package, so that every worker has the same one."""
    root = Path(__file__).parents[2]
    target = folder / "screening.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(root.rglob("*.py")):
            packed.write(path, Path("screening") / path.relative_to(root))
    return target


def check_workers(spark: SparkSession) -> None:
    """Ask every worker whether it can do the work."""
    context = spark.sparkContext
    count = max(2, context.defaultParallelism)
    try:
        lacking = sorted(
            set(context.parallelize(range(count), count).mapPartitions(probe).collect())
        )
    except Exception as error:
        lacking = [first_line(error)]
    if lacking:
        todo = (
            "Install the package's dependencies there (polars, numpy, pydantic, PyYAML, pyarrow), "
            "or set PYSPARK_PYTHON to a Python that has them. The package itself is sent along."
        )
        raise UsageError(
            [Problem("a worker", f"it cannot screen: {each}.", "", todo) for each in lacking]
        )


def first_line(error: Exception) -> str:
    """Give the kind of a Java error and its first line; values of rows stand further down."""
    condition = getattr(error, "getCondition", lambda: None)()
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{condition or lines[0][:200]}"
