"""Asking line by line in a terminal: prompts that wrap, colour where it is wanted, and quitting."""

from __future__ import annotations

import sys
import textwrap
from functools import cached_property
from typing import TYPE_CHECKING

from screening.safe import on_a_line

if TYPE_CHECKING:
    from rich.console import Console

QUIT = "q"
KEPT = "\N{NO-BREAK SPACE}"
"""A blank at which a prompt is not wrapped, such as that between a number and its word."""
RED, DIM, BOLD, NOTE = "bold white on red", "dim", "bold", "yellow"


class Quit(Exception):
    """The clinician stops: nothing is saved, the draft stays."""


class Terminal:
    """Prints on stderr and reads stdin; words are never broken at the end of a line."""

    @cached_property
    def _console(self) -> Console:
        # Only a terminal needs rich: importing it costs a tenth of a whole screening.
        from rich.console import Console

        return Console(stderr=True, highlight=False, markup=False, emoji=False)

    def say(self, text: str = "", style: str = "") -> None:
        """Print a paragraph; what a draft or a file says cannot steer the terminal."""
        lines = "\n".join(map(on_a_line, text.split("\n")))
        self._console.print(lines, style=style or None)

    def ask(self, text: str, usual: str = "", style: str = "") -> str:
        """Ask for one line; Enter gives what is usual.

        Raises:
            Quit: at ``q``, and at the end of the input.

        """
        told = f"{text} [Enter = {usual}]".replace(" = ", f"{KEPT}={KEPT}") if usual else text
        colon = "" if told.endswith("?") else ":"
        lines = self._wrapped(f"{told}{colon}")
        self._console.print(lines, style=style or None, end=" ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line or line.strip().lower() == QUIT:
            raise Quit
        return line.strip() or usual

    def _wrapped(self, prompt: str) -> str:
        """Break a prompt between words and between choices, never within either."""
        lines = textwrap.wrap(
            prompt, self._console.width - 1, break_long_words=False, break_on_hyphens=False
        )
        return "\n".join(lines).replace(KEPT, " ")

    def choose(self, text: str, style: str = "") -> str:
        """Ask for a key; give it in small letters."""
        return self.ask(text, style=style).lower()
