"""The whole comparison: in words, and every decision examined, on as many cores as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from screening.assurance.compare.transitions import Examiner, Found, Settled
from screening.assurance.compare.words import in_words
from screening.rulebase.base import RuleBase, load

FEW = 6
"""Up to so many decisions that may change, more processes would cost more than they save."""

Row = dict[str, Any]
Work = Callable[[str, Sequence[Any]], Iterable[Any]]
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Comparison:
    """What a revision changes."""

    old: RuleBase
    new: RuleBase
    words: dict[str, Row]
    found: tuple[Found, ...]

    @property
    def changes(self) -> tuple[Found, ...]:
        """Every way in which a decision can change, milder ones first."""
        changes = (each for each in self.found if each.status == "changes")
        return tuple(sorted(changes, key=lambda each: not each.milder))

    @property
    def unsettled(self) -> tuple[Found, ...]:
        """What was not settled, or not shown by its case."""
        return tuple(f for f in self.found if f.status in ("not_settled", "not_shown"))

    @property
    def same(self) -> bool:
        """Whether no decision of any patient can change."""
        return all(each.status == "cannot_change" for each in self.found)


def compare(
    old: RuleBase,
    new: RuleBase,
    seconds: float = 10.0,
    cores: int | None = None,
    told: Told | None = None,
) -> Comparison:
    """Compare two rule bases over all cases.

    Args:
        old: the rule base before.
        new: the rule base after.
        seconds: after this long a question counts as not settled.
        cores: how many processes may work; None: as many as there are cores.
        told: is called with how many decisions are done, and of how many.

    """
    examiner = Examiner(old, new, seconds)
    groups = examiner.groups()
    # What is plainly the same is known without asking; only the rest is shared out.
    open_groups = [group for group in groups if examiner.may_differ(group)]
    count = min(cores or os.cpu_count() or 1, len(open_groups))
    if count < 2 or len(open_groups) <= FEW:
        found = examine(examiner, groups, told=told)
    else:
        with _workers(old.root, new.root, seconds, count) as pool:
            found = examine(examiner, groups, lambda do, of: pool.map(_do, repeat(do), of), told)
    return Comparison(old, new, in_words(old, new), tuple(found))


def examine(
    examiner: Examiner,
    groups: Sequence[tuple[str, ...]],
    work: Work | None = None,
    told: Told | None = None,
) -> list[Found]:
    """Examine decisions: first the solver, then the circuit, last both rule bases.

    Args:
        examiner: both rule bases, laid out.
        groups: the decisions.
        work: does what the examiner does with each of many; None: here, one after the other.
        told: is called with how many decisions are done, and of how many.

    """
    work = work or (lambda do, each: map(getattr(examiner, do), each))
    open_groups = [group for group in groups if examiner.may_differ(group)]
    plain = {group: examiner.settle(group) for group in groups if group not in open_groups}
    asked = _told(work("settle", open_groups), len(open_groups), told)
    by_group = plain | dict(zip(open_groups, asked, strict=True))
    settled = [each for group in groups for each in by_group[group]]
    screened = work("screen", examiner.smallest(settled))
    shown = {(f.decision, f.before, f.after): f for found in screened for f in found}
    return [found for each in settled for found in examiner.found(each, shown)]


def _told(worked: Iterable[list[Settled]], of: int, told: Told | None) -> Iterator[list[Settled]]:
    for done, found in enumerate(worked, 1):
        if told:
            told(done, of)
        yield found


# -- other processes -------------------------------------------------------------------------------

_examiner: Examiner | None = None


def _workers(old: Path, new: Path, seconds: float, count: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, _start, (old, new, seconds))


def _start(old: Path, new: Path, seconds: float) -> None:
    global _examiner
    _examiner = Examiner(load(old, to_mend=True), load(new, to_mend=True), seconds)


def _do(do: str, each: Any) -> Any:
    assert _examiner is not None
    return getattr(_examiner, do)(each)
