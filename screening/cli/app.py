"""The command ``screening``: each command reads, asks the stations in order, and prints."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from screening import __version__
from screening.errors import ScreeningError

# No plugin of another package may look into what is read here; looking for them takes time as well.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

app = typer.Typer(
    name="screening",
    help="Explained screening for calf-driven hip pain. For clinicians; not a diagnosis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rules_app = typer.Typer(
    help="Read and check the rule base.\n\nExample: screening rules show ANK-001",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(rules_app, name="rules")

Rules = Annotated[
    Path | None, typer.Option("--rules", help="Use the rule base in this folder.", metavar="DIR")
]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to print.")]
CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file (.yaml, .json), or - for standard input.")
]
Tier = Literal["emergency", "urgent", "referral", "none"]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"screening {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Explained screening for calf-driven hip pain. For clinicians; not a diagnosis.

    Example: screening screen cases/base_case.yaml
    """


@app.command()
def intake(
    out: Annotated[Path | None, typer.Option("--out", help="Write the case here.")] = None,
    rules: Rules = None,
) -> None:
    """Ask the way through a case: red flags first, then pain, then both legs.

    Example: screening intake --out cases/new.yaml
    """
    from screening.cli.intake import intake as ask

    ask(out, rules)


@app.command()
def screen(
    case: CaseArgument,
    format: Annotated[
        Literal["text", "json", "html"],
        typer.Option("--format", help="How to print; html gives one page to read, send or print."),
    ] = "text",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="The whole proof as well; html: unfolded.")
    ] = False,
    fail_on: Annotated[
        Tier | None, typer.Option("--fail-on", help="End with 3 if the tier is this or worse.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", help="Keep everything here, to replay it. It holds the case."),
    ] = None,
    rules: Rules = None,
) -> None:
    """Screen one case and explain it.

    Example: screening screen cases/base_case.yaml --full

    Example: screening screen cases/base_case.yaml --format html --out screening.html
    """
    from screening.cli.screen import screen as run

    raise typer.Exit(run(case, format, out, full, fail_on, record, rules))


