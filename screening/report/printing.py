"""Printing a page: colour only on a terminal, never where NO_COLOR asks for none."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text


def emit(text: Text) -> None:
    """Print a page to stdout; what is no terminal gets the plain words."""
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False)
    console.print(text)
