"""A sample of every run, screened once more on its own: all readings must give the same rows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from screening.batch.cells import as_case
from screening.batch.parts import CASE_ID, INPUT, NUMBER, Done
from screening.cohort import rows_of
from screening.errors import CaseError, EngineError, Problem
from screening.inference.infer import infer
from screening.rulebase.base import RuleBase


@dataclass
class Sample:
    """Rows of a run, drawn once and for all: a resumed run draws the same."""

    base: RuleBase
    rows: int
    wanted: int
    verbose: bool
    seed: str
    _drawn: set[int] = field(init=False)

    def __post_init__(self) -> None:
        """Draw places among all rows of the run."""
        places = range(self.rows)
        chosen = random.Random(self.seed).sample(places, min(self.wanted, self.rows))
        self._drawn = set(chosen)

    def verify(self, done: Done, first: int) -> int:
        """Screen the drawn rows of a part as single cases; give how many there were.

        Args:
            done: the part.
            first: how many rows of the run came before it.

        Raises:
            EngineError: if any row differs, or a single case would have been refused.

        """
        number_of = {row: first + place for place, row in enumerate(_all_rows(done))}
        count = 0
        for place, row in enumerate(done.accepted["__row"].to_list()):
            if number_of[row] in self._drawn:
                self._compare(done, place)
                count += 1
        return count

    def _compare(self, done: Done, place: int) -> None:
        cells = done.accepted.row(place, named=True)
        try:
            case = as_case(cells[CASE_ID], cells, self.base.vocabulary)
        except CaseError as error:
            fields = [problem.what.split(":")[0] for problem in error.problems]
            raise _differ(done, place, fields) from None
        inferred = infer(case, self.base)
        wanted = rows_of(inferred, verbose=self.verbose)
        found = done.screenings[2 * place : 2 * place + 2].drop(INPUT, NUMBER)
        differ = [name for name in found.columns if found[name].to_list() != wanted[name].to_list()]
        if differ or not inferred.agree:
            raise _differ(done, place, differ or inferred.disagreements)


def _all_rows(done: Done) -> list[int]:
    return sorted([*done.part.rows, *(refusal.row for refusal in done.part.unread)])


def _differ(done: Done, place: int, names: object) -> EngineError:
    where = done.screenings.row(2 * place, named=True)
    said = ", ".join(map(str, names))  # type: ignore[call-overload]
    return EngineError(
        Problem(
            f"{where[INPUT]}, row {where[NUMBER]}",
            f"screened on its own, this row gives something else: {said}.",
            "No result of this run may be used, so none was published.",
            "This is a fault of the program or the rule base; please report it.",
        )
    )
