"""Gates, summaries, sweeps and attestations: what they answer and what contradicts them."""

from __future__ import annotations

import pytest

from screening.intake.findings import gather

PRESENT, ABSENT = frozenset({"present"}), frozenset({"absent"})
ATTESTED = {"attested_by": "A.B.", "attested_on": "2025-03-04"}


@pytest.fixture
def found(case_of, base):
    """Gather the findings of nested plain data."""
    return lambda data: gather(case_of(data), base.vocabulary)


def messages(findings):
    return " ".join(warned.message for warned in findings.warnings)


def test_an_absent_gate_answers_its_signs_absent(found):
    readings = found({"red_flags": {"saddle": "absent"}}).readings
    assert readings["cauda.saddle_numbness"] == ABSENT


def test_an_absent_gate_answers_no_circumstance(found):
    readings = found({"red_flags": {"load_pain": "absent"}}).readings
    assert readings["left.load.cannot_stand_on_it"] == ABSENT
    assert "load.steroids" not in readings


def test_a_positive_sign_opens_its_gate_on_that_leg_only(found):
    readings = found({"left": {"calf": {"pitting_oedema": "present"}}}).readings
    assert readings["left.red_flags.leg_signs"] == PRESENT
    assert "right.red_flags.leg_signs" not in readings


def test_a_circumstance_opens_no_gate(found):
    readings = found({"load": {"steroids": "present"}}).readings
    assert "left.red_flags.load_pain" not in readings


def test_unsure_counts_as_present(found):
    readings = found({"red_flags": {"leg_signs": "unsure", "chest": "unsure"}}).readings
    assert readings["left.red_flags.leg_signs"] == readings["red_flags.chest"] == PRESENT


def test_a_gate_answered_left_is_absent_on_the_right(found):
    readings = found({"red_flags": {"leg_signs": "left"}}).readings
    assert readings["left.red_flags.leg_signs"] == PRESENT
    assert readings["right.red_flags.leg_signs"] == ABSENT
    assert readings["right.calf.pitting_oedema"] == ABSENT
    assert "left.calf.pitting_oedema" not in readings


def test_a_positive_sign_wins_over_an_absent_gate_and_is_reported(found):
    findings = found({"red_flags": {"saddle": "absent"}, "cauda": {"saddle_numbness": "present"}})
    assert findings.readings["red_flags.saddle"] == PRESENT
    assert findings.contradictions == {"red_flags.saddle": ("cauda.saddle_numbness",)}
    assert "counts as present" in messages(findings)


@pytest.mark.parametrize(("reading", "opens"), [(2.9, False), (3.0, True), (3.1, True)])
def test_a_number_past_its_threshold_opens_its_gate(reading, opens, found):
    readings = found({"left": {"calf": {"larger_by_cm": reading}}}).readings
    assert (readings.get("left.red_flags.leg_signs") == PRESENT) == opens


@pytest.mark.parametrize(("reading", "opens"), [(0.89, True), (0.9, False)])
def test_a_low_pressure_index_opens_its_gate(reading, opens, found):
    readings = found({"left": {"vascular": {"abi": reading}}}).readings
    assert (readings.get("left.red_flags.walk_pain") == PRESENT) == opens


def test_girth_recorded_on_one_leg_holds_for_the_other_turned(found):
    readings = found({"left": {"calf": {"larger_by_cm": 2}}}).readings
    assert readings["right.calf.larger_by_cm"] == (-200, -200)


def test_attestation_answers_the_eleven_and_never_a_starred_gate(found, base):
    findings = found({"red_flags": "none_present", **ATTESTED})
    starred = {p for p in base.vocabulary.gates if base.vocabulary.entries[p].one_by_one}
    assert len(starred) == 3
    assert set(findings.attested) == set(base.vocabulary.gates) - starred
    assert not any(name.endswith(tuple(starred)) for name in findings.readings)


@pytest.mark.parametrize("left_out", ["attested_by", "attested_on"])
def test_attestation_without_name_or_date_answers_nothing(left_out, found):
    given = {key: value for key, value in ATTESTED.items() if key != left_out}
    findings = found({"red_flags": "none_present", **given})
    assert findings.attested == ()
    assert "red_flags.chest" not in findings.readings
    assert "answers nothing" in messages(findings)


def test_a_gate_answered_by_itself_wins_over_the_attestation(found):
    findings = found({"red_flags": {"all": "none_present", "chest": "present"}, **ATTESTED})
    assert findings.readings["red_flags.chest"] == PRESENT
    assert "red_flags.chest" not in findings.attested
    assert "red_flags.chest" in findings.contradictions


def test_a_sign_wins_over_the_attestation(found):
    findings = found({"red_flags": {"all": "none_present", "breathless": "present"}, **ATTESTED})
    assert findings.readings["red_flags.chest"] == PRESENT
    assert "red_flags.chest" not in findings.attested


def test_all_normal_answers_the_gait_and_a_sign_by_itself_wins(found):
    findings = found({"left": {"gait": {"all": "all_normal", "pelvic_drop": "present"}}})
    assert findings.readings["left.gait.pelvic_drop"] == PRESENT
    assert findings.readings["left.gait.heel_off"] == frozenset({"normal"})
    assert findings.readings["left.gait.knee_valgus"] == ABSENT
    assert "answered one way by itself" in messages(findings)


def test_details_all_absent_answer_a_summary_absent(found):
    signs = dict.fromkeys(("hip_adduction", "femoral_internal_rotation", "knee_valgus"), "absent")
    assert found({"left": {"gait": signs}}).readings["left.gait.medial_collapse"] == ABSENT
    signs.pop("knee_valgus")
    assert "left.gait.medial_collapse" not in found({"left": {"gait": signs}}).readings


