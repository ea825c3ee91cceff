"""Every kind of input of a batch: the same rows, whatever they stand in."""

from __future__ import annotations

import random
import shutil
import weakref

import polars as pl
import pytest

from screening.batch.ids import Seen, hashes
from screening.batch.inputs import tables
from screening.batch.inputs.cells import as_case, of_case, of_data
from screening.batch.inputs.column_map import Map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.intake.case import as_data
from tests.batches import as_jsonl, manifest, refused, rows, written
from tests.conftest import CASES


def some_of(many, in_whole, number):
    """Give the first so many by default, and all in a whole run."""
    return many if in_whole else many[:number]


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_every_kind_of_table_gives_the_same_rows(
    kind, many_table, many_rows, run_batch, tmp_path, in_whole
):
    few = some_of(many_table, in_whole, 50)
    found = rows(run_batch(written(few, tmp_path, kind), part_rows=few.height * 2 // 3))
    assert found.drop("input", "row").equals(many_rows[: 2 * few.height])
    assert found["row"].to_list() == [i for i in range(1, few.height + 1) for _ in range(2)]
    assert found["input"].unique().to_list() == [f"cases.{kind}"]


def test_lines_of_json_give_the_same_rows(
    many_cases, base, many_rows, run_batch, tmp_path, in_whole
):
    few = some_of(many_cases, in_whole, 60)
    path = as_jsonl(few, base.vocabulary, tmp_path / "cases.jsonl")
    found = rows(run_batch(path, part_rows=len(few) * 2 // 3))
    assert found.drop("input", "row").equals(many_rows[: 2 * len(few)])


def test_typed_columns_of_a_registry_give_the_same_rows(
    many_table, base, many_rows, run_batch, tmp_path
):
    vocabulary = base.vocabulary
    kinds = {path: vocabulary[path].type for path in many_table.columns}
    typed = many_table.with_columns(
        *(pl.col(p).cast(pl.Float64) for p, kind in kinds.items() if kind == "number"),
        *(pl.col(p).str.to_date() for p, kind in kinds.items() if kind == "date"),
        *(pl.col(p).cast(pl.Categorical) for p, kind in kinds.items() if kind == "yes_no"),
    )
    found = rows(run_batch(written(typed, tmp_path, "parquet")))
    assert found.drop("input", "row").equals(many_rows)


def test_a_folder_of_cases_says_what_each_screening_says(run_batch, record_from, some):
    found = rows(run_batch(CASES))
    files = sorted(path for path in CASES.rglob("*.yaml"))
    assert found["input"].to_list() == [str(path) for path in files for _ in range(2)]
    for place, path in some(list(enumerate(files))[::5], 3):
        record = record_from(path)
        for number, side in enumerate(("left", "right")):
            row = found.row(2 * place + number, named=True)
            assert row["case_id"] == record["case_id"]
            assert row["tier"] == record["triage"]["tier"]
            assert row["movement_pattern_verdict"] == (record["sides"][side] or {}).get("verdict")


def test_several_inputs_of_all_kinds_follow_each_other(
    many_cases, many_table, base, run_batch, tmp_path
):
    folder = tmp_path / "clinic"
    folder.mkdir()
    for number, kind in enumerate(("csv", "parquet", "xlsx")):
        written(many_table[25 * number : 25 * number + 15], folder, kind).rename(
            folder / f"{number}.{kind}"
        )
    as_jsonl(many_cases[75:90], base.vocabulary, folder / "3.jsonl")
    shutil.copy(CASES / "base_case.yaml", folder / "4.yaml")
    (folder / "notes.docx").write_text("not a case")
    (folder / ".hidden.csv").write_text("not,a,case")
    done = run_batch(folder)
    found = rows(done)
    ids = [f"c{i}" for start in (0, 25, 50, 75) for i in range(start, start + 15)] + ["V1"]
    assert found["case_id"].to_list() == [each for each in ids for _ in range(2)]
    said = manifest(done)
    assert said["ignored_files"] == [str(folder / "notes.docx")]
    assert [s["rows"] for s in said["sources"]] == [15, 15, 15, 15, 1]


def test_other_delimiters_and_a_byte_order_mark_are_read(
    many_table, many_rows, run_batch, tmp_path, in_whole
):
    few = some_of(many_table, in_whole, 50)
    for number, delimiter in enumerate(";\t"):
        path = tmp_path / f"{number}.csv"
        text = few.with_columns(pl.all().str.replace_all(";", ",")).write_csv(separator=delimiter)
        path.write_text(text, encoding="utf-8-sig")
        found = rows(run_batch(path, out=f"out{number}"))
        assert found.drop("input", "row").equals(many_rows[: 2 * few.height])


def test_cells_of_a_case_are_read_back_to_the_case(many_cases, base, some):
    for case in some(many_cases, 2):
        cells = of_case(case, base.vocabulary)
        again = as_case(case.case_id, cells, base.vocabulary)
        assert {**again.answers} == {**case.answers, "case_id": case.case_id}
        data = {**as_data(case, base.vocabulary), "case_id": case.case_id}
        assert of_data(data, base.vocabulary, "") == cells


def test_a_case_id_is_found_again_in_any_part_and_input(narrow_table, run_batch, tmp_path):
    first = written(narrow_table[:20], tmp_path, "parquet")
    again = [narrow_table[20:30], narrow_table[5:6], narrow_table[20:21]]
    second = written(pl.concat(again), tmp_path, "csv")
    found = refused(run_batch(first, second, part_rows=7))
    assert [(each["input"], each["row"]) for each in found] == [
        ("cases.csv", 11),
        ("cases.csv", 12),
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


def test_no_part_is_held_while_the_next_is_read(narrow_table, base, tmp_path, monkeypatch):
    read, parts, held = tables._of_parquet, [], []

    def noted(*words):
        held.append(sum(part() is not None for part in parts))
        part = read(*words)
        parts.append(weakref.ref(part))
        return part

    monkeypatch.setattr(tables, "_of_parquet", noted)
    inputs = find([written(narrow_table[:20], tmp_path, "parquet")])
    run = Run(base, inputs, Columns(base.vocabulary, Map()), Options(part_rows=5, verify=0))
    run.into(Store(tmp_path / "out"), resume=False)
    assert held == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "form"), [("parquet", "parquet"), ("csv", "csv"), ("xlsx", "jsonl")]
)
def test_what_would_be_a_pattern_in_a_name_is_only_a_name(
    kind, form, narrow_table, typed, run_batch, tmp_path
):
    path = written(narrow_table[:20], tmp_path, kind).rename(
        tmp_path / f"é %20 [1] {{a}} *?.{kind}"
    )
    done = run_batch(tmp_path, rows=form, out="out [1] *", part_rows=15)
    assert manifest(done)["counts"]["rows"] == 20
    assert [each["name"] for each in manifest(done)["sources"]] == [path.name]
    words = ("why", narrow_table["case_id"][3], "verdict.suspended", "--side", "left")
    said = typed(*words, "--from", str(done))
    assert said.returncode == 0, said.stderr
