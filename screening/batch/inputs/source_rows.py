"""What is read from a source: a part of its rows, and rows that could not become cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from screening.documents import Json


@dataclass(frozen=True)
class Refusal:
    """One row that is not screened: its number, the first field and every reason."""

    row: int
    field: str
    reason: str
    kept: Mapping[str, Json] | None = None
    """The original, where it never became cells."""


@dataclass
class Part:
    """Some rows of one source, one after the other, headed as the source heads them."""

    source: str
    frame: pl.DataFrame
    rows: list[int] | range
    """The number of each row of the frame, from 1 on, within its source."""
    unread: list[Refusal] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)
    """The line of each row in its file, where that is not its number."""
    names: dict[int, str] = field(default_factory=dict)
    """The file of each row, where each has a file of its own."""
    places: dict[int, dict[str, int]] = field(default_factory=dict)
    """The line of each answer of a row, where each row has several lines."""

    @property
    def count(self) -> int:
        """How many rows of the source it covers."""
        return self.frame.height + len(self.unread)

    @property
    def first(self) -> int:
        """The number of its first row."""
        return min([*self.rows[:1], *(each.row for each in self.unread[:1])], default=1)

    def line(self, row: int, path: str) -> int | None:
        """Give the line of a row, or of one of its answers; None where its number says it."""
        return self.places.get(row, {}).get(path) or self.lines.get(row)
