"""The core table: what decides, headed by titles, filled in and read back as it is."""

from __future__ import annotations

import csv
import json

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from screening.batch.inputs.cells import of_case
from screening.batch.inputs.redcap import name
from screening.cli.app import app
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.record.screening import screening as record_of
from screening.rulebase.core import core, deciding
from tests.conftest import CASES


@pytest.fixture
def screening(monkeypatch, tmp_path):
    """Run a command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.exception or done.output
        return done

    return run


def test_what_decides_follows_from_the_rules(base):
    paths = deciding(base)
    assert core(base.form).paths <= set(paths)
    assert {"case_id", "asked_with", "attested_by", "attested_on", "examined_on"} <= set(paths)
    assert {"red_flags.all", "red_flags.injury"} <= set(paths)
    assert "red_flags.chest" not in paths
    assert 35 <= len(paths) <= 45


def core_case(base):
    """Give the base case by its core alone, and the whole one."""
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    cells = of_case(case, base.vocabulary)
    kept = {path: cells[path] for path in deciding(base) if path in cells}
    return {**kept, **{p: str(v) for p, v in base.asked_today.items()}}, case


def dictionary(folder):
    """Give the fields of the dictionary that was written."""
    text = (folder / "core_dictionary.csv").read_text()
    return list(csv.DictReader(text.splitlines()))


def written(kind, folder, cells):
    """Fill the empty table of a kind with one case."""
    if kind == "csv":
        with (folder / "core.csv").open("a", newline="") as file:
            paths = list(csv.reader((folder / "core.csv").read_text().splitlines()))[1]
            csv.writer(file).writerow([cells.get(path, "") for path in paths])
        return folder / "core.csv"
    if kind == "xlsx":
        rows = CalamineWorkbook.from_path(str(folder / "core.xlsx")).get_sheet_by_index(0)
        heads = rows.to_python()[:2]
        with xlsxwriter.Workbook(str(folder / "filled.xlsx")) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([*heads, [cells.get(p, "") for p in heads[1]]]):
                sheet.write_row(number, 0, row)
        return folder / "filled.xlsx"
    fields = [
        row[0] for row in csv.reader((folder / "core_dictionary.csv").read_text().splitlines())
    ][1:]
    found = {name(path): cell for path, cell in cells.items()}
    for path in [path for path in cells if path.endswith("pain_regions")]:
        words = found.pop(name(path)).split(";")
        found |= {f"{name(path)}___{word}": "1" for word in words}
    assert {each.partition("___")[0] for each in found} <= set(fields)
    with (folder / "export.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found))
        writer.writeheader()
        writer.writerow(found)
    return folder / "export.csv"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "redcap"])
def test_a_core_table_is_filled_in_and_read_back(kind, base, screening, tmp_path):
    screening("batch", "--template", kind, "--core", "--out", "empty")
    cells, case = core_case(base)
    table = written(kind, tmp_path / "empty", cells)
    screening("batch", str(table), "--out", "out", "--verify", "0")
    rows = pl.read_parquet(tmp_path / "out" / "screenings.parquet")
    whole = record_of(infer(case, base))
    verdicts = [(whole["sides"][side] or {}).get("verdict") for side in ("left", "right")]
    assert rows["movement_pattern_verdict"].cast(pl.String).to_list() == verdicts
    assert "likely" in verdicts


def test_an_empty_core_table_has_no_rows_and_offers_words_and_limits(base, screening, tmp_path):
    screening("batch", "--template", "xlsx", "--core", "--out", "empty")
    done = screening("batch", "empty/core.xlsx", "--out", "out", "--format", "json")
    assert json.loads(done.stdout)["counts"]["rows"] == 0
    book = CalamineWorkbook.from_path(str(tmp_path / "empty" / "core.xlsx"))
    assert book.sheet_names == ["cases", "explanations"]
    titles, paths = book.get_sheet_by_name("cases").to_python()[:2]
    assert tuple(paths) == deciding(base)
    assert "Hip pain, left" in titles
    explained = book.get_sheet_by_name("explanations").to_python()[1:]
    assert [row[0] for row in explained] == paths
    allowed = {row[0]: row[3] for row in explained}
    assert allowed["asked_with"] == f"{base.asked_with} in every row"


def test_the_core_dictionary_hides_no_field_behind_one_that_is_not_there(base, screening, tmp_path):
    screening("batch", "--template", "redcap", "--core", "--out", "empty")
    fields = list(
        csv.DictReader((tmp_path / "empty" / "core_dictionary.csv").read_text().splitlines())
    )
    names = {field["Variable / Field Name"] for field in fields}
    assert len(names) == len(deciding(base))
    logic = " ".join(field["Branching Logic (Show field only if...)"] for field in fields)
    asked = {part.partition("]")[0].partition("(")[0] for part in logic.split("[")[1:]}
    assert asked
    assert asked <= names
    assert any("@DEFAULT" in field["Field Annotation"] for field in fields)
