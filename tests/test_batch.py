"""Batches: every kind of input, nothing lost, resumed after any end, and never half-written."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from screening.batch import parts as parts_module
from screening.batch.ids import Seen, hashes
from screening.batch.inputs.cells import as_case, of_case, of_data
from screening.batch.inputs.column_map import Map, load_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.redcap import dictionary, name
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.cohort import key
from screening.errors import EngineError, ScreeningError, UsageError
from screening.inference.infer import infer
from screening.intake.case import as_data, load_case
from screening.intake.questionnaire import Questionnaire
from screening.record.screening import screening
from tests.conftest import CASES, ROOT
from tests.tables import named, table

SECRET = "Q7SECRET"


@pytest.fixture(scope="module")
def made(cases):
    """Some hundred generated cases."""
    return named(cases.case(seed) for seed in range(400))


@pytest.fixture(scope="module")
def frame(made, base):
    """The same as a table of text."""
    return table(made, base.vocabulary)


@pytest.fixture
def run(base, tmp_path):
    """Run a batch in this process; give its folder."""

    def go(*inputs, out="out", resume=False, columns=None, **options):
        options = {"verify": 5, **options}
        declared = columns or Map()
        batch = Run(
            base, find(list(inputs)), Columns(base.vocabulary, declared), Options(**options)
        )
        batch.into(Store(tmp_path / out), resume)
        return tmp_path / out

    return go


def rows(folder):
    """Give the rows of a run."""
    return pl.read_parquet(folder / "screenings.parquet")


def refused(folder):
    """Give the refused rows of a run."""
    return [json.loads(line) for line in (folder / "refused.jsonl").read_text().splitlines()]


def manifest(folder):
    """Give the manifest of a run."""
    return json.loads((folder / "manifest.json").read_text())


def written(frame, folder, kind):
    """Write a table as one kind of file."""
    path = folder / f"cases.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "xlsx":
        frame.write_excel(path)
    return path


def as_jsonl(made, base, path):
    """Write cases as lines of nested JSON."""
    lines = (
        json.dumps({**as_data(case, base.vocabulary), "case_id": case.case_id}) for case in made
    )
    path.write_text("\n".join(lines) + "\n")
    return path


# -- inputs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wanted(frame, base, tmp_path_factory):
    """The rows of the generated cases as CSV gives them."""
    folder = tmp_path_factory.mktemp("wanted")
    path = written(frame, folder, "csv")
    options = Options(verify=40)
    Run(base, find([path]), Columns(base.vocabulary), options).into(Store(folder / "out"), False)
    return rows(folder / "out").drop("input", "row")


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_every_kind_of_table_gives_the_same_rows(kind, frame, wanted, run, tmp_path):
    found = rows(run(written(frame, tmp_path, kind), part_rows=90))
    assert found.drop("input", "row").equals(wanted)
    assert found["row"].to_list() == [i for i in range(1, 401) for _ in range(2)]
    assert found["input"].unique().to_list() == [f"cases.{kind}"]


def test_lines_of_json_give_the_same_rows(made, base, wanted, run, tmp_path):
    found = rows(run(as_jsonl(made, base, tmp_path / "cases.jsonl"), part_rows=90))
    assert found.drop("input", "row").equals(wanted)


def test_typed_columns_of_a_registry_give_the_same_rows(frame, base, wanted, run, tmp_path):
    vocabulary = base.vocabulary
    kinds = {path: vocabulary[path].type for path in frame.columns}
    typed = frame.with_columns(
        *(pl.col(p).cast(pl.Float64) for p, kind in kinds.items() if kind == "number"),
        *(pl.col(p).str.to_date() for p, kind in kinds.items() if kind == "date"),
        *(pl.col(p).cast(pl.Categorical) for p, kind in kinds.items() if kind == "yes_no"),
    )
    found = rows(run(written(typed, tmp_path, "parquet")))
    assert found.drop("input", "row").equals(wanted)


def test_a_folder_of_cases_says_what_each_screening_says(run, base):
    found = rows(run(CASES, verify=0))
    files = sorted(path for path in CASES.rglob("*.yaml"))
    assert found["input"].to_list() == [str(path) for path in files for _ in range(2)]
    for place, path in enumerate(files):
        record = screening(infer(load_case(str(path), base.vocabulary), base))
        for number, side in enumerate(("left", "right")):
            row = found.row(2 * place + number, named=True)
            assert row["case_id"] == record["case_id"]
            assert row["tier"] == record["triage"]["tier"]
            assert row["movement_pattern_verdict"] == (record["sides"][side] or {}).get("verdict")


def test_several_inputs_of_all_kinds_follow_each_other(made, frame, base, run, tmp_path):
    folder = tmp_path / "clinic"
    folder.mkdir()
    for number, kind in enumerate(("csv", "parquet", "xlsx")):
        some = frame[100 * number : 100 * number + 50]
        written(some, folder, kind).rename(folder / f"{number}.{kind}")
    as_jsonl(made[300:340], base, folder / "3.jsonl")
    shutil.copy(CASES / "base_case.yaml", folder / "4.yaml")
    (folder / "notes.docx").write_text("not a case")
    (folder / ".hidden.csv").write_text("not,a,case")
    done = run(folder)
    found = rows(done)
    ids = [f"c{i}" for start in (0, 100, 200) for i in range(start, start + 50)]
    ids += [f"c{i}" for i in range(300, 340)] + ["V1"]
    assert found["case_id"].to_list() == [each for each in ids for _ in range(2)]
    said = manifest(done)
    assert said["ignored_files"] == [str(folder / "notes.docx")]
    assert [s["rows"] for s in said["sources"]] == [50, 50, 50, 40, 1]


def test_other_delimiters_and_a_byte_order_mark_are_read(frame, wanted, run, tmp_path):
    for number, delimiter in enumerate(";\t"):
        path = tmp_path / f"{number}.csv"
        text = frame.with_columns(pl.all().str.replace_all(";", ",")).write_csv(separator=delimiter)
        path.write_text(text, encoding="utf-8-sig")
        assert rows(run(path, out=f"out{number}")).drop("input", "row").equals(wanted)


def test_cells_of_a_case_are_read_back_to_the_case(made, base):
    for case in made:
        cells = of_case(case, base.vocabulary)
        again = as_case(case.case_id, cells, base.vocabulary)
        assert {**again.answers} == {**case.answers, "case_id": case.case_id}
        data = {**as_data(case, base.vocabulary), "case_id": case.case_id}
        assert of_data(data, base.vocabulary, "") == cells


# -- refused rows ---------------------------------------------------------------------------------


def bad_table(path):
    """Write a table in which most rows are bad, each in its own way."""
    lines = [
        "case_id,age_years,left.hip.pain,left.ankle.lunge_bent_cm",
        "good,40,present,6.5",
        f"{SECRET}1,{SECRET},present,6.5",
        f"{SECRET}2,40,{SECRET},{SECRET}",
        f"{SECRET}3,40,present",
        f"{SECRET}4,40,present,65",
        "good,40,present,6.5",
        f'{SECRET}5,"4"0,present,6.5',
        ",41,absent,",
    ]
    raw = "\n".join(lines).encode() + b"\n\xff\xfe,40,present,6.5\n"
    path.write_bytes(raw)
    return path


def test_bad_rows_are_refused_with_line_field_and_reason(run, tmp_path):
    done = run(bad_table(tmp_path / "t.csv"))
    found = refused(done)
    assert [(r["row"], r["line"], r.get("field")) for r in found] == [
        (2, 3, "age_years"),
        (3, 4, "left.hip.pain"),
        (4, 5, None),
        (5, 6, "left.ankle.lunge_bent_cm"),
        (6, 7, "case_id"),
        (7, 8, None),
        (9, 10, None),
    ]
    assert "millimetres" in found[3]["reason"]
    assert "earlier row" in found[4]["reason"]
    assert found[1]["reason"].count("left.") == 2
    for each in found:
        assert SECRET not in each["reason"]
    assert found[0]["cells"]["age_years"] == SECRET
    assert rows(done)["case_id"].to_list() == ["good", "good", "t.csv:8", "t.csv:8"]
    counts = manifest(done)["counts"]
    assert (counts["rows"], counts["screened"], counts["refused"]) == (9, 2, 7)


def test_refused_rows_are_mended_where_they_stand_and_run_again(run, tmp_path):
    done = run(bad_table(tmp_path / "t.csv"))
    kept = [each for each in refused(done) if "cells" in each]
    for number, each in enumerate(kept):
        each["cells"] |= {
            "case_id": f"m{number}",
            "age_years": "40",
            "left.hip.pain": "present",
            "left.ankle.lunge_bent_cm": "6.5",
        }
    path = tmp_path / "mended.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in kept))
    again = run(path, out="again")
    assert refused(again) == []
    assert rows(again)["case_id"].n_unique() == len(kept) == 4


def test_bad_lines_of_json_are_refused(run, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"case_id": "a", "left": {"hip": {"pain": "present"}}}\n'
        '{"case_id": "b", "left": {"hip": {"pian": "present"}}}\n'
        '{"case_id": "c", "case_id": "d"}\n'
        '{"case_id": "e", "age_years": "40"}\n'
        '{"case_id": "f", "age_years": NaN}\n'
        "[]\n\n"
        '{"case_id": "g", "age_years": true}\n'
        '{"case_id": "h", "gait": 3}\n'
        '{"case_id": "i", "left": {"hip": {"pain": "Present"}}}\n'
    )
    found = refused(run(path))
    assert [(each["line"], each.get("field")) for each in found] == [
        (2, "left.hip.pian"),
        (3, None),
        (4, "age_years"),
        (5, None),
        (6, None),
        (8, "age_years"),
        (9, "gait"),
        (10, "left.hip.pain"),
    ]
    assert 'Did you mean "left.hip.pain"?' in found[0]["reason"]


def test_bad_case_files_are_refused_with_their_line(run, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.yaml").write_text("left:\n  hip: {pain: present}\n")
    (folder / "b.yaml").write_text("left:\n  hip: {pain: present}\n  hip: {pain: absent}\n")
    (folder / "c.yaml").write_text(f"left:\n  hip:\n    pain: {SECRET}\n")
    (folder / "d.yaml").write_text("- 1\n")
    (folder / "e.json").write_text('{"left": {"hip": {"pain": "present"}}}')
    (folder / "f.yaml").write_bytes(b"\xff\xfe")
    done = run(folder)
    found = refused(done)
    assert [Path(each["input"]).name for each in found] == ["b.yaml", "c.yaml", "d.yaml", "f.yaml"]
    assert "line 3" in found[0]["reason"]
    assert (found[1]["field"], found[1]["line"]) == ("left.hip.pain", 3)
    assert SECRET not in found[1]["reason"]
    assert rows(done)["case_id"].to_list() == ["a", "a", "e", "e"]


def test_a_case_id_is_found_again_in_any_part_and_input(frame, run, tmp_path):
    first = written(frame[:60], tmp_path, "parquet")
    second = written(pl.concat([frame[60:90], frame[5:6], frame[60:61]]), tmp_path, "csv")
    found = refused(run(first, second, part_rows=7))
    assert [(each["input"], each["row"]) for each in found] == [
        ("cases.csv", 31),
        ("cases.csv", 32),
    ]


def test_many_ids_are_remembered_exactly():
    maker = random.Random(3)
    seen, known = Seen(), set()
    for _ in range(60):
        ids = [str(maker.randrange(4_000)) for _ in range(200)]
        found = seen.twice(hashes(pl.Series(ids))).tolist()
        want = []
        for each in ids:
            want.append(each in known)
            known.add(each)
        assert found == want


def test_a_table_of_bad_rows_keeps_memory_flat(run, tmp_path):
    path = tmp_path / "bad.csv"
    with path.open("w") as file:
        file.write("case_id,age_years\n")
        file.writelines(f"{i},x\n" for i in range(20_000))
    done = run(path, part_rows=2_000)
    assert manifest(done)["counts"] == {
        "rows": 20_000,
        "screened": 0,
        "refused": 20_000,
        "verified": 0,
        "rows_written": 0,
    }
    assert len(json.loads((done / "summary.json").read_text())["refused_by_reason"]) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("left.hip.pian\npresent\n", "left.hip.pain"),
        ("age_years,age_years\n1,2\n", "twice"),
        ("", "no row of names"),
    ],
)
def test_a_table_that_cannot_be_read_stops_the_run(text, reason, run, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason):
        run(path)


def test_files_that_are_not_what_they_say_stop_the_run(run, tmp_path):
    for kind in ("parquet", "xlsx"):
        path = tmp_path / f"t.{kind}"
        path.write_text("hello")
        with pytest.raises(UsageError, match="can be read"):
            run(path, out=kind)
    for path in (tmp_path / "missing.csv", tmp_path / "t.docx"):
        with pytest.raises(UsageError, match=r"no such file|no such file"):
            run(path)
    (tmp_path / "t.docx").write_text("x")
    with pytest.raises(UsageError, match="not read"):
        run(tmp_path / "t.docx")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to screen"):
        run(tmp_path / "empty")
    path = tmp_path / "a.csv"
    path.write_text("age_years\n1\n")
    with pytest.raises(UsageError, match="twice"):
        run(path, path)


# -- maps -----------------------------------------------------------------------------------------

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


def test_a_site_names_its_own_columns_codes_and_scales(run, base, tmp_path):
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
    found = refused(run(path, columns=columns))
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


def test_two_columns_may_not_be_one_finding(run, base, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,age_years\n1,2\n")
    columns = Map.model_validate({"columns": {"a": {"finding": "age_years"}}})
    with pytest.raises(UsageError, match="two columns"):
        run(path, columns=columns)


def test_redcap_dictionary_and_export_belong_together(made, base, run, wanted, tmp_path):
    vocabulary = base.vocabulary
    fields = list(csv.DictReader(dictionary(vocabulary).splitlines()))
    names = [field["Variable / Field Name"] for field in fields]
    assert names[0] == "record_id"
    assert len(set(names)) == len(names) == len(vocabulary.all_paths)
    assert all(each == each.lower() and len(each) <= 100 for each in names)
    lines = []
    for case in made:
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
    done = run(path)
    assert rows(done).drop("input", "row").equals(wanted)
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


# -- templates ------------------------------------------------------------------------------------


def test_an_empty_table_is_written_and_read_back(command, base, tmp_path):
    for kind in ("csv", "xlsx"):
        done = command("batch", "--template", kind, "--out", str(tmp_path / kind))
        assert done.returncode == 0, done.stderr
        again = command("batch", "--template", kind, "--out", str(tmp_path / kind))
        assert again.returncode == 2
        table = tmp_path / kind / f"cases.{kind}"
        done = command("batch", str(table), "--out", str(tmp_path / f"{kind}_out"))
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


# -- outputs --------------------------------------------------------------------------------------


def test_rows_are_the_same_in_every_format(frame, wanted, run, tmp_path):
    path = written(frame, tmp_path, "parquet")
    as_csv = run(path, rows="csv", out="c", part_rows=150) / "screenings.csv"
    as_json = run(path, rows="jsonl", out="j", part_rows=150) / "screenings.jsonl"
    text = wanted.cast(pl.String)
    found = pl.read_csv(as_csv, infer_schema=False)
    assert found.drop("input", "row").equals(text.fill_null("")) or (
        found.drop("input", "row").fill_null("").equals(text.fill_null(""))
    )
    lines = [json.loads(line) for line in as_json.read_text().splitlines()]
    for line, row in zip(lines, wanted.iter_rows(named=True), strict=True):
        assert {name: line[name] for name in row} == row


def test_names_may_stand_for_bits(frame, run, base, tmp_path):
    path = written(frame, tmp_path, "parquet")
    bits, texts = rows(run(path, out="b")), rows(run(path, out="t", verbose=True))
    meanings = manifest(tmp_path / "b")["key"]
    fired = (names for column, names in meanings.items() if column.startswith("fired_"))
    assert tuple(name for names in fired for name in names) == key(base).fired
    for row, said in zip(bits.iter_rows(named=True), texts.iter_rows(named=True), strict=True):
        found = {kind.rpartition("_")[0]: set() for kind in meanings}
        for column, names in meanings.items():
            assert row[column] < 2**48
            found[column.rpartition("_")[0]] |= {
                name for place, name in enumerate(names) if row[column] >> place & 1
            }
        assert found == {kind: set(said[kind].split()) for kind in found}
    summaries = [json.loads((tmp_path / each / "summary.json").read_text()) for each in "bt"]
    assert summaries[0] == summaries[1]


def test_a_formula_is_written_harmlessly(run, tmp_path):
    path = tmp_path / "t.csv"
    ids = ["=1+1", "+1", "-1", "@x", "plain"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["case_id"], *([each] for each in ids)])
    out = run(path, rows="csv") / "screenings.csv"
    found = [line["case_id"] for line in csv.DictReader(out.read_text().splitlines())][::2]
    assert found == ["'=1+1", "'+1", "'-1", "'@x", "plain"]


def test_the_summary_counts_what_the_rows_say(frame, run, tmp_path):
    done = run(written(frame, tmp_path, "csv"), part_rows=64)
    found, summary = rows(done), json.loads((done / "summary.json").read_text())
    painful = found.filter(pl.col("movement_pattern_verdict").is_not_null())
    assert summary["cases"] == 400
    assert summary["legs_with_hip_pain"] == painful.height
    for column, said in (("movement_pattern_verdict", "verdict"), ("pattern", "pattern")):
        counted = painful[column].drop_nulls().cast(pl.String).to_list()
        assert summary[said] == {word: counted.count(word) for word in set(counted)}
    tiers = found.gather_every(2)["tier"].cast(pl.String).to_list()
    assert summary["tier"] == {tier: tiers.count(tier) for tier in set(tiers)}
    by_age = summary["restriction_by_age"].values()
    assert sum(sum(band.values()) for band in by_age) == painful["restriction"].count()
    for id, counts in summary["advice"].items():
        said = painful[f"advice.{id}"].drop_nulls().cast(pl.String).to_list()
        assert counts == {word: said.count(word) for word in set(said)}
    alone = rows(done).gather_every(2)
    ones = pl.sum_horizontal(pl.col("^flags_present_.*$").bitwise_count_ones())
    assert sum(summary["flags_alone"].values()) == alone.filter(ones == 1).height
    open_ = painful.filter(~pl.col("settled"))["movement_pattern_verdict"].cast(pl.String)
    for found_ in summary["missing_by_verdict"].values():
        assert all(count <= open_.to_list().count(word) for word, count in found_.items())
    page = (done / "summary.html").read_text()
    assert manifest(done)["times"]["finished"][:10] in page
    assert "cases.csv: 400 rows" in page
    assert "<script" not in page
    assert "http" not in page.split("</style>")[1]
    for title in (
        "What must be referred first",
        "What was not recorded",
        "Restriction of the ankle by age",
        "Advice, and what became of it",
        "What blocks advice",
    ):
        assert re.search(f'<svg class="chart"[^>]*aria-label="{title}', page)
        assert f'<th scope="col">{title}' in page


def test_a_case_of_a_run_is_explained_from_its_input(frame, command, run, tmp_path):
    path = written(frame, tmp_path, "csv")
    done = run(path)
    row = rows(done).filter(pl.col("movement_pattern_verdict") == "suspended").row(0, named=True)
    words = ("why", row["case_id"], "verdict.suspended", "--side", row["side"], "--from", str(done))
    said = command(*words)
    assert said.returncode == 0, said.stderr
    assert "YES" in said.stdout.splitlines()[0] + said.stdout.splitlines()[1]
    missing = command("why", "nobody", "verdict.likely", "--from", str(done))
    assert missing.returncode == 2
    assert "refused.jsonl" in missing.stderr
    with path.open("a") as file:
        file.write(",\n")
    changed = command(*words)
    assert changed.returncode == 2
    assert "changed" in changed.stderr


@pytest.mark.parametrize(
    ("kind", "form"), [("parquet", "parquet"), ("csv", "csv"), ("xlsx", "jsonl")]
)
def test_what_would_be_a_pattern_in_a_name_is_only_a_name(
    kind, form, frame, command, run, tmp_path
):
    path = written(frame[:20], tmp_path, kind).rename(tmp_path / f"é %20 [1] {{a}} *?.{kind}")
    done = run(tmp_path, rows=form, out="out [1] *", part_rows=7)
    assert manifest(done)["counts"]["rows"] == 20
    assert [each["name"] for each in manifest(done)["sources"]] == [path.name]
    words = ("why", frame["case_id"][3], "verdict.suspended", "--side", "left")
    said = command(*words, "--from", str(done))
    assert said.returncode == 0, said.stderr


# -- verification ---------------------------------------------------------------------------------


def test_a_row_that_differs_on_its_own_fails_the_run(frame, run, tmp_path, monkeypatch):
    path = written(frame, tmp_path, "parquet")
    honest = parts_module.work

    def lying(*words):
        done = honest(*words)
        tier = done.screenings["tier"]
        turned = (tier == "emergency").replace_strict({True: "none", False: "emergency"})
        lie = done.screenings.with_columns(tier=turned.cast(tier.dtype))
        object.__setattr__(done, "screenings", lie)
        return done

    monkeypatch.setattr("screening.batch.run.work", lying)
    with pytest.raises(EngineError, match="tier"):
        run(path)
    assert not (tmp_path / "out" / "screenings.parquet").exists()
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_so_many_rows_are_verified_as_asked(frame, run, tmp_path):
    path = written(frame, tmp_path, "parquet")
    assert manifest(run(path, verify=17, part_rows=50, out="a"))["counts"]["verified"] == 17
    assert manifest(run(path, verify=0, out="b"))["counts"]["verified"] == 0


# -- the forward reading in processes -------------------------------------------------------------


def test_both_engines_give_the_same_rows(frame, wanted, run, tmp_path):
    path = written(frame[:120], tmp_path, "parquet")
    found = rows(run(path, engine="forward", part_rows=50))
    assert found.drop("input", "row").equals(wanted[:240])


def crashing(folder):
    """Copy the rules, with more thresholds on one number than the C engine survives."""
    shutil.copytree(ROOT / "rules", folder)
    text = "".join(
        f"\ncrash_{i}: {{value: {i}, unit: a, title: x, certainty: project_choice, because: x, "
        "references: [project_choice]}\n"
        for i in range(1, 71)
    )
    with (folder / "thresholds.yaml").open("a") as file:
        file.write(text)
    rules = "".join(
        f"  - {{id: CRASH-{i:03}, title: t, when: [age_years at_least crash_{i}], because: b}}\n"
        for i in range(1, 71)
    )
    (folder / "hip" / "zz_crash.yaml").write_text(
        "id: sign.crash\nkind: sign\nof: leg\ntitle: Crash\npurpose: x\n"
        f"exists: [hip.pain is present]\nrules:\n{rules}reported: neither\nlimits: x\n"
        "certainty: low\nreferences: [project_choice]\nstatus: draft\n"
    )
    return folder


def test_a_case_that_kills_the_engine_is_set_aside_and_the_run_goes_on(command, tmp_path):
    rules = crashing(tmp_path / "rules")
    path = tmp_path / "t.csv"
    lines = [f"c{i},{90 if i % 3 == 1 else 5},absent,absent" for i in range(9)]
    path.write_text("case_id,age_years,left.hip.pain,right.hip.pain\n" + "\n".join(lines) + "\n")
    words = ("batch", str(path), "--engine", "forward", "--rules", str(rules), "--verify", "0")
    done = command(*words, "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (1, "")
    found = refused(tmp_path / "out")
    assert [each["row"] for each in found] == [2, 5, 8]
    assert any("SIG" in each["reason"] for each in found)
    assert rows(tmp_path / "out")["case_id"].unique().sort().to_list() == [
        f"c{i}" for i in (0, 2, 3, 5, 6, 8)
    ]


# -- one folder, one run --------------------------------------------------------------------------


def test_nothing_is_written_over(frame, run, tmp_path):
    path = written(frame[:20], tmp_path, "parquet")
    done = run(path)
    before = {each.name: each.read_bytes() for each in done.iterdir()}
    with pytest.raises(UsageError, match="finished run"):
        run(path)
    run(path, resume=True)
    assert {each.name: each.read_bytes() for each in done.iterdir()} == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        run(path, out="other")


def killed_after(parts, path, out, monkeypatch, run, **options):
    """Run a batch that ends with an error after so many parts."""
    kept = Store.keep

    def failing(self, number, *words):
        if number == parts:
            raise KeyboardInterrupt
        kept(self, number, *words)

    monkeypatch.setattr(Store, "keep", failing)
    with pytest.raises(KeyboardInterrupt):
        run(path, out=out, **options)
    monkeypatch.setattr(Store, "keep", kept)


def test_what_changed_since_the_first_half_stops_the_second(frame, run, tmp_path, monkeypatch):
    path = written(frame, tmp_path, "csv")
    killed_after(2, path, "out", monkeypatch, run, part_rows=50)
    with pytest.raises(UsageError, match="not finished"):
        run(path, part_rows=50)
    with pytest.raises(UsageError, match="part rows"):
        run(path, part_rows=60, resume=True)
    text = path.read_text()
    path.write_text(text.replace("c3,", "c3x,", 1))
    with pytest.raises(UsageError, match="has changed"):
        run(path, part_rows=50, resume=True)
    path.write_text(text)
    other = written(frame[:3], tmp_path, "parquet")
    with pytest.raises(UsageError, match="no part of the run"):
        run(path, other, part_rows=50, resume=True)
    assert rows(run(path, part_rows=50, resume=True)).height == 800


def same(first, second):
    """Compare two folders, but for the times."""
    for path in first.iterdir():
        if path.name == "manifest.json":
            one, two = manifest(first), manifest(second)
            assert one.pop("times")
            assert two.pop("times")
            assert one == two
        else:
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    assert {p.name for p in first.iterdir()} == {p.name for p in second.iterdir()}


@pytest.mark.parametrize("most", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_a_run_killed_at_any_moment_is_resumed_to_the_same(made, base, run, tmp_path, most):
    """SIGKILL at random points of a run over every kind of input."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    frame = table(made, base.vocabulary)
    written(frame[:60], folder, "csv").rename(folder / "a.csv")
    written(frame[50:120], folder, "parquet").rename(folder / "b.parquet")
    as_jsonl(made[110:150], base, folder / "c.jsonl")
    bad_table(folder / "d.csv")
    options = ["--part-rows", "20", "--verify", "2"]
    command = [sys.executable, "-m", "screening", "batch", str(folder), *options, "--out"]
    whole = tmp_path / "whole"
    begun = time.monotonic()
    assert subprocess.run([*command, str(whole)], capture_output=True, cwd=ROOT).returncode == 1
    took = time.monotonic() - begun
    maker = random.Random(11)
    kills = 0
    number = 0
    while kills < most:
        out = tmp_path / f"killed{number}"
        number += 1
        for _ in range(20):
            words = [*command, str(out), *(["--resume"] if out.exists() else [])]
            process = subprocess.Popen(
                words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
            )
            try:
                begun = time.monotonic()
                process.communicate(timeout=maker.uniform(0.3 * took, 1.1 * took))
                assert process.returncode == 1
                if "--resume" not in words:
                    # The machine is less busy than it was: kill earlier.
                    took = min(took, time.monotonic() - begun)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
                assert not (out / "manifest.json").exists() or (out / "screenings.parquet").exists()
        else:
            final = subprocess.run([*command, str(out), "--resume"], capture_output=True, cwd=ROOT)
            assert final.returncode == 1
        same(whole, out)


