"""Faces, values and comparisons: what every reading of the rules is made of.

Nothing here knows a finding, a rule or a case. A reading supplies its own Booleans and numbers;
the comparisons are the same for all of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

B = TypeVar("B")

# -- comparisons of numbers ------------------------------------------------------------------------

NumberComparison = Literal["below", "at_most", "at_least", "above"]
"""How a premise compares a number with a threshold, in the word that rules use."""


class Compared(NamedTuple):
    """What a comparison means; of two numbers in hundredths, the second is the threshold."""

    holds: Callable[[Any, Any], Any]
    """Serves whole numbers, columns of them and terms of a solver alike."""
    upwards: bool
    """Whether it goes on holding for larger numbers (else for smaller ones)."""
    opposite: NumberComparison
    """The comparison that holds exactly where this one does not."""
    sign: str
    """How mathematics writes it."""

    @property
    def takes_in(self) -> bool:
        """Whether it holds of the threshold itself."""
        return bool(self.holds(0, 0))

    def edge(self, threshold: int) -> int:
        """Give the first of the larger numbers: it and those above it are on the same side."""
        return threshold if self.takes_in == self.upwards else threshold + 1


COMPARISONS: dict[str, Compared] = {
    "below": Compared(operator.lt, False, "at_least", "<"),
    "at_most": Compared(operator.le, False, "above", "<="),
    "at_least": Compared(operator.ge, True, "below", ">="),
    "above": Compared(operator.gt, True, "at_most", ">"),
}
"""Every comparison, once.

The engine's own name for it stands in ``inference.conditions``, the words in which it is said in
``record.wording``.
"""


def compare(number: Any, comparison: str, threshold: int) -> Any:
    """Tell whether a number (a column of them, a term) lies on the named side of a threshold."""
    return COMPARISONS[comparison].holds(number, threshold)


# -- faces and values ------------------------------------------------------------------------------


class Faces(NamedTuple, Generic[B]):
    """The two faces of a premise, rule or conclusion."""

    must: B
    may: B


FACES: dict[tuple[bool | int, bool | int], Faces[bool]] = {
    (must, may): Faces(must, may) for must in (True, False) for may in (True, False)
}
"""All that one case can say; there is no need to make them again and again."""


class Number(NamedTuple, Generic[B]):
    """A number as an interval [low, high] in hundredths; both mean nothing if not recorded."""

    recorded: B
    low: Any
    high: Any


class Word(NamedTuple, Generic[B]):
    """A word as the set of words it can still be; all of them if not recorded."""

    recorded: B
    can: dict[str, B]
    set_aside: B


Value = Number[B] | Word[B]


class Algebra(Protocol[B]):
    """What a reading supplies: its Booleans, its numbers, and what was recorded."""

    true: B
    false: B

    def recorded(self, name: str) -> Value[B]:
        """Give what a case recorded for an operand."""

    def all(self, parts: Iterable[B]) -> B:
        """All parts hold."""

    def any(self, parts: Iterable[B]) -> B:
        """At least one part holds."""

    def swap(self, part: B) -> B:
        """The part does not hold."""

    def compare(self, number: Any, comparison: str, threshold: int) -> B:
        """One end of an interval lies on the named side of a threshold."""

    def minus(self, left: Any, right: Any) -> Any:
        """The difference of two numbers."""

    def step(self, can: dict[str, B], lowest: bool) -> Any:
        """The lowest or highest position (hundredths) that an ordered word can have."""

    def total(self, terms: list[tuple[int, B]]) -> Any:
        """The sum of the points whose Boolean holds."""
