"""The rows of a case: what ``record.said`` has of each leg, as columns made of gates.

Two rows a case, left before right. ``docs/cohort_columns.md`` says what each column means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from screening.cohort.circuit import Bits, Numbers
from screening.cohort.waiting import Waiting
from screening.inference.meaning import Walk
from screening.intake.vocabulary import SIDES, without_side
from screening.record.said import (
    STATEMENTS,
    Choice,
    NameSet,
    Sayings,
    Stated,
    Truth,
    blocking,
)
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form
from screening.rulebase.kinds.kind_file import DerivedFile


@dataclass(frozen=True)
class Key:
    """What each bit of a bit column means, in the order of the bits."""

    fired: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    warnings: tuple[str, ...]
    blocked_by: tuple[str, ...]

    def of(self, name: str) -> tuple[str, ...]:
        """Give the meanings of the bits of one kind."""
        found: tuple[str, ...] = getattr(self, name)
        return found


@lru_cache(maxsize=8)
def key(base: RuleBase) -> Key:
    """Give the key of all bit columns of a rule base."""
    return Key(
        tuple(base.rule_texts),
        tuple(dict.fromkeys(without_side(path)[1] for path in verdict_paths(base))),
        tuple(
            f"{file.id.removeprefix('flag.')}.{tier}" for file in base.flags for tier in file.levels
        ),
        tuple(_warning_paths(base)),
        tuple(dict.fromkeys(name for names in blockers(base).values() for name in names)),
    )


def blockers(base: RuleBase) -> dict[str, tuple[str, ...]]:
    """Give for each advice what can block it: flags, gates and findings, by their names."""
    return {
        advice: tuple(dict.fromkeys(name for name, _ in found))
        for (side, advice), found in blocking(base).items()
        if side == SIDES[0]
    }


def verdicts(form: Form, side: str) -> list[str]:
    """Give the conclusions on which the verdict of a leg rests."""
    of_leg = f"{side}.verdict."
    return [name for name in form.conclusions if name.startswith(of_leg)]


def verdict_paths(base: RuleBase) -> tuple[str, ...]:
    """Give every path on which a verdict rests, of the person and of both legs."""
    form = base.form
    below = form.rests_on(name for side in SIDES for name in verdicts(form, side))
    return tuple(dict.fromkeys(form.recorded[n].path for n in form.recorded if n in below))


def _warning_paths(base: RuleBase) -> Iterator[str]:
    vocabulary = base.vocabulary
    yield from vocabulary.entries
    for file in base.files.values():
        if isinstance(file, DerivedFile) and (file.word_titles or file.doubtful):
            yield file.id


Column = Stated[Bits]
"""What a column is made of: what is said, in gates."""


Legs = Mapping[str, Mapping[str, Column]]
"""The columns of each leg, by their names."""


def gates_of(column: Column) -> Iterator[Bits | Numbers]:
    """Give everything that a column is made of."""
    if isinstance(column, Choice):
        yield from column.words.values()
    elif isinstance(column, NameSet):
        yield from column.names.values()
    else:
        yield column.holds if isinstance(column, Truth) else column.number
        yield column.exists


class Rows:
    """Lays the columns of both legs out."""

    def __init__(
        self,
        base: RuleBase,
        walk: Walk[Bits],
        doubts: Mapping[tuple[str, str], Bits],
    ) -> None:
        """Take a walk, and what intake found doubtful: of a path, of a kind."""
        self.base, self.form, self.key = base, base.form, key(base)
        self.walk, self.said = walk, Sayings(base, walk)
        self._all, self._any = self.said.all, self.said.any
        self._doubts = [(path, holds) for (path, _), holds in doubts.items()]

    def columns(self, only_decisions: bool = False) -> dict[str, dict[str, Column]]:
        """Give the columns of each leg."""
        legs: dict[str, dict[str, Column]] = {
            side: {name: self.said.of(each, side) for name, each in STATEMENTS.items()}
            for side in SIDES
        }
        if not only_decisions:
            self._doubts += self.said.doubts()
            for side, leg in legs.items():
                leg |= self._advice(side) | self._scores(side) | self._names(side)
        return legs

    def _advice(self, side: str) -> dict[str, Column]:
        return {
            f"advice.{ladder.advice}": status
            for ladder, status in self.said.advice()
            if ladder.side == side
        }

    def _scores(self, side: str) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for score, low, high in self.said.scores():
            at, id = without_side(score.name)
            if at in (side, None):
                found |= {f"score.{id}.low": low, f"score.{id}.high": high}
        return found

    # -- names --------------------------------------------------------------------------------

    def _names(self, side: str) -> dict[str, Column]:
        found = {
            "fired": self._named(self.key.fired, self._fired(side)),
            "missing": self._named(self.key.missing, self._missing(side)),
            "warnings": self._named(self.key.warnings, self._warnings(side)),
            "blocked_by": self._named(self.key.blocked_by, self._blocked_by(side)),
        }
        return dict(found)

    def _named(self, names: tuple[str, ...], found: Iterable[tuple[str, Bits]]) -> NameSet[Bits]:
        """Give a set of names: each is in it where any of its Booleans holds."""
        holds: dict[str, list[Bits]] = {name: [] for name in names}
        for name, bits in found:
            holds[name].append(bits)
        return NameSet({name: self._any(bits) for name, bits in holds.items()})

    def _fired(self, side: str) -> Iterator[tuple[str, Bits]]:
        for _, rule, fired in self.said.fired():
            if rule.side in (side, None):
                yield rule.id, fired

    def _missing(self, side: str) -> Iterator[tuple[str, Bits]]:
        # Of the instruments of a band all are named, where a record names the one that takes least.
        waiting = Waiting(self.walk, self.base.vocabulary)
        for path, waits in waiting.waits_for(verdicts(self.form, side)):
            yield without_side(path)[1], self._all([waits, self.said.judged(side)])

    def _warnings(self, side: str) -> Iterator[tuple[str, Bits]]:
        for path, holds in self._doubts:
            at, bare = without_side(path)
            if at in (side, None):
                yield bare, holds

    def _blocked_by(self, side: str) -> Iterator[tuple[str, Bits]]:
        for ladder in self.form.ladders:
            if ladder.advice is not None and ladder.side == side:
                exists = self.said.exists(ladder)
                for name, blocks in self.said.blockers(ladder):
                    yield name, self._all([exists, blocks])
