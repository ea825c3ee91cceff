"""Documents: one file as plain data, before anything is known of it, with the line of each value.

``strict_yaml`` and ``strict_json`` read them: what was typed is what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screening.errors import Problem, ScreeningError
from screening.nesting import MOST_DEEP

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from typing import TypeAlias

    Data: TypeAlias = (
        None
        | bool
        | int
        | float
        | Decimal
        | str
        | date
        | list["Data"]
        | tuple["Data", ...]
        | dict[str, "Data"]
    )
    """What was read from outside, before anything is known of it: told apart where it is used."""

    Json: TypeAlias = (
        None | bool | int | float | Decimal | str | date | Sequence["Json"] | Mapping[str, "Json"]
    )
    """What is written to the outside, made by whoever writes it."""

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One file as plain data, with the line of every value."""

    source: str
    data: Data
    lines: Mapping[Place, int] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Data]:
        """What it holds by name; nothing, if it is another kind of data."""
        return self.data if isinstance(self.data, dict) else {}

    def where(self, place: Place = ()) -> str:
        """Give ``file:line`` of a value, or of the nearest value around it."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line:
                return f"{self.source}:{line}"
        return self.source


def overlaid(data: Mapping[str, Data], change: Mapping[str, Data]) -> dict[str, Data]:
    """Give nested data with a change laid over it, key by key; neither is altered."""
    found = dict(data)
    for key, part in change.items():
        below = found.get(key)
        found[key] = (
            overlaid(below, part) if isinstance(below, dict) and isinstance(part, dict) else part
        )
    return found


class DocumentError(ScreeningError):
    """A file is not the strict YAML or JSON that is read here."""


def refusal(source: str, line: int | None, what: str, todo: str) -> DocumentError:
    """Say what is wrong with a line of a file, and what to do."""
    where = f"{source}:{line}" if line else source
    return DocumentError(Problem(where, what, "", todo))


def refuse_odd(text: str, source: str) -> None:
    """Refuse halves of characters: no file can hold them and nothing can print them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise refusal(
            source, line, "Half a character stands here.", "Type the text anew."
        ) from None


def too_deep(source: str, line: int | None) -> DocumentError:
    """Say that a file is nested deeper than anything that is read here."""
    what = f"This is nested more than {MOST_DEEP} levels deep."
    return refusal(source, line, what, "Nest by path, as the examples do.")


def decoded(raw: bytes, source: str) -> str:
    """Give the text of a file.

    Raises:
        DocumentError: if it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal(source, None, "This is not UTF-8 text.", "Save the file as UTF-8.") from None
