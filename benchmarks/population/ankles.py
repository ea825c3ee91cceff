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

    The norms are readings of healthy people, so the error of measuring is in their spread already:
    the true values spread less. Each leg is what both legs share, and half the difference between
    them each way.
    """
    norms, how = population()["healthy_ankles"], population()["measurement"]
    shared = random.gauss(0, 1)
    mean = _by_age(norms["knee_to_wall_mean_by_age"], person)
    error = how["knee_to_wall_cm"]["error_sd"]
    sd = true_sd(norms["knee_to_wall_sd"], error)
    difference = true_sd(norms["side_difference_sd_cm"], sqrt(2) * error)
    found = _knee_to_wall(_both(mean, sd, difference, shared, random), random)
    if straight is None:
        return found
    alike = norms["straight_bent_correlation"]
    also = alike * shared + sqrt(1 - alike**2) * random.gauss(0, 1)
    error = how["lunge_deg"]["error_sd"]
    difference = true_sd(norms["side_difference_sd_deg"], sqrt(2) * error)
    if straight == "hand":
        mean, sd = norms["by_hand_true_mean_sd"]
        return found | _by_hand(_both(mean, sd, difference, also, random), random)
    mean, sd = _by_age(norms["straight_mean_by_age"], person), true_sd(norms["straight_sd"], error)
    return found | _lunge(_both(mean, sd, difference, also, random), random)


def true_sd(read: float, error: float) -> float:
    """Give the spread of true values from that of readings and that of the error."""
    return sqrt(read**2 - error**2)


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
