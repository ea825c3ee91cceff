"""The forward reading in processes that may die: a case that kills one is set aside.

durable-rules is C without bounds: a rule base or a case may end its process, or never come back.
Each worker screens one case at a time; when it dies, or takes far too long, its case is refused
with the reason, another worker takes its place, and the run goes on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import polars as pl

from screening.batch.inputs.cells import as_case
from screening.cohort import Cohort, SaidOfCase, Screened
from screening.cohort.admission import ROW
from screening.errors import EngineError, Problem, ScreeningError

SECONDS = 60.0
"""A case takes some hundredths of a second; one that takes this long never comes back."""

_REFUSED = {"row": pl.Int64, "field": pl.String, "reason": pl.String}
_ENGINE = "the rule engine"
_READY = "ready"


def _serve(pipe: Connection, rules: Path | None) -> None:
    """Screen what comes through the pipe until it closes; Ctrl-C is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a dying process says may hold findings: the parent says all that is to be said.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    from screening.cohort import said_of
    from screening.garbage import seldom
    from screening.inference.infer import forward, infer
    from screening.rulebase.base import load

    seldom()
    try:
        base = load(rules)
        forward(base)
    except ScreeningError:
        return
    pipe.send(_READY)
    while True:
        try:
            case_id, cells = pipe.recv()
        except EOFError:
            return
        try:
            inferred = infer(as_case(case_id, cells, base.vocabulary), base)
            if inferred.agree:
                pipe.send((said_of(inferred), True))
            else:
                differ = inferred.disagreements[0]
                pipe.send((f"the readings of the rules differ on {differ}.", True))
        except EngineError as error:
            # What the engine holds may be broken now: nothing it says after this is believed.
            pipe.send((_said(error), False))
            return
        except ScreeningError as error:
            pipe.send((_said(error), True))


def _said(error: ScreeningError) -> str:
    return " ".join(problem.what for problem in error.problems)


@dataclass
class Worker:
    """One process and the place of the case that it has in hand."""

    process: SpawnProcess
    pipe: Connection
    place: int | None = None
    since: float = 0.0

    def stop(self) -> None:
        """End it."""
        self.pipe.close()
        self.process.kill()
        self.process.join()


@dataclass
class Workers:
    """Screens parts with the forward reading; it stands where ``Cohort`` stands otherwise."""

    cohort: Cohort
    rules: Path | None
    count: int = field(default_factory=lambda: os.cpu_count() or 1)
    seconds: float = SECONDS
    _workers: list[Worker] = field(default_factory=list)

    def __enter__(self) -> Workers:
        """Start when there is something to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.stop()

    def screen(self, frame: pl.DataFrame) -> Screened:
        """Screen one part; refused are rows that a single case would refuse, or that killed.

        Raises:
            UsageError: for columns that are no findings.
            EngineError: if no worker can be started.

        """
        none = self.cohort.screen(frame.clear()).screenings
        found: list[SaidOfCase | str] = [""] * frame.height
        for place, result in self._all(list(frame.iter_rows(named=True))):
            found[place] = result
        told = [each for each in found if isinstance(each, SaidOfCase)]
        bad = [
            (row, reason.split(":")[0] if ": " in reason else "", reason)
            for row, reason in zip(frame[ROW].to_list(), found, strict=True)
            if isinstance(reason, str)
        ]
        refused = pl.DataFrame(bad, schema=_REFUSED, orient="row")
        return Screened(self.cohort.written(told) if told else none, refused)

    def _all(self, rows: list[dict[str, object]]) -> Iterator[tuple[int, SaidOfCase | str]]:
        waiting = iter(enumerate(rows))
        new = [self._start() for _ in range(min(self.count, len(rows)) - len(self._workers))]
        self._workers += [self._ready(worker) for worker in new]
        for worker in self._workers:
            self._give(worker, next(waiting, None))
        while busy := [worker for worker in self._workers if worker.place is not None]:
            ready = wait([worker.pipe for worker in busy], timeout=self.seconds)
            late = [worker for worker in busy if not ready]
            for worker in (w for w in busy if w.pipe in ready or w in late):
                assert worker.place is not None
                yield worker.place, self._result(worker, worker in late)
                self._give(worker, next(waiting, None))

    def _start(self) -> Worker:
        # Spawned, not forked: a copy of a process in which Polars has threads may never go on.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.rules))
        process.daemon = True
        process.start()
        theirs.close()
        return Worker(process, ours)

    def _ready(self, worker: Worker) -> Worker:
        """Wait until it has read the rule base."""
        if not (worker.pipe.poll(self.seconds) and _is_ready(worker.pipe)):
            worker.stop()
            what = f"{_ENGINE} could not be started with this rule base."
            todo = "`screening rules check` tells what is wrong with it."
            raise EngineError(Problem("", what, "Nothing can be screened.", todo))
        return worker

    def _give(self, worker: Worker, case: tuple[int, dict[str, object]] | None) -> None:
        worker.place = None
        if case is not None:
            worker.place, cells = case
            worker.pipe.send((cells["case_id"], {k: v for k, v in cells.items() if v is not None}))

    def _result(self, worker: Worker, late: bool) -> SaidOfCase | str:
        """Give the rows of a case, or why there are none; a dead worker is replaced."""
        if late:
            self._replace(worker)
            return f"{_ENGINE} did not come back within {self.seconds:.0f} seconds."
        try:
            result: SaidOfCase | str
            result, usable = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            code = worker.process.exitcode or 0
            self._replace(worker)
            name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            return f"{_ENGINE} ended its process ({name}) while it screened this case."
        if not usable:
            self._replace(worker)
        return result

    def _replace(self, worker: Worker) -> None:
        worker.stop()
        new = self._ready(self._start())
        worker.process, worker.pipe = new.process, new.pipe


def _is_ready(pipe: Connection) -> bool:
    try:
        return bool(pipe.recv() == _READY)
    except EOFError:
        return False
