"""A batch that was stopped, killed or ran out of disk is gone on with, to the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import polars as pl
import pytest

from screening.batch.part_files import PartFiles
from screening.errors import UsageError
from tests.batches import as_jsonl, bad_table, rows, same, written


def test_nothing_is_written_over(many_table, run_batch, tmp_path):
    path = written(many_table[:20], tmp_path, "parquet")
    done = run_batch(path)
    before = {each.name: each.read_bytes() for each in done.iterdir()}
    with pytest.raises(UsageError, match="finished run"):
        run_batch(path)
    run_batch(path, resume=True)
    assert {each.name: each.read_bytes() for each in done.iterdir()} == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        run_batch(path, out="other")


def broken_off_after(parts, path, out, monkeypatch, run_batch, **options):
    """Run a batch that ends with an error after so many parts."""
    kept = PartFiles.keep

    def failing(self, number, *words):
        if number == parts:
            raise KeyboardInterrupt
        kept(self, number, *words)

    monkeypatch.setattr(PartFiles, "keep", failing)
    with pytest.raises(KeyboardInterrupt):
        run_batch(path, out=out, **options)
    monkeypatch.setattr(PartFiles, "keep", kept)


def test_what_changed_since_the_first_half_stops_the_second(
    narrow_table, run_batch, tmp_path, monkeypatch
):
    path = written(narrow_table, tmp_path, "csv")
    broken_off_after(2, path, "out", monkeypatch, run_batch, part_rows=40)
    with pytest.raises(UsageError, match="not finished"):
        run_batch(path, part_rows=40)
    with pytest.raises(
        UsageError, match="--part-rows: it was 40 in the first half of the run, now it is 60"
    ):
        run_batch(path, part_rows=60, resume=True)
    text = path.read_text()
    path.write_text(text.replace("c3,", "c3x,", 1))
    with pytest.raises(UsageError, match="has changed"):
        run_batch(path, part_rows=40, resume=True)
    path.write_text(text)
    other = written(narrow_table[:3], tmp_path, "parquet")
    with pytest.raises(UsageError, match="no part of the run"):
        run_batch(path, other, part_rows=40, resume=True)
    assert rows(run_batch(path, part_rows=40, resume=True)).height == 2 * narrow_table.height


@pytest.fixture(scope="module")
def inputs(many_cases, many_table, base, tmp_path_factory):
    """A folder with every kind of input."""
    folder = tmp_path_factory.mktemp("inputs")
    written(many_table[:50], folder, "csv").rename(folder / "a.csv")
    written(many_table[40:70], folder, "parquet").rename(folder / "b.parquet")
    as_jsonl(many_cases[60:90], base.vocabulary, folder / "c.jsonl")
    bad_table(folder / "d.csv")
    return folder


@pytest.mark.whole
@pytest.mark.parametrize("most", [2, pytest.param(100, marks=pytest.mark.slow)])
def test_a_run_killed_at_any_moment_is_resumed_to_the_same(most, inputs, children, tmp_path):
    """SIGKILL at random points in time of a run over every kind of input."""
    words = ("batch", inputs, "--part-rows", "40", "--verify", "0", "--out")
    begun = time.monotonic()
    assert children.run(*words, tmp_path / "whole").code == 1
    took = time.monotonic() - begun
    maker, kills, number = random.Random(11), 0, 0
    while kills < most:
        out = tmp_path / f"killed{number}"
        number += 1
        done = children.run(*words, out, killed_after=maker.uniform(0.2, 0.9) * took)
        while done.code == -signal.SIGKILL:
            kills += 1
            assert not (out / "manifest.json").exists() or (out / "screenings.parquet").exists()
            going_on = ("--resume",) if out.exists() else ()
            seconds = maker.uniform(0.3, 1.5) * took if kills < most else None
            done = children.run(*words, out, *going_on, killed_after=seconds)
        assert done.code == 1, done.error
        same(tmp_path / "whole", out)
        took *= 0.95  # The machine may be less busy than it was: kill earlier.


def test_ctrl_c_finishes_the_part_and_says_how_to_go_on(narrow_table, children, tmp_path):
    table = narrow_table[:60].with_columns(case_id=None)
    path, out = written(table, tmp_path, "csv"), tmp_path / "out"
    words = ("batch", path, "--part-rows", "15", "--verify", "0", "--out")
    whole = children.run(*words, tmp_path / "whole", watch=tmp_path / "whole")
    early = whole.touched // 3
    done = children.run(*words, out, watch=out, killed_at=early, killed_by=signal.SIGINT)
    assert (done.code, done.said) == (1, "")
    assert "--resume" in done.error
    assert "Traceback" not in done.error
    assert 0 < len(list(out.glob("unfinished/*.counts"))) < 4
    assert children.run(*words, out, "--resume").code == 0
    same(tmp_path / "whole", out)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_leaves_nothing_half_written(many_table, children, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        long = pl.concat([many_table] * 10).with_columns(case_id=None)
        path = written(long, tmp_path, "parquet")
        words = ("batch", path, "--rows", "csv", "--part-rows", "400", "--verify", "0")
        out = disk / "out"
        done = children.run(*words, "--out", out)
        assert (done.code, done.said) == (1, "")
        assert "No space left" in done.error
        assert "--resume" in done.error
        assert not list(out.rglob("*.draft"))
        assert not (out / "manifest.json").exists()
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        assert children.run(*words, "--out", out, "--resume").code == 0
        assert pl.read_csv(out / "screenings.csv").height == 2 * long.height
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_folder_that_cannot_be_written_says_so(many_table, run_batch, tmp_path):
    path = written(many_table[:3], tmp_path, "csv")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be made or read"):
        run_batch(path, out="file/out")
