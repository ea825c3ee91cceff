"""Where results go: never over something else, private, and two lines when it cannot be."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from screening.batch.store import Store
from screening.cli import unforeseen
from screening.errors import ScreeningError
from screening.files import NoFileError, whole_file
from tests.conftest import ROOT

CASE = "cases/base_case.yaml"
SECRET = "Q7SECRET"


def shell(words, **env):
    """Run the command in a shell, which can close and redirect what it likes."""
    return subprocess.run(
        ["bash", "-c", f"{sys.executable} -m screening {words}"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f"screen {CASE} --out .", 2),
        (f"screen {CASE} --record /", 2),
        (f"screen {CASE} --out /dev/null", 2),
        (f"screen {CASE} >/dev/full", 1),
        (f"screen {CASE} --format json >&-", 1),
        ("screen - <&-", 2),
    ],
)
def test_what_cannot_be_written_is_said_in_a_line_or_two(words, code):
    done = shell(words)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert 0 < len(done.stderr.splitlines()) <= 2


def test_a_reader_that_goes_away_leaves_the_exit_code():
    done = shell(f"screen {CASE} --full --fail-on none | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (3, b"")


def test_few_letters_are_no_obstacle(tmp_path):
    few = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = shell(f"screen {CASE} --full --record {tmp_path}/r.json", **few)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\u00b0" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link", "pipe"])
def test_nothing_else_than_a_file_is_replaced(kind, tmp_path):
    place, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        if kind == "link":
            elsewhere.write_text("kept")
        place.symlink_to(elsewhere)
    before = place.lstat()
    with pytest.raises(NoFileError), whole_file(place) as draft:
        draft.write_text("new")
    assert place.lstat().st_ino == before.st_ino
    assert set(tmp_path.iterdir()) <= {place, elsewhere}


def test_what_is_written_is_private_and_whole(tmp_path):
    place = tmp_path / "out"
    place.write_text("old")
    place.chmod(0o666)
    with pytest.raises(KeyError), whole_file(place) as draft:
        raise KeyError
    assert place.read_text() == "old"
    with whole_file(place) as draft:
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600
        draft.write_text("new")
    assert place.read_text() == "new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]


def test_a_case_is_not_written_over_by_its_screening(command, tmp_path):
    case = tmp_path / "case.yaml"
    case.write_text((ROOT / CASE).read_text())
    before = case.read_text()
    for option in ("--out", "--record"):
        assert command("screen", str(case), option, str(case)).returncode == 2
    assert case.read_text() == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"plan": {}}', "{"])
def test_a_broken_manifest_is_no_manifest(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ScreeningError, match="no manifest"):
        Store(tmp_path).manifest()


def test_a_foreign_folder_is_not_resumed(tmp_path):
    (tmp_path / "summary.json").write_text("mine")
    with pytest.raises(ScreeningError, match="holds no run"), Store(tmp_path).begin({}, True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


def test_a_part_whose_counts_are_empty_is_not_finished(tmp_path):
    parts = tmp_path / "unfinished"
    parts.mkdir()
    (parts / "part-000000.counts").write_text('{"rows": 1}')
    (parts / "part-000001.counts").write_text("")
    assert list(Store(tmp_path).counts()) == [{"rows": 1}]


def test_a_fault_is_told_without_what_was_typed(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["screening", SECRET])
    secret = SECRET
    try:
        {}[secret]
    except KeyError as error:
        told = unforeseen.report(error)
        said = unforeseen.said(error)
    assert "KeyError" in told
    assert SECRET not in told
    assert len(said.splitlines()) == 2
    assert SECRET not in said
