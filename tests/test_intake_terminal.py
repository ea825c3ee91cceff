"""The interview in a real terminal: gates, sweeps, both legs, flags, drafts, going back, review."""

from __future__ import annotations

import io
import re
import stat

import pexpect
import pytest

from benchmarks.interview import measured
from screening.cli.intake import answers_shown
from screening.cli.terminal import KEPT, Terminal
from screening.intake.case import load_case
from screening.intake.questionnaire import Questionnaire
from screening.intake.vocabulary import without_side
from tests.clinician import FURTHER, REVIEW, STOP, Clinician, process
from tests.conftest import CASES

CLEAR = {
    "case_id": "T1",
    "examined_by": "A.B.",
    "age_years": "38",
    "red_flags.leg_signs": "n",
    "red_flags.injury": "n",
    "red_flags.load_pain": "n",
    "red_flags.all": "y",
    "history.other_cause": "n",
    "left.hip.pain": "n",
}
ORDINARY = {
    **CLEAR,
    "right.hip.pain": "y",
    "right.hip.pain_regions": "2",
    "right.hip.pain_nrs": "5",
    "right.hip.pain_weeks": "12",
    "right.gait.antalgic": "n",
    "right.ankle.fracture_or_surgery": "n",
    "left.ankle.lunge_bent_cm": "10.5",
    "right.ankle.lunge_bent_cm": "6.5",
    "right.ankle.limit_felt": "1",
    "right.gait.heel_off": "early",
    "right.gait.pelvic_drop": "y",
    "right.hip.all": "y",
}


@pytest.fixture
def clinic(tmp_path, base, commands):
    """Start an interview; its drafts live in the test's own folder."""
    started = []

    def start(*words, **how):
        how = {"at_terminal": commands.at_terminal, **how}
        started.append(Clinician(base, tmp_path / "state", *words, **how))
        return started[-1]

    yield start
    for each in started:
        each.child.close()


def drafts(tmp_path):
    return list((tmp_path / "state" / "screening" / "drafts").glob("*"))


def test_an_ordinary_case_takes_at_most_forty_prompts_and_three_minutes(clinic, tmp_path, base):
    out = tmp_path / "t1.yaml"
    one = clinic("--out", str(out))
    asked = one.converse(ORDINARY)
    one.finish()
    answers = load_case(str(out), base.vocabulary).answers
    assert answers["right.ankle.lunge_bent_cm"] == 650
    assert answers["right.hip.pain_regions"] == ("side",)
    assert answers["red_flags.all"] == "none_present"
    assert answers["attested_by"] == answers["examined_by"] == "A.B."
    assert answers["attested_on"] == answers["examined_on"]
    assert one.answered <= 40
    assert one.seconds < 175
    assert {"right.hip.pain_nrs", "right.hip.pain_weeks"} <= set(asked)
    # Both legs at each, by position; the limp is asked before anything is measured.
    assert asked.index("right.gait.antalgic") < asked.index("left.ankle.lunge_bent_cm")
    measured = asked.index("left.ankle.lunge_bent_cm")
    assert asked[measured + 1] == "right.ankle.lunge_bent_cm"
    # What another reading answers, what no side calls for, and a re-test are not asked.
    assert "right.ankle.lunge_bent_deg" not in asked
    assert "left.ankle.limit_felt" not in asked
    assert not any("hip.fadir" in path or "retest" in path or path == "visit" for path in asked)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not drafts(tmp_path)


def test_two_painful_hips_take_under_three_minutes_and_are_alike_only_where_it_is_said(
    base, commands
):
    """Every answer of a case with two painful hips is typed, and is there when it is saved."""
    one, saved = measured(str(CASES / "both_hips.yaml"), commands.at_terminal)
    given = load_case(str(CASES / "both_hips.yaml"), base.vocabulary).answers
    swept = base.vocabulary["hip.all"].answers
    assert one.seconds < 180
    assert one.answered <= 40
    for path, answer in given.items():
        bare = without_side(path)[1]
        if bare not in swept and base.vocabulary[path].type != "date":
            assert saved[path] == answer, path


def test_an_answer_for_both_legs_is_refused_where_only_one_is_asked(clinic, tmp_path):
    one = clinic("--out", str(tmp_path / "t.yaml"))
    one.converse(ORDINARY, stop_at="right.hip.pain_nrs")
    one.type("5=")
    one.wait("= answers both legs; here only this one is asked.")


def test_the_sweep_is_read_out_in_full_after_the_three_that_are_asked_alone(clinic, tmp_path, base):
    one = clinic("--out", str(tmp_path / "t.yaml"))
    asked = one.converse(ORDINARY, stop_at="red_flags.all")
    alone = [gate for gate in base.vocabulary.gates if base.vocabulary[gate].one_by_one]
    assert asked[-3:] == alone
    answered = base.vocabulary["red_flags.all"].answers
    assert len(answered) == 11
    for gate in answered:
        assert f" - {base.vocabulary[gate].question}" in one.seen


