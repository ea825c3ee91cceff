"""The one form that every reading starts from.

Loading has resolved sides, ``either``/``both``/``other``, bands, items and gates, so a reading
knows none of them: it sees operands, premises of (operand, comparison, value), rules, strata and
ladders. Every name is ground (``left.ankle.restricted``). Numbers are hundredths.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from screening.algebra import NumberComparison

if TYPE_CHECKING:
    from screening.rulebase.kinds.kind import Derived

Comparison = NumberComparison | Literal["one_of", "unknown", "set_aside"]

TRUE, FALSE = "true", "false"
"""The two words of a conclusion, so that ``is true`` is a comparison like any other."""


class Premise(NamedTuple):
    """One comparison: a number with a threshold, or a word with the words that satisfy it.

    ``unknown`` and ``set_aside`` are plain Booleans about what is known; only ladders use them.
    """

    operand: str
    comparison: Comparison
    value: int | tuple[str, ...] = ()
    threshold: str | None = None

    @property
    def number(self) -> int:
        """The threshold of a number comparison."""
        assert isinstance(self.value, int)
        return self.value

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a word comparison."""
        assert isinstance(self.value, tuple)
        return self.value


Line = tuple[Premise, ...]
"""Premises that must all hold."""


class Recorded(NamedTuple):
    """An operand that a case can record: a number (``words`` is empty) or a word."""

    name: str
    path: str
    """The path of the case that records it (a list finding records one operand per word)."""
    words: tuple[str, ...] = ()
    ordered: bool = False
    limits: tuple[int, int] | None = None
    mdc: int | None = None


class Rule(NamedTuple):
    """Premises that must all hold, and one conclusion; ``name`` is the id with its side."""

    id: str
    name: str
    side: str | None
    concludes: str
    premises: Line


class Conclusion(NamedTuple):
    """What may follow; it holds when any of its rules holds.

    ``exists`` are the premises that must hold for it to be listed at all.
    """

    name: str
    id: str
    side: str | None
    rules: tuple[Rule, ...]
    exists: Line = ()


class Row(NamedTuple):
    """One row of a ladder: it is established when any line holds; no line takes the rest."""

    word: str
    reason: str | None
    lines: tuple[Line, ...] | None


class Ladder(NamedTuple):
    """A decision: the first row that is established wins."""

    name: str
    id: str
    side: str | None
    rows: tuple[Row, ...]
    exists: Line = ()
    advice: str | None = None


@dataclass(frozen=True)
class Form:
    """Everything a reading needs, in the order in which it can be worked out."""

    recorded: dict[str, Recorded]
    derived: tuple[Derived, ...]
    strata: tuple[tuple[Conclusion, ...], ...]
    ladders: tuple[Ladder, ...]

    @cached_property
    def conclusions(self) -> dict[str, Conclusion]:
        """All conclusions by name, in the order of their strata."""
        return {found.name: found for stratum in self.strata for found in stratum}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """All rules by name."""
        return {rule.name: rule for found in self.conclusions.values() for rule in found.rules}

    @cached_property
    def derived_by_name(self) -> dict[str, Derived]:
        """All derived findings by name."""
        return {derived.name: derived for derived in self.derived}

    @cached_property
    def measured(self) -> tuple[Recorded, ...]:
        """The operands that are read with a known measurement error."""
        return tuple(operand for operand in self.recorded.values() if operand.mdc is not None)

    @cached_property
    def bands(self) -> tuple[Derived, ...]:
        """The derived findings that alternative instruments give."""
        return tuple(derived for derived in self.derived if derived.instruments)

    @cached_property
    def ladders_by_name(self) -> dict[str, Ladder]:
        """All ladders by name."""
        return {ladder.name: ladder for ladder in self.ladders}

    @cached_property
    def ladder_levels(self) -> tuple[tuple[Ladder, ...], ...]:
        """All ladders; those that read the words of others come in a later level than these."""
        level: dict[str, int] = {}

        def visit(name: str) -> int:
            if name not in level:
                below = [visit(each) for each in self._reads(name) if each in self.ladders_by_name]
                level[name] = max(below, default=-1) + 1
            return level[name]

        by_level: dict[int, list[Ladder]] = {}
        for ladder in self.ladders:
            by_level.setdefault(visit(ladder.name), []).append(ladder)
        return tuple(tuple(by_level[each]) for each in sorted(by_level))

    @cached_property
    def existing(self) -> dict[str, Line]:
        """The premises under which a conclusion, ladder or score exists, where it has any."""
        parts: list[Conclusion | Ladder | Derived] = [*self.conclusions.values(), *self.ladders]
        parts += self.derived
        return {part.name: part.exists for part in parts if part.exists}

    @cached_property
    def _readers(self) -> dict[str, frozenset[str]]:
        """Every derived finding, conclusion and ladder by each name that it reads directly."""
        found: dict[str, set[str]] = {}
        for derived in self.derived:
            for name in derived.operands:
                found.setdefault(name, set()).add(derived.name)
        for conclusion in self.conclusions.values():
            for rule in conclusion.rules:
                for premise in rule.premises:
                    found.setdefault(premise.operand, set()).add(conclusion.name)
        for ladder in self.ladders:
            for premise in (p for row in ladder.rows for line in row.lines or () for p in line):
                found.setdefault(premise.operand, set()).add(ladder.name)
        return {name: frozenset(readers) for name, readers in found.items()}

    @cached_property
    def _all_readers(self) -> dict[str, frozenset[str]]:
        return {}

    def readers_of(self, operand: str) -> frozenset[str]:
        """Give everything that rests on an operand, directly or not; what was asked is kept."""
        known = self._all_readers.get(operand)
        if known is None:
            known = self._all_readers[operand] = self._reached_from(operand)
        return known

    def _reached_from(self, operand: str) -> frozenset[str]:
        found: set[str] = set()
        ahead = [operand]
        while ahead:
            new = self._readers.get(ahead.pop(), frozenset()) - found
            found |= new
            ahead.extend(new)
        return frozenset(found)

    def rests_on(self, names: Iterable[str]) -> frozenset[str]:
        """Give everything that some conclusions, ladders or derived findings rest on, and they."""
        found: set[str] = set()
        ahead = list(names)
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead.extend(self._reads(name))
        return frozenset(found)

    def limits_of(self, name: str) -> tuple[int, int]:
        """Give the lowest and the highest value that a number, or the place of a word, can have."""
        if name in self.derived_by_name:
            return self.derived_by_name[name].limits(self)
        recorded = self.recorded[name]
        if recorded.words:
            return 0, 100 * (len(recorded.words) - 1)
        return recorded.limits or (-(10**6), 10**6)

    def _reads(self, name: str) -> tuple[str, ...]:
        if name in self.derived_by_name:
            return self.derived_by_name[name].operands
        if name in self.conclusions:
            lines = [rule.premises for rule in self.conclusions[name].rules]
        elif name in self.ladders_by_name:
            lines = [line for row in self.ladders_by_name[name].rows for line in row.lines or ()]
        else:
            lines = []
        return tuple(premise.operand for line in lines for premise in line)
