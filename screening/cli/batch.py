"""``screening batch``: many cases in, two rows for each of them out, and nothing lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

from screening.batch import empty_table
from screening.batch.columns import Columns, Map, load_map
from screening.batch.run import Options, Run
from screening.batch.sources import find
from screening.batch.store import Store
from screening.errors import Problem, UsageError
from screening.report.as_json import as_json
from screening.rulebase.base import load

SOMETHING_REFUSED = 1


def template(kind: str, out: Path, rules: Path | None) -> int:
    """Write an empty table; give the exit code."""
    base = load(rules)
    for path in empty_table.write(out, cast(empty_table.TableKind, kind), base.vocabulary):
        print(path)
    return 0


def batch(
    inputs: list[Path],
    out: Path | None,
    columns: Path | None,
    resume: bool,
    options: Options,
    format: str,
    rules: Path | None,
) -> int:
    """Screen all inputs; give the exit code of DESIGN 6.

    Raises:
        ScreeningError: for whatever went wrong, with what to do.

    """
    if not inputs or out is None:
        todo = "For example: screening batch cases --out screened"
        raise UsageError(Problem("", "Name what to screen, and a folder with --out.", "", todo))
    base = load(rules)
    declared = load_map(columns, base.vocabulary) if columns else Map()
    run = Run(base, find(inputs), Columns(base.vocabulary, declared), options, rules)
    return _said(run.into(Store(out), resume), str(out), format)


def on_spark(
    master: str,
    inputs: list[str],
    out: str | None,
    columns: Path | None,
    resume: bool,
    options: Options,
    format: str,
    rules: Path | None,
) -> int:
    """Let a Spark cluster screen Parquet; give the exit code of DESIGN 6.

    Raises:
        ScreeningError: for whatever went wrong, with what to do.

    """
    if len(inputs) != 1 or out is None:
        todo = (
            "For example: screening batch --spark spark://host:7077 hdfs:///cases --out hdfs:///out"
        )
        what = "With --spark, name one Parquet file or folder, and a folder with --out."
        raise UsageError(Problem("", what, "", todo))
    if (options.rows, options.engine) != ("parquet", "cohort"):
        what = "With --spark, rows are Parquet and the engine is the cohort reading."
        raise UsageError(Problem("", what, "", "Leave --rows and --engine out."))
    from screening.batch.spark import SparkRun

    base = load(rules)
    declared = load_map(columns, base.vocabulary) if columns else Map()
    heads = Columns(base.vocabulary, declared)
    verbose, verify = options.verbose, options.verify
    run = SparkRun(base, heads, verbose, verify, master, inputs[0], out)
    return _said(run.run(resume), out, format)


def _said(manifest: dict[str, Any], out: str, format: str) -> int:
    if format == "json":
        sys.stdout.write(as_json(manifest))
    else:
        _say(manifest, out)
    return SOMETHING_REFUSED if manifest["counts"]["refused"] else 0


def _say(manifest: dict[str, Any], out: str) -> None:
    counts = manifest["counts"]
    rows, screened, refused = (f"{counts[n]:,}" for n in ("rows", "screened", "refused"))
    print(f"{rows} rows read: {screened} screened, {refused} refused.")
    if counts["verified"]:
        print(f"{counts['verified']:,} of them were screened once more on their own: the same.")
    if manifest["ignored_files"]:
        print(f"Files of other kinds, not read: {len(manifest['ignored_files'])}.")
    for name in manifest["outputs"]:
        print(f"  {out}/{name}")
    if counts["refused"]:
        print("Refused rows stand in refused.jsonl with their reasons. Mend them there and run:")
        print(f"  screening batch {out}/refused.jsonl --out ANOTHER_FOLDER")