def test_red_the_moment_a_flag_holds_and_enter_stops_with_a_note(clinic, tmp_path, base):
    out = tmp_path / "flag.yaml"
    one = clinic("--out", str(out), FORCE_COLOR="1", COLORTERM="truecolor")
    asked = one.converse({**ORDINARY, "red_flags.all": "", "red_flags.chest": "y"}, STOP)
    assert asked[-1] == "red_flags.chest"
    raw = one.child.before
    assert "EMERGENCY, NOW" in raw
    assert "Ambulance now" in raw
    assert "\x1b[" in raw
    one.type("")
    one.wait(REVIEW)
    assert "Ambulance now" in one.child.before
    one.type("")
    one.wait("Saved")
    one.child.expect(pexpect.EOF)
    assert "Ambulance now" in one.child.before
    assert "REFERRAL NOTE   EMERGENCY, NOW" in one.child.before
    text = out.with_suffix(".note.txt").read_text()
    assert 5 <= len(text.splitlines()) <= 10
    assert "A.B." in text
    assert "likely" not in text.lower()
    assert load_case(str(out), base.vocabulary).answers["red_flags.chest"] == "present"


def test_a_test_that_an_open_flag_blocks_is_said_with_the_reason(clinic, tmp_path):
    answers = {
        **ORDINARY,
        "red_flags.load_pain": "r",
        "right.load.cannot_stand_on_it": "y",
    }
    one = clinic("--out", str(tmp_path / "t2.yaml"))
    asked = one.converse(answers, STOP, FURTHER)
    while one.child.after == STOP:
        one.type("c")
        asked += one.converse(answers, STOP, FURTHER)
    assert "right.load.cannot_stand_on_it" in asked
    assert not any("lunge" in path for path in asked)
    said = next(line for line in one.seen.splitlines() if line.startswith("Not to be tested"))
    assert "Knee to wall" in said
    assert "(Suspected" in said


@pytest.mark.whole
def test_drafts_of_several_patients_are_kept_apart_and_private(clinic, tmp_path, base):
    # Where tables can be read, Polars takes Ctrl-C for itself; the interview reads none.
    first = clinic("--out", str(tmp_path / "a.yaml"), at_terminal=process)
    first.converse({**ORDINARY, "case_id": "P1"}, stop_at="history.other_cause")
    first.child.send("\x03")
    first.wait("Nothing was saved. The draft is kept")
    second = clinic("--out", str(tmp_path / "b.yaml"))
    second.wait("case P1, 38 years, ")
    second.wait("Enter = another patient")
    second.type("")
    second.converse({**ORDINARY, "case_id": "P2", "age_years": "50"}, stop_at="red_flags.leg_signs")
    second.type("q")
    second.wait("Nothing was saved")
    second.child.expect(pexpect.EOF)
    assert not (tmp_path / "a.yaml").exists()
    assert not (tmp_path / "b.yaml").exists()
    folder = tmp_path / "state" / "screening" / "drafts"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600, 0o600]
    third = clinic("--out", str(tmp_path / "a.yaml"))
    third.wait("1 unfinished: case P2, 50 years, ")
    third.wait("2 unfinished: case P1, 38 years, ")
    third.wait("Enter = another patient")
    third.type("2")
    # Going back after a resume loses nothing: the answer stands there, and Enter keeps it.
    third.wait("Another known cause")
    third.type("b")
    third.wait("Enter keeps it")
    third.type("")
    asked = third.converse(ORDINARY)
    assert "red_flags.leg_signs" not in asked
    third.finish()
    answers = load_case(str(tmp_path / "a.yaml"), base.vocabulary).answers
    assert answers["case_id"] == "P1"
    assert answers["attested_by"] == "A.B."
    assert len(drafts(tmp_path)) == 1


def test_a_draft_that_is_a_link_is_not_followed(clinic, tmp_path):
    folder = tmp_path / "state" / "screening" / "drafts"
    folder.mkdir(parents=True)
    other = tmp_path / "other.yaml"
    other.write_text("case: {case_id: X1}\nasked: []\n")
    (folder / "x.draft.yaml").symlink_to(other)
    one = clinic("--out", str(tmp_path / "a.yaml"))
    one.wait("Case number")
    assert "unfinished" not in one.seen


def test_typing_wrong_values_names_help_and_words(clinic, tmp_path):
    one = clinic("--out", str(tmp_path / "t4.yaml"))
    one.wait("Case number (no names)")
    one.type("Anna Smith")
    one.wait("looks like a name")
    one.type("")
    one.wait("Case number (no names)")
    one.type("T4")
    one.converse({"examined_by": "A.B."}, stop_at="age_years")
    one.type("380")
    one.wait("outside")
    one.wait("Age [years]")
    one.type("?")
    one.wait("How old is the patient, in years?")
    one.wait("Age [years]")
    one.type("38")
    one.wait("Sex")
    one.type("b")
    one.wait("now: 38")
    one.wait("Age [years]")
    one.type("")
    one.wait("Sex")
    one.type("woman")
    one.wait("is expected")
    one.wait("Sex")
    one.type("1")
    one.wait("Calf pain or tenderness")
    one.type("u")
    one.wait("?")
    assert "is expected" not in one.child.before


