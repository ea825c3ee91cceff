"""Asking line by line in a terminal: prompts that wrap, colour where it is wanted, and quitting."""

from __future__ import annotations

import re
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
_BEGIN = re.compile(r"^ *(?:- |\d+ )?")
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
        lines = [line for each in text.split("\n") for line in self._hung(on_a_line(each))]
        self._console.print("\n".join(lines), style=style or None)

    def say_command(self, text: str) -> None:
        """Print a command on a line of its own, never wrapped: it is there to be pasted."""
        self._console.print(on_a_line(text), soft_wrap=True)

    def _hung(self, line: str) -> list[str]:
        """Wrap a line; what goes on stands under its first word, behind a dash or a number."""
        begin = " " * (len(line) - len(_BEGIN.sub("", line)))
        return textwrap.wrap(
            line,
            self._console.width,
            subsequent_indent=begin,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]

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
