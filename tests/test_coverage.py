"""What the cases show of the rules: all of it, and what is left out is noticed and suggested."""

from __future__ import annotations

import json

import pytest

from screening.assurance.coverage import Coverage, case_files, covered
from screening.assurance.impossible import why_impossible
from screening.assurance.suggest import suggest, write
from screening.inference.infer import infer
from screening.intake.case import load_case
from tests.conftest import CASES
from tests.generate_rules import loaded, rule_base


def flags_first(path):
    """Put cases of flags first, then those of publications."""
    return not path.name.startswith("flag_"), path.parent == CASES


@pytest.fixture(scope="module")
def found(base):
    return covered(base, [CASES])


@pytest.fixture(scope="module")
def everything(base):
    """All that can be shown of the rules, before any case is looked at."""
    return list(Coverage(base).missing)


@pytest.mark.whole
def test_cases_and_examples_show_every_rule_premise_and_threshold(found):
    assert [goal.lacks for goal in found.missing] == []
    assert found.counts["rules"]["of"] == len(found.base.rule_texts)


@pytest.mark.whole
def test_what_can_never_be_shown_has_a_proof(found):
    assert found.never
    assert all(" tried" in why or "both met" in why for why in found.never.values())
    # RED-090 asks for the gate and for one of its signs, and a sign opens its gate.
    assert "premises deciding: RED-090 premise 1" in found.never


def test_a_premise_that_can_decide_is_never_excused(base, everything, inferred_from, some):
    """Every goal that a case meets must resist the proof that no case can."""
    goals = [goal for goal in everything if goal.kind == "premises deciding"][::12]
    wrong = []
    inferred = [inferred_from(path) for path in some(sorted(CASES.glob("v*")), 2)]
    for goal in goals:
        if any(goal.met(each) for each in inferred) and why_impossible(goal, base):
            wrong.append(goal.key)
    assert wrong == []


def test_each_flag_level_and_each_block_group_has_a_case_of_its_own(everything, inferred_from):
    missing = [goal for goal in everything if goal.kind == "conclusions true"]
    missing = [goal for goal in missing if goal.name.startswith(("flag.", "gate.", "block."))]
    assert len(missing) > 90
    # The others are looked at if something is missing after those of flags.
    for path in sorted(case_files([CASES]), key=flags_first):
        if missing:
            missing = [goal for goal in missing if not goal.met(inferred_from(path))]
    assert [goal.name for goal in missing] == []


def test_what_is_missing_is_suggested_and_closes_the_gap(base, everything, tmp_path):
    missing = [goal for goal in everything if "gluteal_trial" in goal.lacks]
    assert len(missing) >= 20
    files = write(suggest(base, missing), base, tmp_path / "cases")
    assert set(files) == {goal.key for goal in missing}
    screened = [
        infer(load_case(str(path), base.vocabulary), base) for path in dict.fromkeys(files.values())
    ]
    assert all(each.agree and each.case.expect is None for each in screened)
    assert all(any(goal.met(each) for each in screened) for goal in missing)


def test_a_suggested_case_is_screened_like_any_other(base, everything, tmp_path, typed):
    goal = next(goal for goal in everything if goal.name == "RED-023 premise 3")
    (path,) = write(suggest(base, [goal]), base, tmp_path).values()
    assert typed("screen", path).returncode == 0


@pytest.mark.whole
def test_the_command_lists_and_suggests_what_is_missing(tmp_path, command):
    small = loaded(rule_base(5), tmp_path / "rules")
    case = tmp_path / "case.yaml"
    case.write_text("left: {hip: {pain: present}}\n", encoding="utf-8")
    words = ("rules", "coverage", str(case), "--rules", str(small.root))
    done = command(*words, "--suggest", "--out", str(tmp_path / "new"), "--format", "json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["ok"] is False
    assert said["cases"] == 1
    assert said["counts"]["rules"]["shown"] < said["counts"]["rules"]["of"]
    assert {"kind", "where", "message", "witness"} == set(said["problems"][0])
    witnesses = {problem["witness"] for problem in said["problems"] if problem["witness"]}
    assert witnesses == {str(path) for path in (tmp_path / "new").iterdir()}
    again = json.loads(command(*words, str(tmp_path / "new"), "--format", "json").stdout)
    still = {(problem["kind"], problem["message"]) for problem in again["problems"]}
    without = [problem for problem in said["problems"] if not problem["witness"]]
    assert still == {(problem["kind"], problem["message"]) for problem in without}
    page = command(*words).stdout
    assert "cases to write" in page


def test_a_folder_that_does_not_exist_is_named(typed):
    done = typed("rules", "coverage", "no_such_cases")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no_such_cases" in done.stderr


def test_thresholds_are_just_missed_within_the_measurement_error(everything):
    near = {goal.name: goal for goal in everything if goal.kind.startswith("thresh")}
    (way, _) = near["ankle.lunge_bent_cm just below knee_to_wall_restricted"].ways
    assert (way[0].low, way[0].high) == (610, 799)  # 8.0 cm less the MDC of 1.9
    (way,) = near["age_years just above adult"].ways
    assert (way[0].low, way[0].high) == (1801, 1900)  # whole years
