"""The command ``screening``: each command reads, asks the stations in order, and prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from screening import __version__
from screening.errors import ScreeningError

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
    format: Format = "text",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Print the whole proof as well.")] = False,
    fail_on: Annotated[
        Tier | None, typer.Option("--fail-on", help="End with 3 if the tier is this or worse.")
    ] = None,
    rules: Rules = None,
) -> None:
    """Screen one case and explain it.

    Example: screening screen cases/base_case.yaml --full
    """
    from screening.cli.screen import screen as run

    raise typer.Exit(run(case, format, out, full, fail_on, rules))


@app.command()
def why(
    case: CaseArgument,
    conclusion: Annotated[
        str, typer.Argument(help="Such as ankle.restricted, flag.dvt, verdict.likely.")
    ],
    side: Annotated[
        Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Prove a conclusion, down to the recorded findings.

    Example: screening why cases/base_case.yaml verdict.likely --side right
    """
    from screening.cli.screen import why as run

    raise typer.Exit(run(case, conclusion, side, format, rules))


@rules_app.command("list")
def rules_list(format: Format = "text", rules: Rules = None) -> None:
    """List every rule with what it concludes and where it stands.

    Example: screening rules list
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.list_rules(format, rules))


@rules_app.command("show")
def rules_show(
    id: Annotated[str, typer.Argument(help="A rule, conclusion, advice, threshold or reference.")],
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
        Literal["text", "json", "json-schema"], typer.Option("--format", help="How to print.")
    ] = "text",
    rules: Rules = None,
) -> None:
    """List every finding that can be recorded; json-schema lets editors complete case files.

    Example: screening rules vocabulary --format json-schema > case.schema.json
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.vocabulary(format, rules))


@rules_app.command("check")
def rules_check(format: Format = "text", rules: Rules = None) -> None:
    """Read the rule base strictly and run all its examples; end with 1 if something is wrong.

    Example: screening rules check --rules rules
    """
    from screening.cli import rules as commands

    raise typer.Exit(commands.check(format, rules))


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


def main() -> NoReturn:
    """Run the command; what went wrong is said on stderr, never as a traceback."""
    try:
        app()
    except ScreeningError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    raise SystemExit(0)
