"""What the documents show is run as it stands there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import polars as pl
import pytest

from tests.conftest import ROOT
from tests.tables import named, table


def snippet(word):
    """Give the Python of docs/cohorts.md that imports a package first."""
    text = (ROOT / "docs" / "cohorts.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return next(code for code in found if code.startswith(f"import {word}\n"))


def test_daft_screens_what_the_document_shows(cases, base, cohort_of, tmp_path):
    pytest.importorskip("daft", reason="daft is not installed")
    frame = table(named(cases.case(seed) for seed in range(60)), base.vocabulary)
    (tmp_path / "cases").mkdir()
    for place in range(3):
        frame[20 * place : 20 * place + 20].write_parquet(tmp_path / "cases" / f"{place}.parquet")
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", snippet("daft")],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"},
            check=False,
        )
        # A process with Daft ends by itself now and then (2 of some 150), why is not known.
        if done.returncode != -signal.SIGSEGV:
            break
    assert done.returncode == 0, done.stderr
    found = pl.read_parquet(tmp_path / "screenings.parquet").sort("case_id", "side")
    wanted = cohort_of(False).screen(frame).screenings.sort("case_id", "side")
    for column in ("case_id", "side", "tier", "movement_pattern_verdict", "pattern"):
        assert found[column].to_list() == wanted[column].cast(pl.String).to_list()


def test_the_site_is_built_without_a_dead_link(tmp_path):
    pytest.importorskip("mkdocs", reason="mkdocs-material is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = {page.stem for page in (tmp_path / "site").glob("*.html")}
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} <= pages


def test_every_page_stands_in_the_contents():
    listed = re.findall(r": (\w+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_every_test_that_a_promise_names_is_there():
    for page in ("docs/hazards.md", "SECURITY.md"):
        named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", (ROOT / page).read_text())
        assert len(named) > 4
        for file, test in named:
            text = (ROOT / file).read_text()
            assert not test or f"def {test}(" in text, f"{page}: {file}::{test}"
            assert "def test_" in text
