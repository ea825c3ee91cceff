"""A sample of every run, screened once more by the other reading: both must give the same rows."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from screening.batch.parts import INPUT, NUMBER, Done, Screen
from screening.cohort import Screened
from screening.cohort.admission import ROW
from screening.errors import EngineError, Problem


@dataclass
class Sample:
    """Rows of a run, drawn once and for all: a resumed run draws the same."""

    rows: int
    wanted: int
    seed: str
    _drawn: set[int] = field(init=False)

    def __post_init__(self) -> None:
        """Draw places among all rows of the run."""
        places = range(self.rows)
        chosen = random.Random(self.seed).sample(places, min(self.wanted, self.rows))
        self._drawn = set(chosen)

    def verify(self, done: Done, first: int, screen: Screen) -> int:
        """Screen the drawn rows of a part by the other reading; give how many there were.

        Args:
            done: the part.
            first: how many rows of the run came before it.
            screen: the other reading.

        Raises:
            EngineError: if a row differs, or the other reading refuses it.

        """
        chosen = [
            place
            for place, row in enumerate(done.accepted[ROW].to_list())
            if first + done.place(row) in self._drawn
        ]
        if not chosen:
            return 0
        again = screen(done.accepted[chosen])
        both = [row for place in chosen for row in (2 * place, 2 * place + 1)]
        compare(done.screenings[both], again)
        return len(chosen)


def compare(screenings: pl.DataFrame, again: Screened) -> None:
    """Compare rows of a run with what the other reading gave for the same cases in this order.

    Raises:
        EngineError: for the first case that differs or was refused by the other reading.

    """
    for _, _, reason in again.refused.iter_rows():
        raise _differ(screenings.row(0, named=True), [reason])
    for start in range(0, screenings.height, 2):
        found = screenings[start : start + 2]
        wanted = again.screenings[start : start + 2]
        differ = [n for n in wanted.columns if found[n].to_list() != wanted[n].to_list()]
        if differ:
            raise _differ(found.row(0, named=True), differ)


def _differ(where: dict[str, object], names: Iterable[str]) -> EngineError:
    return EngineError(
        Problem(
            f"{where[INPUT]}, row {where[NUMBER]}",
            f"the two readings of the rules differ on this row: {', '.join(names)}.",
            "No result of this run may be used, so none was published.",
            "This is a fault of the program or the rule base; please report it.",
        )
    )
