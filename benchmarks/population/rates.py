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
SEXES = {"female", "male"}
FOR_WHOM = {*AGES, *SEXES, "oa"}
"""With one of these a key goes on that says for whom alone its number holds."""


Holds = Callable[[Person], bool]


def holds(condition: str, person: Person) -> bool:
    """Tell whether words such as ``female_from_60`` or ``runner_groin`` say this person."""
    return all(said(person) for said in _read(condition))


@cache
def _read(condition: str) -> tuple[Holds, ...]:
    words = iter(condition.split("_"))
    return tuple(_said(word, words) for word in words)


def _said(word: str, rest: Iterator[str]) -> Holds:
    """Give what a word asks of a person; a word about age takes the next one."""
    if word in AGES:
        compared, limit = AGES[word], int(next(rest))
        return lambda person: compared(person.age, limit)
    if word in REST:
        return lambda _: True
    if word in SEXES:
        return lambda person: person.sex == word
    if place := {"groin": "groin_front", "side": "side"}.get(word):
        return lambda person: place in person.places
    return lambda person: person.kind == word


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
        if condition != key and condition.split("_")[0] in FOR_WHOM:
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
