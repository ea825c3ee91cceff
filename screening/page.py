"""A page of text: headed sections, numbered and dashed lines, wrapped to a fixed width."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from screening.safe import on_a_line

WIDEST = 100
NARROWEST = 40
LABEL = 9


def terminal_width(otherwise: int = 80) -> int:
    """Give how many columns the terminal has; where there is none, as said."""
    return max(NARROWEST, shutil.get_terminal_size((otherwise, 24)).columns)


class Text:
    """Lines with their styles; ``plain`` has the same words without them."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        """Hold lines and styles."""
        self.lines = lines

    @property
    def plain(self) -> str:
        """The words alone."""
        return "\n".join(line for line, _ in self.lines).rstrip()


class Page:
    """Collects styled lines."""

    def __init__(self, width: int | None = None) -> None:
        """Begin an empty page, as wide as the terminal, but no wider than is read with ease."""
        self._width = width or min(WIDEST, terminal_width(WIDEST))
        self._lines: list[tuple[str, str]] = []

    @property
    def text(self) -> Text:
        """The page with its styles."""
        return Text(list(self._lines))

    def line(self, content: str = "", style: str = "") -> None:
        """Add one line as it is."""
        self._lines.append((on_a_line(content.rstrip()), style))

    def labelled(self, label: str, content: str, style: str = "") -> None:
        """Add a paragraph behind a label in the margin."""
        self._wrap(content, f"{label:{LABEL - 1}} ", " " * LABEL, style)

    def paragraph(self, content: str, indent: int = LABEL, style: str = "") -> None:
        """Add a paragraph."""
        self._wrap(content, " " * indent, " " * indent, style)

    def heading(self, content: str, indent: int = 0) -> None:
        """Add a heading."""
        self.line(" " * indent + content, "bold")

    def items(self, contents: Iterable[str], mark: str | None = "-", indent: int = 3) -> None:
        """Add a list: with a mark, or numbered if there is none."""
        for number, content in enumerate(contents, 1):
            begin = f"{mark or number:>{indent + 1}} " if mark is None else f"{' ' * indent}{mark} "
            self._wrap(content, begin, " " * len(begin))

    def _wrap(self, content: str, first: str, rest: str, style: str = "") -> None:
        lines = textwrap.wrap(
            " ".join(content.split()),
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if style == "bold":
            _accompany(lines, rest)
        for line in lines or [first.rstrip()]:
            self.line(line, style)


def _accompany(lines: list[str], indent: str) -> None:
    """Take a word of a heading along to its last line, where a YES would stand alone."""
    if len(lines) > 1 and " " not in lines[-1].strip():
        before, _, word = lines[-2].rpartition(" ")
        if before.strip():
            lines[-2:] = [before, f"{indent}{word} {lines[-1].strip()}"]
