"""The plan of families: every step that the entries of a vocabulary ask for, laid out once.

A sweep answers findings, a number implies one, signs open their gate, a gate that is absent closes
its signs: which does what to which is said by the entries alone, before any case is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from screening.algebra import NumberComparison
from screening.intake.vocabulary import PRESENT, Entry, Vocabulary, without_side

Limits = tuple[tuple[NumberComparison, int], ...]
"""What a number must pass, in hundredths."""


class Recording(NamedTuple):
    """How the operands of a path are recorded."""

    path: str
    entry: Entry
    chosen: tuple[tuple[str, tuple[str, ...]], ...]
    """Operands that are present if one of some words was answered; empty: as it was answered."""


class Swept(NamedTuple):
    """One finding that a sweep answers."""

    target: str
    answer: str
    names: tuple[str, ...]


class Implied(NamedTuple):
    """A finding that a number can answer present."""

    name: str
    path: str
    limits: Limits


class Sign(NamedTuple):
    """A detail that makes its owner present, as a word or as a number past its limits."""

    name: str
    limits: Limits
    of_leg: bool


class Opening(NamedTuple):
    """A gate or summary that signs make present."""

    owner: str
    name: str
    signs: tuple[Sign, ...]
    elsewhere: tuple[str, ...]
    """The same owner on the other leg: answered there, a sign of the person opens no second leg."""


class Closing(NamedTuple):
    """A gate or summary that, absent, answers its signs: each with the operands it waits for."""

    owner: str
    names: tuple[str, ...]
    signs: tuple[tuple[str, str | None], ...]
    """A sign and the operand that answers it; None: all of them must be absent."""


class FamilyPlan(NamedTuple):
    """Every step of the walk, in order."""

    recorded: tuple[Recording, ...]
    mirrored: tuple[tuple[str, str], ...]
    asked_once: tuple[tuple[str, str], ...]
    sweeps: tuple[tuple[str, tuple[str, ...], tuple[Swept, ...]], ...]
    implied: tuple[Implied, ...]
    openings: tuple[Opening, ...]
    closings: tuple[Closing, ...]
    summaries: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=16)
def plan_of(vocabulary: Vocabulary) -> FamilyPlan:
    """Give the plan of a vocabulary."""
    return _Planner(vocabulary).plan()


class _Planner:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary, self.entries = vocabulary, vocabulary.entries

    def plan(self) -> FamilyPlan:
        owners = list(self.vocabulary.owners.items())
        return FamilyPlan(
            tuple(
                self._recording(path)
                for path in self.vocabulary.all_paths
                if self.vocabulary[path].type not in ("text", "date", "sweep")
            ),
            tuple(
                (left, right)
                for bare, entry in self.entries.items()
                if entry.mirrored
                for left, right in [self.vocabulary.paths(bare)]
            ),
            self.vocabulary.asked_once,
            tuple(
                (path, self.vocabulary[path].needs, tuple(self._swept(path)))
                for path in self.vocabulary.all_paths
                if self.vocabulary[path].type == "sweep"
            ),
            tuple(self._implied()),
            tuple(each for owner, details in owners for each in self._openings(owner, details)),
            tuple(self._closing(owner, details) for owner, details in reversed(owners)),
            tuple(each for owner, details in owners for each in self._summaries(owner, details)),
        )

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _recording(self, path: str) -> Recording:
        entry = self.vocabulary[path]
        chosen: list[tuple[str, tuple[str, ...]]] = []
        if entry.type == "list":
            chosen = [(f"{path}.{word}", (word,)) for word in entry.words]
        elif entry.type == "gate":
            for name in self._names(path):
                side, _ = without_side(name)
                # "unsure" counts as present; "left" is present on the left and absent on the right.
                chosen.append((name, (PRESENT, "unsure", *([side] if side else []))))
        return Recording(path, entry, tuple(chosen))

    def _swept(self, path: str) -> Iterator[Swept]:
        side, _ = without_side(path)
        for bare, answer in self.vocabulary[path].answers.items():
            target = f"{side}.{bare}" if side else bare
            yield Swept(target, answer, (target,) if side else self._names(bare))

    def _limits(self, limits: dict[NumberComparison, str]) -> Limits:
        thresholds = self.vocabulary.thresholds
        return tuple((how, thresholds[name].value) for how, name in limits.items())

    def _implied(self) -> Iterator[Implied]:
        for bare, entry in self.entries.items():
            for target, limits in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    yield Implied(
                        f"{side}.{target}" if side else target, path, self._limits(limits)
                    )

    def _details(self, detail: str, side: str | None) -> Iterator[tuple[str, bool]]:
        """Give the operands of a detail that count for an owner on a side (None: all)."""
        for name, _ in self.vocabulary.operands(detail):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name, at is not None

    def _openings(self, owner: str, details: tuple[str, ...]) -> Iterator[Opening]:
        names = self._names(owner)
        for name in names:
            side, _ = without_side(name)
            signs = [
                Sign(sign, self._limits(entry.positive), of_leg)
                for detail in details
                if not (entry := self.entries[detail]).circumstance
                and (entry.type != "number" or entry.positive)
                for sign, of_leg in self._details(detail, side)
            ]
            elsewhere = tuple(each for each in names if each != name) if side else ()
            yield Opening(owner, name, tuple(signs), elsewhere)

    def _closing(self, owner: str, details: tuple[str, ...]) -> Closing:
        names = self._names(owner)
        signs: dict[str, str | None] = {}
        for name in names:
            side, _ = without_side(name)
            for detail in details:
                entry = self.entries[detail]
                # A number is never answered: the gate, a premise of every rule that would read
                # it, is absent already.
                if not entry.circumstance and entry.type in ("yes_no", "list"):
                    for sign, of_leg in self._details(detail, side):
                        signs.setdefault(sign, None if side and not of_leg else name)
        return Closing(owner, names, tuple(signs.items()))

    def _summaries(
        self, owner: str, details: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if owner not in self.vocabulary.gates:
            for name in self._names(owner):
                side, _ = without_side(name)
                signs = [sign for detail in details for sign, _ in self._details(detail, side)]
                yield name, tuple(signs)