def test_prompts_wrap_to_the_terminal_and_no_word_is_broken(clinic, tmp_path, base):
    one = clinic("--out", str(tmp_path / "t.yaml"), columns=60)
    for text, typed in (("names)", "T5"), ("Examined by", "A.B."), ("Enter =", ""), ("Age", "38")):
        one.wait(text)
        one.type(typed)
    one.wait("Sex")
    one.type("")
    one.wait("[y/n/u/l/r]")
    lines = one.child.before.splitlines()
    assert all(len(line) <= 60 for line in lines)
    words = " ".join(lines).split()
    assert all(word in words for word in base.vocabulary["red_flags.leg_signs"].question.split())


def test_no_prompt_parts_a_choice_from_its_number_at_any_width(monkeypatch, base, capsys):
    for columns in (60, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 400))
        for question in Questionnaire(base.vocabulary).questions:
            Terminal().ask(f"couch 12/14  RIGHT {question.brief}{answers_shown(question)}")
            said = capsys.readouterr().err
            lines = [line.strip() for line in said.splitlines()]
            assert all(len(line) < columns for line in lines)
            for number, word in enumerate(question.words, 1):
                choice = f"{number} = {word.replace('_', ' ')}"
                assert KEPT not in said
                assert "/" in said or any(choice in line for line in lines), choice


def test_a_profile_leaves_out_what_the_clinic_does_not_measure(clinic, tmp_path):
    profile = tmp_path / "clinic.yaml"
    profile.write_text("instruments: [tape]\nexamined_by: C.D.\n")
    one = clinic("--profile", str(profile), "--out", str(tmp_path / "p.yaml"))
    asked = one.converse(ORDINARY)
    assert "examined_by" not in asked
    assert "right.ankle.lunge_bent_cm" in asked
    assert not any("_deg" in path or "by_hand" in path for path in asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("instruments: [tapes]\n", '"tape"'),
        ("tools: [tape]\n", "no part of a profile"),
        ("", "no prof"),
    ],
)
def test_a_profile_is_read_strictly(text, said, tmp_path, base):
    from screening.errors import UsageError
    from screening.intake.profile import load_profile

    path = tmp_path / "clinic.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_profile(path, base.vocabulary)
    assert said in str(caught.value)


def test_an_old_attestation_and_a_contradiction_are_said_at_once(clinic, tmp_path, base):
    """Knee to wall 7.9 cm with the knee bent contradicts 40 degrees with the knee straight."""
    out = tmp_path / "t6.yaml"
    one = clinic("--out", str(out))
    one.converse({**ORDINARY, "attested_on": "2025-01-02"}, stop_at="history.other_cause")
    assert "before" in one.seen
    assert "ask again" in one.seen
    one.type("n")
    one.converse(ORDINARY, stop_at="right.ankle.lunge_straight_deg")
    one.type("40")
    one.wait("measure both again")
    one.type("b")
    one.wait("now: 40")
    one.wait("RIGHT Shin angle, knee straight")
    one.type("-")
    one.converse(ORDINARY)
    one.type("")
    one.wait(REVIEW)
    one.type("q")
    one.wait("Nothing was saved")
    assert not out.exists()


@pytest.mark.whole
def test_further_tests_are_asked_on_request(clinic, tmp_path):
    one = clinic("--out", str(tmp_path / "t.yaml"))
    one.converse(ORDINARY)
    one.type("y")
    asked = one.converse({"visit": "2"}, REVIEW)
    assert {"visit", "retest.exercises_done", "right.hip.trochanter_tender"} <= set(asked)


def test_a_re_test_says_which_visit_it_is_and_is_asked_what_belongs_to_one(clinic, tmp_path, base):
    out = tmp_path / "second.yaml"
    one = clinic("--visit", "2", "--out", str(out))
    asked = one.converse({**CLEAR, "right.hip.pain": "n", "retest.exercises_done": "1"})
    assert "retest.exercises_done" in asked
    assert "visit" not in asked
    one.type()
    one.wait(REVIEW)
    one.type("r")
    one.wait(REVIEW)
    # Both can be read over and changed by their numbers.
    assert re.search(r" 1 Case: T1\s+2 Visit: 2\s", one.child.before)
    one.type()
    one.child.expect(pexpect.EOF)
    # A command is never wrapped: it is there to be pasted.
    assert f"\nscreening screen {out}" in one.child.before.replace("\r", "")
    answers = load_case(str(out), base.vocabulary).answers
    assert answers["visit"] == "2"
    assert answers["retest.exercises_done"] == "as_agreed"


def test_what_goes_on_in_a_new_line_stands_under_its_first_word(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    Terminal().say(" - In 12 weeks: an operation, plaster or bed rest, a severe infection")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(" - In")
    assert second.startswith("   ")
    assert second[3] != " "


def test_without_a_terminal_it_says_so(command):
    done = command("intake", stdin="")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert done.stdout == ""
