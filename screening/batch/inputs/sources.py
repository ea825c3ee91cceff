"""What is to be screened: files and folders, each with a digest and its number of rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

import polars as pl

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


@dataclass(frozen=True)
class File:
    """One file of an input."""

    path: Path
    digest: str
    size: int
    lines: int


@dataclass(frozen=True)
class Source:
    """One table, or case files that follow each other: their rows are numbered from 1."""

    name: str
    kind: Kind
    files: tuple[File, ...]
    rows: int
    """How many there are; of CSV, JSONL and XLSX about how many, for the progress only."""

    @property
    def path(self) -> Path:
        """The file of a table."""
        return self.files[0].path


@dataclass(frozen=True)
class Inputs:
    """All sources in the order in which they are screened, and what was left aside."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]

    @property
    def rows(self) -> int:
        """About how many rows there are."""
        return sum(source.rows for source in self.sources)


def find(inputs: Iterable[Path]) -> Inputs:
    """Find every source; a folder gives all files in it whose ending is known, by their names.

    Raises:
        UsageError: for what is missing, unreadable, of an unknown kind, named twice, or empty.

    """
    paths, ignored, problems = _paths(inputs)
    twice = sorted(str(path) for path, count in Counter(paths).items() if count > 1)
    problems += [
        Problem(path, "it is named twice.", "Its cases would be screened twice.", "Name it once.")
        for path in twice
    ]
    sources: list[Source] = []
    try:
        if not problems:
            names = short_names(map(str, paths))
            sources = list(_grouped([(names[str(path)], _kind(path), path) for path in paths]))
    except OSError as error:
        problems.append(_unreadable(str(error.filename), error))
    if not problems and not sources:
        endings = ", ".join(ENDINGS)
        problems.append(
            Problem("", "there is nothing to screen.", "", f"Files ending in {endings} are read.")
        )
    if problems:
        raise UsageError(problems)
    return Inputs(tuple(sources), tuple(ignored))


def _unreadable(where: str, error: OSError) -> Problem:
    what = f"it cannot be read: {error.strerror or 'unknown reason'}."
    return Problem(where, what, "", "Check its name and that you may read it.")


def _paths(inputs: Iterable[Path]) -> tuple[list[Path], list[str], list[Problem]]:
    paths: list[Path] = []
    ignored: list[str] = []
    problems: list[Problem] = []
    for given in inputs:
        if given.is_dir():
            files = sorted(p for p in given.rglob("*") if p.is_file() and not _hidden(p, given))
            known = [path for path in files if path.suffix.lower() in ENDINGS]
            ignored += [str(path) for path in files if path not in set(known)]
            paths += known
        elif not given.exists():
            problems.append(Problem(str(given), "there is no such file.", "", "Check its name."))
        elif given.suffix.lower() not in ENDINGS:
            todo = f"Files ending in {', '.join(ENDINGS)} are read."
            problems.append(Problem(str(given), "this kind of file is not read.", "", todo))
        else:
            paths.append(given)
    return paths, ignored, problems


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(root).parts)


def _kind(path: Path) -> Kind:
    return ENDINGS[path.suffix.lower()]


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Give each file its short name, or its path where two have the same."""
    short = {path: PurePath(path).name for path in paths}
    often = Counter(short.values())
    return {path: name if often[name] == 1 else path for path, name in short.items()}


def _grouped(named: list[tuple[str, Kind, Path]]) -> Iterator[Source]:
    """Make one source of each table, and one of case files that follow each other."""
    cases: list[File] = []
    for name, kind, path in named:
        if kind == "cases":
            cases.append(_file(path))
            continue
        if cases:
            yield _cases(cases)
            cases = []
        yield _table(name, kind, _file(path))
    if cases:
        yield _cases(cases)


def _cases(files: list[File]) -> Source:
    return Source("case files", "cases", tuple(files), len(files))


def _table(name: str, kind: Kind, file: File) -> Source:
    rows = max(0, file.lines - (kind == "csv"))
    if kind == "xlsx":
        rows = _sheet_rows(file.path)
    elif kind == "parquet":
        try:
            rows = pl.scan_parquet(file.path, glob=False).select(pl.len()).collect().item()
        except pl.exceptions.PolarsError:
            what = "this is not a Parquet file that can be read."
            raise UsageError(Problem(str(file.path), what, "", "Write it anew.")) from None
    return Source(name, kind, (file,), rows)


def _sheet_rows(path: Path) -> int:
    """Count the rows of the first sheet; one that cannot be read is refused when it is its turn."""
    import python_calamine as calamine

    try:
        sheet = calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (calamine.CalamineError, OSError, ValueError, IndexError):
        return 0
    return max(0, int(sheet.total_height) - 1)


def _file(path: Path) -> File:
    digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            lines += block.count(b"\n")
            last = block[-1:]
    return File(path, f"sha256:{digest.hexdigest()}", size, lines + (last != b"\n"))
