"""The referral note: one for each red flag, short, with what the next clinician needs."""

from __future__ import annotations

import pytest

from screening.inference.infer import infer
from screening.record.screening import screening
from screening.report.html_page import html_page
from screening.report.note import note, notes
from tests.conftest import CASES

FLAGS = sorted(CASES.glob("flag_*.yaml"))


@pytest.fixture(scope="module")
def recorded(inferred_from, record_from, some):
    return [(inferred_from(path), record_from(path)) for path in some(FLAGS, 2)]


def test_every_flag_that_is_present_has_a_note_of_five_to_ten_lines(recorded, base):
    many = 0
    for _, record in recorded:
        present = [flag for flag in record["triage"]["flags"] if flag["status"] == "present"]
        texts = [each for each in note(record, base).split("\n\n") if each.strip()]
        assert len(texts) == len(notes(record, base)) == len(present)
        for text in texts:
            lines = text.strip().splitlines()
            assert 5 <= len(lines) <= 10, text
            assert all(len(line) <= 80 for line in lines)
        many += len(texts)
    assert many > 0.7 * len(recorded)


def test_a_note_says_to_whom_how_fast_why_what_was_not_done_and_by_whom(recorded, base):
    for _, record in recorded:
        for each in notes(record, base):
            labels = [label for label, _ in each.lines]
            assert [labels[0], *labels[-2:]] == ["To", "Not done", "Examined"]
            assert {"Patient", "About", "Why", "Asked"} <= set(labels)
            assert dict(each.lines)["Not done"].startswith(base.evidence.statements["not_done"])


def test_a_note_gives_no_verdict(recorded, base):
    rows = base.ladder("verdict").rows
    words = {row.says.partition(" (")[0] for row in rows}
    for _, record in recorded:
        text = note(record, base)
        assert not [word for word in words if word in text]


def test_the_worst_flag_comes_first_and_the_findings_have_their_date(base, case_of):
    data = {
        "case_id": "N1",
        "examined_on": "2025-03-04",
        "examined_by": "C.D.",
        "red_flags": {"leg_signs": "right", "tissue_risk": "present"},
        "tissue": {"anticoagulant": "present"},
        "right": {"calf": {"pitting_oedema": "present", "whole_leg_swollen": "present"}},
    }
    first, second = notes(screening(infer(case_of(data), base)), base)
    assert first.head == "REFERRAL NOTE   EMERGENCY, TODAY"
    assert second.head == "NOTE   PRECAUTION"
    said = dict(first.lines)
    assert said["To"] == "the emergency department"
    assert said["Found"] == "2025-03-04: right: pitting oedema; swelling of the whole leg."
    assert said["Examined"] == "2025-03-04, by C.D."


def test_what_was_not_recorded_is_left_to_be_written(base, case_of):
    data = {"red_flags": {"saddle": "present"}, "cauda": {"saddle_numbness": "present"}}
    (only,) = notes(screening(infer(case_of(data), base)), base)
    assert dict(only.lines)["Examined"] == "____________, by ____________"
    assert "questions for red flags" in dict(only.lines)["Not done"]


def test_the_page_and_the_text_have_the_same_notes(recorded, base):
    for inferred, record in recorded[:6]:
        page = html_page(record, inferred)
        for each in notes(record, base):
            assert f"<h3>{each.head}</h3>" in page
            assert all(f"<dt>{label}</dt>" in page for label, _ in each.lines)


def test_the_command_prints_notes_and_says_when_there_are_none(command, tmp_path):
    printed = command("screen", str(CASES / "flag_cauda.yaml"), "--format", "note")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout.startswith("REFERRAL NOTE   EMERGENCY, NOW\nTo ")
    out = tmp_path / "none.txt"
    none = command("screen", str(CASES / "base_case.yaml"), "--format", "note", "--out", str(out))
    assert (none.returncode, none.stdout) == (0, "")
    assert "no referral note" in none.stderr
    assert not out.exists()
    case = str(CASES / "flag_cauda.yaml")
    reached = command("screen", case, "--format", "note", "--fail-on", "urgent")
    assert reached.returncode == 3
