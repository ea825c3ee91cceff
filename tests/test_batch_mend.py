"""Refused rows as a workbook, mended and merged; a run that could not begin; links of results."""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import xml.etree.ElementTree as ET
import zipfile

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from screening.batch import store as store_module
from screening.cli.app import app
from screening.errors import ScreeningError, UsageError

MAP = """
columns:
  patient: {finding: case_id}
  age: {finding: age_years}
  ktw_mm: {finding: left.ankle.lunge_bent_cm, divide: 10}
  hip_l: {finding: left.hip.pain, codes: {1: present, 0: absent}}
ignore: [name]
"""
TABLE = """\
patient,name,age,ktw_mm,hip_l
a,Ann,40,65,1
b,Bob,40,65,2
c,Cid,400,65,0
a,Dan,41,66,1
e,Eve,41,x,7
f,Fay,41,66
"""


@pytest.fixture
def screening(monkeypatch, tmp_path):
    """Run a command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        return CliRunner().invoke(app, list(map(str, words)))

    return run


def refused_run(folder, *words):
    """Run a batch in a folder in which five of six rows are refused; give what it said."""
    (folder / "columns.yaml").write_text(MAP)
    (folder / "clinic.csv").write_text(TABLE)
    words = ("batch", "clinic.csv", "--map", "columns.yaml", "--verify", "0", *words)
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, [*words, "--out", "out"])
    assert done.exit_code == 1, done.output
    return folder, done.stdout


@pytest.fixture(scope="module")
def run_in_csv(tmp_path_factory):
    return refused_run(tmp_path_factory.mktemp("csv"), "--rows", "csv")


@pytest.fixture(scope="module")
def run_in_parquet(tmp_path_factory):
    return refused_run(tmp_path_factory.mktemp("parquet"))


@pytest.fixture
def clinic(run_in_csv, tmp_path):
    """Give what the command said of a run in which five of six rows were refused."""
    folder, said = run_in_csv
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return said


class Sheet:
    """A workbook of refused rows, as a person sees and mends it."""

    def __init__(self, path):
        book = CalamineWorkbook.from_path(str(path))
        self.rows = book.get_sheet_by_index(0).to_python()
        self.heads = self.rows[0]
        with zipfile.ZipFile(path) as packed:
            self.sheet = packed.read("xl/worksheets/sheet1.xml")
            self.styles = packed.read("xl/styles.xml")

    def get(self, name, row):
        """Give a cell by the head of its column; rows are counted from 1, below the head."""
        return self.rows[row][self.heads.index(name)]

    def put(self, name, row, value):
        """Type into a cell."""
        self.rows[row][self.heads.index(name)] = value

    def save(self, path):
        """Save it as a spreadsheet does: numbers as numbers."""
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(self.rows):
                sheet.write_row(number, 0, row)

    def marked(self):
        """Give for every row the columns whose cells are marked red."""
        one = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        styles = ET.fromstring(self.styles)
        fills = [b"F6C7C7" in ET.tostring(fill) for fill in styles.find(f"{one}fills")]
        red = [fills[int(style.get("fillId"))] for style in styles.find(f"{one}cellXfs")]
        return [
            [
                self.heads[place]
                for cell in row
                if red[int(cell.get("s", 0))]
                for place in [ord(cell.get("r").rstrip("0123456789")) - ord("A")]
            ]
            for row in ET.fromstring(self.sheet).find(f"{one}sheetData")
        ][1:]


def manifest(folder):
    """Give the manifest of a run."""
    return json.loads((folder / "manifest.json").read_text())


def test_the_workbook_has_every_column_the_reason_and_the_bad_cells_marked(clinic, tmp_path):
    found = Sheet(tmp_path / "out" / "refused.xlsx")
    heads = found.heads
    assert heads[:2] == ["refused_because", "refused_input"]
    assert heads[-5:] == ["patient", "name", "age", "ktw_mm", "hip_l"]
    assert found.marked() == [["hip_l"], ["age"], ["patient"], ["ktw_mm", "hip_l"], []]
    assert found.get("hip_l", 1) == "2"
    assert "has 4 cells" in found.get("refused_because", 5)
    assert found.get("ktw_mm", 5) == ""
    assert found.get("refused_as_read", 5) == "f | Fay | 41 | 66"


def test_mended_rows_are_merged_by_the_command_that_is_printed(screening, clinic, tmp_path):
    printed = clinic.strip().splitlines()[-1]
    words = shlex.split(printed)
    assert words[:5] == ["screening", "batch", "out/refused.xlsx", "--merge", "out"]
    assert {"--map", "columns.yaml", "--verify", "--rows", "csv"} <= set(words)
    out = tmp_path / "out"
    found = Sheet(out / "refused.xlsx")
    found.put("hip_l", 1, 1)
    found.put("age", 2, 39)
    found.put("patient", 3, "d")
    found.put("ktw_mm", 4, 70)
    found.save(out / "refused.xlsx")
    done = screening(*words[1:])
    assert done.exit_code == 1, (done.output, done.exception)
    assert "of 5 rows 3 are screened now, 1 refused again, 1 left alone" in done.stdout.replace(
        "\n", " "
    )
    rows = pl.read_csv(out / "screenings.csv")
    assert rows["case_id"].to_list() == [each for each in "abcd" for _ in range(2)]
    assert rows["row"].to_list() == [each for each in (1, 2, 3, 4) for _ in range(2)]
    assert set(rows["input"]) == {"clinic.csv"}
    said = manifest(out)
    assert said["counts"] | {"verified": 0} == {
        "rows": 6,
        "screened": 4,
        "refused": 2,
        "verified": 0,
        "rows_written": 8,
    }
    assert [each["path"] for each in said["plan"]["inputs"]] == ["clinic.csv"]
    assert [each["path"] for each in said["merged"]] == ["out/refused.xlsx"]
    assert said["sources"][0]["screened"] == 4
    for name, kept in said["outputs"].items():
        assert (out / name).stat().st_size == kept["bytes"], name
    assert not (out / "unfinished").exists()
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["cases"], summary["screened"], summary["refused"]) == (4, 4, 2)
    left = [json.loads(line) for line in (out / "refused.jsonl").read_text().splitlines()]
    assert [(each["row"], each["cells"]["hip_l"]) for each in left[:1]] == [(5, "7")]
    assert left[0]["cells"]["ktw_mm"] == "70"

    proof = screening("why", "--from", "out", "d", "ankle.restricted", "--side", "left")
    assert proof.exit_code == 0, proof.exception
    assert "6.6" in proof.stdout

    found = Sheet(out / "refused.xlsx")
    for row in (2, 3):
        for name, value in (("patient", f"x{row}"), ("age", 50), ("ktw_mm", 80), ("hip_l", 1)):
            found.put(name, row - 1, value)
    found.save(tmp_path / "mended.xlsx")
    last = screening("batch", "mended.xlsx", "--merge", "out")
    assert last.exit_code == 0, (last.output, last.exception)
    assert not (out / "refused.xlsx").exists()
    assert (out / "refused.jsonl").read_text() == ""
    assert manifest(out)["counts"]["screened"] == 6
    again = screening("batch", "mended.xlsx", "--merge", "out")
    assert isinstance(again.exception, UsageError)
    assert "none of its 2 rows was refused by this run" in str(again.exception)


def test_lines_of_json_are_merged_as_well_and_other_rows_left_alone(screening, clinic, tmp_path):
    out = tmp_path / "out"
    kept = [json.loads(line) for line in (out / "refused.jsonl").read_text().splitlines()][:1]
    kept[0]["cells"]["hip_l"] = "0"
    kept.append({"input": "clinic.csv", "row": 1, "cells": {"patient": "zz"}})
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(each) + "\n" for each in kept))
    done = screening("batch", "m.jsonl", "--merge", "out")
    assert done.exit_code == 1, done.exception
    assert "1 left alone" in done.stdout.replace("\n", " ")
    assert "zz" not in (out / "screenings.csv").read_text()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("m.csv", "--merge", "out"), "refused_input"),
        (("m.csv", "--merge", "out", "--rows", "jsonl"), "--rows is not what it was"),
        (("m.csv", "--merge", "out", "--map", "other.yaml"), "map of columns"),
        (("m.csv", "--merge", "nowhere"), "no manifest.json"),
        (("m.csv", "clinic.csv", "--merge", "out"), "one file"),
        (("m.csv", "--merge", "out", "--out", "o"), "no --out"),
    ],
)
def test_what_cannot_be_merged_says_so_and_changes_nothing(
    words, reason, screening, clinic, tmp_path
):
    (tmp_path / "m.csv").write_text("patient\nb\n")
    (tmp_path / "other.yaml").write_text("ignore: [x]\n")
    before = {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()}
    done = screening("batch", *words)
    assert isinstance(done.exception, UsageError)
    assert reason in str(done.exception)
    assert {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("name", ["refused.jsonl", "summary.json"])
def test_a_run_that_was_damaged_is_not_merged_into(name, screening, clinic, tmp_path):
    out = tmp_path / "out"
    lines = (out / "refused.jsonl").read_text()
    (tmp_path / "mended.jsonl").write_text(lines)
    (out / name).write_text('{"a": 1}\n')
    done = screening("batch", "mended.jsonl", "--merge", "out")
    assert isinstance(done.exception, UsageError)
    assert "it was changed since the run was finished" in str(done.exception)


DAMAGED = {
    "cut": lambda whole: whole[: len(whole) // 2],
    "no end": lambda whole: whole[:-4],
    "only its name": lambda _whole: b"PAR1PAR1",
    "empty": lambda _whole: b"",
    "a wrong length of its end": lambda whole: whole[:-8] + b"\xff\xff\xff\x7f" + whole[-4:],
    "a byte of the data": lambda whole: whole[:30] + bytes([whole[30] ^ 0xFF]) + whole[31:],
}


@pytest.fixture
def in_parquet(run_in_parquet, tmp_path):
    """Give a run whose rows stand in Parquet, and a mended row beside it; what it holds."""
    shutil.copytree(run_in_parquet[0], tmp_path, dirs_exist_ok=True)
    first = json.loads((tmp_path / "out" / "refused.jsonl").read_text().splitlines()[0])
    first["cells"]["hip_l"] = "0"
    (tmp_path / "m.jsonl").write_text(json.dumps(first) + "\n")
    return tmp_path / "out"


def test_a_mended_row_is_merged_into_parquet(screening, in_parquet):
    done = screening("batch", "m.jsonl", "--merge", "out")
    assert done.exit_code == 1, done.exception
    assert manifest(in_parquet)["counts"]["screened"] == 2
    assert "b" in pl.read_parquet(in_parquet / "screenings.parquet")["case_id"]


def test_damaged_rows_in_parquet_are_not_merged_into(screening, in_parquet):
    rows = in_parquet / "screenings.parquet"
    whole = rows.read_bytes()
    for damaged in DAMAGED.values():
        rows.write_bytes(damaged(whole))
        unchanged(screening, in_parquet, "m.jsonl", "it was changed since the run was finished")


def test_a_row_of_parquet_that_somebody_altered_is_found_before_a_merge(screening, in_parquet):
    rows = in_parquet / "screenings.parquet"
    pl.read_parquet(rows).with_columns(case_id=pl.lit("zz")).write_parquet(rows)
    unchanged(screening, in_parquet, "m.jsonl", "it was changed since the run was finished")


def test_mended_rows_are_not_read_from_parquet_whole_or_damaged(screening, in_parquet, tmp_path):
    pl.DataFrame({"patient": ["Bob"]}).write_parquet(tmp_path / "m.parquet")
    unchanged(screening, in_parquet, "m.parquet", "mended rows are not read from such a file")
    (tmp_path / "m.parquet").write_bytes(DAMAGED["cut"]((tmp_path / "m.parquet").read_bytes()))
    unchanged(screening, in_parquet, "m.parquet", "m.parquet")


def unchanged(screening, out, mended, reason):
    """Merge into a run; find it refused in our words, without patients, and the run as it was."""
    before = {each.name: each.read_bytes() for each in out.iterdir()}
    done = screening("batch", mended, "--merge", "out")
    assert isinstance(done.exception, ScreeningError), done.exception
    assert reason in str(done.exception)
    assert "Bob" not in str(done.exception)
    assert {each.name: each.read_bytes() for each in out.iterdir()} == before


def test_a_merge_that_was_broken_off_is_gone_on_with(screening, clinic, tmp_path, monkeypatch):
    out = tmp_path / "out"
    kept = [json.loads(line) for line in (out / "refused.jsonl").read_text().splitlines()][:1]
    kept[0]["cells"]["hip_l"] = "0"
    (tmp_path / "m.jsonl").write_text(json.dumps(kept[0]) + "\n")
    with monkeypatch.context() as broken:

        def stop(_folder):
            raise KeyboardInterrupt

        broken.setattr(store_module, "sync", stop)
        screening("batch", "m.jsonl", "--merge", "out")
        assert (out / "unfinished" / "merged" / "manifest.json").exists()
    done = screening("batch", "m.jsonl", "--merge", "out")
    assert done.exit_code == 1, done.exception
    assert manifest(out)["counts"]["screened"] == 2
    assert not (out / "unfinished").exists()


def test_a_run_that_could_not_begin_leaves_its_folder_usable(screening, tmp_path):
    (tmp_path / "clinic.csv").write_text(TABLE)
    words = ("batch", "clinic.csv", "--out", "out", "--map", "columns.yaml", "--verify", "0")
    (tmp_path / "columns.yaml").write_text(MAP.replace("ignore: [name]", ""))
    done = screening(*words)
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "out").exists()
    (tmp_path / "columns.yaml").write_text(MAP)
    assert screening(*words).exit_code == 1
    assert manifest(tmp_path / "out")["counts"]["screened"] == 1


def test_a_later_table_that_cannot_be_read_leaves_the_folder_usable_too(screening, tmp_path):
    (tmp_path / "columns.yaml").write_text(MAP)
    (tmp_path / "clinic.csv").write_text(TABLE)
    (tmp_path / "more.csv").write_text("patient,nonsense\nq,1\n")
    (tmp_path / "out").mkdir()
    words = (
        "batch",
        "clinic.csv",
        "more.csv",
        "--out",
        "out",
        "--map",
        "columns.yaml",
        "--verify",
        "0",
    )
    assert isinstance(screening(*words).exception, UsageError)
    assert list((tmp_path / "out").iterdir()) == []
    (tmp_path / "more.csv").write_text("patient,age\nq,50\n")
    assert screening(*words).exit_code == 1
