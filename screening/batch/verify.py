"""A sample of every run, screened once more by the other reading: both must give the same rows."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from screening.batch.parts import INPUT, NUMBER, Done, Screen
from screening.cohort.intake import ROW
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
        for number, _, reason in again.refused.iter_rows():
            raise _differ(done, done.accepted[ROW].to_list().index(number), [reason])
        for number, place in enumerate(chosen):
            found = done.screenings[2 * place : 2 * place + 2].drop(INPUT, NUMBER)
            wanted = again.screenings[2 * number : 2 * number + 2]
            differ = [n for n in found.columns if not _same(found[n], wanted[n])]
            if differ:
                raise _differ(done, place, differ)
        return len(chosen)


def _same(found: pl.Series, wanted: pl.Series) -> bool:
    return found.to_list() == wanted.to_list()


def _differ(done: Done, place: int, names: Iterable[str]) -> EngineError:
    where = done.screenings.row(2 * place, named=True)
    return EngineError(
        Problem(
            f"{where[INPUT]}, row {where[NUMBER]}",
            f"the two readings of the rules differ on this row: {', '.join(names)}.",
            "No result of this run may be used, so none was published.",
            "This is a fault of the program or the rule base; please report it.",
        )
    )
