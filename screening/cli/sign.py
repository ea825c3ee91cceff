"""``screening rules sign``: who has read a file."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from screening.cli.options import Format, Rules
from screening.errors import Problem, UsageError
from screening.intake.answers import day as day_of
from screening.page import Page
from screening.report.printing import emit, emit_json
from screening.rulebase import reviews
from screening.rulebase.base import load
from screening.rulebase.seal import REVIEWS


def sign(
    file: Annotated[str, typer.Argument(help="A file of rules: its path, or its id.")],
    by: Annotated[str, typer.Option("--by", help="Who has read it.", metavar="NAME")],
    on: Annotated[
        str | None, typer.Option("--date", help="The day, as 2026-11-24; else today.")
    ] = None,
    remark: Annotated[str, typer.Option("--remark", help="What is to be said of it.")] = "",
    format: Format = "text",
    rules: Rules = None,
) -> None:
    """Write down that you have read a file and stand by it, as it is today.

    The signature covers the file and the numbers, bands and sources that it names. When one of them
    changes, the file counts as changed since it was reviewed.

    Example: screening rules sign red_flags/dvt.yaml --by "A. Weber" --rules rules
    """
    base = load(rules, to_mend=True)
    try:
        day = day_of(on) if on else date.today()
    except ValueError:
        raise UsageError(Problem("--date", "this is no day.", "", "Write 2026-11-24.")) from None
    try:
        made = reviews.sign(base, file, by, day, remark)
    except OSError as error:
        what = f"the signature could not be written: {error.strerror}."
        raise UsageError(Problem(str(base.root / REVIEWS), what)) from None
    if format == "json":
        emit_json(made.model_dump(), base)
        return
    page = Page()
    page.line(f"{made.file}: read by {made.name} on {made.date}.")
    emit(page.text, base)
