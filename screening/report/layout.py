"""Fitting a report to one page: each part can be said at length, shorter, or left to ``--full``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from screening.safe import on_a_line

LABEL = 10
"""How wide the margin is in which labels stand."""

Line = tuple[str, str]
"""A line of text and its style."""


class LineOfText(tuple[str, str]):
    """A line that knows the whole text that it is a part of."""

    text: str

    @classmethod
    def of(cls, line: str, style: str, text: str) -> LineOfText:
        """Give a line of a text."""
        found = cls((line, style))
        found.text = text
        return found


@dataclass
class PagePart:
    """One part of a page: its versions from long to short; a higher rank is shortened sooner."""

    rank: int
    versions: list[list[Line]]
    taken: int = 0

    @property
    def lines(self) -> list[Line]:
        """The version that is taken."""
        return self.versions[self.taken]


@dataclass
class Sheet:
    """A page in the making."""

    width: int
    parts: list[PagePart] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Places among the parts, and how many lines may stand before each."""

    def mark(self, most: int) -> None:
        """Let no more than so many lines stand before what comes next."""
        self.marks.append((len(self.parts), most))

    def add(self, *versions: list[Line], rank: int = 0) -> None:
        """Add a part; without a shorter version it always stands whole."""
        if versions[0]:
            self.parts.append(PagePart(rank, list(versions)))

    def gap(self) -> None:
        """Add an empty line between two parts."""
        self.parts.append(PagePart(0, [[("", "")]]))

    def fit(self, most: int | None) -> list[Line]:
        """Give the lines, with parts made shorter, the least important first, until they fit."""
        if most:
            for place, before in [*self.marks, (len(self.parts), most)]:
                self._shorten(self.parts[:place], before)
        return _joined(self.parts)

    def _shorten(self, parts: list[PagePart], most: int) -> None:
        for part in sorted(parts, key=lambda each: -each.rank):
            while part.taken + 1 < len(part.versions) and len(_joined(parts)) > most:
                part.taken += 1

    def lengthen(self, most: int) -> None:
        """Take longer versions again where they fit all the same, the most important first."""
        for part in sorted(self.parts, key=lambda each: each.rank):
            while part.taken:
                part.taken -= 1
                if len(_joined(self.parts)) > most:
                    part.taken += 1
                    break

    # -- lines ----------------------------------------------------------------------------------

    def wrapped(self, first: str, rest: str, text: str, style: str = "") -> list[Line]:
        """Give a paragraph behind a beginning, wrapped without breaking a word."""
        found = textwrap.wrap(
            on_a_line(" ".join(text.split())),
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [LineOfText.of(line, style, text) for line in found]

    def labelled(self, label: str, text: str, style: str = "") -> list[Line]:
        """Give a paragraph behind a label in the margin; a long label has a line of its own."""
        if not text:
            return []
        if len(label) >= LABEL:
            return [(label, style), *self.wrapped(" " * LABEL, " " * LABEL, text, style)]
        return self.wrapped(f"{label:{LABEL}}", " " * LABEL, text, style)

    def numbered(self, label: str, texts: Sequence[str]) -> list[Line]:
        """Give numbered lines behind a label; a single one has no number."""
        if len(texts) == 1:
            return self.labelled(label, texts[0])
        found: list[Line] = []
        for number, text in enumerate(texts, 1):
            head = f"{label if number == 1 else '':{LABEL}}"
            found += self.wrapped(f"{head}{number} ", " " * (LABEL + 2), text)
        return found

    def paragraphs(self, texts: Iterable[str], style: str = "") -> list[Line]:
        """Give paragraphs beside the margin."""
        return [
            line for text in texts for line in self.wrapped(" " * LABEL, " " * LABEL, text, style)
        ]


def _joined(parts: Iterable[PagePart]) -> list[Line]:
    """Give all lines; no two empty ones follow each other."""
    found: list[Line] = []
    for part in parts:
        for line in part.lines:
            if line[0] or found and found[-1][0]:
                found.append(line)
    return found
