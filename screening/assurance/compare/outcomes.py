"""The decisions of a rule base: what each can say, and which answer is milder than another.

They are laid out once over a walk, so that what the solver is asked of all cases and what is read
from one screened case are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from screening.algebra import Algebra, Faces
from screening.assurance.promises import ADVISED, SUSPENDED
from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Ladder
from screening.rulebase.levels import TIERS, WITHINS

B = TypeVar("B")
Kind = Literal["tier", "within", "verdict", "flag", "advice", "ladder"]

NOT_GIVEN, NOT_LISTED, NO_TIME = "not_given", "not_listed", "no_time"
FLAG_WORDS = ("present", "not_excluded", "absent")
TRIAGE, TIER, WITHIN = "triage", "tier", "within"


@dataclass(frozen=True)
class Decision(Generic[B]):
    """One decision: its name, its kind, when it says what, and what it rests on."""

    name: str
    kind: Kind
    words: dict[str, B]
    rests_on: tuple[str, ...]


def decisions(base: RuleBase, walk: Walk[B], algebra: Algebra[B]) -> dict[str, Decision[B]]:
    """Give every decision of a rule base, in the order in which a committee reads them."""
    found = _Layout(base, walk, algebra)
    return {decision.name: decision for decision in found.all()}


def of_case(inferred: Inferred) -> dict[str, Decision[bool]]:
    """Give every decision of a screened case."""
    algebra = PlainAlgebra(inferred.form, inferred.findings.readings)
    return decisions(inferred.base, inferred.walk, algebra)


def says(decided: Mapping[str, Decision[bool]]) -> dict[str, str]:
    """Give what every decision says of a screened case."""
    return {
        name: next(word for word, holds in decision.words.items() if holds)
        for name, decision in decided.items()
    }


class _Layout(Generic[B]):
    def __init__(self, base: RuleBase, walk: Walk[B], algebra: Algebra[B]) -> None:
        self._base, self._walk, self._algebra = base, walk, algebra

    def all(self) -> Iterator[Decision[B]]:
        ladders = [self._ladder(ladder) for ladder in self._base.form.ladders]
        yield from (each for each in ladders if each.kind == "tier")
        yield self._within()
        yield from self._flags()
        yield from (each for each in ladders if each.kind != "tier")

    def _ladder(self, ladder: Ladder) -> Decision[B]:
        every, some = self._algebra.all, self._algebra.any
        exists = self._walk.line(ladder.exists).must if ladder.exists else self._algebra.true
        found: dict[str, list[B]] = {}
        for row, wins in zip(ladder.rows, self._walk.rows(ladder.name), strict=True):
            word = f"{row.word}: {row.reason}" if row.reason else row.word
            found.setdefault(word, []).append(every([exists, wins]))
        if ladder.exists:
            none = NOT_LISTED if NOT_LISTED in found else NOT_GIVEN
            found.setdefault(none, []).append(self._algebra.swap(exists))
        name = TIER if ladder.name == TRIAGE else ladder.name
        return Decision(name, _kind(ladder), {w: some(b) for w, b in found.items()}, (ladder.name,))

    def _levels(self) -> list[tuple[str, str | None]]:
        return [
            (f"{file.id}.{name}", level.within)
            for file in self._base.flags
            for name, level in file.levels.items()
        ]

    def _within(self) -> Decision[B]:
        """Lay out the shortest time of the flags that are present."""
        every, some, swap = self._algebra.all, self._algebra.any, self._algebra.swap
        words: dict[str, B] = {}
        none_sooner = self._algebra.true
        for within in WITHINS:
            here = some(self._walk.faces(n).must for n, asked in self._levels() if asked == within)
            words[within] = every([none_sooner, here])
            none_sooner = every([none_sooner, swap(here)])
        words[NO_TIME] = none_sooner
        return Decision(WITHIN, "within", words, tuple(name for name, _ in self._levels()))

    def _flags(self) -> Iterator[Decision[B]]:
        for file in self._base.flags:
            for name in (file.id, *(f"{file.id}.{level}" for level in file.levels)):
                yield Decision(name, "flag", self._status(self._walk.faces(name)), (name,))

    def _status(self, faces: Faces[B]) -> dict[str, B]:
        swap = self._algebra.swap
        unknown = self._algebra.all([faces.may, swap(faces.must)])
        return dict(zip(FLAG_WORDS, (faces.must, unknown, swap(faces.may)), strict=True))


def _kind(ladder: Ladder) -> Kind:
    words = [row.word for row in ladder.rows]
    if ladder.name == TRIAGE:
        return "tier"
    if ladder.advice and ADVISED in words:
        return "advice"
    return "verdict" if SUSPENDED in words else "ladder"


_ORDERS: dict[Kind, tuple[str, ...]] = {
    "tier": TIERS,
    "within": (*WITHINS, NO_TIME),
    "flag": FLAG_WORDS,
}
"""What is said from the gravest to the mildest."""


def milder(kind: Kind, before: str, after: str) -> bool:
    """Tell whether a decision got milder.

    A lower tier; a longer time; a flag from present to not excluded or absent, or from not
    excluded to absent; advice from blocked or withheld to advised; suspended to anything else.
    """
    if kind in _ORDERS:
        order = _ORDERS[kind]
        return order.index(after) > order.index(before)
    if kind == "advice":
        return before in ("blocked", "withheld") and after == ADVISED
    return kind == "verdict" and before == SUSPENDED and after != SUSPENDED


def pairs(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give every way in which what is said can change."""
    after = list(new)
    return ((a, b) for a in old for b in after if a != b)