@app.command()
def why(
    case: CaseArgument,
    conclusion: Annotated[
        str, typer.Argument(help="Such as ankle.restricted, flag.dvt, verdict.likely.")
    ],
    side: Annotated[
        Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--from", help="CASE is a case id of this batch folder.", metavar="DIR"),
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Prove a conclusion, down to the recorded findings.

    Example: screening why cases/base_case.yaml verdict.likely --side right

    Example: screening why --from screened V1 verdict.likely
    """
    from screening.cli.screen import why as run_why

    raise typer.Exit(run_why(case, conclusion, side, run, format, rules))


@app.command("what-if")
def what_if(
    case: CaseArgument,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another answer; may be repeated.", metavar="PATH=VALUE"),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", help="Leave an answer out; may be repeated.", metavar="PATH"),
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Screen a case as it is and with other answers, and say what changes and why.

    Example: screening what-if cases/base_case.yaml --set right.ankle.lunge_bent_cm=9.5
    """
    from screening.cli.again import what_if as run

    raise typer.Exit(run(case, set_ or [], unset or [], format, rules))


@app.command("follow-up")
def follow_up(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="The earlier examination.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The re-test.")],
    side: Annotated[
        Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Compare a re-test with the first examination: real change, and what it says of the calf.

    Example: screening follow-up first.yaml second.yaml
    """
    from screening.cli.follow_up import follow_up as run

    raise typer.Exit(run(first, second, side, format, rules))


@app.command()
def replay(
    record: Annotated[
        Path, typer.Argument(metavar="RECORD", help="A file of `screen CASE --record FILE`.")
    ],
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Screen a recorded case again: the same, or what differs and through which rules.

    Example: screening replay record.json
    """
    from screening.cli.again import replay as run

    raise typer.Exit(run(record, format, rules))


@app.command("next")
def next_findings(case: CaseArgument, format: Format = "text", rules: Rules = None) -> None:
    """Say what to record next, and what each answer would settle.

    Example: screening next cases/base_case.yaml
    """
    from screening.cli.ahead import next_ as run

    raise typer.Exit(run(case, format, rules))


@app.command()
def stable(case: CaseArgument, format: Format = "text", rules: Rules = None) -> None:
    """Say which conclusions survive measurement error and whatever is still missing.

    Example: screening stable cases/base_case.yaml
    """
    from screening.cli.ahead import stable as run

    raise typer.Exit(run(case, format, rules))


@app.command("why-not")
def why_not(
    case: CaseArgument,
    conclusion: Annotated[
        str, typer.Argument(help="Such as ankle.joint_limit, flag.dvt, verdict.unlikely.")
    ],
    side: Annotated[
        Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Say what would have to be different, or be recorded, for a conclusion to hold.

    Example: screening why-not cases/base_case.yaml verdict.unlikely --side right
    """
    from screening.cli.questions import why_not as run

    raise typer.Exit(run(case, conclusion, side, format, rules))


@app.command()
def batch(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INPUT]...", help="Folders, CSV, XLSX, JSONL, Parquet, cases."),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", help="The folder for the results.", metavar="DIR")
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option("--map", help="Your column names, codes and scales.", metavar="COLUMNS"),
    ] = None,
    template: Annotated[
        Literal["csv", "xlsx"] | None,
        typer.Option("--template", help="Write an empty table to fill in, and end."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped or killed.")
    ] = False,
    rows: Annotated[
        Literal["parquet", "csv", "jsonl"],
        typer.Option("--rows", help="The kind of file for the screenings."),
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
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Screen many cases: two rows for each, refused rows set aside, a summary; resumable.

    Example: screening batch cases --out screened

    Example: screening batch --template xlsx --out empty_table
    """
    from screening.batch.run import Options
    from screening.cli import batch as commands

    if template:
        raise typer.Exit(commands.template(template, Path(out or "."), rules))
    options = Options(rows, engine, verbose_columns, verify, part_rows)
    if spark:
        done = commands.on_spark(spark, inputs or [], out, columns, resume, options, format, rules)
        raise typer.Exit(done)
    paths = [Path(each) for each in inputs or []]
    folder = Path(out) if out else None
    raise typer.Exit(commands.batch(paths, folder, columns, resume, options, format, rules))


@rules_app.command("list")
def rules_list(format: Format = "text", rules: Rules = None) -> None:
    """List every rule with what it concludes and where it stands.

    Example: screening rules list
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.list_rules(format, rules))


@rules_app.command("show")
def rules_show(
    id: Annotated[
        str, typer.Argument(help="Of a rule, flag, finding, score, advice, threshold, source, ...")
    ],
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Print a rule as a clinician would read it aloud.

    Example: screening rules show ANK-001
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.show(id, format, rules))


@rules_app.command("vocabulary")
def rules_vocabulary(
    format: Annotated[
        Literal["text", "json", "json-schema", "redcap"],
        typer.Option("--format", help="How to print; redcap gives a REDCap data dictionary."),
    ] = "text",
    rules: Rules = None,
) -> None:
    """List every finding that can be recorded; json-schema lets editors complete case files.

    Example: screening rules vocabulary --format json-schema > case.schema.json

    Example: screening rules vocabulary --format redcap > dictionary.csv
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.vocabulary(format, rules))


@rules_app.command("graph")
def rules_graph(
    of: Annotated[
        str | None, typer.Option("--of", help="Only what this rests on, such as verdict.likely.")
    ] = None,
    format: Annotated[
        Literal["mermaid", "dot", "json"], typer.Option("--format", help="How to print.")
    ] = "mermaid",
    rules: Rules = None,
) -> None:
    """Draw what rests on what, as text for Mermaid or Graphviz.

    Example: screening rules graph --of verdict.likely --format dot
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.graph(format, of, rules))


Witnesses = Annotated[
    Path | None,
    typer.Option("--witnesses", help="Write the cases that show a problem here.", metavar="DIR"),
]


@rules_app.command("check")
def rules_check(format: Format = "text", rules: Rules = None, witnesses: Witnesses = None) -> None:
    """Read the rule base strictly, lint it and run its examples; end with 1 if something is wrong.

    Example: screening rules check --rules rules
    """
    from screening.cli import assurance as commands

    raise typer.Exit(commands.check(format, rules, witnesses))


@rules_app.command("prove")
def rules_prove(
    format: Format = "text",
    promise: Annotated[
        str | None, typer.Option("--promise", help="Only this one, such as PRO-001.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", help="Seconds for one question; then it is not proved.")
    ] = 10.0,
    witnesses: Witnesses = None,
    rules: Rules = None,
) -> None:
    """Prove every promise for all cases, or show a case that breaks it; end with 1 if one fails.

    Example: screening rules prove --promise PRO-001
    """
    from screening.cli import assurance as commands

    raise typer.Exit(commands.prove(format, promise, timeout, witnesses, rules))


@rules_app.command("coverage")
def rules_coverage(
    cases: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CASES...]", help="Case files or folders; else all of cases/."),
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Write cases that show what is missing.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder for suggested cases.", metavar="DIR")
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Say which rules, premises and thresholds no case shows; end with 1 if any.

    Example: screening rules coverage cases --suggest --out suggested_cases
    """
    from screening.cli.coverage import coverage

    raise typer.Exit(coverage(cases or [], suggest, out, format, rules))


def _leave_out_other_commands() -> None:
    """Keep only the command that is asked for: describing all of them takes longer than a case."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    for command in app.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        if name == asked:
            app.registered_commands, app.registered_groups = [command], []
            return


def main() -> NoReturn:
    """Run the command; what went wrong is said on stderr, never as a traceback."""
    # Most commands live for half a second and throw nothing away: collecting cycles as often as
    # Python does by itself, and once more at the end, would take a fifth of that.
    gc.set_threshold(100_000, 20, 20)
    _leave_out_other_commands()
    atexit.register(gc.freeze)
    try:
        app()
    except ScreeningError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    raise SystemExit(0)
