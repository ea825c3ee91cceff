"""The vocabulary: every finding that can be recorded, by its path.

It is data (``rules/vocabulary``). Intake learns from it what to ask, what to refuse and which
findings own others; the rule base learns from it which operands a rule may name.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from screening.algebra import NumberComparison
from screening.errors import did_you_mean
from screening.intake.replaces import FIRST, Relation, Replaces, Version, version
from screening.intake.thresholds import Code, Hundredths, Strict, Threshold

SIDES = ("left", "right")
PRESENT, ABSENT = "present", "absent"
CASE_ID = "case_id"
"""The path that names a case."""
ASKED_WITH = "asked_with"
"""The path that says which version's questions a case was asked."""
VISIT = "visit"
"""The path that tells a re-test from the first examination."""
YES_NO = (PRESENT, ABSENT)
ANSWERED = "answered"
"""Stands for any answer where an entry says when it is asked."""

Position = Literal["talk", "stand", "walk", "couch"]
POSITIONS: tuple[Position, ...] = ("talk", "stand", "walk", "couch")
"""The positions of the patient, in the order of an examination."""

Type = Literal["number", "choice", "yes_no", "list", "text", "date", "gate", "sweep"]


class Norm(Strict):
    """What healthy people read: drawn beside a reading, never compared with it by a rule."""

    low: Hundredths
    mean: Hundredths
    high: Hundredths
    text: str
    references: tuple[str, ...]


class Otherwise(Strict):
    """Other words for a question, while what ``when`` names cannot be done."""

    when: dict[str, Literal["blocked"]]
    """Tests that a flag blocks, or could still block: one that is blocked is enough."""
    question: str


