"""What the interview asks in other words, asks again elsewhere, or never asks twice."""

from __future__ import annotations

from datetime import date

import pytest

from screening.intake.interview import Core, Interview, Watched
from screening.intake.questionnaire import Questionnaire


@pytest.fixture
def interview(base):
    """Give an interview in which these answers were given and these tests are blocked."""

    def ask(answers=(), blocked=()):
        core = Core(frozenset(base.vocabulary.all_paths))
        seen = Watched(blocked=dict.fromkeys(blocked, "blocked"))
        form = Questionnaire(base.vocabulary)
        asking = Interview(form, core, lambda case: seen, date(2025, 3, 4), further=True)
        asking.answers.update(answers)
        asking.asked.extend(answers)
        return asking

    return ask


def test_a_sign_is_asked_as_seen_in_walking_only_while_load_is_blocked(interview):
    path, test = "left.gait.pelvic_drop", "left.hip.single_leg_stance_pain"
    question = interview().form[path]
    assert "Standing on THIS leg" in question.asked(interview().bare_blocked)
    blocked = question.asked(interview(blocked=[test]).bare_blocked)
    assert "As seen in walking only" in blocked
    assert "Standing on" not in blocked


@pytest.mark.parametrize(
    ("region", "asked"), [("thigh", True), ("groin_front", True), ("side", False)]
)
def test_bone_medicines_are_asked_with_pain_in_thigh_or_groin_whatever_the_gate(
    interview, region, asked
):
    answers = {"red_flags.load_pain": "absent", "left.hip.pain": "present"}
    answers["left.hip.pain_regions"] = (region,)
    questions = {question.path for question in interview(answers).plan}
    assert ("load.denosumab" in questions) == asked
    assert ("load.bisphosphonate_3_years" in questions) == asked


@pytest.mark.parametrize("fall", ["present", "absent"])
def test_percussion_is_asked_only_after_a_fall(interview, fall):
    answers = {"red_flags.injury": "present", "injury.fall_with_this_pain": fall}
    questions = {question.path for question in interview(answers).plan}
    assert ("left.injury.percussion_test" in questions) == (fall == "present")


def test_what_was_answered_is_not_asked_again_in_other_words(interview):
    asking = interview({"red_flags.load_pain": "present", "red_flags.tissue_risk": "present"})
    asked = []
    while (question := asking.next()) is not None:
        asked.append(question.path)
        asking.record(question, "absent" if question.path.endswith(".steroids") else None)
    assert len([path for path in asked if path.endswith(".steroids")]) == 1