def test_ctrl_c_finishes_the_part_and_says_how_to_go_on(frame, tmp_path):
    path = written(frame.with_columns(case_id=None), tmp_path, "csv")
    out = tmp_path / "out"
    words = [sys.executable, "-m", "screening", "batch", str(path), "--out", str(out)]
    words += ["--part-rows", "10", "--verify", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    while len(list(out.glob("unfinished/*.counts"))) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, error = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, b"")
    assert b"--resume" in error
    assert b"Traceback" not in error
    assert subprocess.run([*words, "--resume"], capture_output=True, cwd=ROOT).returncode == 0
    assert rows(out).height == 800


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_leaves_nothing_half_written(frame, command, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        path = written(pl.concat([frame] * 20).with_columns(case_id=None), tmp_path, "parquet")
        words = ("batch", str(path), "--rows", "csv", "--part-rows", "400", "--verify", "0")
        out = disk / "out"
        done = command(*words, "--out", str(out))
        assert (done.returncode, done.stdout) == (1, "")
        assert "No space left" in done.stderr
        assert "--resume" in done.stderr
        assert not list(out.rglob("*.draft"))
        assert not (out / "manifest.json").exists()
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        assert command(*words, "--out", str(out), "--resume").returncode == 0
        assert pl.read_csv(out / "screenings.csv").height == 16_000
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_folder_that_cannot_be_written_says_so(frame, run, tmp_path):
    path = written(frame[:3], tmp_path, "csv")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be made or read"):
        run(path, out="file/out")


# -- the command ----------------------------------------------------------------------------------


def test_the_command_says_what_it_did(command, frame, tmp_path):
    path = written(frame[:30], tmp_path, "csv")
    done = command("batch", str(path), "--out", str(tmp_path / "o"), "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["counts"]["screened"] == 30
    bad = command("batch", str(bad_table(tmp_path / "bad.csv")), "--out", str(tmp_path / "b"))
    assert bad.returncode == 1
    assert "9 rows read: 2 screened, 7 refused." in bad.stdout
    assert SECRET not in bad.stdout + bad.stderr
    nothing = command("batch")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    page = (tmp_path / "b" / "summary.html").read_text()
    assert SECRET not in page + (tmp_path / "b" / "summary.json").read_text()


def test_progress_is_shown_to_who_watches(frame, tmp_path):
    import pexpect

    path = written(frame, tmp_path, "csv")
    words = [
        "-m",
        "screening",
        "batch",
        str(path),
        "--out",
        str(tmp_path / "o"),
        "--part-rows",
        "100",
        "--verify",
        "5",
    ]
    child = pexpect.spawn(sys.executable, words, cwd=str(ROOT), timeout=60, dimensions=(24, 100))
    child.expect("400/400")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
