"""A run that writes nothing: everything is read and screened, and what would be refused counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from screening.batch.ids import Seen
from screening.batch.inputs.readable import readable
from screening.batch.parts import Done, work
from screening.batch.run import Run
from screening.cohort import Cohort

if TYPE_CHECKING:
    from screening.report.rehearsal_text import RefusalReason, Rehearsal, RowPlace

_PLACES = 5
"""So many rows are named for each reason."""


def rehearse(run: Run) -> Rehearsal:
    """Count what a run would screen and refuse, and why; give it as data.

    Raises:
        UsageError: with every problem of every table for which the run would not begin.

    """
    run.inputs = readable(run.inputs, run.columns)
    seen, cohort = Seen(), Cohort(run.base, verbose=run.options.verbose)
    rows = screened = refused = 0
    reasons: dict[tuple[str, str], RefusalReason] = {}
    left_out: dict[str, None] = {}
    for _, part in run.rest([]):
        done = work(part, run.columns, seen.twice, cohort.screen)
        rows += part.count
        screened += done.accepted.height
        refused += len(done.refusals)
        left_out |= dict.fromkeys(run.columns.ignored(part.frame.columns))
        for field, reason, where in _refused(done, run):
            counted = reasons.setdefault(
                (field, reason), {"field": field, "reason": reason, "rows": 0, "first": []}
            )
            counted["rows"] += 1
            if len(counted["first"]) < _PLACES:
                counted["first"].append(where)
        del part, done  # The next part is read into their memory.
    return {
        "rows": rows,
        "screened": screened,
        "refused": refused,
        "reasons": sorted(reasons.values(), key=lambda each: -each["rows"]),
        "ignored_columns": list(left_out),
        "set_aside": [asdict(each) for each in run.inputs.set_aside],
    }


def _refused(done: Done, run: Run) -> Iterator[tuple[str, str, RowPlace]]:
    """Give for every refused row its column, as the table calls it, the reason and the place."""
    head = done.part.frame.columns
    for refusal in done.refusals:
        column = run.columns.column_of(refusal.field, head) or refusal.field
        own = done.part.names.get(refusal.row)
        where: RowPlace = {"input": own or done.part.source, "row": 1 if own else refusal.row}
        if line := done.part.line(refusal.row, refusal.field):
            where["line"] = line
        yield column, refusal.reason, where
