"""What could still change: what to record next, and what survives measurement error."""

from __future__ import annotations

import json
import random
import re
from functools import cache

import pytest

from screening.inference.infer import infer, truth
from screening.intake.answers import reader
from screening.questions.completion import Completion, Target, targets
from screening.questions.next import next_findings
from screening.questions.stable import HOLDS, NOT_SETTLED, TURNS, Stable, stable
from screening.record.support import testable as may_be_asked
from screening.report.ahead_text import stable_text
from tests.conftest import CASES

NAMES = [
    "base_case",
    "both_hips",
    "hip_not_examined",
    "nothing_measured",
    "instruments_differ",
    "flag_calf_tear",
    "published/theiss_2011_dvt",
    "by_hand",
    "groin_pain",
    "vignette_08_runner_after_flight",
    "published/lee_hazle_avascular_necrosis",
    "published/baumbach_2014_healthy_means",
]
pytestmark = pytest.mark.first(4)


@pytest.fixture(scope="module")
def inferred_by_name(inferred_from):
    return {name: inferred_from(CASES / f"{name}.yaml") for name in NAMES}


@pytest.fixture(scope="module")
def firm(inferred_by_name):
    return stable(inferred_by_name["base_case"])


@pytest.fixture(params=NAMES)
def inferred(request, inferred_by_name):
    return inferred_by_name[request.param]


def typed(path, value, vocabulary):
    """Read a value back as a case file would."""
    from decimal import Decimal

    value = Decimal(str(value)) if isinstance(value, float) else value
    return reader(path, vocabulary)(value)


def test_what_next_says_is_settled_by_an_answer_really_is(inferred, base):
    found = next_findings(inferred)
    for row in found["next"]:
        assert may_be_asked(row["path"], inferred, base.vocabulary)
        for answer in row["settles"]:
            value = typed(row["path"], answer["answer"], base.vocabulary)
            case = inferred.case.with_answers({row["path"]: value}, base.vocabulary)
            screened = infer(case, base)
            for name in answer["conclusions"]:
                assert truth(inferred.faces(name)) is None
                assert truth(screened.faces(name)) is not None


def test_nothing_changes_a_verdict_that_next_calls_settled(inferred, base):
    found = next_findings(inferred)
    completion = Completion(inferred)
    chance = random.Random(7)
    for side, can in found["verdict_can_change"].items():
        if can is not False:
            continue
        target = Target(f"{side}.verdict", True)
        now = target.state(inferred.walk, inferred.form)
        open_paths = completion.askable(target)
        for _ in range(40):
            answers = {
                path: chance.choice(options)
                for path in open_paths
                if (options := completion.candidates.of(path)) and chance.random() < 0.7
            }
            walk = completion.walk(answers)
            if not contradictory(walk, inferred.form):
                assert target.state(walk, inferred.form) == now


def test_what_rests_on_no_reading_is_not_said_to_hold_within_its_error(firm, base):
    [triage] = [row for row in firm["decisions"] if row["id"] == "triage"]
    assert not triage["measured"]
    assert firm["sides"]["right"]["measured"]
    said = " ".join(stable_text(firm, base).text.plain.split())
    head, _, rest = said.partition("Triage: ")
    assert rest.partition(". ")[0].startswith("No red flag recorded It rests on no reading")
    # A range has its unit once, and a title within a sentence begins small.
    assert "knee to wall (left) from 8.6 to 12.4 cm" in head
    moved = [row for row in firm["decisions"] if not row["measured"]]
    assert all(row["mdc"] == HOLDS for row in moved)


def contradictory(walk, form):
    """Tell whether readings contradict each other: then neither counts, and that is said."""
    values = [walk.value(name) for name in form.derived_by_name]
    return any(getattr(value, "set_aside", False) for value in values)


FEW = ["base_case", "hip_not_examined", "published/baumbach_2014_healthy_means"]
REST = [pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name not in FEW]


@pytest.fixture(scope="module")
def checked(inferred_by_name):
    """Give what looks for stability, made once for each case."""
    return cache(lambda name: Stable(inferred_by_name[name]))


def holds_where_it_moves(check, moves, chance):
    """What turns has a witness that was screened; what holds does so wherever readings move."""
    found = [(target, *check.under_error(target)) for target in targets(check.inferred)]
    for target, how, witness in found:
        assert (how == TURNS) == (witness is not None)
        if witness:
            assert check.completion.confirmed(target, witness) != state(check, target)
    holding = [target for target, how, _ in found if how == HOLDS]
    for _ in range(moves):
        moved = {p: chance.randint(low, high) for p, (low, high) in check.moving.items()}
        walk = check.completion.walk(moved)
        for target in holding:
            assert target.state(walk, check.form) == state(check, target), target


