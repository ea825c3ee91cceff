"""The levels of a red flag: how bad, how soon, what is done, and what must not be done."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from screening.intake.thresholds import Strict

Tier = Literal["emergency", "urgent", "referral", "none"]
Within = Literal["now", "same_day", "3_days", "2_weeks", "routine"]
TIERS: tuple[Tier, ...] = ("emergency", "urgent", "referral", "none")
WITHINS: tuple[Within, ...] = ("now", "same_day", "3_days", "2_weeks", "routine")

ALL = "ALL"
"""The group of blocks that holds everything: what an emergency blocks."""

LevelName = Annotated[
    str, StringConstraints(pattern=rf"^({'|'.join(TIERS)})(_({'|'.join(WITHINS)}))?$")
]
"""A level is named by its tier; the milder ones of one tier by tier and within."""


def tier_of(level: str) -> Tier:
    """Give the tier of a level: ``referral`` of ``referral_routine``."""
    return next(tier for tier in TIERS if level.startswith(tier))


def said_level(level: str) -> str:
    """Say a level: ``precaution`` of ``none``, ``urgent within 3 days`` of ``urgent_3_days``."""
    tier = tier_of(level)
    within = level.removeprefix(tier).removeprefix("_").replace("_", " ")
    if tier == TIERS[-1]:
        return "precaution"
    if within == WITHINS[-1]:
        return f"{within} {tier}"
    return f"{tier} within {within}" if within else tier


class Level(Strict):
    """What one level of a flag asks for; rule bases of version 1 do not say to whom it goes."""

    to: str | None = None
    within: Within | None = None
    suspends: bool = False
    blocks: tuple[str, ...] = ()
    action: str


def _emergencies_stop_everything(levels: Any) -> Any:
    """Let every emergency suspend and block ALL, whatever its row says."""
    if not isinstance(levels, dict):
        return levels
    return {
        name: {**row, "suspends": True, "blocks": (ALL,)}
        if isinstance(row, dict) and str(name).startswith(TIERS[0])
        else row
        for name, row in levels.items()
    }


def _well_named(levels: dict[str, Level]) -> dict[str, Level]:
    """Check the order of the levels, and that a second one of a tier says its within."""
    ranks = [(TIERS.index(tier_of(name)), _wait(level)) for name, level in levels.items()]
    if ranks != sorted(ranks):
        raise PydanticCustomError("order", "the worst level comes first.")
    for name, level in levels.items():
        tier = tier_of(name)
        if name != tier and (name != f"{tier}_{level.within}" or tier not in levels):
            what = "the first level of a tier is named by it, a milder one by tier and within."
            raise PydanticCustomError("level_name", what)
    return levels


def _wait(level: Level) -> int:
    return WITHINS.index(level.within) if level.within else len(WITHINS)


Levels = Annotated[
    dict[LevelName, Level],
    BeforeValidator(_emergencies_stop_everything),
    AfterValidator(_well_named),
]
"""The levels of a flag, the worst first."""
