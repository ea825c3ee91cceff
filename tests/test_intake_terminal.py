"""The interview in a real pseudo-terminal: a whole case, skipping, going back, Ctrl-C, review."""

from __future__ import annotations

import os
import sys

import pexpect
import pytest

from screening.intake.case import load_case
from tests.conftest import ROOT

ORDINARY = {
    "case_id": "T1",
    "age_years": "38",
    "red_flags.leg_signs": "absent",
    "red_flags.injury": "absent",
    "red_flags.load_pain": "absent",
    "red_flags.all": "1",
    "attested_by": "A.B.",
    "attested_on": "",
    "history.other_cause": "absent",
    "left.hip.pain": "absent",
    "right.hip.pain": "present",
    "right.hip.pain_regions": "side",
    "left.ankle.lunge_bent_cm": "10.5",
    "right.ankle.lunge_bent_cm": "6.5",
    "right.ankle.limit_felt": "calf",
    "right.gait.pelvic_drop": "present",
    "right.gait.heel_off": "early",
}


class Terminal:
    """A real terminal with the interview in it."""

    def __init__(self, home, out, base):
        self.vocabulary = base.vocabulary
        self.prompts = []
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "screening", "intake", "--out", str(out)],
            cwd=str(ROOT),
            env={
                **os.environ,
                "XDG_STATE_HOME": str(home),
                "TERM": "dumb",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
            encoding="utf-8",
            dimensions=(50, 400),
            timeout=30,
        )

    def wait(self, text):
        self.child.expect_exact(text)

    def type(self, text):
        self.child.sendline(text)


@pytest.fixture
def terminal(tmp_path, base):
    """Start the interview; the draft lives in the test's own folder."""
    started = []

    def start(out):
        started.append(Terminal(tmp_path / "state", out, base))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)


def path_of_prompt(interview_paths, said):
    return next(path for path, prompt in interview_paths if prompt in said)


@pytest.fixture(scope="module")
def prompts(base):
    """Every prompt with its path, the longest first."""
    from screening.intake.interview import Interview

    interview = Interview(base.vocabulary, frozenset(), lambda case: frozenset())
    said = [(path, interview.prompt(path)) for path in base.vocabulary.all_paths]
    return sorted(said, key=lambda each: -len(each[1]))


def converse(terminal, prompts, answers, until="Further hip and gait tests"):
    """Answer every prompt by its path; what is not named is not tested. Give the paths asked."""
    asked = []
    patterns = [until, *(prompt for _, prompt in prompts)]
    while (found := terminal.child.expect_exact(patterns)) != 0:
        path = prompts[found - 1][0]
        asked.append(path)
        terminal.type(answers.get(path, ""))
    return asked


def finish(terminal):
    terminal.type("")
    terminal.wait("Change which?")
    terminal.type("")
    terminal.wait("Saved.")


def test_an_ordinary_case_is_typed_in_under_sixty_questions(terminal, prompts, tmp_path, base):
    out = tmp_path / "t1.yaml"
    screen = terminal(out)
    asked = converse(screen, prompts, ORDINARY)
    finish(screen)
    answers = load_case(str(out), base.vocabulary).answers
    assert answers["right.ankle.lunge_bent_cm"] == 650
    assert answers["right.hip.pain_regions"] == ("side",)
    assert answers["red_flags.all"] == "none_present"
    assert "right.gait.foot_pronation" not in answers
    assert len(asked) < 60
    assert asked.index("red_flags.leg_signs") < asked.index("left.hip.pain")
    assert "left.hip.fadir_familiar_pain" not in asked
    assert not (tmp_path / "state" / "screening" / "draft.yaml").exists()


def test_no_test_is_asked_that_an_open_flag_could_block(terminal, prompts, tmp_path):
    answers = {
        **ORDINARY,
        "red_flags.load_pain": "right",
        "right.load.cannot_stand_on_it": "present",
    }
    screen = terminal(tmp_path / "t2.yaml")
    asked = converse(screen, prompts, answers)
    screen.type("y")
    asked += converse(screen, prompts, answers, until="Change which?")
    assert "right.load.cannot_stand_on_it" in asked
    assert "right.hip.trochanter_tender" in asked
    assert not any("single_leg_stance" in path or "squat_pain" in path for path in asked)


def test_ctrl_c_loses_nothing_and_the_draft_is_offered(terminal, prompts, tmp_path, base):
    out = tmp_path / "t3.yaml"
    first = terminal(out)
    converse(first, prompts, ORDINARY, until="LEFT leg.")
    first.child.sendintr()
    first.wait("Stopped. What was answered is kept")
    first.child.expect(pexpect.EOF)
    again = terminal(out)
    again.wait("unfinished interview")
    again.type("")
    asked = converse(again, prompts, ORDINARY)
    assert "red_flags.leg_signs" not in asked
    finish(again)
    assert load_case(str(out), base.vocabulary).answers["age_years"] == 3800


def test_a_wrong_value_is_refused_in_place_and_back_goes_back(terminal, prompts, tmp_path):
    screen = terminal(tmp_path / "t4.yaml")
    prompt = {path: said for path, said in prompts}
    screen.wait(prompt["case_id"])
    screen.type("T4")
    screen.wait(prompt["examined_on"])
    screen.type("")
    screen.wait(prompt["age_years"])
    screen.type("380")
    screen.wait("outside")
    screen.wait(prompt["age_years"])
    screen.type("b")
    screen.wait(prompt["examined_on"])


def test_a_sweep_lists_every_question_that_it_answers(terminal, prompts, tmp_path, base):
    screen = terminal(tmp_path / "t5.yaml")
    sweep = dict(prompts)["red_flags.all"]
    converse(screen, prompts, ORDINARY, until=sweep)
    heard = screen.child.before
    answered = base.vocabulary["red_flags.all"].answers
    assert len(answered) == 11
    for gate in answered:
        assert base.vocabulary[gate].question in heard


def test_a_contradiction_is_said_at_once_and_can_be_taken_back(terminal, prompts, tmp_path, base):
    """Knee to wall 7.9 cm with the knee bent contradicts 40 degrees with the knee straight."""
    out = tmp_path / "t6.yaml"
    screen = terminal(out)
    straight = dict(prompts)["right.ankle.lunge_straight_deg"]
    converse(screen, prompts, ORDINARY, until=straight)
    screen.type("40")
    screen.wait("Note:")
    screen.wait("measure both again")
    screen.type("b")
    screen.wait(straight)
    screen.type("")
    converse(screen, prompts, ORDINARY)
    finish(screen)
    assert "right.ankle.lunge_straight_deg" not in load_case(str(out), base.vocabulary).answers


def test_without_a_terminal_it_says_so(command):
    done = command("intake", stdin="")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert done.stdout == ""
