"""A batch on a real Spark cluster gives the rows of a local run, also when a worker dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.cohort.arrow import plain_types
from tests.conftest import ROOT
from tests.tables import named, table

pytest.importorskip("pyspark", reason="the extra spark is not installed")
cluster = pytest.importorskip("tests.cluster")

MUST_RUN = "spark" in os.environ.get("SCREENING_MUST_RUN", "").split()
pytestmark = pytest.mark.skipif(
    not cluster.java() and not MUST_RUN, reason="Spark needs Java, and there is none"
)
ROWS, FILES = 60_000, 8


@pytest.fixture(scope="module")
def big(cases, base, tmp_path_factory):
    """Many rows in several files: some bad, some with an id that was there before."""
    folder = tmp_path_factory.mktemp("big")
    few = table(named(cases.case(seed) for seed in range(1_000)), base.vocabulary)
    rows = pl.concat([few] * (ROWS // few.height)).with_columns(
        case_id=pl.concat_str(pl.lit("p"), pl.int_range(ROWS))
    )
    number = pl.int_range(ROWS)
    rows = rows.with_columns(
        age_years=pl.when(number % 1_000 == 7).then(pl.lit("old")).otherwise("age_years"),
        case_id=pl.when(number % 5_000 == 4_999).then(pl.lit("p12")).otherwise("case_id"),
    )
    size = ROWS // FILES
    for place in range(FILES):
        rows[place * size : (place + 1) * size].write_parquet(folder / f"cases-{place}.parquet")
    return folder


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A master and two workers."""
    with cluster.Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def words(master, given, out, *more):
    """Give the words of the command that screens on a cluster."""
    return ["batch", "--spark", master, str(given), "--out", str(out), *more]


@pytest.fixture
def go(typed, monkeypatch):
    """Run a command in this process: all share one Java, and each opens a session of its own."""
    for name, value in cluster.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    interrupt = signal.getsignal(signal.SIGINT)

    def run(*given):
        done = typed(*given)
        assert "Traceback" not in done.stderr
        return done

    yield run
    # Spark takes Ctrl-C to itself.
    signal.signal(signal.SIGINT, interrupt)


def rows_of(folder):
    """Give the rows of a run in their order."""
    return pl.read_parquet(f"{folder}/screenings.parquet/*.parquet").sort("input", "row", "side")


def refused_of(folder):
    """Give the refused rows of a run in their order."""
    path = Path(folder) / "refused.jsonl"
    files = sorted(path.glob("part-*")) if path.is_dir() else [path]
    found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return sorted(found, key=lambda each: (each["input"], each["row"]))


@pytest.fixture(scope="module")
def local(big, base, tmp_path_factory):
    """The same cases screened on this machine."""
    out = tmp_path_factory.mktemp("local") / "out"
    run = Run(base, find([big]), Columns(base.vocabulary), Options(verify=0))
    run.into(Store(out), False)
    return out


@pytest.mark.whole
def test_a_cluster_that_loses_a_worker_gives_the_rows_of_a_local_run(
    running, big, local, tmp_path, go
):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "screening", *words(running.master, big, out, "--verify", "20")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **cluster.ENVIRONMENT},
    )
    # Tasks write below _temporary: when the first did, both workers are at work.
    while not list(out.glob("unfinished/rows/_temporary/**/*.parquet")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    running.kill("worker1")
    said, error = process.communicate(timeout=600)
    assert process.returncode == 1, error
    assert "Traceback" not in error
    assert f"{ROWS:,} rows read" in said
    wanted = plain_types(pl.read_parquet(local / "screenings.parquet"))
    assert rows_of(out).equals(wanted.sort("input", "row", "side").select(rows_of(out).columns))
    assert refused_of(out) == refused_of(local)
    ours, theirs = (json.loads((f / "summary.json").read_text()) for f in (out, local))
    assert ours == theirs
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (out, local)]
    # Of the twenty rows that were drawn, those that were refused need no second reading.
    verified = manifests[0]["counts"]["verified"]
    assert 10 < verified <= 20
    assert manifests[0]["counts"] == {**manifests[1]["counts"], "verified": verified}
    assert manifests[0]["sources"] == manifests[1]["sources"]
    assert manifests[0]["plan"]["inputs"] == manifests[1]["plan"]["inputs"]
    assert not (out / "unfinished").exists()
    again = go(*words(running.master, big, out))
    assert (again.returncode, again.stdout) == (2, "")
    assert "Nothing is written over" in again.stderr
    assert go(*words(running.master, big, out, "--resume", "--verify", "20")).returncode == 1


