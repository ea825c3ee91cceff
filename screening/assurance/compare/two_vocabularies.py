"""The answers of one patient to the questions of two vocabularies.

Where both vocabularies ask the same, there is one answer and both read it. Where the new one says
that a finding ``replaces`` another, there are two answers, and between them holds exactly what the
relation says. Everything else is free: recorded or not, and any value that intake accepts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import z3

from screening.cohort.circuit import FALSE, TRUE, Bits, Circuit, Numbers
from screening.intake.answers import words_of
from screening.intake.replaces import Relation, version
from screening.intake.vocabulary import (
    ABSENT,
    ASKED_WITH,
    PRESENT,
    SIDES,
    Entry,
    Vocabulary,
    other,
    sided,
    without_side,
)

Term = Any
"""A Boolean or a number of the solver."""


@dataclass
class Kind:
    """What can be answered under one name, by every vocabulary that asks it."""

    type: str
    words: tuple[str, ...]
    low: int
    high: int
    usual: tuple[int, int]
    whole: bool


_WIDEST = 10**7


class Patient:
    """The answers of one patient, by the names under which each vocabulary reads them."""

    def __init__(self, old: Vocabulary, new: Vocabulary) -> None:
        """Find which answers both vocabularies share, and which are related."""
        self.old, self.new = old, new
        known = set(old.relations)
        self.relations = [r for r in new.relations if r not in known and r.old in old.entries]
        self.names = {"new": self._new_names(), "old": self._old_names()}
        self.kinds: dict[str, Kind] = {}
        for vocabulary, names in ((old, self.names["old"]), (new, self.names["new"])):
            for path in vocabulary.all_paths:
                self._add(names[path], path, vocabulary)

    # -- names ----------------------------------------------------------------------------------

    def _new_names(self) -> dict[str, str]:
        return {
            path: path if self._shares(without_side(path)[1]) else f"new {path}"
            for path in self.new.all_paths
        }

    def _old_names(self) -> dict[str, str]:
        renamed = {r.old: r.new for r in self.relations if r.kind == "same"}
        found = {}
        for path in self.old.all_paths:
            side, bare = without_side(path)
            now = renamed.get(bare, bare)
            full = f"{side}.{now}" if side else now
            same = now in self.new.entries and self._shares(now)
            found[path] = full if same else f"old {path}"
        return found

    def _shares(self, new: str) -> bool:
        """Tell whether the answer to a finding of the new vocabulary is one of the old as well."""
        relation = next((r for r in self.relations if r.new == new and r.kind == "same"), None)
        kept = any(r.new == new and r.kept for r in self.relations)
        before = self.old.entries.get(relation.old if relation else new)
        return not kept and (before is None or _asks_alike(before, self.new.entries[new]))

    def _add(self, name: str, path: str, vocabulary: Vocabulary) -> None:
        entry, words = vocabulary[path], words_of(path, vocabulary)
        low, high = entry.hard or (-_WIDEST, _WIDEST)
        before = self.kinds.get(name)
        if before is not None:
            words = tuple(dict.fromkeys([*before.words, *words]))
            low, high = max(low, before.low), min(high, before.high)
        whole = entry.whole or (before is not None and before.whole)
        usual = entry.usual or (low, high)
        self.kinds[name] = Kind(entry.type, words, low, high, usual, whole)

    # -- terms ----------------------------------------------------------------------------------

    def given(self, name: str, word: str | None = None) -> Term:
        """Say that an answer was given, or given with a word."""
        return z3.Bool(term_name(name, word))

    def number(self, name: str) -> Term:
        """Give a number in hundredths; it means nothing where none was given."""
        return 100 * z3.Int(name) if self.kinds[name].whole else z3.Int(name)

    @cached_property
    def facts(self) -> list[Term]:
        """What holds of the answers of every patient, whatever they replace."""
        found: list[Term] = []
        for name, kind in self.kinds.items():
            words = [self.given(name, word) for word in kind.words]
            if kind.type == "number":
                found += [self.number(name) >= kind.low, self.number(name) <= kind.high]
            elif kind.type == "list":
                found += [z3.Implies(word, self.given(name)) for word in words]
            elif words:
                found += [z3.AtMost(*words, 1), self.given(name) == z3.Or(words)]
        return found

    # -- relations ------------------------------------------------------------------------------

    @cached_property
    def linked(self) -> tuple[frozenset[str], ...]:
        """The names of answers that hang together because one finding replaces another."""
        found: dict[str, set[str]] = {}
        for relation in self.relations:
            names = found.setdefault(relation.old, set())
            names.update(self.names["old"][path] for path in self.old.paths(relation.old))
            names.update(self.names["new"][path] for path in self.new.paths(relation.new))
        return tuple(frozenset(names) for names in found.values())

    def related(self, circuit: Circuit) -> Bits:
        """Say that old and new answers fit together, exactly as the relations have it."""
        return circuit.all(self._related(circuit))

    def _related(self, circuit: Circuit) -> Iterator[Bits]:
        split: dict[str, list[str]] = {}
        for relation in self.relations:
            if relation.kind == "split":
                split.setdefault(relation.old, []).append(relation.new)
            elif relation.kind in ("narrower", "wider"):
                for side in self._sides(relation.old, relation.new):
                    yield from self._changed(circuit, relation, side)
        for old, parts in split.items():
            for side in self._sides(old, *parts):
                present = [self._says(circuit, "new", part, side, PRESENT) for part in parts]
                absent = [self._says(circuit, "new", part, side, ABSENT) for part in parts]
                was = self._says(circuit, "old", old, side, PRESENT)
                yield from _same(circuit, was, circuit.any(present))
                was_not = self._says(circuit, "old", old, side, ABSENT)
                yield from _same(circuit, was_not, circuit.all(absent))

    def _changed(self, circuit: Circuit, relation: Relation, side: str | None) -> Iterator[Bits]:
        def says(which: str, word: str) -> Bits:
            return self._says(circuit, which, getattr(relation, which), side, word)

        if relation.kind == "wider":
            yield _implies(circuit, says("old", PRESENT), says("new", PRESENT))
        else:
            yield _implies(circuit, says("new", PRESENT), says("old", PRESENT))
            yield _implies(circuit, says("old", ABSENT), says("new", ABSENT))

    def _sides(self, old: str, *new: str) -> tuple[str | None, ...]:
        of_leg = [_of_leg(old, self.old), *(_of_leg(each, self.new) for each in new)]
        return SIDES if any(of_leg) else (None,)

    def _says(self, circuit: Circuit, which: str, bare: str, side: str | None, word: str) -> Bits:
        """Say that a finding was answered present or absent (of a leg, where it has one)."""
        vocabulary = self.old if which == "old" else self.new
        path = sided(bare)[SIDES.index(side)] if side and _is_leg(bare, vocabulary) else bare
        name = self.names[which][path]
        if vocabulary.entries[bare].type != "gate":
            return circuit.given(name, word)
        words = [PRESENT, "unsure"] if word == PRESENT else [ABSENT]
        if bare in vocabulary.leg_gates:
            legs = SIDES if side is None else (side,)
            words += [leg if word == PRESENT else other(leg) for leg in legs]
        return circuit.any(circuit.given(name, each) for each in words)


def term_name(name: str, word: str | None = None) -> str:
    """Give how the solver calls that an answer was given, or given with a word."""
    return name if word is None else f"{name} = {word}"


def _implies(circuit: Circuit, one: Bits, another: Bits) -> Bits:
    return circuit.any([circuit.swap(one), another])


def _same(circuit: Circuit, one: Bits, another: Bits) -> Iterator[Bits]:
    yield _implies(circuit, one, another)
    yield _implies(circuit, another, one)


def _asks_alike(old: Entry, new: Entry) -> bool:
    return (old.type, old.of, old.unit) == (new.type, new.of, new.unit)


def _is_leg(bare: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.entries[bare].of == "leg"


def _of_leg(bare: str, vocabulary: Vocabulary) -> bool:
    return _is_leg(bare, vocabulary) or bare in vocabulary.leg_gates


class Asked(Circuit):
    """A circuit that reads the answers of a patient as one vocabulary names them."""

    def __init__(
        self, circuit: Circuit, names: dict[str, str], asked_with: tuple[int, int]
    ) -> None:
        """Write into another circuit.

        Args:
            circuit: where the gates are kept.
            names: the name of the answer to each path.
            asked_with: the version whose questions were asked.

        """
        self.gates, self._places = circuit.gates, circuit._places
        self._names, self._asked_with = names, asked_with

    def given(self, name: str, word: str | None = None) -> Bits:
        """Tell whether a finding was given, or given with a word."""
        if name == ASKED_WITH and word is not None:
            return TRUE if version(word) <= self._asked_with else FALSE
        return super().given(self._names[name], word)

    def number(self, name: str) -> Numbers:
        """Give the number of a finding."""
        return super().number(self._names[name])
