"""The two readings of a batch check each other, and a case that kills the engine is set aside."""

from __future__ import annotations

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


def test_a_row_that_differs_on_its_own_fails_the_run(many_table, run_batch, tmp_path, monkeypatch):
    path = written(many_table, tmp_path, "parquet")
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


def test_so_many_rows_are_verified_as_asked(many_table, run_batch, tmp_path, monkeypatch):
    monkeypatch.setattr("screening.batch.run.Workers", InThisProcess)
    path = written(many_table[:60], tmp_path, "parquet")
    assert manifest(run_batch(path, verify=7, part_rows=20, out="a"))["counts"]["verified"] == 7
    assert manifest(run_batch(path, verify=0, out="b"))["counts"]["verified"] == 0


def test_both_engines_give_the_same_rows(many_table, many_rows, run_batch, tmp_path):
    path = written(many_table[:40], tmp_path, "parquet")
    found = rows(run_batch(path, engine="forward", part_rows=30))
    assert found.drop("input", "row").equals(many_rows[:80])


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


def test_a_case_that_kills_the_engine_is_set_aside_and_the_run_goes_on(typed, tmp_path):
    rules = crashing(tmp_path / "rules")
    path = tmp_path / "t.csv"
    lines = [f"c{i},{90 if i == 1 else 5},absent,absent" for i in range(4)]
    path.write_text("case_id,age_years,left.hip.pain,right.hip.pain\n" + "\n".join(lines) + "\n")
    words = ("batch", str(path), "--engine", "forward", "--rules", str(rules), "--verify", "0")
    done = typed(*words, "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (1, "")
    found = refused(tmp_path / "out")
    assert [each["row"] for each in found] == [2]
    assert any("SIG" in each["reason"] for each in found)
    assert rows(tmp_path / "out")["case_id"].unique().sort().to_list() == [
        f"c{i}" for i in (0, 2, 3)
    ]
