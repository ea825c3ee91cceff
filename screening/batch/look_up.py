"""Cases of a finished run, read again from their inputs, so that they can be explained."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from screening.batch.formats import LINES, scan
from screening.batch.inputs import case_files, tables
from screening.batch.inputs.cells import as_case
from screening.batch.inputs.column_map import kept_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import Inputs, find
from screening.batch.parts import CASE_ID, INPUT, NUMBER
from screening.batch.refused_book import merged_cells
from screening.batch.store import Store
from screening.errors import Problem, UsageError
from screening.intake.case import CASE_FILES, Case, CaseReader
from screening.intake.vocabulary import SIDES, VISIT
from screening.rulebase.base import RuleBase
from screening.safe import shortened

if TYPE_CHECKING:
    from screening.batch.run_model import RunPlan

_FEW = 1_000
LEFT = SIDES[0]


Place = tuple[str, int]
"""The input of a case and its row in it."""


def case_of(
    folder: Path,
    case_id: str,
    base: RuleBase,
    visit: str | None = None,
    read: CaseReader = CASE_FILES,
) -> Case:
    """Give the case that a run screened under an id; of several visits the one that is named.

    Raises:
        UsageError: if there is no such run or case, several visits could be meant, or the input or
            the rule base has changed.

    """
    own = pl.col(CASE_ID).cast(pl.String).is_in([case_id, f"'{case_id}"])
    rows = screened_rows(folder).filter(own)
    if visit is not None:
        rows = rows.filter(pl.col(VISIT).is_in([visit, f"'{visit}"]))
    found = collected(rows, folder)
    if not found.height:
        what = f'the run screened no case "{case_id}"{" at that visit" if visit else ""}.'
        todo = "Refused rows stand in refused.jsonl with their reason."
        raise UsageError(Problem(str(folder), what, "", todo))
    if found.height > 1:
        visits = ", ".join(each or "(the one without a name)" for each in found[VISIT].to_list())
        what = f'the run screened several visits of "{case_id}": {shortened(visits, 200)}.'
        raise UsageError(Problem(str(folder), what, "", "Name one with --visit."))
    return next(cases_of(folder, found, base, read))


def screened_rows(folder: Path) -> pl.LazyFrame:
    """Give the rows of a finished run, one a case: that of the left leg.

    Raises:
        UsageError: as ``rows_of_legs`` does.

    """
    return rows_of_legs(folder).filter(pl.col("side").cast(pl.String) == LEFT)


def rows_of_legs(folder: Path) -> pl.LazyFrame:
    """Give the rows of a finished run, two a case: one for each leg.

    Raises:
        UsageError: if there is no finished run, or its rows are not what they were.

    """
    store = Store(folder)
    kind = store.manifest()["plan"]["row_format"]
    if kind == LINES:
        what = "its screenings are lines for another program, without columns to look a case up in."
        raise UsageError(Problem(str(folder), what, "", "Run it with another --rows."))
    return scan(store.written(f"screenings.{kind}"), kind)


def collected(rows: pl.LazyFrame, folder: Path) -> pl.DataFrame:
    """Read rows of a run.

    Raises:
        UsageError: if they cannot be read any more.

    """
    try:
        return rows.select(CASE_ID, VISIT, INPUT, NUMBER).collect()
    except (OSError, pl.exceptions.PolarsError):
        what = "the rows of the run cannot be read."
        raise UsageError(Problem(str(folder), what, "", "Run the batch again.")) from None


def cases_of(
    folder: Path, rows: pl.DataFrame, base: RuleBase, read: CaseReader = CASE_FILES
) -> Iterator[Case]:
    """Give the cases of some rows of a run, read again from their inputs, input by input.

    Raises:
        UsageError: if an input, the mended rows or the rule base have changed.

    """
    store = Store(folder)
    manifest = store.manifest()
    plan = manifest["plan"]
    same_rules(folder, plan, base)
    columns = Columns(base.vocabulary, kept_map(plan["map_of_columns"]))
    ids = {
        (str(name).removeprefix("'"), int(row)): str(case_id)
        for case_id, _, name, row in rows.iter_rows()
    }
    parts = [merged["part"] for merged in manifest.get("merged", ())]
    for part in parts:
        store.written(part)
    mended = merged_cells(folder, parts, ids)
    by_input: dict[str, list[int]] = {}
    for name, row in ids:
        if (name, row) not in mended:
            by_input.setdefault(name, []).append(row)
    for place, cells in mended.items():
        yield _case(pl.DataFrame(cells), place[0], ids[place], columns)
    for name, numbers in by_input.items():
        for row, frame in _rows_of(plan, name, sorted(numbers), columns, read):
            yield _case(frame, name, ids[name, row], columns)


def _case(frame: pl.DataFrame, name: str, case_id: str, columns: Columns) -> Case:
    cells = columns.head(frame, name).frame.row(0, named=True)
    given = str(cells.get(CASE_ID) or "")
    # A spreadsheet's rows begin an id that could be a formula with an apostrophe.
    return as_case(given or case_id, cells, columns.vocabulary)


def same_rules(folder: Path, plan: RunPlan, base: RuleBase) -> None:
    """Refuse another rule base than that of a run.

    Raises:
        UsageError: with which one is meant.

    """
    if plan["rule_base_digest"] != base.digest:
        what = f"the run was made with rule base {plan['rule_base']}, {plan['rule_base_digest']}."
        why = "Another one may conclude something else."
        raise UsageError(Problem(str(folder), what, why, "Name that one with --rules DIR."))


def _inputs(plan: RunPlan, name: str) -> Inputs:
    """Find the input again; it must be what it was."""
    files = {file["path"]: file["digest"] for file in plan["inputs"]}
    path = next(each for each in files if each == name or Path(each).name == name)
    found = find([Path(path)])
    if found.sources[0].files[0].digest != files[path]:
        what = "it has changed since the run."
        why = "The case in it may be another one now."
        raise UsageError(Problem(path, what, why, "Run the batch again."))
    return found


def _rows_of(
    plan: RunPlan, name: str, numbers: list[int], columns: Columns, read: CaseReader
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Read some rows of one input, each as a frame of its own."""
    inputs = _inputs(plan, name)
    source = next(s for s in inputs.sources if s.name == name or s.kind == "cases")
    done = (numbers[0] - 1) // _FEW
    if source.kind == "cases":
        parts = case_files.parts(source, columns.vocabulary, _FEW, done, read)
    else:
        parts = tables.parts(source, columns.vocabulary, _FEW, done, columns.names, read)
    left = deque(numbers)
    for part in parts:
        places = {row: place for place, row in enumerate(part.rows)}
        while left and left[0] in places:
            row = left.popleft()
            yield row, part.frame[places[row] : places[row] + 1]
        if not left:
            return
