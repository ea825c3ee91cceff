"""Which tables can be read and headed at all, told before anything is screened or written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from screening.batch.inputs import tables
from screening.batch.inputs.folder import Aside
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import Inputs, Source
from screening.errors import Problem, UsageError
from screening.safe import shortened

_READ = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Null)


def readable(inputs: Inputs, columns: Columns) -> Inputs:
    """Give the inputs without the tables of a folder that cannot be read; those are set aside.

    Raises:
        UsageError: for tables that were named and cannot be read, for columns that are no findings,
            and if nothing is left.

    """
    kept: list[tuple[Source, list[str]]] = []
    aside: list[Aside] = []
    problems: list[Problem] = []
    for source in inputs.sources:
        found = _head(source, columns)
        if isinstance(found, list):
            kept.append((source, found))
        elif source.named:
            problems.append(found)
        else:
            aside.append(Aside(str(source.path), found.what))
    if not problems:
        problems = list(_no_findings(kept, columns))
    if not (problems or kept):
        problems = [each.problem for each in aside]
    if problems:
        raise UsageError(problems)
    return replace(
        inputs, sources=tuple(source for source, _ in kept), set_aside=(*inputs.set_aside, *aside)
    )


def _head(source: Source, columns: Columns) -> list[str] | Problem:
    """Give the names of the columns of a table, or say why it cannot be read."""
    if source.kind == "cases":
        return []
    try:
        head = tables.headed(source, columns.vocabulary, columns.names)
    except UsageError as error:
        return error.problems[0]
    except OSError as error:
        return Problem(str(source.path), f"it cannot be read: {error.strerror}.")
    ignored = columns.ignored(head.names())
    for name, kind in head.items():
        if name not in ignored and not _is_read(kind):
            what = f'the column "{shortened(name)}" holds {kind.base_type()}, as no finding does.'
            todo = "Write it as text or numbers, or leave it out with --map."
            return Problem(str(source.path), what, "", todo)
    return head.names()


def _is_read(kind: pl.DataType) -> bool:
    return kind.is_numeric() or isinstance(kind, _READ) or kind == pl.List(pl.String)


def _no_findings(heads: list[tuple[Source, list[str]]], columns: Columns) -> Iterator[Problem]:
    for source, names in heads:
        try:
            columns.check(names, source.name)
        except UsageError as error:
            yield from error.problems
