"""Printing a page or data, headed by what must be said of the rules; colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from screening.page import Page, Text
from screening.report.as_json import as_json
from screening.rulebase.base import RuleBase


def emit(text: Text, base: RuleBase) -> None:
    """Print a page to stdout, below a warning if its rules are not those that were sealed."""
    if base.standing.said:
        page = Page()
        page.paragraph(base.standing.said, indent=0, style="bold red")
        text = Text([*page.text.lines, *text.lines])
    emit_as_it_is(text)


def emit_as_it_is(text: Text) -> None:
    """Print a page that says itself how its rules stand; no terminal, no colour."""
    if not sys.stdout.isatty():
        sys.stdout.write(text.plain + "\n")
        return
    # Only a terminal needs rich: importing it costs a tenth of a whole screening.
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line, style in text.lines:
        console.print(line, style=style or None)


def emit_json(data: Mapping[str, object] | Sequence[object], base: RuleBase) -> None:
    """Print data as JSON, with the rules it was worked out with.

    A list has no place for that: there a warning stands on stderr, if there is one.
    """
    if isinstance(data, Mapping):
        data = {"screened_with": base.screened_with, **data}
    else:
        warn(base)
    sys.stdout.write(as_json(data))


def warn(base: RuleBase) -> None:
    """Say on stderr that the rules are not those that were sealed, for output in a fixed form."""
    if base.standing.said:
        print(base.standing.said, file=sys.stderr)
