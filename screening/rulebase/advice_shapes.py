"""The shapes of advice, and of what blocks and stops it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from screening.intake.thresholds import Strict
from screening.rulebase.sourced import Lines, RuleText, Sourced


class ForPatient(Strict):
    """What the patient reads of an advice; without it an advice is the clinician's alone."""

    title: str = ""
    """Names an exercise; without it there is only when to come back."""
    drawing: str = ""
    """A file of ``report/drawings``."""
    dose: str = ""
    how: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """What is added to how it is done; the variants that hold add up."""
    come_back: str = ""


class Variant(Strict):
    """Words that are added to an advice when its premises hold."""

    when: tuple[str, ...]
    text: str
    replaced: bool = False
    """Another advice takes its place then: it is no step and stands on no patient's sheet."""
    for_patient: ForPatient | None = None
    """What replaces the patient's words where it holds, key by key."""


class AdviceFile(Sourced):
    """One advice: when it is indicated, what blocks it, dose, how, and when to stop."""

    kind: Literal["advice"]
    order: int
    short: str = ""
    """One line for the page: its name, a colon, how much."""
    heading: str = ""
    """A heading of its own on the page, instead of a place in the list."""
    decided_by: str
    placed_by: str = ""
    """The ladder that says in which part of the plan it stands."""
    first: Lines = ()
    optional: Lines = ()
    rules: tuple[RuleText, ...] = Field(min_length=1)
    blocked_by: tuple[str, ...] = ()
    dose: str = Field(min_length=1)
    how: tuple[str, ...] = Field(min_length=1)
    stop_rules: tuple[str, ...] = Field(min_length=1)
    """Names of signs in ``advice/blocks.yaml``."""
    expected_change: str
    retest: str
    notes: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    for_patient: ForPatient | None = None


class Group(Strict):
    """A named set of advice and tests that are blocked together."""

    title: str
    holds: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class GateBlock(Strict):
    """What a gate blocks by itself."""

    blocks: tuple[str, ...]
    because: str


class StopSign(Strict):
    """A sign at which an exercise stops; once it is recorded it is no longer to come."""

    says: str
    recorded: Lines = ()


class StopSigns(Strict):
    """Signs that ask for the same."""

    says: str
    signs: dict[str, StopSign]


class BlocksFile(Strict):
    """What is blocked together, what a gate blocks by itself, and what stops an exercise."""

    id: ClassVar[str] = "blocks"
    groups: dict[str, Group]
    by_gate: dict[str, GateBlock] = {}
    stop_rules: dict[str, StopSigns] = {}

    @cached_property
    def stop_signs(self) -> dict[str, tuple[str, StopSign]]:
        """Every sign by its name, with what to do when it appears, in the order of printing."""
        return {
            name: (group.says, sign)
            for group in self.stop_rules.values()
            for name, sign in group.signs.items()
        }

    def stops(self, names: Iterable[str]) -> list[tuple[str, StopSign]]:
        """Give what to do at which sign, for the stop rules of an advice, as they are printed."""
        wanted = set(names)
        return [found for name, found in self.stop_signs.items() if name in wanted]

    def expand(self, names: Iterable[str]) -> list[str]:
        """Give the advice ids and test paths that groups and single names stand for."""
        found: dict[str, None] = {}
        for name in names:
            group = self.groups.get(name)
            inside = [*self.expand(group.groups), *group.holds] if group else [name]
            found.update(dict.fromkeys(inside))
        return list(found)