def test_details_all_absent_never_answer_a_gate(found):
    cauda = dict.fromkeys(("saddle_numbness", "bladder_bowel_sexual", "new_in_both_legs"), "absent")
    assert "red_flags.saddle" not in found({"cauda": cauda}).readings


def test_a_detail_may_have_two_families(found):
    readings = found({"history": {"pregnant_or_postpartum": "present"}}).readings
    assert readings["red_flags.clot_risk"] == readings["history.other_cause"] == PRESENT


def test_low_rotation_answers_limited_and_high_rotation_answers_nothing(found):
    assert (
        found({"left": {"hip": {"internal_rotation_deg": 23}}}).readings[
            "left.hip.ir_limited_or_painful"
        ]
        == PRESENT
    )
    high = found({"left": {"hip": {"internal_rotation_deg": 40}}}).readings
    assert "left.hip.ir_limited_or_painful" not in high


@pytest.mark.parametrize(
    ("told", "sign"),
    [
        ({"all": "all_clear"}, "internal_rotation_deg"),
        ({"ir_limited_or_painful": "absent"}, "ir_limited"),
    ],
)
def test_a_low_number_wins_over_a_sweep_and_over_a_summary(found, told, sign):
    findings = found({"left": {"hip": {"internal_rotation_deg": 10, **told}}})
    summary = "left.hip.ir_limited_or_painful"
    assert findings.readings["left.hip.ir_limited"] == findings.readings[summary] == PRESENT
    assert findings.contradictions == {"hip.ir_limited_or_painful": (f"left.hip.{sign}",)}
    assert "recorded present: Internal rotation in degrees. It counts as" in messages(findings)


def test_a_number_above_its_threshold_leaves_the_sweep_alone(found):
    findings = found({"left": {"hip": {"internal_rotation_deg": 40, "all": "all_clear"}}})
    assert findings.readings["left.hip.ir_limited_or_painful"] == ABSENT
    assert findings.warnings == ()


def test_rotation_recorded_free_by_itself_stays_with_a_warning(found):
    findings = found({"left": {"hip": {"internal_rotation_deg": 10, "ir_limited": "absent"}}})
    assert findings.readings["left.hip.ir_limited"] == ABSENT
    assert findings.readings["left.hip.ir_limited_or_painful"] == PRESENT
    assert "kept" in messages(findings)


def test_regions_answer_whether_the_hip_hurts(found):
    assert found({"left": {"hip": {"pain_regions": ["side"]}}}).readings["left.hip.pain"] == PRESENT
    assert found({"left": {"hip": {"pain_regions": []}}}).readings["left.hip.pain"] == ABSENT
    absent = found({"left": {"hip": {"pain": "absent"}}}).readings
    assert absent["left.hip.pain_regions.side"] == ABSENT


def test_a_doubtful_value_is_kept_with_a_warning(found):
    findings = found({"left": {"ankle": {"lunge_bent_cm": 25}}})
    assert findings.readings["left.ankle.lunge_bent_cm"] == (2500, 2500)
    assert "outside the usual" in messages(findings)


def test_nothing_recorded_gives_no_reading(found):
    assert found({}).readings == {}


@pytest.mark.parametrize(("here", "there"), [("load", "tissue"), ("tissue", "load")])
@pytest.mark.parametrize("answer", ["present", "absent"])
def test_what_is_asked_twice_is_answered_once(found, here, there, answer):
    findings = found({here: {"steroids": answer}})
    assert findings.readings[f"{there}.steroids"] == frozenset({answer})
    assert findings.origins[f"{there}.steroids"] == ("mirrored", f"{here}.steroids")


def test_what_is_asked_twice_and_answered_differently_stands_and_is_reported(found):
    findings = found({"load": {"steroids": "absent"}, "tissue": {"steroids": "present"}})
    assert findings.readings["load.steroids"] == ABSENT
    assert findings.readings["tissue.steroids"] == PRESENT
    assert "answered differently" in messages(findings)


def test_a_gate_answered_absent_answers_what_is_asked_twice(found):
    readings = found({"red_flags": {"tissue_risk": "absent"}}).readings
    assert readings["load.steroids"] == ABSENT


def test_a_detail_of_a_summary_that_is_a_detail_opens_both(found):
    readings = found({"left": {"hip": {"replaced": "present"}}}).readings
    assert readings["history.hip_operation"] == readings["history.other_cause"] == PRESENT
    readings = found({"history": {"other_cause": "absent"}}).readings
    assert readings["left.hip.replaced"] == readings["history.hip_operation"] == ABSENT


@pytest.mark.parametrize(("index", "pulse"), [(0.89, PRESENT), (0.9, ABSENT)])
def test_a_low_pressure_index_counts_as_a_weak_pulse_whatever_was_felt(found, index, pulse):
    readings = found({"left": {"vascular": {"weak_pulse": "absent", "abi": index}}}).readings
    assert readings["left.vascular.weak_pulse"] == pulse


def test_a_positive_squeeze_test_counts_as_a_snap(found):
    leg = {"injury": {"snap": "absent"}, "calf": {"squeeze_test": "present"}}
    assert found({"left": leg}).readings["left.injury.snap"] == PRESENT


def test_hot_red_skin_counts_as_feeling_ill(found):
    readings = found({"right": {"infection": {"hot_red_skin": "present"}}}).readings
    assert readings["infection.unwell"] == PRESENT
    assert readings["right.red_flags.infection"] == PRESENT
