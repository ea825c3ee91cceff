"""What would decide a verdict that waits for a finding: one test, or the shortest set of tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screening.algebra import Number
from screening.inference.infer import Inferred
from screening.intake.thresholds import with_unit
from screening.numbers import plain
from screening.record.support import Support, testable
from screening.record.wording import Wording

if TYPE_CHECKING:
    from screening.record.model import Deciding, Outcome

UNDECIDED = "cannot_be_judged"
_STEP = 10
"""Readings are tried a tenth beside each limit."""


@dataclass(frozen=True)
class _Way:
    paths: tuple[str, ...]
    minutes: int


def deciding(side: str, inferred: Inferred, wording: Wording, support: Support) -> Deciding | None:
    """Give the least that would decide the verdict of a leg, or None if nothing missing would."""
    ways = list(_ways(side, inferred, support))
    if not ways:
        return None
    best = min(ways, key=lambda way: (len(way.paths), way.minutes))
    vocabulary = inferred.base.vocabulary
    blocked = [path for path in best.paths if not testable(path, inferred, vocabulary)]
    return {
        "paths": list(best.paths),
        "titles": wording.titles(best.paths),
        "minutes": plain(best.minutes),
        "outcomes": list(_outcomes(best.paths[0], side, inferred)) if len(best.paths) == 1 else [],
        "blocked_by": list(_flags_that_block(blocked, inferred)),
    }


def _ways(side: str, inferred: Inferred, support: Support) -> Iterator[_Way]:
    """Give for each rule of a verdict that may still hold the tests that it waits for."""
    vocabulary = inferred.base.vocabulary
    for conclusion in inferred.form.conclusions.values():
        if conclusion.side != side or not conclusion.id.startswith("verdict."):
            continue
        for rule in conclusion.rules:
            faces = inferred.run.rules[rule.name]
            paths = tuple(dict.fromkeys(support.line(rule.premises)))
            if faces.may and not faces.must and paths:
                yield _Way(paths, sum(vocabulary[path].minutes for path in paths))


def _flags_that_block(paths: list[str], inferred: Inferred) -> Iterator[str]:
    for file in inferred.base.flags:
        for level, found in file.levels.items():
            blocks = inferred.base.blocks.expand(found.blocks)
            if inferred.value(f"{file.id}.{level}") and any(
                path.partition(".")[2] in blocks for path in paths
            ):
                yield file.id.removeprefix("flag.")
                break


def _outcomes(path: str, side: str, inferred: Inferred) -> Iterator[Outcome]:
    """Say at which answers the verdict is settled, in the order of the answers."""
    entry = inferred.base.vocabulary[path]
    if entry.type != "number":
        return
    cuts = sorted(_cuts(path, inferred))
    tried = [(cut, _verdict_at(path, cut, side, inferred)) for cut in cuts]
    if not tried:
        return
    below = _verdict_at(path, cuts[0] - _STEP, side, inferred)
    above = _verdict_at(path, cuts[-1] + _STEP, side, inferred)
    if above != UNDECIDED:
        yield {"answer": f"above {with_unit(cuts[-1], entry.unit)}", "verdict": above}
    if below != UNDECIDED:
        yield {"answer": f"below {with_unit(cuts[0], entry.unit)}", "verdict": below}


def _cuts(path: str, inferred: Inferred) -> set[int]:
    """Give the limits with which the bands of a finding compare it."""
    return {
        premise.number
        for band in inferred.form.bands
        for line in band.lines
        for premise in line
        if premise.operand == path and premise.threshold
    }


def _verdict_at(path: str, value: int, side: str, inferred: Inferred) -> str:
    walk = inferred.walk.again({path: Number(True, value, value)})
    ladder = inferred.form.ladders_by_name[f"{side}.verdict"]
    return ladder.rows[walk.rows(ladder.name).index(True)].word
