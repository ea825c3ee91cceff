"""Why not: every answer is compared with trying everything, and applied to the case."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from itertools import combinations, product

import pytest

from screening.inference.infer import truth
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.findings import gather
from screening.numbers import hundredths
from screening.questions.counterfactual import MOST, Search, Wish
from screening.questions.why_not import NEAREST, SHOWN, WhyNot
from screening.record.candidates import Candidates
from screening.record.support import testable as may_be_tested
from screening.report.why_not_text import why_not_text
from tests.conftest import CASES

BASE_CASE = str(CASES / "base_case.yaml")
SAMPLE = [
    "base_case",
    "pattern_soleus",
    "limp",
    "nothing_measured",
    "instruments_differ",
    "both_hips",
    "vignette_03_footballer",
    "vignette_26d_boundary_10_1_cm",
    "flag_dvt_emergency",
    "published/theiss_2011_dvt",
    "published/cibulka_2004_osteoarthritis",
    "published/seattle_toe_walker",
    "published/villacorta_2012_iliac_artery",
]
CONCLUSIONS = [
    "right.verdict.unlikely",
    "right.verdict.likely",
    "right.ankle.joint_limit",
    "right.ankle.restricted",
    "right.hip.competing",
    "left.explanation.hip_osteoarthritis",
    "right.sign.gastrocnemius_gap",
    "flag.septic_hip",
    "flag.dvt",
]
MOST_TRIED = 100
"""Sets of a size are only tried one by one where there are not more than this."""


def value_with(inferred, answers, name):
    """The truth after a change, read from the whole case anew."""
    vocabulary = inferred.base.vocabulary
    readings = gather(inferred.case.with_answers(answers, vocabulary), vocabulary).readings
    return truth(Walk(inferred.form, PlainAlgebra(inferred.form, readings)).faces(name))


def tried(inferred, name, paths, size):
    """All sets of paths of which some answers fulfil the wish; None if there are too many."""
    now = inferred.value(name)
    of = Candidates(inferred, inferred.form.rests_on([name])).of
    tries = [
        dict(zip(chosen, answers, strict=True))
        for chosen in combinations(paths, size)
        for answers in product(*map(of, chosen))
    ]
    if size > 1 and len(tries) > MOST_TRIED:
        return None
    values = ((tuple(one), value_with(inferred, one, name)) for one in tries)
    wished = (True,) if now is False else (True, False)
    return {frozenset(chosen) for chosen, value in values if value in wished}


@pytest.mark.first(3)
@pytest.mark.parametrize("case", SAMPLE)
def test_the_smallest_sets_are_those_that_trying_everything_finds(case, inferred_of):
    inferred = inferred_of(case)
    compared = 0
    for name in CONCLUSIONS:
        now = inferred.value(name)
        if now is True:
            continue
        search = Search(inferred, Wish(name, either_way=now is None))
        paths = [p for p in search.paths if (p in inferred.case.answers) is (now is False)]
        found = {frozenset(dict(answers)) for answers in search.smallest(paths)}
        for size in range(1, MOST + 1):
            expected = tried(inferred, name, paths, size)
            if expected is None:
                assert all(len(one) >= size for one in found)
                break
            compared += 1
            assert {one for one in found if len(one) == size} == expected, (name, size)
            if expected:
                break
    assert compared


def test_a_sign_and_its_summary_turn_together(inferred_of):
    """Recorded absent alone, the summary is opened again by the sign that is still present."""
    search = Search(inferred_of("both_hips"), Wish("right.verdict.likely"))
    paths = frozenset({"left.hip.pain", "left.hip.pain_regions"})
    found = search.smallest(sorted(paths))
    assert [frozenset(dict(answers)) for answers in found] == [paths]


@pytest.mark.parametrize("case", ["base_case", "published/theiss_2011_dvt"])
def test_findings_left_out_of_a_search_cannot_matter(case, inferred_of):
    inferred = inferred_of(case)
    for name in ("right.verdict.unlikely", "flag.septic_hip"):
        search = Search(inferred, Wish(name))
        of = Candidates(inferred, inferred.form.rests_on([name])).of
        others = set(inferred.case.answers) - set(search.paths)
        assert others
        for path in others:
            for answer in of(path):
                assert value_with(inferred, {path: answer}, name) is inferred.value(name)


def test_the_nearest_value_of_a_cell_is_the_nearest_of_all_values(inferred_of):
    inferred = inferred_of("vignette_26d_boundary_10_1_cm")
    name, path = "right.ankle.restricted", "right.ankle.lunge_straight_deg"
    now = inferred.case.answers[path]
    low, high = inferred.base.vocabulary[path].hard
    turning = [
        value
        for value in range(low, high + 1, 100)
        if value_with(inferred, {path: value}, name) is True
    ]
    nearest = min(turning, key=lambda value: abs(value - now))
    assert frozenset({(path, nearest)}) in Search(inferred, Wish(name)).smallest([path])


@pytest.fixture(scope="module")
def why_not(inferred_of, base):
    """Say why a conclusion is not true of a case of the library, once each."""
    return cache(lambda case, name: WhyNot(inferred_of(case), base.form.conclusions[name]).record())


@pytest.mark.first(4)
@pytest.mark.parametrize("case", SAMPLE)
def test_a_change_applied_turns_the_conclusion_and_nothing_smaller_does(case, inferred_of, why_not):
    inferred = inferred_of(case)
    for name in CONCLUSIONS[:5]:
        answer = why_not(case, name)
        assert answer["value"] is inferred.value(name)
        assert len(answer["changes"]) <= min(SHOWN, answer["sets"])
        for changes in answer["changes"][:3]:
            given = {c["path"]: answer_of(c["to"]) for c in changes}
            assert value_with(inferred, given, name) is True
            for size in range(len(given)):
                for part in combinations(given, size):
                    smaller = {path: given[path] for path in part}
                    assert value_with(inferred, smaller, name) is not True


def answer_of(typed):
    if isinstance(typed, list):
        return tuple(typed)
    return typed if isinstance(typed, str) else hundredths(Decimal(str(typed)))


def test_a_number_is_said_in_its_unit_and_in_mdcs(inferred_of, base):
    inferred = inferred_of("vignette_26d_boundary_10_1_cm")
    answer = WhyNot(inferred, base.form.conclusions["right.ankle.restricted"]).record()
    [[change]] = answer["changes"]
    assert change["path"] == "right.ankle.lunge_straight_deg"
    assert change["to"] - change["from"] == change["difference"] == -9
    assert change["unit"] == "deg"
    assert change["mdc_multiples"] == pytest.approx(9 / 4.7, abs=0.01)
    assert change["text"].endswith("21° instead of 30°: 9° less, more than the MDC of 4.7°")


def test_what_holds_points_to_its_proof(inferred_of, base):
    answer = WhyNot(inferred_of("base_case"), base.form.conclusions["right.verdict.likely"])
    record = answer.record()
    assert (record["changes"], record["record"], record["nearest"]) == ([], [], [])
    assert "`screening why CASE verdict.likely --side right`" in why_not_text(record, base).plain


def test_recording_a_set_can_settle_the_unknown_and_nothing_blocked_is_asked(
    inferred_of, why_not, base
):
    seen = 0
    for case in ("base_case", "nothing_measured", "flag_dvt_emergency"):
        inferred = inferred_of(case)
        for name in CONCLUSIONS:
            if inferred.value(name) is not None:
                continue
            answer = why_not(case, name)
            assert answer["changes"] == []
            for paths in answer["record"]:
                seen += 1
                assert not set(paths) & set(inferred.case.answers)
                assert all(may_be_tested(path, inferred, base.vocabulary) for path in paths)
    assert seen


def test_an_open_gate_stands_for_its_details(infer_of, base):
    inferred = infer_of({"right": {"hip": {"pain": "present"}}})
    answer = WhyNot(inferred, base.form.conclusions["flag.septic_hip"]).record()
    assert answer["record"] == [["red_flags.infection"]]


def test_more_than_three_findings_is_said(infer_of, base):
    gait = {
        "heel_off": "normal",
        "foot_pronation": "normal",
        "pelvic_drop": "absent",
        "medial_collapse": "absent",
        "antalgic": "absent",
    }
    ankle = {"lunge_bent_cm": 12, "limit_felt": "front_or_hard_stop"}
    inferred = infer_of(
        {
            "age_years": 38,
            "left": {"hip": {"pain": "absent"}, "ankle": {"lunge_bent_cm": 12}},
            "right": {"hip": {"pain": "present"}, "gait": gait, "ankle": ankle},
        }
    )
    answer = WhyNot(inferred, base.form.conclusions["right.verdict.likely"]).record()
    assert (answer["value"], answer["changes"]) == (False, [])
    assert answer["limit"] == "more_than_three"
    assert "More than three findings would have to be different" in why_not_text(answer, base).plain


def test_what_no_finding_can_turn_says_never(inferred_of, base):
    name = next(n for n, c in base.form.conclusions.items() if not c.rules)
    answer = WhyNot(inferred_of("base_case"), base.form.conclusions[name]).record()
    assert (answer["changes"], answer["limit"], answer["nearest"]) == ([], "never", [])
    assert "No other findings could make it hold." in why_not_text(answer, base).plain


def test_the_nearest_rules_lack_least(inferred_of, base):
    inferred = inferred_of("base_case")
    answer = WhyNot(inferred, base.form.conclusions["right.verdict.unlikely"]).record()
    lacking = [sum(p["status"] != "met" for p in rule["premises"]) for rule in answer["nearest"]]
    assert len(lacking) <= NEAREST
    assert lacking == sorted(lacking)
    assert {p["status"] for r in answer["nearest"] for p in r["premises"]} >= {"not_met"}


def test_the_command_gives_json_and_text(command):
    words = ("why-not", BASE_CASE, "ankle.joint_limit", "--side", "right")
    done = command(*words, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    [[change]] = json.loads(done.stdout)["changes"]
    assert (change["from"], change["to"]) == ("calf", "front_or_hard_stop")
    text = command(*words).stdout
    assert "instead of stretch in" in text
    assert "[x]" in text


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("verdict.likly",), 'Did you mean "verdict.likely"?'),
        (("verdict.likely", "--side", "left"), "hip pain"),
        (("verdict.likely", "--side", "up"), "--side"),
    ],
)
def test_what_cannot_be_asked_is_refused(words, hint, command):
    done = command("why-not", BASE_CASE, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_case_is_refused(command):
    done = command("why-not", "no_such.yaml", "flag.dvt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no_such.yaml" in done.stderr


def test_why_not_possible_of_a_likely_leg_says_that_it_is_likely(command):
    done = command("why-not", str(CASES / "base_case.yaml"), "verdict.possible")
    assert "more than that: the verdict of the RIGHT leg is LIKELY" in " ".join(done.stdout.split())


@pytest.mark.first(4)
@pytest.mark.parametrize("case", SAMPLE)
def test_what_was_told_is_never_to_be_changed(case, why_not, base):
    """Pain, history and the red-flag questions are no readings: only an examination is repeated."""
    for name in CONCLUSIONS[:5]:
        for change in (each for found in why_not(case, name)["changes"] for each in found):
            told = base.vocabulary[change["path"]].position == "talk"
            assert not (told and change["from"] is not None), change["path"]


def test_what_the_history_decides_is_said_and_not_proposed(inferred_of, base):
    name = "right.verdict.likely"
    answer = WhyNot(inferred_of("both_hips"), base.form.conclusions[name]).record()
    assert (answer["changes"], answer["limit"]) == ([], "told")
    assert any("Hip pain (left): pain" in told for told in answer["told"])
    said = " ".join(why_not_text(answer, base).plain.split())
    assert "Nothing that could be measured anew would make it hold. The history stands" in said
    assert "were different" not in said


def test_what_to_record_is_named_by_its_title_and_leg(inferred_of, base):
    name = "right.verdict.possible"
    answer = WhyNot(inferred_of("nothing_measured"), base.form.conclusions[name]).record()
    said = why_not_text(answer, base).plain
    assert "- Knee to wall (right)" in said
    assert not re.search(r"\b(left|right)\.[a-z]", said)
