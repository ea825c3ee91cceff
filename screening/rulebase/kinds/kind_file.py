"""What the rule file of every kind of derived finding says of itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from screening.intake.thresholds import Strict, with_unit
from screening.rulebase.sourced import Scope, Sourced

if TYPE_CHECKING:
    from screening.rulebase.grounding.given import Sources
    from screening.rulebase.kinds.kind import Derived


class InstrumentText(Strict):
    """One instrument of a band."""

    reads: str | tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """What it reads."""
        return (self.reads,) if isinstance(self.reads, str) else self.reads


class SetAside(Strict):
    """When a band is not to be gone by, and what is said then."""

    when: tuple[str, ...]
    because: str


class Reading(Strict):
    """What a score says when its premises hold."""

    when: tuple[str, ...]
    text: str
    references: tuple[str, ...] = ()


class DerivedFile(Sourced):
    """A derived finding as written: a number with its unit, or ordered words."""

    kind: str
    of: Scope

    @property
    def word_titles(self) -> Mapping[str, str]:
        """Its words in ascending order, and how each is said; none: it is a number."""
        return {}

    @property
    def measured_in(self) -> str:
        """The unit of a number."""
        return ""

    @property
    def read_by(self) -> tuple[InstrumentText, ...]:
        """Alternative instruments that give its words."""
        return ()

    @property
    def contradictions(self) -> tuple[SetAside, ...]:
        """What sets it aside, and what is said then."""
        return ()

    @property
    def holds_not_for(self) -> tuple[SetAside, ...]:
        """For whom its limits, and the norms of what it reads, do not hold."""
        return ()

    @property
    def doubtful(self) -> Mapping[str, str]:
        """Comparisons with thresholds that hardly any value meets."""
        return {}

    @property
    def doubt(self) -> str:
        """What is said of a value that is doubtful."""
        return ""

    @property
    def read_as(self) -> tuple[Reading, ...]:
        """What a screening says of a number that it lists."""
        return ()

    @property
    def speaks(self) -> bool:
        """Whether a screening says something of it though no rule reads it."""
        return False

    def premises(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Give premises that only reports read: the key, the place below it, the line."""
        return iter(())

    def said(self, reading: tuple[int, int]) -> str:
        """Say a number, or both its ends, with its unit."""
        low, high = reading
        if low == high:
            return with_unit(low, self.measured_in)
        return f"{with_unit(low, '')} to {with_unit(high, self.measured_in)}"

    @abstractmethod
    def ground(self, sources: Sources, side: str | None, name: str) -> Derived:
        """Give it as the form has it, for one leg or for the person; problems are kept."""
