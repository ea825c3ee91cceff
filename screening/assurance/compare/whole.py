"""The whole comparison: in words, and every decision examined, on as many cores as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.assurance.compare.transitions import Examiner, Found
from screening.assurance.compare.words import in_words
from screening.rulebase.base import RuleBase, load

FEW = 6
"""Up to so many decisions that may change, more processes would cost more than they save."""

Row = dict[str, Any]
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
    found: dict[tuple[str, ...], list[Found]] = {
        group: examiner.examine(group) for group in groups if group not in open_groups
    }
    if count < 2 or len(open_groups) <= FEW:
        worked: Iterator[list[Found]] = map(examiner.examine, open_groups)
        found |= dict(zip(open_groups, _told(worked, len(open_groups), told), strict=True))
    else:
        with _workers(old.root, new.root, seconds, count) as pool:
            worked = pool.map(_examine, open_groups)
            found |= dict(zip(open_groups, _told(worked, len(open_groups), told), strict=True))
    ordered = tuple(each for group in groups for each in found[group])
    return Comparison(old, new, in_words(old, new), ordered)


def _told(worked: Iterator[list[Found]], of: int, told: Told | None) -> Iterator[list[Found]]:
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


def _examine(group: tuple[str, ...]) -> list[Found]:
    assert _examiner is not None
    return _examiner.examine(group)
