"""Columns that a site names itself, and those of REDCap."""

from __future__ import annotations

import csv

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from screening.batch.inputs.cells import of_case
from screening.batch.inputs.column_map import Map, load_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.redcap import dictionary, name
from screening.errors import ScreeningError, UsageError
from screening.intake.questionnaire import Questionnaire
from tests.batches import manifest, refused, rows

SITE_MAP = """
columns:
  patient: {finding: case_id}
  age: {finding: age_years}
  KTW_left_mm: {finding: left.ankle.lunge_bent_cm, divide: 10}
  hip_l: {finding: left.hip.pain, codes: {1: present, 0: absent, 9: not_tested}}
  site_side: {finding: left.hip.pain_regions, word: side, codes: {yes: present, no: absent}}
  site_groin: {finding: left.hip.pain_regions, word: groin_front, codes: {yes: present, no: absent}}
ignore: [room]
"""


def test_a_site_names_its_own_columns_codes_and_scales(run_batch, base, tmp_path):
    assert "left.hip.pain_regions" in base.vocabulary
    declared = tmp_path / "columns.yaml"
    declared.write_text(SITE_MAP)
    path = tmp_path / "t.csv"
    path.write_text(
        "patient,age,KTW_left_mm,hip_l,site_side,site_groin,room\n"
        "a,40,65,1,yes,no,3\n"
        "b,40,65.55,1,no,no,3\n"
        "c,40,65,2,,,3\n"
        "d,40,,9,,,\n"
        "e,40,x,0,maybe,,\n"
    )
    columns = load_map(declared, base.vocabulary)
    headed = Columns(base.vocabulary, columns).head(pl.read_csv(path, infer_schema=False), "t")
    cells = headed.frame.to_dict(as_series=False)
    assert cells["left.ankle.lunge_bent_cm"] == [6.5, 6.555, 6.5, None, None]
    assert cells["left.hip.pain"] == ["present", "present", None, "not_tested", "absent"]
    assert cells["left.hip.pain_regions"] == ["side", None, None, None, None]
    found = refused(run_batch(path, columns=columns))
    assert [(each["row"], each["field"]) for each in found] == [
        (2, "left.ankle.lunge_bent_cm"),
        (3, "left.hip.pain"),
        (5, "left.ankle.lunge_bent_cm"),
    ]
    assert found[0]["cells"]["KTW_left_mm"] == "65.55"
    typed = pl.read_csv(path, null_values=["x"]).with_columns(pl.col("hip_l").cast(pl.Float64))
    again = Columns(base.vocabulary, columns).head(typed, "t").frame
    assert again["left.hip.pain"].to_list() == cells["left.hip.pain"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns: {a: {finding: left.hip.pian}}", "Did you mean"),
        ("columns: {a: {finding: left.hip.pain, divide: 10}}", "no number"),
        ("columns: {a: {finding: age_years, divide: 0}}", "other than 0"),
        ("columns: {a: {finding: left.hip.pain, codes: {1: yes}}}", "none of"),
        ("columns: {a: {finding: left.hip.pain_regions, word: elbow}}", "none of"),
        ("columns: {a: {finding: age_years, constant: 3}}", "constant"),
        ("fill: {attested_by: me}", "fill"),
    ],
)
def test_a_wrong_map_is_refused(text, reason, base, tmp_path):
    path = tmp_path / "columns.yaml"
    path.write_text(text)
    with pytest.raises(ScreeningError, match=reason):
        load_map(path, base.vocabulary)


def test_two_columns_may_not_be_one_finding(run_batch, base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,age_years\n1,2\n")
    columns = Map.model_validate({"columns": {"a": {"finding": "age_years"}}})
    with pytest.raises(UsageError, match="two columns"):
        run_batch(path, columns=columns)


def test_redcap_dictionary_and_export_belong_together(
    many_cases, base, run_batch, many_rows, tmp_path, in_whole
):
    vocabulary = base.vocabulary
    fields = list(csv.DictReader(dictionary(vocabulary).splitlines()))
    names = [field["Variable / Field Name"] for field in fields]
    assert names[0] == "record_id"
    assert len(set(names)) == len(names) == len(vocabulary.all_paths)
    assert all(each == each.lower() and len(each) <= 100 for each in names)
    lines = []
    few = many_cases if in_whole else many_cases[:40]
    for case in few:
        line = {"record_id": case.case_id, "left_leg_complete": "2", "redcap_event_name": "arm_1"}
        for path, cell in of_case(case, vocabulary).items():
            if vocabulary[path].type == "list":
                chosen = case.answers[path] or ("none",)
                boxes = [*vocabulary[path].words, "none"]
                line |= {f"{name(path)}___{w}": str(int(w in chosen)) for w in boxes}
            elif path != "case_id":
                line[name(path)] = cell
        lines.append(line)
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as file:
        head = dict.fromkeys(each for line in lines for each in line)
        writer = csv.DictWriter(file, list(head), restval="")
        writer.writeheader()
        writer.writerows(lines)
    done = run_batch(path)
    assert rows(done).drop("input", "row").equals(many_rows[: 2 * len(few)])
    assert manifest(done)["sources"][0]["ignored_columns"] == [
        "left_leg_complete",
        "redcap_event_name",
    ]


def test_nothing_ticked_is_not_recorded_and_none_is_none(base):
    head = {f"left_hip_pain_regions___{word}": ["0", "0", "1"] for word in ("side", "groin_front")}
    frame = pl.DataFrame(
        {"record_id": ["a", "b", "c"], **head, "left_hip_pain_regions___none": ["0", "1", "1"]}
    )
    found = Columns(base.vocabulary).head(frame, "t")
    assert found.frame["left.hip.pain_regions"].to_list()[:2] == [None, "[]"]
    assert [(field, hit.to_list()) for field, _, hit in found.bad] == [
        ("left.hip.pain_regions", [False, False, True])
    ]


def test_an_empty_table_is_written_and_read_back(typed, base, tmp_path):
    for kind in ("csv", "xlsx"):
        done = typed("batch", "--template", kind, "--out", str(tmp_path / kind))
        assert done.returncode == 0, done.stderr
        again = typed("batch", "--template", kind, "--out", str(tmp_path / kind))
        assert again.returncode == 2
        table = tmp_path / kind / f"cases.{kind}"
        done = typed("batch", str(table), "--out", str(tmp_path / f"{kind}_out"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("0 rows read")
    head = (tmp_path / "csv" / "cases.csv").read_text().strip().split(",")
    assert head == [question.path for question in Questionnaire(base.vocabulary).questions]
    explained = (tmp_path / "csv" / "cases_explained.csv").read_text()
    explained = list(csv.DictReader(explained.splitlines()))
    assert [line["column"] for line in explained] == head
    assert all(line["allowed"] for line in explained)
    book = CalamineWorkbook.from_path(str(tmp_path / "xlsx" / "cases.xlsx"))
    assert book.sheet_names == ["cases", "explanations"]
    sheets = [book.get_sheet_by_name(each).to_python() for each in book.sheet_names]
    assert sheets[0] == [head]
    assert [row[0] for row in sheets[1]] == ["column", *head]
