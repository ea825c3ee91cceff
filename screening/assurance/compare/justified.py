"""Whether every way in which a decision got milder has its reason, and no reason is left over."""

from __future__ import annotations

from collections.abc import Iterator

from screening.assurance.compare.comparison import Comparison
from screening.errors import Problem
from screening.rulebase.base import CHANGES


def reasons_missing(compared: Comparison) -> Iterator[Problem]:
    """Hold the milder changes of a comparison against ``changes.yaml`` of the new rules.

    Both legs of a decision share one reason: it names the decision without its side.
    """
    file = compared.new.changes
    given = {(r.decision, r.before, r.after) for r in file.changes} if file else set()
    milder = {
        (found.decision.removeprefix("left.").removeprefix("right."), found.before, found.after)
        for found in compared.changes
        if found.milder
    }
    for decision, before, after in sorted(milder - given, key=str):
        what = f"{decision}: {before} -> {after} got milder without a reason."
        yield Problem(CHANGES, what, "", "Give one, or change the rules back.")
    for decision, before, after in sorted(given - milder):
        yield Problem(CHANGES, f"{decision}: {before} -> {after} has a reason but cannot happen.")
