"""The ledger of families: what a reading supplies for them, and what it keeps.

The answers of one case (``intake.findings``), terms for all cases (``intake.family_terms``) and the
text of another language (``exchange.cql.raw_answers``) are ledgers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from screening.algebra import B, NumberComparison

Origin = Literal["recorded", "sweep", "family", "implied", "mirrored"]

Doubt = Literal[
    "unusual",
    "asked_for_less",
    "not_mirrored",
    "asked_twice",
    "needs",
    "swept",
    "implied",
    "contradicted",
]
"""What can be doubtful in answers; none of it stops a screening."""

Sources = Sequence[tuple[B, str]]
"""What could be the reason for something: whether it holds, and the name it has."""


class Ledger(Protocol[B]):
    """What a reading supplies: its Booleans, what was answered, and what is known so far."""

    true: B
    false: B
    """The constants: a reading that knows of a case that something is not so gives this one."""

    def all(self, parts: Iterable[B]) -> B:
        """All parts hold."""

    def any(self, parts: Iterable[B]) -> B:
        """At least one part holds."""

    def swap(self, part: B) -> B:
        """The part does not hold."""

    # -- what was answered ---------------------------------------------------------------------

    def given(self, path: str) -> B:
        """A path was answered."""

    def answered(self, path: str, word: str) -> B:
        """A path was answered with a word."""

    def asked_as_now(self, path: str) -> B:
        """A case was asked the question as it is now; older ones asked for less."""

    def counts(self, need: str) -> B:
        """What must stand beside a sweep was given, and can be what it should be."""

    # -- what is known -------------------------------------------------------------------------

    def known(self, name: str) -> B:
        """An operand is known."""

    def is_word(self, name: str, word: str) -> B:
        """An operand is known to be a word."""

    def passes(self, name: str, how: NumberComparison, threshold: int) -> B:
        """An operand is a known number on the named side of a threshold."""

    def unlike(self, here: str, there: str, *, turned: bool) -> B:
        """Two operands are known and not the same; ``turned``: the sign of one is."""

    # -- what becomes known --------------------------------------------------------------------

    def copy(self, name: str, path: str) -> None:
        """Know an operand as its path was answered."""

    def choose(self, name: str, path: str, words: tuple[str, ...]) -> None:
        """Know an operand present if its path was answered with one of the words, else absent."""

    def forget_absent(self, name: str, when: B) -> None:
        """Let an operand that is absent be not known."""

    def mirror(self, here: str, there: str) -> None:
        """Let the number of one be that of the other, sign turned, where it is not known."""

    def share(self, here: str, there: str) -> None:
        """Let the word of one be that of the other, where it is not known."""

    def fill(self, name: str, word: str, why: Sources[B], origin: Origin, step: str) -> None:
        """Answer an operand that is not known yet."""

    def overrule(self, name: str, why: Sources[B], when: B, origin: Origin, step: str) -> None:
        """Make an operand present, whatever had been answered."""

    def doubt(self, kind: Doubt, path: str, when: B, name: str = "", why: Sources[B] = ()) -> None:
        """Say that something is doubtful: kept, used as said, and reported."""
