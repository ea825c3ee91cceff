"""Printing a page: colour only on a terminal, never where NO_COLOR asks for none."""

from __future__ import annotations

import sys

from screening.report.page import Text


def emit(text: Text) -> None:
    """Print a page to stdout; what is no terminal gets the plain words."""
    if not sys.stdout.isatty():
        sys.stdout.write(text.plain + "\n")
        return
    # Only a terminal needs rich: importing it costs a tenth of a whole screening.
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line, style in text.lines:
        console.print(line, style=style or None)
