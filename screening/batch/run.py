"""One run, from its inputs to its finished folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from screening import __version__
from screening.batch.finish import finish, refuse_changed
from screening.batch.formats import LINES, RowFormat, write_lines, write_rows
from screening.batch.inputs import case_files, tables
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.readable import readable
from screening.batch.inputs.source_rows import Part
from screening.batch.inputs.sources import Inputs
from screening.batch.parts import Done, each_case, work, write_refused
from screening.batch.plans import ON_SPARK
from screening.batch.progress import Stop, shown, stoppable
from screening.batch.store import Store
from screening.batch.tally import of_part
from screening.batch.verify import Sample
from screening.batch.workers import Workers
from screening.cohort import Cohort
from screening.errors import Problem, ScreeningError
from screening.intake.case import CASE_FILES, Case, CaseReader
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.batch.run_model import FileUsed, Manifest, PartCounts, RunPlan

Engine = Literal["cohort", "forward"]


def _no_line(case: Case) -> str:
    raise NotImplementedError(LINES)


@dataclass(frozen=True)
class Others:
    """What reads and writes the forms of other programs; this room knows none of them."""

    read: CaseReader = CASE_FILES
    """Reads a JSON document as a case."""
    line: Callable[[Case], str] = _no_line
    """Screens a case and gives it as one line."""
    codes: str = ""
    """The digest of a map of codes that the reader uses: another one is another run."""


@dataclass(frozen=True)
class Options:
    """How a run is done; a resumed run must have the same."""

    rows: RowFormat = "parquet"
    engine: Engine = "cohort"
    verbose: bool = False
    verify: int = 200
    part_rows: int = 100_000


def options_of(plan: RunPlan) -> Options | None:
    """Give the options with which a run was done; a run on a cluster has none of these."""
    engine, part_rows = plan["engine"], plan.get("part_rows")
    if engine == ON_SPARK or part_rows is None:
        return None
    rows, verbose = plan["row_format"], plan["verbose_columns"]
    return Options(rows, engine, verbose, plan["verified_rows"], part_rows)


class Stopped(ScreeningError):
    """The user stopped the run; what is finished is kept."""

    exit_code = 1


@dataclass
class Run:
    """Screens all inputs into one folder."""

    base: RuleBase
    inputs: Inputs
    columns: Columns
    options: Options
    rules: Path | None = None
    others: Others = Others()

    def plan(self) -> RunPlan:
        """Say what this run is: the same plan gives the same results."""
        files: list[FileUsed] = [
            {"path": str(file.path), "digest": file.digest, "bytes": file.size}
            for source in self.inputs.sources
            for file in source.files
        ]
        return {
            "program": __version__,
            "rule_base": self.base.version,
            "rule_base_digest": self.base.digest,
            "engine": self.options.engine,
            "row_format": self.options.rows,
            "verbose_columns": self.options.verbose,
            "verified_rows": self.options.verify,
            "part_rows": self.options.part_rows,
            "map_of_columns": self.columns.map.model_dump(mode="json"),
            "map_of_codes": self.others.codes,
            "inputs": files,
        }

    def into(self, store: Store, resume: bool) -> Manifest:
        """Do the run, or the rest of it; give its manifest.

        Raises:
            ScreeningError: for whatever went wrong, with what to do.

        """
        self.inputs = readable(self.inputs, self.columns)
        plan = self.plan()
        with store.begin(plan, resume) as finished:
            if not finished:
                begun = datetime.now(UTC), time.perf_counter()
                try:
                    self._parts(store, plan)
                except OSError as error:
                    refuse_changed(self.inputs)
                    raise error
                finish(store, plan, self.inputs, self.base, self.options.rows, begun)
        return store.manifest()

    def _parts(self, store: Store, plan: RunPlan) -> None:
        before = list(store.parts.counts())
        done_rows = sum(counts["rows"] for counts in before)
        seed = f"{self.base.digest} {plan['inputs']}"
        sample = Sample(self.inputs.rows, self.options.verify, seed)
        seen = store.parts.seen()
        cohort = Cohort(self.base, verbose=self.options.verbose)
        number = len(before)
        with (
            stoppable() as stop,
            shown(self.inputs.rows, done_rows) as progress,
            Workers(cohort, self.rules) as workers,
        ):
            forward = self.options.engine == "forward"
            reading, other = (workers, cohort) if forward else (cohort, workers)
            for source, part in self.rest(before):
                done = work(part, self.columns, seen.twice, reading.screen)
                verified = sample.verify(done, done_rows, other.screen)
                counts: PartCounts = {
                    "source": source,
                    "verified": verified,
                    **of_part(done, self.columns, self.base),
                }
                rows = self._rows(done)
                store.parts.keep(number, rows, write_refused(done), done.ids, counts)
                number += 1
                done_rows += part.count
                progress.advance(progress.task_ids[0], part.count)
                if stop.asked:
                    raise _stopped(stop, done_rows)
                del part, done, rows  # The next part is read into their memory.

    def _rows(self, done: Done) -> Callable[[Path], None]:
        """Give what writes the rows of a part: screenings, or each case as a line of its own."""
        if self.options.rows == LINES:
            cases = each_case(done, self.base.vocabulary)
            return write_lines(self.others.line(case) for case in cases)
        return write_rows(done.screenings, self.options.rows)

    def rest(self, before: list[PartCounts]) -> Iterator[tuple[int, Part]]:
        """Give the parts that are not finished yet, each with the place of its source."""
        found = len(before)
        for position in range(len(self.inputs.sources)):
            done = sum(1 for counts in before if counts["source"] == position)
            for part in self.parts_of(position, done):
                found += 1
                yield position, part
                del part
        if not found:
            # Tables without rows give results without rows.
            yield 0, Part(self.inputs.sources[0].name, pl.DataFrame(), [])

    def parts_of(self, position: int, done: int = 0) -> Iterator[Part]:
        """Give the parts of one source, without the first so many."""
        source = self.inputs.sources[position]
        vocabulary, size = self.base.vocabulary, self.options.part_rows
        if source.kind == "cases":
            return case_files.parts(source, vocabulary, min(size, 1_000), done, self.others.read)
        names, read = self.columns.names, self.others.read
        return tables.parts(source, vocabulary, size, done, names, read)


def _stopped(stop: Stop, rows: int) -> Stopped:
    what = f"the run was stopped after {rows:,} rows."
    todo = "Run the same command with --resume to go on."
    return Stopped(Problem("", what, "All of them are kept.", todo))
