"""How a data manager begins: a map written for the table at hand, and a rehearsal of the run."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from screening.batch.inputs.column_map import load_map
from screening.batch.inputs.likeness import KnownNames
from screening.batch.inputs.map_template import map_template
from screening.cli.app import app
from screening.errors import UsageError

TABLE = """\
Patient;Vorname;Datum;exam_date;Age;sex;room;KTW_L_mm;KTW_R_mm;straight_L;hip_pain_L;hip_pain_R;\
fadir_L;drop_L;heel_off_L;side_L;leg_signs;examiner;phone;antalgic
P1;Anna;13.04.2025;13.04.2025;40;f;2;65;92;20,5;1;0;0;1;early;1;0;Kim;01234567;1
P2;Bert;03.05.2025;03.05.2025;55;m;3;80;90;;1;9;0;1;early;1;0;Kim;01245678;0
P3;Cora;03.05.2025;03.05.2025;61;f;3;100;101;31;0;1;0;1;normal;1;0;Kim;01245679;0
P4;Dora;03.05.2025;03.05.2025;61;f;3;100;101;31;0;1;0;1;late;1;0;Kim;01245670;0
"""


@pytest.fixture
def clinic(tmp_path):
    """Give a clinic's own table."""
    path = tmp_path / "clinic.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def screening():
    """Run a command in this process."""

    def run(*words):
        return CliRunner().invoke(app, list(map(str, words)))

    return run


def test_a_map_is_written_for_the_table_at_hand(base, clinic, tmp_path):
    text = map_template(clinic, base.vocabulary)
    for private in ("Anna", "Bert", "13.04", "2025", "0123", "Kim", "P1"):
        assert private not in text.replace("P1;", "")
    path = tmp_path / "columns.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match="nobody has looked at"):
        load_map(path, base.vocabulary)
    settled = text.replace("{late: TODO}", "{late: delayed}").replace("TODO ", "")
    assert "TODO" not in settled.replace("# TODO", "")
    path.write_text(settled)
    found = load_map(path, base.vocabulary)
    assert {name: column.finding for name, column in found.columns.items()} == {
        "Patient": "case_id",
        "exam_date": "examined_on",
        "Age": "age_years",
        "sex": "sex",
        "KTW_L_mm": "left.ankle.lunge_bent_cm",
        "KTW_R_mm": "right.ankle.lunge_bent_cm",
        "straight_L": "left.ankle.lunge_straight_deg",
        "hip_pain_L": "left.hip.pain",
        "hip_pain_R": "right.hip.pain",
        "fadir_L": "left.hip.fadir_familiar_pain",
        "drop_L": "left.gait.pelvic_drop",
        "heel_off_L": "left.gait.heel_off",
        "side_L": "left.hip.pain_regions",
        "leg_signs": "red_flags.leg_signs",
    }
    assert (found.decimal, found.date) == (",", "DD.MM.YYYY")
    assert found.columns["KTW_L_mm"].divide == 1000
    assert found.columns["side_L"].word == "side"
    assert found.columns["sex"].codes == {"f": "female", "m": "male"}
    shared = next(each for each in found.codes_for if "hip_pain_L" in each.columns)
    assert shared.codes == {"1": "present", "0": "absent", "9": "not_tested"}
    assert {"Vorname", "room", "phone", "antalgic"} <= set(found.ignore)
    assert "left.gait.antalgic or right.gait.antalgic" in text


def test_days_are_dates_and_a_word_of_other_findings_speaks_against_a_guess(base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Patient ID,Visit date,Cauda signs,patient name\n1,13.04.2025,0,Kim\n")
    text = map_template(path, base.vocabulary)
    assert "Visit date: {finding: TODO examined_on}" in text
    assert "Patient ID: {finding: TODO case_id}" in text
    assert "leg_signs" not in text
    assert "  - patient name" in text


def test_what_is_headed_by_paths_is_no_guess(base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("case_id,left.hip.pain,left_ankle_lunge_bent_cm\na,present,6.5\nb,absent,7\n")
    text = map_template(path, base.vocabulary)
    assert "TODO" not in re.sub("#.*", "", text)


def test_what_one_column_shows_of_days_holds_for_the_others(base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("exam_date,attested_on\n13/04/2025,01/04/2025\n05/06/2025,05/06/2025\n")
    text = map_template(path, base.vocabulary)
    assert 'date: "DD/MM/YYYY"' in text
    assert "TODO DD" not in text


def test_a_day_that_may_be_a_month_is_asked_for(base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("exam_date\n03/04/2025\n05/06/2025\n")
    assert "TODO DD/MM/YYYY" in map_template(path, base.vocabulary)


@pytest.mark.parametrize("text", ["record_id,age_years\n1,40\n", "age_years\n"])
def test_a_table_that_needs_no_map_or_tells_nothing_says_so(text, base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"without a map|no rows"):
        map_template(path, base.vocabulary)


@pytest.mark.parametrize("name", ["room", "phone", "notes", "surname", "x", "_", "12"])
def test_a_name_that_is_like_nothing_is_like_nothing(name, base):
    assert KnownNames(base.vocabulary).likely(name) == []


def test_a_rehearsal_counts_what_would_be_refused_and_writes_nothing(screening, clinic, tmp_path):
    draft = screening("batch", "--map-template", clinic)
    assert (draft.exit_code, draft.stderr) == (0, "")
    declared = tmp_path / "columns.yaml"
    declared.write_text(re.sub("TODO( |(?=}))", "", draft.stdout).replace("late: }", "late: late}"))
    declared.write_text(declared.read_text().replace("late: late", "late: delayed"))
    before = sorted(tmp_path.iterdir())
    clinic.write_text(TABLE + "P5;;;;200;f;3;x;;;2;;;;;;;;;\nP6;;;;201;f;3;;;;2;;;;;;;;;\n")
    words = ("batch", clinic, "--map", declared, "--check", "--format", "json")
    done = screening(*words)
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)
    assert (found["rows"], found["screened"], found["refused"]) == (6, 4, 2)
    assert {each["field"] for each in found["reasons"]} == {"hip_pain_L", "KTW_L_mm"}
    assert found["reasons"][0]["first"][0] == {"input": "clinic.csv", "row": 5, "line": 6}
    said = screening(*words[:-2])
    assert "6 rows read: 4 would be screened, 2 refused." in said.stdout
    assert "Nothing was written." in said.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_a_rehearsal_names_the_problems_of_every_table(screening, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"{name}_column,age_years\n1,40\n")
    done = screening("batch", tmp_path, "--check")
    assert isinstance(done.exception, UsageError)
    assert {"a_column", "b_column"} <= set(re.findall(r"\w_column", str(done.exception)))
    assert "--map-template" in str(done.exception)


def test_a_foreign_folder_or_a_link_to_it_is_neither_resumed_nor_written_into(typed, tmp_path):
    (tmp_path / "t.csv").write_text("case_id,age_years\nP1,40\n")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "summary.json").write_text("keep")
    (tmp_path / "link").symlink_to("foreign")
    (tmp_path / "dangling").symlink_to("nowhere")
    for out in ("foreign", "link", "dangling", "t.csv"):
        for more in ((), ("--resume",)):
            done = typed("batch", tmp_path / "t.csv", "--out", tmp_path / out, *more)
            assert (done.returncode, done.stdout) == (2, ""), (out, more)
            assert "Traceback" not in done.stderr
    assert [each.name for each in (tmp_path / "foreign").iterdir()] == ["summary.json"]
    assert (tmp_path / "foreign" / "summary.json").read_text() == "keep"
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "t.csv").read_text().endswith("P1,40\n")
