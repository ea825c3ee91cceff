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
    kept: list[Source] = []
    aside: list[Aside] = []
    problems: list[Problem] = []
    for source in inputs.sources:
        wrong = _wrong(source, columns)
        if wrong is None:
            kept.append(source)
        elif source.named:
            problems.append(wrong)
        else:
            aside.append(Aside(str(source.path), wrong.what))
    if not problems:
        problems = list(_no_findings(kept, columns))
    if not (problems or kept):
        problems = [each.problem for each in aside]
    if problems:
        raise UsageError(problems)
    return replace(inputs, sources=tuple(kept), set_aside=(*inputs.set_aside, *aside))


def _wrong(source: Source, columns: Columns) -> Problem | None:
    """Say why a table cannot be read, if it cannot."""
    if source.kind == "cases":
        return None
    try:
        head = _head(source, columns)
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
    return None


def _head(source: Source, columns: Columns) -> pl.Schema:
    return tables.headed(source, columns.vocabulary, columns.names)


def _is_read(kind: pl.DataType) -> bool:
    return kind.is_numeric() or isinstance(kind, _READ) or kind == pl.List(pl.String)


def _no_findings(sources: list[Source], columns: Columns) -> Iterator[Problem]:
    for source in sources:
        if source.kind != "cases":
            try:
                columns.check(_head(source, columns).names(), source.name)
            except UsageError as error:
                yield from error.problems
