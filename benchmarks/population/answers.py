"""What people answer to the red-flag questions: literally, and to every one of them.

A person is asked every detail. The gate is then answered by its wording: yes where a detail that
belongs to its question is present, or where the base rates say yes to the question itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from benchmarks.population.ankles import Answers
from benchmarks.population.rates import (
    ABSENT,
    LEGS,
    PRESENT,
    Person,
    draw,
    of_section,
    population,
    questions,
    rate,
)


@cache
def _all_absent() -> Answers:
    answers: Answers = {}
    for gate in questions()["gates"].values():
        answers |= dict.fromkeys(gate.get("person", ()), ABSENT)
        answers |= {f"{leg}.{detail}": ABSENT for leg in LEGS for detail in gate.get("leg", ())}
    return answers


def nothing() -> Answers:
    """Give the answers of somebody who is asked everything and says no to everything."""
    return dict(_all_absent())


def with_gates(answers: Answers, said: Mapping[str, str]) -> Answers:
    """Answer the gates.

    Args:
        answers: the answers to all details.
        said: what is answered to some gates whatever the details; the others follow from them.

    """
    signs = _signs().items()
    found = {f"red_flags.{name}": said.get(name) or _gate(each, answers) for name, each in signs}
    return found | answers


@cache
def _signs() -> dict[str, dict[str, tuple[str, ...]]]:
    """Give for each gate the details that open it: those of the person, and of each leg."""
    found = {}
    for name, gate in questions()["gates"].items():
        context = set(gate.get("context", ()))
        person, leg = (
            [sign for sign in gate.get(of, ()) if sign not in context] for of in (_PERSON, "leg")
        )
        legs = {each: tuple(f"{each}.{sign}" for sign in leg) for each in LEGS}
        found[name] = {_PERSON: tuple(person), **legs}
    return found


_PERSON = "person"


def _gate(signs: Mapping[str, tuple[str, ...]], answers: Answers) -> str:
    present = [of for of, paths in signs.items() if any(answers[p] == PRESENT for p in paths)]
    return PRESENT if _PERSON in present else of_legs(present)


def of_legs(legs: Sequence[str]) -> str:
    """Give the answer to a gate that speaks of legs: none, one by its side, or both."""
    return PRESENT if len(legs) > 1 else next(iter(legs), ABSENT)


def ordinary(person: Person, limps: Mapping[str, str], random: Random) -> Answers:
    """Give the answers of a hip patient without a serious disease."""
    rates, known = population()["ordinary_red_flag_answers"], nothing()
    for section, names in questions()["of_the_person"].items():
        for name, paths in names.items():
            answer = draw(of_section(rates[section], name, person), random)
            known |= dict.fromkeys(paths, answer)
    for name, path in questions()["alone"].items():
        known[path] = draw(of_section(rates, name, person), random)
    yes = {
        "leg_signs": _leg_signs(known, person, rates, random),
        "load_pain": _load_pain(known, person, rates, limps, random),
        "walk_pain": _walk_pain(known, person, rates, random),
    }
    _newly_numb_or_weak(known, person, rates, random)
    _fell(known, person, rates, random)
    if known["cancer.history"] == PRESENT:
        known["cancer.over_5_years_ago"] = draw(
            rates["cancer"]["of_these_over_5_years_ago"], random
        )
    if known["implant.new_pain"] == PRESENT:
        known[f"{person.index}.hip.replaced"] = PRESENT
    known |= _when_it_began(person)
    said = {gate: of_legs(legs) for gate, legs in yes.items() if legs}
    if _back_pain_of_the_young(known, person):
        said["inflam_implant"] = PRESENT
    return with_gates(known, said)


def _leg_signs(
    known: Answers, person: Person, rates: Mapping[str, Any], random: Random
) -> tuple[str, ...]:
    """A sore or swollen calf, mostly without any sign of a clot."""
    if draw(rate(rates["leg_signs"], person), random) == ABSENT:
        return ()
    leg = person.index
    known[f"{leg}.calf.larger_by_cm"] = 0
    known[f"{leg}.calf.deep_vein_tenderness"] = draw(SORE_ALONG_A_VEIN, random)
    known[f"{leg}.calf.swelling_or_colour_change"] = draw(NEWLY_SWOLLEN, random)
    return (leg,)


SORE_ALONG_A_VEIN, NEWLY_SWOLLEN = 0.10, 0.06
"""Of those with signs at the leg, as the file says in words."""


def _load_pain(
    known: Answers,
    person: Person,
    rates: Mapping[str, Any],
    limps: Mapping[str, str],
    random: Random,
) -> tuple[str, ...]:
    """Pain under load; night pain with a limp only where somebody limps, as often as given."""
    share = rate(population()["hip_findings"]["antalgic"], person)
    for leg in person.hips:
        if limps[leg] == PRESENT:
            at_night = rate(rates["load_night_pain_with_limp"], person) / share
            known[f"{leg}.load.night_pain_with_limp"] = draw(min(at_night, 1), random)
    return person.hips if draw(rate(rates["load_pain"], person), random) == PRESENT else ()


def _walk_pain(
    known: Answers, person: Person, rates: Mapping[str, Any], random: Random
) -> tuple[str, ...]:
    if draw(rate(rates["walk_pain"], person), random) == ABSENT:
        return ()
    known["vascular.smoker"] = draw(SMOKES, random)
    known["vascular.disease_or_diabetes"] = draw(rate(VESSELS_OR_SUGAR, person), random)
    return person.hips


SMOKES, VESSELS_OR_SUGAR = 0.25, {"from_60": 0.25, "younger": 0.05}
"""Of those with cramp on exertion, as the file says in words."""


def _newly_numb_or_weak(
    known: Answers, person: Person, rates: Mapping[str, Any], random: Random
) -> None:
    given = rates["numb_or_weak_leg"]
    group = given["back"] if person.kind == "back" else given["others"]
    for sign, p in group.items():
        known[f"{person.index}.leg.{sign}"] = draw(p, random)


def _fell(known: Answers, person: Person, rates: Mapping[str, Any], random: Random) -> None:
    """Many fell at some time; the question asks for a fall lately, or with which this began."""
    p = rate(rates["fall_ever_since"], person) * FELL_LATELY
    known["injury.fall_with_this_pain"] = draw(p, random)


FELL_LATELY = 0.20
"""Of those who fell, as the file says in words."""


def _when_it_began(person: Person) -> Answers:
    began = person.age_when_it_began
    return {
        "load.began_within_12_weeks": PRESENT if person.weeks <= NEW else ABSENT,
        "inflam.began_before_45": PRESENT if began < 45 else ABSENT,
        "inflam.began_before_35": PRESENT if began < 35 else ABSENT,
    }


NEW = 12
"""Weeks within which pain is new; beyond them it has lasted for over 3 months."""


def _back_pain_of_the_young(known: Answers, person: Person) -> bool:
    """Pain for over 3 months that began before 45 and wakes at night or eases with movement."""
    signs = ("inflam.wakes_second_half_of_night", "inflam.better_with_movement")
    long = person.weeks > NEW and person.age_when_it_began < 45
    return long and any(known[sign] == PRESENT for sign in signs)
