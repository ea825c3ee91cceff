"""The cohorts: people as rows of a table, headed by the paths of findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from benchmarks.population.ankles import Answers, healthy, short_calf, short_calves
from benchmarks.population.answers import nothing, ordinary, with_gates
from benchmarks.population.rates import (
    ABSENT,
    LEGS,
    PRESENT,
    Person,
    age_of,
    choose,
    draw,
    population,
    questions,
    rate,
)

Row = dict[str, Any]
HIP_TESTS = (
    "hip.ir_limited_or_painful",
    "hip.fadir_familiar_pain",
    "hip.spine_reproduces",
)
SIGNS = ("pelvic_drop", "medial_collapse", "antalgic")


def null(straight: str | None, count: int, seed: int) -> Iterator[Row]:
    """Make people whose ankles have nothing to do with their hip, and without any red flag.

    Args:
        straight: how the ankle is measured with the knee straight: ``lunge``, ``hand`` or not.
        count: how many people.
        seed: the same seed makes the same people.

    """
    random = Random(f"null {straight} {seed}")
    for number in range(count):
        person = patient(random)
        row = healthy(person, random, straight) | hips(person, hip_rates(person), random)
        yield _row(f"null_{number}", person, row | with_gates(nothing(), {}))


def true_chain(both: bool, count: int, seed: int) -> Iterator[Row]:
    """Make people whose calf, or both calves, are short, with the gait that goes with it."""
    random = Random(f"chain {both} {seed}")
    given = population()["true_chain"]
    for number in range(count):
        age, sex = age_of(given["age"], random), choose({"female": 0.5, "male": 0.5}, random)
        legs = painful(random) if both else (random.choice(LEGS),)
        person = Person("gluteal", age, sex, legs, ("side",), _weeks(False, random))
        row = (short_calves if both else short_calf)(person, random)
        row |= hips(person, chain_rates(person), random)
        yield _row(f"chain_{number}", person, row | with_gates(nothing(), {}))


def everyday(count: int, seed: int) -> Iterator[Row]:
    """Make ordinary hip patients, who have no serious disease and answer literally."""
    random = Random(f"ordinary {seed}")
    for number in range(count):
        person = patient(random)
        row = healthy(person, random, "lunge") | hips(person, hip_rates(person), random)
        limps = {leg: row[f"{leg}.gait.antalgic"] for leg in person.hips}
        yield _row(f"ordinary_{number}", person, row | ordinary(person, limps, random))


def dangerous(picture: dict[str, Any], count: int, seed: int) -> Iterator[Row]:
    """Make people with one dangerous picture; what it does not name is absent or by base rate."""
    random = Random(f"{picture['id']} {seed}")
    says = picture["record"]
    for number in range(count):
        age = random.randint(*picture["age"])
        sex = picture.get("sex") or SEX.get(picture["id"]) or random.choice(("female", "male"))
        places = (says["pain"],)
        began = says.get("load.began_within_12_weeks") == PRESENT
        weeks = says.get("weeks") or _weeks(began, random)
        leg = (random.choice(LEGS),)
        person = Person(kind_of(places[0], age), age, sex, leg, places, weeks)
        row = healthy(person, random, "lunge") | hips(person, hip_rates(person), random)
        yield _row(f"{picture['id']}_{number}", person, row | _picture(says, person))


SEX = {"sacrum": "female", "ectopic": "female"}
"""Pictures that only women come with, though the file names no sex."""


def patient(random: Random) -> Person:
    """Draw an ordinary hip patient."""
    kinds = population()["patients"]
    kind = choose({name: each["share"] for name, each in kinds.items()}, random)
    given = kinds[kind]
    age = age_of(given["age"], random)
    sex = "female" if random.random() < given["female"] else "male"
    place = choose(given["places"], random)
    places = ("side", "buttock") if place == "side_and_buttock" else (place,)
    person = Person(kind, age, sex, painful(random), places, 0)
    began = population()["ordinary_red_flag_answers"]["load_began_within_12_weeks"]
    return replace(person, weeks=_weeks(random.random() < rate(began, person), random))


def painful(random: Random) -> tuple[str, ...]:
    """Draw which hips hurt."""
    return LEGS if random.random() < population()["both_hips"] else (random.choice(LEGS),)


def kind_of(place: str, age: int) -> str:
    """Give the kind of patient that hurts there at that age, for the findings of the hip."""
    if place == "groin_front":
        return "oa" if age >= 45 else "anterior"
    return "back" if place == "buttock" else "gluteal"


def _weeks(new: bool, random: Random) -> int:
    return random.randint(1, 12) if new else random.randint(13, 104)


Rates = dict[str, Any]


def hip_rates(person: Person) -> Rates:
    """Give the base rates of the findings of hip and gait for a person."""
    return {
        name: given if name in SHARES else rate(given, person)
        for name, given in population()["hip_findings"].items()
    }


SHARES = ("heel_off", "foot_pronation", "limit_felt")


def chain_rates(person: Person) -> Rates:
    """Give those rates where a short calf drives the chain: more compensation, the calf felt."""
    given = population()["true_chain"]
    ordinary_rates = hip_rates(person)
    return ordinary_rates | {
        "heel_off": _raised(ordinary_rates["heel_off"], "early", given["heel_off_early"]),
        "foot_pronation": _raised(
            ordinary_rates["foot_pronation"], "excessive", given["foot_pronation_excessive"]
        ),
        "pelvic_drop": given["pelvic_drop"],
        "medial_collapse": given["medial_collapse"],
        "limit_felt": given["limit_felt"],
    }


def _raised(shares: dict[str, float], word: str, share: float) -> dict[str, float]:
    """Give a word another share; the others keep their proportions."""
    rest = 1 - shares[word]
    return {w: share if w == word else (1 - share) * p / rest for w, p in shares.items()}


def hips(person: Person, rates: Rates, random: Random) -> Answers:
    """Examine the painful hips, and what every leg is asked."""
    other_cause = draw(rates["other_cause"], random)
    cause = "history.known_hip_disease" if person.kind == "oa" else "history.leg_length_difference"
    found: Answers = {**dict.fromkeys(CAUSES, ABSENT), cause: other_cause}
    for leg in LEGS:
        found[f"{leg}.hip.pain"] = PRESENT if leg in person.hips else ABSENT
        found[f"{leg}.ankle.limit_felt"] = choose(rates["limit_felt"], random)
        surgery = draw(rates["ankle_fracture_or_surgery"], random)
        found[f"{leg}.ankle.fracture_or_surgery"] = surgery
    for leg in person.hips:
        found |= {f"{leg}.{path}": answer for path, answer in _examined(rates, random)}
        found[f"{leg}.hip.pain_regions"] = ";".join(person.places)
        found[f"{leg}.hip.pain_weeks"] = person.weeks
    return found


CAUSES = (
    "history.known_hip_disease",
    "history.hip_operation",
    "history.leg_length_difference",
    "history.inflammatory_arthritis",
    "history.hypermobility",
)


def _examined(rates: Rates, random: Random) -> Iterator[tuple[str, str]]:
    for path in HIP_TESTS:
        yield path, draw(rates[path.removeprefix("hip.")], random)
    for sign in SIGNS:
        yield f"gait.{sign}", draw(rates[sign], random)
    yield "gait.heel_off", choose(rates["heel_off"], random)
    yield "gait.foot_pronation", choose(rates["foot_pronation"], random)


def _picture(says: dict[str, Any], person: Person) -> Answers:
    """Answer what the picture names; ``this_leg`` and findings of a leg mean the painful one."""
    gates, known = questions()["gates"], nothing()
    said: dict[str, str] = {}
    of_leg = {each for gate in gates.values() for each in gate.get("leg", ())}
    of_leg |= set(questions()["leg_findings"])
    for name, answer in says.items():
        if name in gates:
            said[name] = person.index if answer == "this_leg" else answer
        elif name not in ("pain", "weeks"):
            path = f"{person.index}.{name}" if name in of_leg else name
            known[path] = PRESENT if answer == "this_leg" else answer
    if "leg_signs" in said:
        known.setdefault(f"{person.index}.calf.larger_by_cm", 0)
    return with_gates(known, said)


def _row(id: str, person: Person, answers: Answers) -> Row:
    about = {"case_id": id, "asked_with": ASKED_WITH, "age_years": person.age, "sex": person.sex}
    return about | answers


ASKED_WITH = "2.0"
"""The version of the questions that these people answer."""


COHORTS = {
    "null, knee to wall only": partial(null, None),
    "null, straight knee measured": partial(null, "lunge"),
    "null, straight knee by hand": partial(null, "hand"),
    "true chain, one side": partial(true_chain, False),
    "true chain, both sides": partial(true_chain, True),
    "ordinary": everyday,
}
"""All cohorts but the dangerous pictures, each made from a count and a seed."""
