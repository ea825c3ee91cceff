"""Base rates as the file writes them: for whom a number holds, and draws from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

HERE = Path(__file__).parent
LEFT, RIGHT = "left", "right"
LEGS = (LEFT, RIGHT)
PRESENT, ABSENT = "present", "absent"


@cache
def population() -> dict[str, Any]:
    """Give the base rates and clinical pictures, as given."""
    found: dict[str, Any] = yaml.safe_load((HERE / "population.yaml").read_text(encoding="utf-8"))
    return found


@cache
def questions() -> dict[str, Any]:
    """Give what people are asked, and which base rate answers what."""
    found: dict[str, Any] = yaml.safe_load((HERE / "questions.yaml").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Person:
    """Whom the base rates speak of: kind of patient, age, sex, and which hips hurt where."""

    kind: str
    age: int
    sex: str
    hips: tuple[str, ...]
    places: tuple[str, ...]
    weeks: int

    @property
    def index(self) -> str:
        """The leg that a complaint of one leg belongs to."""
        return self.hips[0]

    @property
    def other(self) -> str:
        """The other leg."""
        return RIGHT if self.index == LEFT else LEFT

    @property
    def age_when_it_began(self) -> float:
        """The age, in years, at which the pain began."""
        return self.age - self.weeks / 52


AGES: dict[str, Callable[[int, int], bool]] = {
    "from": lambda age, limit: age >= limit,
    "over": lambda age, limit: age > limit,
    "under": lambda age, limit: age < limit,
}
REST = {"others", "older", "younger"}


def holds(condition: str, person: Person) -> bool:
    """Tell whether words such as ``female_from_60`` or ``runner_groin`` say this person."""
    words = iter(condition.split("_"))
    return all(_holds(word, words, person) for word in words)


def _holds(word: str, rest: Iterator[str], person: Person) -> bool:
    if word in AGES:
        return AGES[word](person.age, int(next(rest)))
    if word in REST:
        return True
    if word in ("female", "male"):
        return person.sex == word
    place = {"groin": "groin_front", "side": "side"}.get(word)
    return place in person.places if place else person.kind == word


def rate(given: float | Mapping[str, float], person: Person) -> float:
    """Give the probability for a person: a number, or the first entry that speaks of them."""
    if not isinstance(given, Mapping):
        return given
    return next((p for condition, p in given.items() if holds(condition, person)), 0.0)


def of_section(section: Mapping[str, Any], name: str, person: Person) -> float:
    """Give the probability of a name, whose key may say for whom alone it holds.

    Raises:
        KeyError: if the section has no such name.

    """
    for key, given in section.items():
        if key == name:
            return rate(given, person)
        condition = key.removeprefix(f"{name}_")
        if condition != key and condition.split("_")[0] in {*AGES, "female", "male", "oa"}:
            return rate(given, person) if holds(condition, person) else 0.0
    raise KeyError(name)


def choose(weights: Mapping[str, float], random: Random) -> str:
    """Draw one of several words by their shares."""
    return random.choices(list(weights), list(weights.values()))[0]


def draw(p: float, random: Random) -> str:
    """Draw ``present`` or ``absent``."""
    return PRESENT if random.random() < p else ABSENT


def age_of(mean_sd: tuple[float, float], random: Random) -> int:
    """Draw an age in whole years, cut at 18 and 88 by drawing again."""
    while True:
        age = round(random.gauss(*mean_sd))
        if 18 <= age <= 88:
            return age
