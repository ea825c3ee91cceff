"""Wrong changes to the rules are noticed, and a change that changes nothing is not."""

from __future__ import annotations

import pytest

from screening.rulebase.base import read
from scripts.mutate_rules import REASONS, Judge, Kept, reasons
from scripts.mutations import Mutation, mutations


@pytest.fixture(scope="module")
def judge():
    return Judge()


def of(judge, part):
    (found,) = [mutation for mutation in judge.mutations if part in str(mutation)]
    return found


@pytest.mark.whole
@pytest.mark.parametrize(
    ("part", "by"),
    [
        pytest.param("thresholds.yaml knee_to_wall_restricted.value: moved up", "examples",
                     marks=pytest.mark.slow),
        ('derived/ankle_bent_reading.yaml instruments.0.words.restricted.0: "ankle.lunge_bent_cm '
         'below knee_to_wall_restricted" became "ankle.lunge_bent_cm at_most', "examples"),
        ("ankle/joint_limit.yaml rules.0.when.1: premise dropped", "examples"),
        ("red_flags/dvt.yaml levels.urgent.blocks.0: no longer blocks CALF", "examples"),
        ("red_flags/dvt.yaml levels.urgent.suspends: became False", "examples"),
        ("red_flags/cauda_equina.yaml levels.emergency.within: became same_day", "cases"),
        ("red_flags/dvt.yaml rules.0: dropped", "reading"),
        ("decisions/verdict.yaml rows.0: two rows swapped", "examples"),
        ("red_flags/septic_hip.yaml levels.urgent: tier lowered to referral", "examples"),
    ],
)  # fmt: skip
def test_a_wrong_change_is_noticed(judge, part, by):
    assert judge.noticed(of(judge, part)) == by


@pytest.mark.whole
def test_an_emergency_suspends_and_blocks_everything_whatever_its_row_says(judge):
    file, right = "red_flags/dvt.yaml", judge.base.files["flag.dvt"].levels
    data = Kept.documents_read[file].data
    milder = {**data["levels"]["emergency"], "suspends": False, "blocks": ("CALF",)}
    data = {**data, "levels": {**data["levels"], "emergency": milder}}
    mutant = Kept(judge.root, Mutation(file, ("levels",), "made milder", data))
    base, problems = read(loader=mutant)
    assert not problems
    assert base.files["flag.dvt"].levels == right
    assert (right["emergency"].suspends, right["emergency"].blocks) == (True, ("ALL",))


@pytest.mark.whole
def test_a_change_that_changes_nothing_is_not_noticed(judge):
    """Conclusions are the same in whatever order the rules of a file stand."""
    file = "ankle/restricted.yaml"
    data = Kept.documents_read[file].data
    turned = {**data, "rules": data["rules"][::-1]}
    assert judge.noticed(Mutation(file, ("rules",), "turned round", turned)) == ""


def test_changes_are_small_and_leave_the_original_alone():
    data = {
        "kind": "conclusion",
        "rules": [{"id": "A-1", "when": ["x below t", "either.y is present"]}],
    }
    found = [mutation.data["rules"][0]["when"] for mutation in mutations({"a.yaml": data})]
    assert ("either.y is present",) in found
    assert ("x at_least t", "either.y is present") in found
    assert ("x at_most t", "either.y is present") in found
    assert ("x below t", "both.y is present") in found
    assert ("x below t", "either.y is absent") in found
    assert data["rules"][0]["when"] == ["x below t", "either.y is present"]


@pytest.mark.whole
def test_each_reason_is_of_a_change_that_can_be_made(judge):
    assert REASONS.is_file()
    assert set(reasons()) <= {str(mutation) for mutation in judge.mutations}
    assert all(len(why) > 20 for why in reasons().values())
