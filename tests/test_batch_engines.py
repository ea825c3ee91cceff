"""The two readings of a batch check each other, and a case that kills the engine is set aside."""

from __future__ import annotations

import os
import shutil

import pytest

from screening.batch import parts as parts_module
from screening.batch.workers import Workers
from screening.errors import EngineError
from tests.batches import manifest, refused, rows, written
from tests.conftest import ROOT


class InThisProcess(Workers):
    """Stands where the processes of the other reading stand, where they are not what is tested."""

    def screen(self, frame):
        """Screen one part."""
        return self.cohort.screen(frame)


@pytest.fixture
def few_workers(monkeypatch, in_whole):
    """Start one process instead of one for each processor: each imports and reads all anew."""
    if not in_whole:
        monkeypatch.setattr(os, "cpu_count", lambda: 1)


def test_a_row_that_differs_on_its_own_fails_the_run(
    narrow_table, run_batch, tmp_path, monkeypatch
):
    path = written(narrow_table, tmp_path, "parquet")
    honest = parts_module.work

    def lying(*words):
        done = honest(*words)
        tier = done.screenings["tier"]
        turned = (tier == "emergency").replace_strict({True: "none", False: "emergency"})
        lie = done.screenings.with_columns(tier=turned.cast(tier.dtype))
        object.__setattr__(done, "screenings", lie)
        return done

    monkeypatch.setattr("screening.batch.run.work", lying)
    monkeypatch.setattr("screening.batch.run.Workers", InThisProcess)
    with pytest.raises(EngineError, match="tier"):
        run_batch(path, verify=5)
    assert not (tmp_path / "out" / "screenings.parquet").exists()
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_so_many_rows_are_verified_as_asked(narrow_table, run_batch, tmp_path, monkeypatch):
    monkeypatch.setattr("screening.batch.run.Workers", InThisProcess)
    path = written(narrow_table[:60], tmp_path, "parquet")
    assert manifest(run_batch(path, verify=7, part_rows=20, out="a"))["counts"]["verified"] == 7
    assert manifest(run_batch(path, verify=0, out="b"))["counts"]["verified"] == 0


@pytest.mark.usefixtures("few_workers")
def test_both_engines_give_the_same_rows(many_table, many_rows, run_batch, tmp_path, in_whole):
    few = many_table[: 40 if in_whole else 8]
    path = written(few, tmp_path, "parquet")
    found = rows(run_batch(path, engine="forward", part_rows=few.height * 3 // 4))
    assert found.drop("input", "row").equals(many_rows[: 2 * few.height])


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


@pytest.mark.usefixtures("few_workers")
def test_a_case_that_kills_the_engine_is_set_aside_and_the_run_goes_on(typed, tmp_path):
    rules = crashing(tmp_path / "rules")
    path = tmp_path / "t.csv"
    lines = [f"c{i},{90 if i == 0 else 5},absent,absent" for i in range(4)]
    path.write_text("case_id,age_years,left.hip.pain,right.hip.pain\n" + "\n".join(lines) + "\n")
    words = ("batch", str(path), "--engine", "forward", "--rules", str(rules), "--verify", "0")
    done = typed(*words, "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (1, "")
    found = refused(tmp_path / "out")
    assert [each["row"] for each in found] == [1]
    assert any("SIG" in each["reason"] for each in found)
    assert rows(tmp_path / "out")["case_id"].unique().sort().to_list() == [
        f"c{i}" for i in (1, 2, 3)
    ]
