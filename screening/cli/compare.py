"""``screening rules compare``: what a revision of the rules changes, proved for all cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from screening.cli.assurance import INSTALL
from screening.cli.options import Seconds
from screening.errors import Problem, UsageError
from screening.report.as_json import as_json
from screening.report.printing import emit_as_it_is
from screening.rulebase.base import RuleBase, default_rules, load

INSTALLED = "installed"
NOT_AS_WANTED = 1
_NOT_SHOWN = "Run `screening rules check` on both; if they are well, this is a bug: report it."


def compare(
    old: Annotated[str, typer.Argument(help="A folder of rules, or the word installed.")],
    new: Annotated[str, typer.Argument(help="A folder of rules, or the word installed.")],
    on: Annotated[
        list[Path] | None,
        typer.Option("--on", help="Screen these by both: a case, a folder, a table or a run."),
    ] = None,
    never_milder: Annotated[
        bool, typer.Option("--never-milder", help="End with 1 if anything can get milder.")
    ] = False,
    seconds: Seconds = 10.0,
    format: Annotated[
        Literal["text", "json", "html"],
        typer.Option("--format", help="How to print; html is one page for a committee."),
    ] = "text",
) -> int:
    """Say what a revision of the rules changes, proved for all cases; end with 1 if not settled.

    Example: screening rules compare installed rules --never-milder

    Example: screening rules compare installed rules --format html > revision.html
    """
    before, after = _loaded(old), _loaded(new)
    try:
        from screening.assurance.compare.as_data import as_data
        from screening.assurance.compare.comparison import compare as run
    except ModuleNotFoundError:
        raise UsageError(Problem("", "the prover is not installed.", "", INSTALL)) from None
    compared = run(before, after, seconds, told=_told if sys.stderr.isatty() else None)
    over = None
    if on:
        from screening.assurance.compare.on_cases import over_cases

        over = over_cases(before, after, on)
    for found in compared.unsettled:
        if found.status == "not_shown":
            what = f"{found.decision}: {found.before} -> {found.after} was found by the solver"
            print(f"{what}, but screening does not show it. {_NOT_SHOWN}", file=sys.stderr)
    if format == "json":
        sys.stdout.write(as_json(as_data(compared, over)))
    elif format == "html":
        from screening.assurance.compare.compare_page import compare_page

        sys.stdout.write(compare_page(compared, over))
    else:
        from screening.assurance.compare.compare_text import compare_text

        emit_as_it_is(compare_text(compared, over).text)
    milder = any(found.milder for found in compared.changes)
    return NOT_AS_WANTED if compared.unsettled or (never_milder and milder) else 0


def _loaded(name: str) -> RuleBase:
    root = default_rules() if name == INSTALLED else Path(name)
    return load(root, to_mend=True)


def _told(what: str, done: int, of: int) -> None:
    print(f"\r{done} of {of} {what}", end="\n" if done == of else "", file=sys.stderr)
