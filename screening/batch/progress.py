"""How far a run is, on stderr: rows, rate and time left; quiet where nobody watches."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """Write the rate once it is known."""
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


@contextmanager
def shown(total: int, done: int) -> Iterator[Progress]:
    """Show the progress of a run while it goes on."""
    columns = (
        TextColumn("screening"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        progress.add_task("screening", total=max(total, done), completed=done)
        yield progress


@dataclass
class Stop:
    """Whether the user asked for an end: the part in hand is finished first."""

    asked: bool = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """Note the wish; a second one ends at once."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print("Stopping after the part in hand; Ctrl-C again ends at once.", file=sys.stderr)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Turn Ctrl-C into a wish."""
    stop = Stop()
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
