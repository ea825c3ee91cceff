"""``screening batch``: many cases in, two rows for each of them out, and nothing lost."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screening.batch.finish import BOOK
from screening.batch.formats import LINES
from screening.batch.inputs import empty_table
from screening.batch.inputs.column_map import Map, kept_map, load_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.map_template import map_template as map_template_of
from screening.batch.inputs.sources import Inputs, find
from screening.batch.look_up import same_rules
from screening.batch.merge import Merge
from screening.batch.plans import OPTIONS
from screening.batch.rehearsal import rehearse
from screening.batch.run import Options, Others, Run, options_of
from screening.batch.store import Store
from screening.cli.options import Codes, Format, Rules
from screening.cli.repeated import again, typed
from screening.errors import Problem, UsageError
from screening.exchange.any_case import reader_of
from screening.exchange.bundle_lines import line_of
from screening.page import Page
from screening.report.printing import emit, emit_json, warn
from screening.report.rehearsal_text import rehearsal_text
from screening.rulebase.base import RuleBase, load
from screening.rulebase.core import deciding
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.batch.run_model import Manifest, MergedFile

SOMETHING_REFUSED = 1


def batch(
    context: typer.Context,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...",
            help="Folders, CSV, XLSX, JSONL, Parquet, cases; FHIR as JSON or NDJSON (Bulk Data).",
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", help="The folder for the results.", metavar="DIR")
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option("--map", help="Your column names, codes and scales.", metavar="COLUMNS"),
    ] = None,
    template: Annotated[
        empty_table.TableKind | None,
        typer.Option("--template", help="Write an empty table to fill in, and end."),
    ] = None,
    core: Annotated[
        bool, typer.Option("--core", help="With --template: only the columns that decide.")
    ] = False,
    map_template: Annotated[
        Path | None,
        typer.Option(
            "--map-template", help="Print a map to begin with for this table.", metavar="TABLE"
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be refused and why; write nothing.")
    ] = False,
    merge: Annotated[
        Path | None,
        typer.Option("--merge", help="INPUT are mended rows that this run refused.", metavar="DIR"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped or killed.")
    ] = False,
    rows: Annotated[
        Literal["parquet", "csv", "jsonl", "ndjson"],
        typer.Option(
            "--rows",
            help="The kind of file for the screenings; ndjson: a FHIR Bundle a line for each case.",
        ),
    ] = "parquet",
    verbose_columns: Annotated[
        bool, typer.Option("--verbose-columns", help="Names as text instead of bits.")
    ] = False,
    engine: Annotated[
        Literal["cohort", "forward"],
        typer.Option("--engine", help="forward: durable-rules for every case, in processes."),
    ] = "cohort",
    verify: Annotated[
        int, typer.Option("--verify", min=0, help="So many random rows are screened twice.")
    ] = 200,
    part_rows: Annotated[
        int,
        typer.Option("--part-rows", min=1, max=1_000_000, help="Rows worked on at a time."),
    ] = 100_000,
    spark: Annotated[
        str | None,
        typer.Option(
            "--spark", help="Let a Spark cluster do it: one Parquet input, an output URI."
        ),
    ] = None,
    codes: Codes = None,
    format: Format = "text",
    rules: Rules = None,
) -> int:
    """Screen many cases: two rows for each, refused rows set aside, a summary; resumable.

    Example: screening batch cases --out screened

    Example: screening batch --map-template clinic.csv > columns.yaml

    Example: screening batch clinic.csv --map columns.yaml --check

    Example: screening batch screened/refused.xlsx --merge screened --map columns.yaml

    Example: screening batch --template xlsx --core --out empty_table
    """
    base = load(rules)
    if map_template:
        warn(base)
        print(map_template_of(map_template, base.vocabulary), end="")
        return 0
    if template:
        warn(base)
        paths, preset = (deciding(base), base.asked_today) if core else ((), {})
        table = empty_table.EmptyTable(base.vocabulary, paths, preset)
        for path in table.write(Path(out or "."), template):
            print(on_a_line(path))
        return 0
    given = inputs or []
    options = Options(rows, engine, verbose_columns, verify, part_rows)
    heads = Columns(base.vocabulary, load_map(columns, base.vocabulary) if columns else Map())
    others = Others(reader_of(base, codes), line_of(base), _digest(codes))
    if check:
        return _checked(given, heads, options, base, others, format)
    if merge:
        manifest = _merged(context, given, merge, heads, options, base, rules, others)
        return _said(manifest, str(merge), format, base, context)
    if spark:
        manifest, folder = _on_spark(spark, given, out, heads, options, base, resume)
    else:
        manifest, folder = _here(given, out, heads, options, base, rules, others, resume)
    return _said(manifest, folder, format, base, context)


def _digest(codes: Path | None) -> str:
    """Give the digest of a map of codes that was read; nothing without one."""
    return f"sha256:{sha256(codes.read_bytes()).hexdigest()}" if codes else ""


def _checked(
    inputs: list[str],
    heads: Columns,
    options: Options,
    base: RuleBase,
    others: Others,
    format: str,
) -> int:
    """Rehearse a run and say what it would refuse."""
    if not inputs:
        todo = "For example: screening batch clinic.csv --map columns.yaml --check"
        raise UsageError(Problem("", "Name what to check.", "", todo))
    found = rehearse(Run(base, find([Path(each) for each in inputs]), heads, options, None, others))
    if format == "json":
        emit_json(found, base)
    else:
        emit(rehearsal_text(found).text, base)
    return SOMETHING_REFUSED if found["refused"] or found["set_aside"] else 0


def _merged(
    context: typer.Context,
    inputs: list[str],
    folder: Path,
    heads: Columns,
    options: Options,
    base: RuleBase,
    rules: Path | None,
    others: Others,
) -> Manifest:
    """Put mended rows to a finished run, which says itself how it was done."""
    if len(inputs) != 1 or any(typed(context, each) for each in ("out", "resume", "spark")):
        todo = "For example: screening batch screened/refused.xlsx --merge screened"
        what = "With --merge, name one file of mended rows, and no --out, --resume or --spark."
        raise UsageError(Problem("", what, "", todo))
    store = Store(folder)
    plan = store.manifest()["plan"]
    if plan["row_format"] == LINES:
        what = "its screenings are lines for another program: no row can be put among them."
        raise UsageError(Problem(str(folder), what, "", "Screen the mended rows by themselves."))
    kept = options_of(plan)
    if kept is None:
        what = "the run was done on a cluster: no row can be put among its screenings."
        raise UsageError(Problem(str(folder), what, "", "Screen the mended rows by themselves."))
    same_rules(folder, plan, base)
    asked = Run(base, Inputs((), ()), heads, options, None, others).plan()
    by_option = {**OPTIONS, "columns": "map_of_columns", "codes": "map_of_codes"}
    given = {option: name for option, name in by_option.items() if typed(context, option)}
    wanted, planned = {**asked}, {**plan}
    for option, name in given.items():
        if wanted[name] != planned[name]:
            of_map = f"the {name.replace('_', ' ')}"
            said = f"--{option.replace('_', '-')}" if option in OPTIONS else of_map
            what = f"{said} is not what it was for the run."
            todo = "Leave the option out: the run says itself how it was done."
            raise UsageError(Problem(str(folder), what, "", todo))
    columns = Columns(base.vocabulary, kept_map(plan["map_of_columns"]))
    run = Run(base, Inputs((), ()), columns, kept, rules, others)
    return Merge(store, run, Path(inputs[0])).into()


def _here(
    inputs: list[str],
    out: str | None,
    heads: Columns,
    options: Options,
    base: RuleBase,
    rules: Path | None,
    others: Others,
    resume: bool,
) -> tuple[Manifest, str]:
    if not inputs or not out:
        todo = "For example: screening batch cases --out screened"
        raise UsageError(Problem("", "Name what to screen, and a folder with --out.", "", todo))
    run = Run(base, find([Path(each) for each in inputs]), heads, options, rules, others)
    return run.into(Store(Path(out)), resume), str(Path(out))


def _on_spark(
    master: str,
    inputs: list[str],
    out: str | None,
    heads: Columns,
    options: Options,
    base: RuleBase,
    resume: bool,
) -> tuple[Manifest, str]:
    if len(inputs) != 1 or out is None:
        todo = (
            "For example: screening batch --spark spark://host:7077 hdfs:///cases --out hdfs:///out"
        )
        what = "With --spark, name one Parquet file or folder, and a folder with --out."
        raise UsageError(Problem("", what, "", todo))
    if (options.rows, options.engine) != ("parquet", "cohort"):
        what = "With --spark, rows are Parquet and the engine is the cohort reading."
        raise UsageError(Problem("", what, "", "Leave --rows and --engine out."))
    from screening.batch.spark.cluster import SparkRun

    run = SparkRun(base, heads, options.verbose, options.verify, master, inputs[0], out)
    return run.run(resume), out


def _said(manifest: Manifest, out: str, format: str, base: RuleBase, context: typer.Context) -> int:
    if format == "json":
        emit_json(manifest, base)
    else:
        page = Page()
        _say(manifest, out, page, context)
        emit(page.text, base)
    refused = manifest["counts"]["refused"] or manifest.get("set_aside")
    return SOMETHING_REFUSED if refused else 0


def _say(manifest: Manifest, out: str, page: Page, context: typer.Context) -> None:
    counts = manifest["counts"]
    numbers = counts["rows"], counts["screened"], counts["refused"]
    rows, screened, refused = (f"{number:,}" for number in numbers)
    page.line(f"{rows} rows read: {screened} screened, {refused} refused.")
    if counts["verified"]:
        were, own = ("was", "its") if counts["verified"] == 1 else ("were", "their")
        page.line(
            f"{counts['verified']:,} of them {were} screened once more on {own} own: the same."
        )
    if manifest["ignored_files"]:
        page.line(f"Files of other kinds, not read: {len(manifest['ignored_files'])}.")
    for aside in manifest.get("set_aside", ()):
        page.line(f"Set aside: {aside['path']}: {aside['reason']}")
    for name in manifest["outputs"]:
        page.line(f"  {out}/{name}")
    for merged in manifest.get("merged", ())[-1:]:
        page.paragraph(_of_merge(merged), indent=0)
    if not counts["refused"]:
        return
    if BOOK in manifest["outputs"]:
        book = f"{out}/{BOOK}"
        page.paragraph(
            f"Refused rows stand in {BOOK}, each with its reason. Mend them there and run:",
            indent=0,
        )
        changed = ("--out", "--merge", "--resume", "--format")
        page.line(f"  {again(context, [book, '--merge', out], changed)}")
    else:
        page.line("Refused rows stand in refused.jsonl with their reasons.")


def _of_merge(merged: MergedFile) -> str:
    rows, screened = f"{merged['rows']:,}", f"{merged['screened']:,}"
    said = f"Merged from {merged['path']}: of {rows} rows {screened} are screened now"
    said += f", {merged['refused']:,} refused again" * bool(merged["refused"])
    alone = f", {merged['left_alone']:,} left alone (not mended, or not refused by this run)"
    return f"{said}{alone * bool(merged['left_alone'])}."