class Entry(Strict):
    """One finding: how it is asked, typed, limited and how a report says it."""

    title: str
    question: str = ""
    brief: str = ""
    """The question in few words, for a form that shows one at a time and the whole on request."""
    otherwise: tuple[Otherwise, ...] = ()
    of: Literal["leg", "person"]
    position: Position = "talk"
    """How the patient is while it is recorded."""
    type: Type
    unit: str = ""
    words: dict[str, str] = {}
    ordered: bool = False
    hard: tuple[Hundredths, Hundredths] | None = None
    usual: tuple[Hundredths, Hundredths] | None = None
    refused_hint: str = ""
    whole: bool = False
    mdc: str | None = None
    norms: tuple[Norm, ...] = ()
    minutes: Hundredths = 0
    equipment: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """The red flags that it leads to: one whose file is gone is missed here."""
    circumstance: bool = False
    positive: dict[NumberComparison, str] = {}
    implies: dict[str, dict[NumberComparison, str]] = {}
    mirrored: bool = False
    same_as: str = ""
    """The finding that asks the same: the answer to one answers the other."""
    present: str = ""
    absent: str = ""
    one_by_one: bool = False
    answers: dict[str, str] = {}
    needs: tuple[str, ...] = ()
    not_after: str = ""
    """Of a date that a sweep needs: the date after which it does not count."""
    heading: str = ""
    """How the head of a report says it: ``{value}``, ``{side}``; empty if it does not."""
    asked_when: dict[str, str | dict[NumberComparison, str]] = {}
    """What an interview must have heard before it asks this (of the same leg): a word, a number
    past a threshold, or any answer (``answered``)."""
    asked_if: tuple[dict[str, str | dict[NumberComparison, str]], ...] = ()
    """One of these is enough for an interview to ask this (of the same leg)."""
    asked_also: tuple[dict[str, str], ...] = ()
    """What makes an interview ask a detail whatever its gate: one of these answers, of any leg."""
    further: bool = False
    """An interview asks it with the further tests only."""
    replaces: Replaces | None = None
    """Which older questions it stands for, and how their answers relate to its own."""
    codes: tuple[Code, ...] = ()
    references: tuple[str, ...] = ()
    note: str = ""

    @property
    def says(self) -> dict[str, str]:
        """The words it can be answered with, each as a report says it."""
        if self.type in ("yes_no", "gate"):
            return {PRESENT: self.present or PRESENT, ABSENT: self.absent or ABSENT}
        return self.words

    def asked(self, blocked: Container[str] = ()) -> str:
        """Say the question, in other words while a test is blocked (paths without a side)."""
        for other_words in self.otherwise:
            if any(test in blocked for test in other_words.when):
                return other_words.question
        return self.question or self.title


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """All entries by path (leg paths without a side), in the order in which they are asked."""

    entries: dict[str, Entry]
    thresholds: dict[str, Threshold]
    rules: Version = FIRST
    """The version of the rules that it belongs to."""

    def __getitem__(self, path: str) -> Entry:
        """Give the entry of a path, with or without its side."""
        return self.entries[without_side(path)[1]]

    def __contains__(self, path: str) -> bool:
        """Tell whether a path, with or without its side, can be recorded."""
        side, bare = without_side(path)
        entry = self.entries.get(bare)
        return entry is not None and (side is not None) == (entry.of == "leg")

    def paths(self, bare: str) -> tuple[str, ...]:
        """Give the full paths of an entry: one for the person, two for the legs."""
        return sided(bare) if self.entries[bare].of == "leg" else (bare,)

    @cached_property
    def all_paths(self) -> tuple[str, ...]:
        """Every path that a case can hold."""
        return tuple(path for bare in self.entries for path in self.paths(bare))

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The paths whose answers head a report."""
        return tuple(path for path in self.all_paths if self[path].heading)

    @cached_property
    def about_the_case(self) -> tuple[str, ...]:
        """Who was examined and when: what stands before the first gate."""
        entries = list(self.entries)
        return tuple(entries[: self.position(self.gates[0])]) if self.gates else ()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {path: position for position, path in enumerate(self.entries)}

    def position(self, path: str) -> int:
        """Give where a path, with or without its side, stands in the order of asking."""
        return self._positions[without_side(path)[1]]

    @cached_property
    def gates(self) -> tuple[str, ...]:
        """The gates, in the order in which they are asked."""
        return tuple(path for path, entry in self.entries.items() if entry.type == "gate")

    @cached_property
    def owners(self) -> dict[str, tuple[str, ...]]:
        """The details of every gate and summary; one that is a detail itself before its owner."""
        found: dict[str, list[str]] = {}
        for path, entry in self.entries.items():
            for owner in entry.family:
                found.setdefault(owner, []).append(path)
        return {owner: tuple(found[owner]) for owner in sorted(found, key=self._height)}

    def _height(self, path: str) -> int:
        """Tell how many owners stand above a finding, as a negative number; of no finding, none.

        A vocabulary that names an owner it lacks is refused, and can still be asked until then.
        """
        owners = self.entries[path].family if path in self.entries else ()
        return min((self._height(owner) - 1 for owner in owners), default=0)

    @cached_property
    def asked_once(self) -> tuple[tuple[str, str], ...]:
        """Pairs of full paths that ask the same."""
        return tuple(
            pair
            for bare, entry in self.entries.items()
            if entry.same_as
            for pair in zip(self.paths(bare), self.paths(entry.same_as), strict=True)
        )

    @cached_property
    def asked_elsewhere(self) -> dict[str, tuple[str, ...]]:
        """The paths that ask the same as a path does."""
        found: dict[str, tuple[str, ...]] = {}
        for one, other_path in self.asked_once:
            found[one] = (*found.get(one, ()), other_path)
            found[other_path] = (*found.get(other_path, ()), one)
        return found

    @cached_property
    def leg_gates(self) -> frozenset[str]:
        """The gates with details of a leg: they are answered for each leg."""
        return frozenset(
            gate
            for gate in self.gates
            if any(self.entries[detail].of == "leg" for detail in self.owners.get(gate, ()))
        )

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """How answers of older vocabularies relate to those of this one."""
        found = [(path, entry.replaces) for path, entry in self.entries.items()]
        return tuple(each for path, replaces in found if replaces for each in replaces.of(path))

    @cached_property
    def widened(self) -> dict[str, str]:
        """The findings that kept their name while they ask for more, and since which version."""
        return {r.new: r.since for r in self.relations if r.kept and r.kind == "wider"}

    def meant(self, path: str, more: Iterable[str] = ()) -> str:
        """Say what an unknown path could be: what replaces it, else the nearest there is.

        Args:
            path: a path that cannot be recorded.
            more: other names that could be meant.

        """
        side, bare = without_side(path)
        new = self.retired.get(bare)
        if new is None:
            return did_you_mean(path, [*self.all_paths, *more])
        named = " and ".join(f'"{side}.{each}"' if side else f'"{each}"' for each in new)
        asked = (self.entries[each].question or self.entries[each].title for each in new)
        todo = "`screening migrate` rewrites older cases and tables."
        return f"It is no longer asked; it is now {named}: {' '.join(asked)} {todo}"

    def outdated(self, asked_with: str | None) -> frozenset[str]:
        """Give the findings that asked for less when a case was asked.

        Args:
            asked_with: the version whose questions were asked; without it, the first.

        """
        asked = version(asked_with) if asked_with else FIRST
        return frozenset(path for path, since in self.widened.items() if version(since) > asked)

    @cached_property
    def asked_now(self) -> Version:
        """The version whose questions these are."""
        return max(self.rules, self.latest)

    def asked_later(self, asked_with: Version) -> bool:
        """Tell whether a case was asked questions whose words may mean something else by then."""
        return asked_with[0] > self.asked_now[0]

    @cached_property
    def latest(self) -> Version:
        """The latest version since which a question stands as it is now."""
        return max((version(relation.since) for relation in self.relations), default=(0, 0))

    @cached_property
    def retired(self) -> dict[str, tuple[str, ...]]:
        """The paths (without side) that are no longer asked, each with those that replace it."""
        found: dict[str, list[str]] = {}
        for relation in self.relations:
            if relation.old not in self.entries:
                found.setdefault(relation.old, []).append(relation.new)
        return {old: tuple(new) for old, new in found.items()}

    @cached_property
    def mdc(self) -> dict[str, int]:
        """The minimal detectable change of every reading that has one, in hundredths."""
        return {
            path: self.thresholds[entry.mdc].value
            for path, entry in self.entries.items()
            if entry.mdc and entry.mdc in self.thresholds
        }

    def operands(self, bare: str) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
        """Give what a rule can read of an entry: full name and words (None for a number).

        A list finding is one yes/no operand for each of its words; a gate with details of a leg
        is an operand of each leg.
        """
        return self._operands[bare]

    @cached_property
    def _operands(self) -> dict[str, tuple[tuple[str, tuple[str, ...] | None], ...]]:
        return {bare: tuple(self._read_of(bare)) for bare in self.entries}

    def _read_of(self, bare: str) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        entry = self.entries[bare]
        each_leg = entry.of == "leg" or bare in self.leg_gates
        for name in sided(bare) if each_leg else (bare,):
            if entry.type == "number":
                yield name, None
            elif entry.type in ("yes_no", "gate"):
                yield name, YES_NO
            elif entry.type == "choice":
                yield name, tuple(entry.words)
            elif entry.type == "list":
                for word in entry.words:
                    yield f"{name}.{word}", YES_NO


def sided(bare: str) -> tuple[str, str]:
    """Give the left and the right path of a leg finding."""
    return f"left.{bare}", f"right.{bare}"


@lru_cache(maxsize=4096)
def without_side(path: str) -> tuple[str | None, str]:
    """Split ``left.ankle.x`` into its side and ``ankle.x``; a person's path has no side."""
    side, _, rest = path.partition(".")
    return (side, rest) if rest and side in SIDES else (None, path)


def other(side: str) -> str:
    """Give the other side."""
    return "right" if side == "left" else "left"
