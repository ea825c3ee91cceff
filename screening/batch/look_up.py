"""One case of a finished run, read again from its input, so that it can be explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from screening.batch.formats import scan
from screening.batch.inputs import case_files, tables
from screening.batch.inputs.cells import as_case
from screening.batch.inputs.column_map import kept_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.source_rows import Part
from screening.batch.inputs.sources import Inputs, Source, find
from screening.batch.parts import CASE_ID, INPUT, NUMBER
from screening.batch.refused_book import merged_cells
from screening.batch.store import Store
from screening.errors import Problem, UsageError
from screening.intake.case import Case
from screening.rulebase.base import RuleBase

_FEW = 1_000


def case_of(folder: Path, case_id: str, base: RuleBase) -> Case:
    """Give the case that a run screened under an id.

    Raises:
        UsageError: if there is no such run or case, or its input or the rule base has changed.

    """
    manifest = Store(folder).manifest()
    same_rules(folder, manifest["plan"], base)
    name, row = _where(folder, manifest["plan"]["row_format"], case_id)
    columns = Columns(base.vocabulary, kept_map(manifest["plan"]["map_of_columns"]))
    parts = [merged["part"] for merged in manifest.get("merged", ())]
    mended = merged_cells(folder, parts, (name, row))
    if mended is not None:
        cells = columns.head(pl.DataFrame(mended), name).frame.row(0, named=True)
        return as_case(case_id, cells, base.vocabulary)
    inputs = _inputs(manifest["plan"], name)
    source = next(s for s in inputs.sources if s.name == name or s.kind == "cases")
    part, place = _row(source, columns, row)
    cells = columns.head(part.frame[place : place + 1], source.name).frame.row(0, named=True)
    return as_case(case_id, cells, base.vocabulary)


def same_rules(folder: Path, plan: dict[str, Any], base: RuleBase) -> None:
    """Refuse another rule base than that of a run.

    Raises:
        UsageError: with which one is meant.

    """
    if plan["rule_base_digest"] != base.digest:
        what = f"the run was made with rule base {plan['rule_base']}, {plan['rule_base_digest']}."
        why = "Another one may conclude something else."
        raise UsageError(Problem(str(folder), what, why, "Name that one with --rules DIR."))


def _where(folder: Path, kind: Any, case_id: str) -> tuple[str, int]:
    path = folder / f"screenings.{kind}"
    wanted = pl.col(CASE_ID).cast(pl.String).is_in([case_id, f"'{case_id}"])
    try:
        found = scan(path, kind).filter(wanted).select(INPUT, NUMBER).head(1).collect()
    except (OSError, pl.exceptions.PolarsError):
        what = "the rows of the run cannot be read."
        raise UsageError(Problem(str(path), what, "", "Run the batch again.")) from None
    if not found.height:
        what = f'the run screened no case "{case_id}".'
        todo = "Refused rows stand in refused.jsonl with their reason."
        raise UsageError(Problem(str(folder), what, "", todo))
    name, row = found.row(0)
    return str(name).removeprefix("'"), int(row)


def _inputs(plan: dict[str, Any], name: str) -> Inputs:
    """Find the input again; it must be what it was."""
    files = {file["path"]: file["digest"] for file in plan["inputs"]}
    path = next(each for each in files if each == name or Path(each).name == name)
    found = find([Path(path)])
    if found.sources[0].files[0].digest != files[path]:
        what = "it has changed since the run."
        why = "The case in it may be another one now."
        raise UsageError(Problem(path, what, why, "Run the batch again."))
    return found


def _row(source: Source, columns: Columns, row: int) -> tuple[Part, int]:
    """Read the part around one row."""
    done = (row - 1) // _FEW
    if source.kind == "cases":
        parts = case_files.parts(source, columns.vocabulary, _FEW, done)
    else:
        parts = tables.parts(source, columns.vocabulary, _FEW, done, columns.names)
    part = next(parts)
    return part, list(part.rows).index(row)
