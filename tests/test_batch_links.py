"""What a finished run leads to: an explained case, pages of a tier, the visits of each person."""

from __future__ import annotations

import json
import re
import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from screening.cli.app import app
from screening.errors import UsageError

HEAD = (
    "case_id,visit,examined_on,age_years,left.hip.pain,left.hip.pain_nrs,left.ankle.lunge_bent_cm,"
    "right.ankle.lunge_bent_cm,red_flags.saddle,cauda.saddle_numbness,retest.exercises_done"
)
ROWS = """\
p1,2,2025-05-01,40,present,2,9.5,10,absent,,as_agreed
p1,,2025-03-01,40,present,6,6.5,10,absent,,
p1,3,2025-07-01,40,present,6,9.7,10,absent,,as_agreed
p2,1,2025-03-01,50,present,6,6.5,10,absent,,
p2,2,2025-05-01,50,present,6,,,present,present,
p3,1,,17,absent,,,,absent,,
p3,1,,17,absent,,,,absent,,
=4,1,,45,present,,6.5,10,present,present,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give the folder in which a run with visits was made."""
    found = tmp_path_factory.mktemp("links")
    table = f"{HEAD}\n{ROWS}"
    (found / "clinic.csv").write_text(table)
    words = ["batch", str(found / "clinic.csv"), "--rows", "csv", "--verify", "0"]
    done = CliRunner().invoke(app, [*words, "--out", str(found / "out")])
    assert done.exit_code == 1, done.exception
    return found


@pytest.fixture
def screening(folder, monkeypatch):
    """Run a command there."""
    monkeypatch.chdir(folder)

    def run(*words):
        return CliRunner().invoke(app, list(words))

    return run


def test_case_and_visit_are_the_key_of_a_row(folder):
    rows = pl.read_csv(folder / "out" / "screenings.csv", infer_schema=False)
    assert rows.columns[:4] == ["input", "row", "case_id", "visit"]
    kept = rows.gather_every(2).select("case_id", "visit").fill_null("").rows()
    assert kept == [
        ("p1", "2"),
        ("p1", ""),
        ("p1", "3"),
        ("p2", "1"),
        ("p2", "2"),
        ("p3", "1"),
        ("'=4", "1"),
    ]
    refused = json.loads((folder / "out" / "refused.jsonl").read_text())
    assert (refused["row"], refused["field"]) == (7, "case_id")


def test_a_case_id_alone_explains_the_verdict(screening):
    done = screening("why", "--from", "out", "=4")
    assert done.exit_code == 0, done.exception
    assert "left" in done.stdout.lower()
    assert screening("why", "--from", "out", "p1", "--visit", "2").exit_code == 0
    several = screening("why", "--from", "out", "p1")
    assert isinstance(several.exception, UsageError)
    assert "--visit" in str(several.exception)


def test_rows_that_somebody_altered_lead_to_no_case(screening, folder, tmp_path):
    altered = shutil.copytree(folder / "out", tmp_path / "out")
    rows = altered / "screenings.csv"
    rows.write_text(rows.read_text().replace("p3", "p9"))
    for words in (
        ("why", "--from", str(altered), "p9"),
        ("report", "--from", str(altered), "--tier", "urgent", "--out", str(tmp_path / "pages")),
        ("follow-up", "--from", str(altered)),
    ):
        done = screening(*words)
        assert isinstance(done.exception, UsageError)
        assert "it was changed since the run was finished" in str(done.exception)
    assert not (tmp_path / "pages").exists()


def test_the_visits_of_each_person_are_compared(screening):
    done = screening("follow-up", "--from", "out", "--format", "json")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    pairs = [(p["case_id"], p["first_visit"], p["later_visit"]) for p in found["compared"]]
    assert pairs == [("p1", None, "2"), ("p1", None, "3")]
    assert [pair["message"] for pair in found["compared"]] == ["fits", "unlikely_driver"]
    assert found["compared"][0]["weeks"] == 8.7
    assert [pair["case_id"] for pair in found["not_compared"]] == ["p2"]
    # What cannot be compared may still be an emergency; both say so, from one source.
    assert [flag["id"] for flag in found["not_compared"][0]["flags"]] == ["cauda_equina"]
    assert found["compared"][0]["flags"] == []
    text = screening("follow-up", "--from", "out").stdout
    assert "EMERGENCY" in text.partition("Not compared")[2]
    assert "2 persons with several visits, 2 legs compared." in text
    assert "p1, visit first to 2, left leg, 8.7 weeks: IT FITS" in text
    wrong = screening("follow-up", "a.yaml", "--from", "out")
    assert isinstance(wrong.exception, UsageError)


def test_a_page_is_written_for_every_case_of_a_tier(screening, folder, tmp_path):
    out = tmp_path / "pages"
    words = ("report", "--from", "out", "--tier", "emergency", "--out", str(out))
    done = screening(*words)
    assert done.exit_code == 0, done.exception
    assert "2 pages and a list" in done.stdout
    listed = (out / "index.html").read_text()
    links = re.findall(r'href="([^"]+)"', listed)
    link = "00002-_4.html"
    assert link in links
    assert "EMERGENCY" in (out / link).read_text().upper()
    assert (out / link).stat().st_mode & 0o777 == 0o600
    again = screening(*words)
    assert isinstance(again.exception, UsageError)
    assert "not an empty folder" in str(again.exception)