def state(check, target):
    return target.state(check.inferred.walk, check.form)


@pytest.mark.first(3)
@pytest.mark.parametrize("name", NAMES)
def test_what_holds_within_the_error_holds_in_sixty_cases(name, checked):
    holds_where_it_moves(checked(name), 60 // len(NAMES), random.Random(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_holds_within_the_error_holds_in_a_thousand_cases(name, checked):
    holds_where_it_moves(checked(name), 1000 // len(NAMES) + 1, random.Random(name))


@pytest.mark.first(2)
@pytest.mark.parametrize("name", [*FEW, *REST])
def test_what_holds_holds_whatever_is_still_recorded(name, checked):
    check = checked(name)
    for target in targets(check.inferred):
        how, witness = check.when_recorded(target)
        known = not target.is_ladder and state(check, target) is not None
        assert how == HOLDS or not known, "a known conclusion is never unsettled"
        assert (how == TURNS) == (witness is not None)
        if witness:
            assert check.completion.confirmed(target, witness) != state(check, target)


@pytest.mark.parametrize("name", [*FEW, *REST])
def test_a_decision_that_is_settled_is_so_whatever_is_recorded(name, checked):
    check, chance = checked(name), random.Random(name)
    completion = check.completion
    settled = [t for t in targets(check.inferred) if t.is_ladder and completion.settled(t)]
    open_paths = {path for target in settled for path in completion.askable(target)}
    for _ in range(30):
        answers = {
            path: chance.choice(options)
            for path in sorted(open_paths)
            if (options := completion.candidates.of(path)) and chance.random() < 0.5
        }
        walk = completion.walk(answers)
        if not contradictory(walk, check.form):
            for target in settled:
                assert target.state(walk, check.form) == state(check, target), target


def test_a_decision_that_reads_another_moves_with_it(checked):
    """The one loading exercise that comes first rests on the verdict, which turns here."""
    check = checked("published/baumbach_2014_healthy_means")
    verdict, first = (Target(f"right.{name}", True) for name in ("verdict", "load_first"))
    assert check.under_error(verdict)[0] == check.under_error(first)[0] == TURNS


def test_readings_without_a_published_error_are_named(base, case_of):
    data = {"right": {"hip": {"pain": "present", "pain_nrs": 5}, "vascular": {"abi": 1.0}}}
    assert "right.vascular.abi" in Stable(infer(case_of(data), base)).without_mdc


def test_the_base_case_turns_within_the_error_of_its_tape(firm):
    verdict = firm["sides"]["right"]
    assert (verdict["value"], verdict["mdc"], verdict["missing"]) == ("likely", TURNS, HOLDS)
    assert verdict["witness"]["right.ankle.lunge_bent_cm"] >= 8.0
    assert {row["mdc"] for row in firm["conclusions"]} <= {HOLDS, TURNS, NOT_SETTLED}


def test_after_an_emergency_no_exercise_is_said_to_change(inferred_of, base):
    said = stable_text(stable(inferred_of("flag_dvt_emergency")), base).text.plain
    assert "The emergency comes first: nothing is advised" in said
    assert "Triage: EMERGENCY" in said
    assert "RIGHT leg, verdict on the calf-related movement pattern: SUSPENDED" in said
    assert not re.search("exercise|stretch|place of|called for|restricted", said)


def test_a_restriction_that_is_not_known_is_said_in_two_words(inferred_of, base):
    said = stable_text(stable(inferred_of("nothing_measured")), base).text.plain
    assert "RIGHT leg, restriction of the ankle: not known\n" in said


@pytest.mark.parametrize("name", ["next", "stable"])
def test_the_commands_print_text_and_json(name, command):
    text = command(name, str(CASES / "base_case.yaml"))
    assert text.returncode == 0
    assert "movement pattern" in text.stdout
    assert not re.search(r"\b(left|right)\.[a-z]", text.stdout)
    assert "RIGHT leg" in text.stdout
    case = str(CASES / "flag_dvt_emergency.yaml")
    told = json.loads(command(name, case, "--format", "json").stdout)
    assert {"next": "verdict_can_change", "stable": "conclusions"}[name] in told
    wrong = command(name, "no_such_case.yaml")
    assert (wrong.returncode, wrong.stdout) == (2, "")
