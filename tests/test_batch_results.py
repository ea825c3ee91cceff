"""What a batch writes: rows in every format, the summary, and what each bit means."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys

import polars as pl

from screening.batch.look_up import screened_rows
from screening.cohort import key
from tests.batches import SECRET, bad_table, manifest, rows, written
from tests.conftest import ROOT


def test_rows_are_the_same_in_every_format(many_table, many_rows, run_batch, tmp_path):
    path, size = written(many_table, tmp_path, "parquet"), many_table.height * 3 // 4
    as_csv = run_batch(path, rows="csv", out="c", part_rows=size) / "screenings.csv"
    as_json = run_batch(path, rows="jsonl", out="j", part_rows=size) / "screenings.jsonl"
    text = many_rows.cast(pl.String)
    found = pl.read_csv(as_csv, infer_schema=False)
    assert found.drop("input", "row").equals(text.fill_null("")) or (
        found.drop("input", "row").fill_null("").equals(text.fill_null(""))
    )
    lines = [json.loads(line) for line in as_json.read_text().splitlines()]
    for line, row in zip(lines, many_rows.iter_rows(named=True), strict=True):
        assert {name: line[name] for name in row} == row


def test_rows_that_a_cluster_left_in_a_folder_are_read_back(many_run, many_table, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(many_run, folder)
    (folder / "screenings.parquet").rename(tmp_path / "part-00000.snappy.parquet")
    (folder / "screenings.parquet").mkdir()
    (tmp_path / "part-00000.snappy.parquet").rename(
        folder / "screenings.parquet" / "part-0.parquet"
    )
    for name in ("_SUCCESS", ".part-0.parquet.crc"):
        (folder / "screenings.parquet" / name).write_text("x")
    said = manifest(folder)
    said["outputs"]["screenings.parquet"] = {}  # of what a cluster wrote nothing is known
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    assert screened_rows(folder).collect().height == many_table.height


def test_names_may_stand_for_bits(many_table, run_batch, base, tmp_path):
    path = written(many_table, tmp_path, "parquet")
    bits, texts = rows(run_batch(path, out="b")), rows(run_batch(path, out="t", verbose=True))
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


def test_a_formula_is_written_harmlessly(run_batch, tmp_path):
    path = tmp_path / "t.csv"
    ids = ["=1+1", "+1", "-1", "@x", "plain"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["case_id"], *([each] for each in ids)])
    out = run_batch(path, rows="csv") / "screenings.csv"
    found = [line["case_id"] for line in csv.DictReader(out.read_text().splitlines())][::2]
    assert found == ["'=1+1", "'+1", "'-1", "'@x", "plain"]


def test_the_summary_counts_what_the_rows_say(many_run, many_table):
    done, many = many_run, many_table.height
    found, summary = rows(done), json.loads((done / "summary.json").read_text())
    painful = found.filter(pl.col("movement_pattern_verdict").is_not_null())
    assert summary["cases"] == many
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
    assert f"cases.csv: {many} rows" in page
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


def test_a_case_of_a_run_is_explained_from_its_input(many_table, typed, run_batch, tmp_path):
    path = written(many_table, tmp_path, "csv")
    done = run_batch(path)
    row = rows(done).filter(pl.col("movement_pattern_verdict") == "suspended").row(0, named=True)
    words = ("why", row["case_id"], "verdict.suspended", "--side", row["side"], "--from", str(done))
    said = typed(*words)
    assert said.returncode == 0, said.stderr
    assert "YES" in said.stdout.splitlines()[0] + said.stdout.splitlines()[1]
    missing = typed("why", "nobody", "verdict.likely", "--from", str(done))
    assert missing.returncode == 2
    assert "refused.jsonl" in missing.stderr
    with path.open("a") as file:
        file.write(",\n")
    changed = typed(*words)
    assert changed.returncode == 2
    assert "changed" in changed.stderr


def test_the_command_says_what_it_did(typed, many_table, tmp_path):
    path = written(many_table[:30], tmp_path, "csv")
    words = ("--verify", "0", "--out")
    done = typed("batch", path, *words, tmp_path / "o", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["counts"]["screened"] == 30
    bad = typed("batch", bad_table(tmp_path / "bad.csv"), *words, tmp_path / "b")
    assert bad.returncode == 1
    assert "9 rows read: 2 screened, 7 refused." in bad.stdout
    assert SECRET not in bad.stdout + bad.stderr
    nothing = typed("batch")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    page = (tmp_path / "b" / "summary.html").read_text()
    assert SECRET not in page + (tmp_path / "b" / "summary.json").read_text()


def test_progress_is_shown_to_who_watches(narrow_table, tmp_path):
    import pexpect

    path, many = written(narrow_table, tmp_path, "csv"), narrow_table.height
    words = [
        "-m",
        "screening",
        "batch",
        str(path),
        "--out",
        str(tmp_path / "o"),
        "--part-rows",
        "50",
        "--verify",
        "0",
    ]
    child = pexpect.spawn(sys.executable, words, cwd=str(ROOT), timeout=60, dimensions=(24, 100))
    child.expect(f"{many}/{many}")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
