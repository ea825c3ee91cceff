"""Lines that are only parts of a case: found before a file is read, and put together.

Other programs write findings one by one, those of many people mixed. A first look says which lines
belong together; memory holds where they stand, not what they say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from screening.batch.inputs.csv_rows import LONGEST_LINE
from screening.documents import DocumentError
from screening.intake.case import CaseReader
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.documents import Data


@dataclass
class PartLines:
    """Where the parts of each case stand, by the byte where a line begins."""

    first: dict[int, list[int]] = field(default_factory=dict)
    """For the first part of a case, all its parts."""
    later: set[int] = field(default_factory=set)
    """The parts that are read with an earlier one."""

    def whole(self, start: int, file: BinaryIO, read: CaseReader) -> Data:
        """Put the case together whose first part begins here; None if nothing does."""
        if start not in self.first:
            return None
        return read.together([_data(_line_at(file, place)) for place in self.first[start]])


def parts_of_cases(path: Path, read: CaseReader) -> PartLines:
    """Say which lines belong together; a file of whole cases is not looked through."""
    found, groups = PartLines(), dict[str, list[int]]()
    with path.open("rb") as file:
        for start, raw in _lines(file):
            data = _data(raw)
            if not read.foreign(data):
                if not groups and data is not None:
                    break
                continue
            if case := read.part_of(data):
                groups.setdefault(case, []).append(start)
    for first, *others in groups.values():
        found.first[first] = [first, *others]
        found.later.update(others)
    return found


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give each line that can be a case with the byte where it begins."""
    end = 0
    for raw in iter(partial(file.readline, LONGEST_LINE), b""):
        start, end = end, end + len(raw)
        if raw.strip() and len(raw) < LONGEST_LINE:
            yield start, raw


def _line_at(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.readline(LONGEST_LINE)


def _data(raw: bytes) -> Data:
    """Read a line; None if it is no JSON, which is said where it is read as a case."""
    try:
        return parse_json(raw.decode("utf-8-sig"), "")
    except (UnicodeDecodeError, DocumentError):
        return None