def small(folder, frame, name="a.parquet"):
    """Write a few rows."""
    folder.mkdir(exist_ok=True)
    frame.write_parquet(folder / name)
    return folder


@pytest.mark.slow
def test_a_run_goes_on_after_the_commit_of_spark(cases, base, tmp_path, go, monkeypatch):
    few = table(named(cases.case(seed) for seed in range(30)), base.vocabulary)
    given, stage = small(tmp_path / "in", few), tmp_path / "stage"

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("screening.batch.spark.cluster.Job._finish", fail)
        assert go(*words("local[1]", given, stage, "--verify", "0")).returncode != 0
    before = sorted(each.name for each in (stage / "unfinished" / "rows").rglob("*.parquet"))
    assert before
    assert not (stage / "manifest.json").exists()
    done = go(*words("local[1]", given, stage, "--verify", "0", "--resume"))
    assert done.returncode == 0, done.stderr
    local = Run(base, find([given]), Columns(base.vocabulary), Options(verify=0))
    local.into(Store(tmp_path / "out"), False)
    wanted = plain_types(pl.read_parquet(tmp_path / "out" / "screenings.parquet"))
    found = rows_of(stage)
    assert found.equals(wanted.sort("input", "row", "side").select(found.columns))


@pytest.mark.whole
def test_files_of_any_name_are_read_and_told_apart(cases, base, tmp_path, go):
    few = table(named(cases.case(seed) for seed in range(40)), base.vocabulary)
    rows = few.with_columns(case_id=pl.concat_str(pl.lit("p"), pl.int_range(few.height)))
    again = rows[20:].with_columns(
        case_id=pl.when(pl.int_range(20) == 3).then(pl.lit("p5")).otherwise("case_id")
    )
    given = tmp_path / "a registry"
    for folder, part in (("year=2024", rows[:20]), ("year=2025", again)):
        (given / folder).mkdir(parents=True)
        part[:10].write_parquet(given / folder / "part-0.parquet")
        part[10:].write_parquet(given / folder / f"é %20+[{folder[-1]}] {{1}} #.parquet")
    out, local = tmp_path / "out", tmp_path / "local"
    Run(base, find([given]), Columns(base.vocabulary), Options(verify=0)).into(Store(local), False)
    done = go(*words("local[2]", given, out, "--verify", "10"))
    assert done.returncode == 1, done.stderr
    wanted = plain_types(pl.read_parquet(local / "screenings.parquet"))
    assert rows_of(out).equals(wanted.sort("input", "row", "side").select(rows_of(out).columns))
    assert refused_of(out) == refused_of(local)
    assert [each["field"] for each in refused_of(out)] == ["case_id"]
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (out, local)]
    assert manifests[0]["sources"] == manifests[1]["sources"]
    assert manifests[0]["plan"]["inputs"] == manifests[1]["plan"]["inputs"]


@pytest.mark.whole
def test_what_cannot_be_used_is_refused_before_anything_is_written(
    cases, base, tmp_path, go, monkeypatch
):
    few = table(named(cases.case(seed) for seed in range(5)), base.vocabulary)
    given = small(tmp_path / "in", few)
    nobody = f"spark://{cluster.HOST}:{cluster.free_port()}"
    refused = [
        (words(nobody, given, tmp_path / "o1"), {}, "no Spark master answers"),
        (words("local[1]", tmp_path / "no", tmp_path / "o2"), {}, "cannot read it as Parquet"),
        (
            words("local[1]", small(given, few.drop("age_years"), "b.parquet"), tmp_path / "o3"),
            {},
            "age_years",
        ),
        (
            words(
                "local[1]", small(tmp_path / "x", few.rename({"sex": "gender"})), tmp_path / "o4"
            ),
            {},
            "gender",
        ),
        (
            words("local[1]", small(tmp_path / "y", few), tmp_path / "o5"),
            {"PYSPARK_PYTHON": "/usr/bin/python3"},
            "a worker",
        ),
    ]
    for command, environment, reason in refused:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            done = go(*command)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert reason in done.stderr
    assert [each.name for each in tmp_path.glob("o*")] == []


def test_wrong_words_are_refused(typed, tmp_path):
    one = typed("batch", "--spark", "local[1]", "a", "b", "--out", str(tmp_path / "o"))
    two = typed("batch", "--spark", "local[1]", "a", "--out", "o", "--rows", "csv")
    for done in (one, two):
        assert (done.returncode, done.stdout) == (2, "")
        assert "--spark" in done.stderr
