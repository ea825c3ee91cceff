"""What is measured at the ankles: true values of both legs, then an error, then the ruler."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from random import Random
from typing import Any

from benchmarks.population.rates import LEGS, Person, holds, population

Answers = dict[str, Any]

NEUTRAL, TEN = 0, 10
"""Degrees past neutral at which the three steps of the test by hand part."""


def healthy(person: Person, random: Random, straight: str | None = None) -> Answers:
    """Measure healthy ankles: knee to wall, and the straight knee by ``lunge`` or ``hand``.

    Each leg has the spread that the norms give it: what both legs share, and half the difference
    between them each way.
    """
    norms = population()["healthy_ankles"]
    shared = random.gauss(0, 1)
    mean = _by_age(norms["knee_to_wall_mean_by_age"], person)
    cm = _both(mean, norms["knee_to_wall_sd"], norms["side_difference_sd_cm"], shared, random)
    found = _knee_to_wall(cm, random)
    if straight is None:
        return found
    alike = norms["straight_bent_correlation"]
    also = alike * shared + sqrt(1 - alike**2) * random.gauss(0, 1)
    by_hand = straight == "hand"
    mean, sd = (
        norms["by_hand_true_mean_sd"]
        if by_hand
        else (_by_age(norms["straight_mean_by_age"], person), norms["straight_sd"])
    )
    degrees = _both(mean, sd, norms["side_difference_sd_deg"], also, random)
    return found | (_by_hand if by_hand else _lunge)(degrees, random)


def short_calf(person: Person, random: Random) -> Answers:
    """Measure one short calf on the painful side, by knee to wall."""
    given = population()["true_chain"]["one_side"]
    painful, other = given["painful_mean_sd_cm"], given["other_mean_sd_cm"]
    cm = {person.index: random.gauss(*painful), person.other: random.gauss(*other)}
    return _knee_to_wall(cm, random)


def short_calves(person: Person, random: Random) -> Answers:
    """Measure two short calves, each drawn for itself, by knee to wall."""
    given = population()["true_chain"]["both_sides"]["mean_sd_cm"]
    return _knee_to_wall({leg: random.gauss(*given) for leg in LEGS}, random)


def _by_age(means: Mapping[str, float], person: Person) -> float:
    return [mean for condition, mean in means.items() if holds(condition, person)][-1]


def _both(
    mean: float, sd: float, difference_sd: float, shared: float, random: Random
) -> dict[str, float]:
    middle = mean + shared * sqrt(sd**2 - difference_sd**2 / 4)
    half = random.gauss(0, difference_sd) / 2
    return {"left": middle + half, "right": middle - half}


def _knee_to_wall(cm: Mapping[str, float], random: Random) -> Answers:
    how = population()["measurement"]["knee_to_wall_cm"]
    return _measured("ankle.lunge_bent_cm", cm, how, random)


def _lunge(degrees: Mapping[str, float], random: Random) -> Answers:
    how = population()["measurement"]["lunge_deg"]
    return _measured("ankle.lunge_straight_deg", degrees, how, random)


def _measured(
    path: str, true: Mapping[str, float], how: Mapping[str, float], random: Random
) -> Answers:
    step = how["rounded_to"]
    read = {leg: value + random.gauss(0, how["error_sd"]) for leg, value in true.items()}
    return {f"{leg}.{path}": max(0, round(value / step) * step) for leg, value in read.items()}


def _by_hand(degrees: Mapping[str, float], random: Random) -> Answers:
    error = population()["measurement"]["by_hand_deg_error_sd"]
    found = {}
    for leg, value in degrees.items():
        felt = value + random.gauss(0, error)
        step = "not_to_neutral" if felt < NEUTRAL else "0_to_10" if felt <= TEN else "past_10"
        found[f"{leg}.ankle.straight_by_hand"] = step
    return found
