"""Given cases under both rule bases: how often which decision changes, and which cases show it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from screening.assurance.compare.many import Many
from screening.batch.inputs import case_files, tables
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.older_tables import migrated
from screening.batch.inputs.source_rows import Part
from screening.batch.inputs.sources import Source, find
from screening.batch.store import MANIFEST
from screening.cohort.texts import Truths
from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase

Row = dict[str, object]
PART = 50_000
SHOWN = 5
"""So many cases of each change are named."""

_CASE_ID = "case_id"


def over_cases(old: RuleBase, new: RuleBase, inputs: Iterable[Path]) -> Row:
    """Screen cases by both rule bases and count what changes.

    Args:
        old: the rule base before; the cases are written in its vocabulary.
        new: the rule base after, into whose vocabulary they are migrated.
        inputs: case files, folders, tables or finished runs.

    Returns:
        ``transitions``: by decision and "from>to" how many cases; ``cases``: how many were
        screened and refused, and some of those that show each change.

    Raises:
        UsageError: if an input cannot be read.

    """
    found = _Counts(old, new)
    columns = Columns(old.vocabulary)
    for source in find(_inputs(inputs)).sources:
        for part in _parts(source, old):
            found.add(columns.head(part.frame, source.name).frame, part)
    return found.row()


def _inputs(inputs: Iterable[Path]) -> Iterator[Path]:
    """Give what is to be screened; of a finished run, what it was made from."""
    for path in inputs:
        manifest = path / MANIFEST
        if not manifest.is_file():
            yield path
            continue
        try:
            plan = json.loads(manifest.read_text(encoding="utf-8"))["plan"]
            yield from (Path(file["path"]) for file in plan["inputs"])
        except (ValueError, KeyError, TypeError):
            what = "this is not the manifest of a finished run."
            raise UsageError(Problem(str(manifest), what, "", "Name its cases instead.")) from None


def _parts(source: Source, base: RuleBase) -> Iterator[Part]:
    if source.kind == "cases":
        return case_files.parts(source, base.vocabulary, 1_000, 0)
    return tables.parts(source, base.vocabulary, PART, 0)


class _Counts:
    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        self._old, self._new = Many(old), Many(new)
        self._shared = [name for name in self._old.words if name in self._new.words]
        self._counts: dict[str, Counter[str]] = {}
        self._shown: dict[str, dict[str, list[str]]] = {}
        self._screened = self._refused = 0

    def add(self, frame: pl.DataFrame, part: Part) -> None:
        """Screen one part twice."""
        before, kept_before = self._old.decide(frame)
        after, kept_after = self._new.decide(migrated(frame, self._new.base.vocabulary))
        kept = kept_before & kept_after
        self._screened += int(kept.sum())
        self._refused += part.count - int(kept.sum())
        for name in self._shared:
            words = self._old.words[name], self._new.words[name]
            self._count(name, words, before[name], after[name], kept, frame)

    def _count(
        self,
        name: str,
        words: tuple[tuple[str, ...], tuple[str, ...]],
        before: np.ndarray,
        after: np.ndarray,
        kept: Truths,
        frame: pl.DataFrame,
    ) -> None:
        pairs = before.astype(np.int64) * len(words[1]) + after
        for pair in np.unique(pairs[kept]):
            a, b = words[0][pair // len(words[1])], words[1][pair % len(words[1])]
            if a == b:
                continue
            rows = np.flatnonzero((pairs == pair) & kept)
            change = f"{a}>{b}"
            self._counts.setdefault(name, Counter())[change] += len(rows)
            shown = self._shown.setdefault(name, {}).setdefault(change, [])
            shown += [_id(frame, int(row)) for row in rows[: SHOWN - len(shown)]]

    def row(self) -> Row:
        return {
            "transitions": {name: dict(counts) for name, counts in self._counts.items()},
            "cases": {"screened": self._screened, "refused": self._refused, "shown": self._shown},
        }


def _id(frame: pl.DataFrame, row: int) -> str:
    return str(frame[_CASE_ID][row]) if _CASE_ID in frame.columns else f"row {row + 1}"
