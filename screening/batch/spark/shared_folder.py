"""A folder that Spark can write to, by Hadoop's file systems: local, HDFS, an object store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screening.batch.part_files import PLAN
from screening.batch.plans import differences
from screening.batch.store import MANIFEST, UNFINISHED
from screening.batch.whole_files import StoreError
from screening.errors import Problem, UsageError

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject
    from pyspark.sql import SparkSession

    from screening.batch.run_model import Manifest, RunPlan


@dataclass
class Folder:
    """A folder that Spark can write to, by Hadoop's file systems."""

    spark: SparkSession
    out: str

    def __post_init__(self) -> None:
        """Find the file system of the folder."""
        jvm = self.spark.sparkContext._jvm
        assert jvm is not None, "Spark runs in Java"
        self._jvm = jvm
        self._root = self._jvm.org.apache.hadoop.fs.Path(self.out)
        self._fs = self._root.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())

    def path(self, name: str) -> str:
        """Give the full name of a file in it."""
        return f"{self.out.rstrip('/')}/{name}"

    def _at(self, name: str) -> JavaObject:
        return self._jvm.org.apache.hadoop.fs.Path(self.path(name))

    def named(self, url: str) -> str:
        """Give the path of any file whose URL Spark gives: a space is %20 there."""
        return str(self._jvm.org.apache.hadoop.fs.Path(self._jvm.java.net.URI(url)).toString())

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return bool(self._fs.exists(self._at(name)))

    def manifest(self) -> Manifest:
        """Read the manifest of a finished run."""
        found: Manifest = json.loads(self._text(MANIFEST))
        return found

    def _text(self, name: str) -> str:
        rows = self.spark.read.text(self.path(name), wholetext=True).collect()
        return str(rows[0][0])

    def write(self, name: str, text: str) -> None:
        """Write a whole file: a draft takes its place when it is complete."""
        draft = self._at(f".{name.replace('/', '-')}.draft")
        stream = self._fs.create(draft, True)
        stream.write(bytearray(text.encode()))
        stream.close()
        self._fs.delete(self._at(name), True)
        self._fs.rename(draft, self._at(name))

    def move(self, name: str, target: str) -> None:
        """Give a file or folder another name.

        Raises:
            StoreError: if the file system does not.

        """
        if not self._fs.rename(self._at(name), self._at(target)):
            what = f"{name} could not be moved to {target}."
            todo = "Check the file system and run the same command with --resume."
            raise StoreError(Problem(self.out, what, "Nothing is lost.", todo))

    def digest(self, file: str) -> tuple[str, int]:
        """Give the digest and size of any file, which is never held as a whole."""
        path = self._jvm.org.apache.hadoop.fs.Path(file)
        system = path.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())
        stream = system.open(path)
        try:
            found = self._jvm.org.apache.commons.codec.digest.DigestUtils.sha256Hex(stream)
        finally:
            stream.close()
        return f"sha256:{found}", system.getFileStatus(path).getLen()

    def remove(self, name: str) -> None:
        """Take a file or folder away."""
        self._fs.delete(self._at(name), True)

    def begin(self, plan: RunPlan, resume: bool) -> bool:
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
        before = self.manifest()["plan"] if finished else None
        if begun and not finished:
            before = json.loads(self._text(f"{UNFINISHED}/{PLAN}"))
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
