"""What an answer can change: its own operands, and those that sweeps and families answer with it.

It follows ``screening.intake.findings`` edge by edge and says too much rather than too little:
an operand that it does not name reads the same whatever is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.inference.infer import Inferred
from screening.inference.possible import Alternatives
from screening.intake.findings import Reading
from screening.intake.vocabulary import ABSENT, PRESENT, SIDES, other, without_side

_NOT_PRESENT: Alternatives = frozenset({frozenset({ABSENT}), None})
_ANY: Alternatives = _NOT_PRESENT | {frozenset({PRESENT})}

Influenced = dict[str, Alternatives]
"""The operands that could read differently, each with what it could read."""


class Influence:
    """Says for one case what a different answer to a path could change."""

    def __init__(self, inferred: Inferred, cone: frozenset[str]) -> None:
        """Look at one case, and at what it can change of ``cone``."""
        self._cone = cone
        self._form = inferred.form
        self._vocabulary = inferred.base.vocabulary
        self._findings = inferred.findings
        self._known: dict[str, Influenced] = {}

    def of(self, path: str) -> Influenced:
        """Give what a different answer to one path could change."""
        if path not in self._known:
            spread = self._spread(path)
            self._known[path] = {name: spread[name] for name in spread if name in self._cone}
        return self._known[path]

    def of_all(self, paths: Iterable[str]) -> Influenced:
        """Give what different answers to some paths could change together."""
        found: Influenced = {}
        for path in paths:
            for name, alternatives in self.of(path).items():
                found[name] = found[name] | alternatives if name in found else alternatives
        return found

    def _spread(self, path: str) -> Influenced:
        found: Influenced = {}
        ahead = list(self._own(path))
        while ahead:
            name, alternatives = ahead.pop()
            before = found.get(name, frozenset())
            if alternatives <= before:
                continue
            found[name] = before | alternatives
            ahead.extend(self._onward(name))
        return found

    def _recorded(self, name: str) -> bool:
        origin = self._findings.origins.get(name)
        return origin is not None and origin[0] == "recorded"

    def _own(self, path: str) -> Iterator[tuple[str, Alternatives]]:
        side, bare = without_side(path)
        entry = self._vocabulary[path]
        if entry.type == "sweep":
            for target in entry.answers:
                for name in self._names(target, side):
                    if not self._recorded(name):
                        yield name, _ANY
            return
        for name in self._names(bare, side):
            yield name, frozenset(self._readings(name))

    def _names(self, bare: str, side: str | None) -> Iterator[str]:
        """Give the operands of an entry that belong to a side or to the person (None: all)."""
        for name, _ in self._vocabulary.operands(bare):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name

    def _readings(self, name: str) -> Iterator[Reading]:
        operand = self._form.recorded[name]
        if operand.words:
            yield from (frozenset({word}) for word in operand.words)
        else:
            yield self._limits(name)

    def _limits(self, name: str) -> tuple[int, int]:
        return self._form.recorded[name].limits or (-(10**9), 10**9)

    def _onward(self, name: str) -> Iterator[tuple[str, Alternatives]]:
        side, bare = without_side(self._form.recorded[name].path)
        side = without_side(name)[0] or side
        entry = self._vocabulary.entries[bare]
        for owner in entry.family:
            # A sign opens its owner; without it the owner may read as it was answered again.
            yield from ((each, _ANY) for each in self._names(owner, side))
        for detail in self._vocabulary.owners.get(bare, ()):
            for sign in self._names(detail, side):
                if not self._recorded(sign) and self._form.recorded[sign].words:
                    yield sign, _NOT_PRESENT
        for target in entry.implies:
            for implied in self._names(target, side):
                if not self._recorded(implied):
                    yield implied, _ANY
        for pair in self._vocabulary.asked_once:
            for there in pair:
                if name in pair and there != name and not self._recorded(there):
                    yield there, _ANY
        if entry.mirrored and side in SIDES:
            there = f"{other(side)}.{bare}"
            if not self._recorded(there):
                low, high = self._limits(name)
                yield there, frozenset({(-high, -low), None})
