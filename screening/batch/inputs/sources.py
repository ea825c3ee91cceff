"""What is to be screened: files and folders, each with a digest and its number of rows."""

from __future__ import annotations

import hashlib
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePath
from typing import Literal

import polars as pl

from screening.batch.inputs.damage import Damaged, unharmed
from screening.batch.inputs.extent import refuse_far
from screening.batch.inputs.folder import Aside, Listing
from screening.errors import Problem, UsageError

Kind = Literal["cases", "csv", "xlsx", "jsonl", "parquet"]

ENDINGS: dict[str, Kind] = {
    ".yaml": "cases",
    ".yml": "cases",
    ".json": "cases",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_BLOCK = 1 << 20
_MOST_IN_A_BYTE = 10_000
"""A Parquet file that says it has more rows in each of its bytes is damaged."""


@dataclass(frozen=True)
class File:
    """One file of an input."""

    path: Path
    digest: str
    size: int
    lines: int

    def has_changed(self) -> bool:
        """Tell whether it is not what it was any more."""
        try:
            return _file(self.path).digest != self.digest
        except OSError:
            return True


@dataclass(frozen=True)
class Source:
    """One table, or case files that follow each other: their rows are numbered from 1."""

    name: str
    kind: Kind
    files: tuple[File, ...]
    rows: int
    """How many there are; of CSV, JSONL and XLSX about how many, for the progress only."""
    named: bool = True
    """Whether the user named it; else it was found in a folder."""

    @property
    def path(self) -> Path:
        """The file of a table."""
        return self.files[0].path


@dataclass(frozen=True)
class Inputs:
    """All sources in the order in which they are screened, and what was left aside."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]
    """Files of other kinds."""
    set_aside: tuple[Aside, ...] = ()
    """What stands in a folder and cannot be read."""

    @property
    def rows(self) -> int:
        """About how many rows there are."""
        return sum(source.rows for source in self.sources)


def find(inputs: Iterable[Path]) -> Inputs:
    """Find every source; a folder gives all files in it whose ending is known, by their names.

    What a folder holds and what cannot be read is set aside with the reason.

    Raises:
        UsageError: for what is missing, unreadable, of an unknown kind, named twice, or empty.

    """
    folder, named, problems = Listing(), set[Path](), list[Problem]()
    for given in inputs:
        if given.is_dir():
            folder.walk(given)
            continue
        problem = _unusable(given)
        if problem is None:
            folder.files.append(given)
            named.add(given)
        else:
            problems.append(problem)
    known = [path for path in folder.files if path.suffix.lower() in ENDINGS]
    ignored = [str(path) for path in folder.files if path.suffix.lower() not in ENDINGS]
    twice = sorted(str(path) for path, count in Counter(known).items() if count > 1)
    problems += [
        Problem(path, "it is named twice.", "Its cases would be screened twice.", "Name it once.")
        for path in twice
    ]
    if problems:
        raise UsageError(problems)
    sources, unread = _sources(known, named)
    set_aside = [*folder.set_aside, *unread]
    if not sources:
        raise UsageError([*(each.problem for each in set_aside), _nothing()])
    return Inputs(tuple(sources), tuple(ignored), tuple(set_aside))


def _unusable(given: Path) -> Problem | None:
    """Say why a file that was named cannot be an input."""
    try:
        mode = given.stat().st_mode
    except FileNotFoundError:
        return Problem(str(given), "there is no such file.", "", "Check its name.")
    except OSError as error:
        what = f"it cannot be read: {error.strerror or 'unknown reason'}."
        return Problem(str(given), what, "", "Check its name and that you may read it.")
    except ValueError:
        return Problem("", "a name with a zero in it is no name of a file.")
    if not stat.S_ISREG(mode):
        return Problem(str(given), "it is no file.", "", "Name a file, or a folder of files.")
    if given.suffix.lower() not in ENDINGS:
        todo = f"Files ending in {', '.join(ENDINGS)} are read."
        return Problem(str(given), "this kind of file is not read.", "", todo)
    return None


def _nothing() -> Problem:
    endings = ", ".join(ENDINGS)
    return Problem("", "there is nothing to screen.", "", f"Files ending in {endings} are read.")


def _sources(paths: list[Path], named: set[Path]) -> tuple[list[Source], list[Aside]]:
    """Make the sources of files; of those that cannot be read, the named ones are a problem."""
    names = short_names(map(str, paths))
    found: list[Source] = []
    set_aside: list[Aside] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(_source(names[str(path)], path, path in named))
        except OSError as error:
            aside = Aside(str(path), f"it cannot be read: {error.strerror or 'unknown reason'}.")
        except UsageError as error:
            aside = Aside(str(path), error.problems[0].what)
        else:
            continue
        set_aside.append(aside)
        if path in named:
            problems.append(aside.problem)
    if problems:
        raise UsageError(problems)
    return list(_grouped(found)), set_aside


def _kind(path: Path) -> Kind:
    return ENDINGS[path.suffix.lower()]


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Give each file its short name, or its path where two have the same."""
    short = {path: PurePath(path).name for path in paths}
    often = Counter(short.values())
    return {path: name if often[name] == 1 else path for path, name in short.items()}


def _source(name: str, path: Path, named: bool) -> Source:
    kind = _kind(path)
    file = _file(path)
    rows = 1 if kind == "cases" else max(0, file.lines - (kind == "csv"))
    if kind == "xlsx":
        rows = max(0, refuse_far(path) - 1)
    elif kind == "parquet":
        rows = _parquet_rows(path)
    return Source(name, kind, (file,), rows, named)


def _grouped(sources: list[Source]) -> Iterator[Source]:
    """Make one source of case files that follow each other."""
    for kind, some in groupby(sources, key=lambda source: source.kind):
        if kind == "cases":
            files = tuple(file for source in some for file in source.files)
            yield Source("case files", "cases", files, len(files))
        else:
            yield from some


def _parquet_rows(path: Path) -> int:
    try:
        with unharmed():
            scan = pl.scan_parquet(path, glob=False)
            rows = int(scan.select(pl.len()).collect().item())
            scan.collect_schema()
    except (pl.exceptions.PolarsError, Damaged):
        rows = -1
    if not 0 <= rows <= _MOST_IN_A_BYTE * path.stat().st_size:
        what = "this is not a Parquet file that can be read."
        raise UsageError(Problem(str(path), what, "", "Write it anew."))
    return rows


def _file(path: Path) -> File:
    digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            lines += block.count(b"\n")
            last = block[-1:]
    return File(path, f"sha256:{digest.hexdigest()}", size, lines + (last != b"\n"))
