"""Where results go: never over something else, private, and two lines when it cannot be."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from screening import screen
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.migrate import rewrite
from screening.batch.part_files import PartFiles
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.cli import unforeseen
from screening.errors import ScreeningError
from screening.files import NoFileError, whole_file
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.questions import replay
from screening.questions.replay import record
from screening.report.as_json import as_json
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


@pytest.mark.first(2)
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f"screen {CASE} >/dev/full", 1),
        ("screen - <&-", 2),
        (f"screen {CASE} --format json >&-", 1),
    ],
)
def test_what_cannot_be_read_or_written_at_all_is_said_in_a_line_or_two(words, code):
    done = shell(words)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert 0 < len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize("place", ["--record /", "--out .", "--out /dev/null"])
def test_what_cannot_be_written_is_said_in_a_line_or_two(place, command):
    done = command("screen", CASE, *place.split())
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
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


PLAN = {name: [] for name in ("rule_base", "rule_base_digest", "row_format", "map_of_columns")}
PLAN |= {"inputs": []}


class Died(Exception):
    """A run that dies after some parts."""


def begun(folder, parts=3):
    """Keep some parts of a run that was not finished."""

    def write(draft):
        draft.write_bytes(b"x")

    store = Store(folder)
    with suppress(Died), store.begin(PLAN, False):
        for number in range(parts):
            store.parts.keep(number, write, write, np.zeros((1, 2), "<u8"), {"rows": number})
        raise Died


def rows_left(folder):
    """Give the counts of the parts that a resumed run goes on from."""
    store, found = Store(folder), []
    with suppress(Died), store.begin(PLAN, True):
        found = [counts["rows"] for counts in store.parts.counts()]
        assert len(store.parts.files("rows")) == len(found)
        raise Died
    return found


DAMAGE = {
    "empty counts": ("part-000001.counts", lambda raw: b"", [0]),
    "counts that are no counts": ("part-000001.counts", lambda raw: b"[1]", [0]),
    "counts of more rows": ("part-000001.counts", lambda raw: raw.replace(b'": 1', b'": 2'), [0]),
    "a changed part": ("part-000001.rows", lambda raw: b"y", [0]),
    "a cut part": ("part-000000.ids", lambda raw: raw[:-1], []),
    "a changed refusal": ("part-000002.refused", lambda raw: raw + b"y", [0, 1]),
    "another plan": ("plan.json", lambda raw: raw + b" ", []),
    "nothing": ("plan.json", lambda raw: raw, [0, 1, 2]),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_part_that_is_not_what_it_was_is_done_again(name, tmp_path):
    begun(tmp_path)
    file, damaged, left = DAMAGE[name]
    path = tmp_path / "unfinished" / file
    path.write_bytes(damaged(path.read_bytes()))
    assert rows_left(tmp_path) == left


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "[" * 100_000, '{"inputs": 1}'])
def test_a_folder_with_a_plan_that_is_none_is_not_resumed(text, tmp_path):
    begun(tmp_path)
    (tmp_path / "unfinished" / "plan.json").write_text(text)
    before = sorted(tmp_path.rglob("*"))
    for resume in (True, False):
        with pytest.raises(ScreeningError), Store(tmp_path).begin(PLAN, resume):
            pass
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_called_unfinished_is_not_yet_a_run(tmp_path):
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "thesis.txt").write_text("mine")
    with pytest.raises(ScreeningError, match="no run"), Store(tmp_path).begin(PLAN, True):
        pass
    assert (tmp_path / "unfinished" / "thesis.txt").read_text() == "mine"


def test_a_run_that_could_not_begin_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "a" / "b"
    for _ in range(2):
        with pytest.raises(KeyError), Store(folder).begin(PLAN, False):
            raise KeyError
        assert list(tmp_path.iterdir()) == []
    folder.mkdir(parents=True)
    with pytest.raises(KeyError), Store(folder).begin(PLAN, False):
        raise KeyError
    assert list(folder.iterdir()) == []


def test_a_command_works_once_its_mistake_is_mended(base, tmp_path):
    well, ill = tmp_path / "well.csv", tmp_path / "ill.csv"
    well.write_text("age_years\n40\n")
    ill.write_text("age_year\n40\n")
    out = tmp_path / "out"

    def go():
        run = Run(base, find([well, ill]), Columns(base.vocabulary), Options(verify=0))
        return run.into(Store(out), False)

    with pytest.raises(ScreeningError, match="age_year"):
        go()
    assert not out.exists()
    ill.write_text("age_years\n41\n")
    assert go()["counts"]["screened"] == 2


def test_an_input_that_changed_is_found_before_anything_is_published(base, tmp_path, monkeypatch):
    path, out = tmp_path / "t.csv", tmp_path / "out"
    path.write_text("age_years\n40\n41\n")
    inputs = find([path])

    def change(store, *words):
        keep(store, *words)
        path.write_text("age_years\n40\n42\n")

    keep = PartFiles.keep
    monkeypatch.setattr(PartFiles, "keep", change)
    run = Run(base, inputs, Columns(base.vocabulary), Options(verify=0))
    with pytest.raises(ScreeningError, match="changed while"):
        run.into(Store(out), False)
    assert not out.exists()


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file", "file/below", "loop"])
def test_a_place_that_is_no_folder_is_said(name, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    for resume in (False, True):
        with pytest.raises(ScreeningError), Store(tmp_path / name).begin(PLAN, resume):
            pass
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["~", "~/run", "~nobody", "\udcff", "link", "link/run"])
@pytest.mark.parametrize("resume", [False, True])
def test_a_name_that_a_library_would_take_for_another_place_is_refused(
    name, resume, base, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("nowhere")
    Path("cases.csv").write_text("age_years\n40\n")
    run = Run(base, find([Path("cases.csv")]), Columns(base.vocabulary), Options(verify=0))
    with pytest.raises(ScreeningError, match=r"~|UTF-8|a file or a device is in its place"):
        run.into(Store(Path(name)), resume)
    assert {each.name for each in tmp_path.iterdir()} == {"link", "cases.csv"}


def test_a_folder_is_synced_after_its_file_has_its_name(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def noted(handle):
        synced.append(
            (Path(f"/proc/self/fd/{handle}").readlink(), sorted(p.name for p in tmp_path.iterdir()))
        )
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    with whole_file(tmp_path / "out") as draft:
        draft.write_text("new")
    assert synced == [(draft, [draft.name]), (tmp_path, ["out"])]


@pytest.fixture(scope="module")
def sealed(base):
    """A record of a screening as plain data."""
    inferred = infer(load_case(str(ROOT / CASE), base.vocabulary), base)
    return json.loads(as_json(record(inferred)))


ODD_RECORDS = {
    **{f"without {name}": ((name,), None) for name in ("program", "rule_base", "rule_base_digest")},
    **{f"without {name}": ((name,), None) for name in ("case", "forward", "reference", "trace")},
    "without what was said": (("screening",), None),
    "without what fired": (("screening", "trace"), None),
    "a firing without a rule": (("screening", "trace", 0, "rule"), None),
    "a firing that is a number": (("screening", "trace", 0), 1),
    "a side that is a list": (("screening", "trace", 0, "side"), []),
    "a case that is a list": (("case",), []),
    "a case that is a text": (("case",), SECRET),
    "a case of nothing known": (("case", SECRET), 1),
    "an answer of another type": (("case", "age_years"), {SECRET: 1}),
    "an empty firing": (("trace", 0), " "),
    "a list for a mapping": (("forward",), []),
    "a text for a list": (("trace",), "x"),
}


@pytest.mark.parametrize("name", ODD_RECORDS)
def test_a_record_sealed_anew_with_odd_keys_is_refused(name, sealed, base, tmp_path):
    odd = json.loads(json.dumps(sealed))
    (*groups, last), value = ODD_RECORDS[name]
    part = odd
    for each in groups:
        part = part[each]
    part[last] = value
    if value is None:
        del part[last]
    del odd["digest"]
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**odd, "digest": replay._digest(odd)}))
    with pytest.raises(ScreeningError) as caught:
        replay.replay(replay.load_record(path), base)
    assert caught.value.exit_code == 2
    assert len(str(caught.value).splitlines()) <= 2


def test_a_record_without_an_end_is_refused_before_it_fills_the_memory():
    with pytest.raises(ScreeningError, match="larger than 10 MB") as caught:
        replay.load_record(Path("/dev/zero"))
    assert caught.value.exit_code == 2


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


FORGED = "V1\nTRIAGE none\r\x1b[2K\u202elikely\u2028x\u200b"


def test_what_was_typed_forges_no_line(case_of, base):
    screened = screen(case_of({"case_id": FORGED, "age_years": 40}), base)
    plain = screen(case_of({"case_id": "V1", "age_years": 40}), base)
    for text in (screened.text(), screened.text(full=True), screened.html(), screened.json()):
        assert not {"\r", "\x1b", "\u202e", "\u2028", "\u200b"} & set(text)
    assert len(screened.text().splitlines()) <= len(plain.text().splitlines()) + 2
    assert "\nTRIAGE none" not in screened.text()


def test_every_page_says_what_the_verdict_is_not(base):
    screened = screen(str(ROOT / CASE), base)
    for text in (screened.text(), screened.html()):
        assert "movement pattern" in text.lower()
        assert "not a diagnosis" in text.lower()


_WRITES = re.compile(
    r"write_text\(|write_bytes\(|open\([^)]*[\"'][wax]b?[\"']|write_parquet\(draft"
)
_ELSEWHERE = {
    "cli/streams.py": "standard output",
    "cli/unforeseen.py": "a file of its own in the folder for such",
    "exchange/cql/elm/__init__.py": "a folder that is gone after it",
    "batch/spark/worker.py": "a folder of the worker",
    "serve/cds_routes.py": "lines behind those of a private file",
}


def test_everything_is_written_through_one_door():
    for path in sorted((ROOT / "screening").rglob("*.py")):
        name = str(path.relative_to(ROOT / "screening"))
        for line in path.read_text().splitlines():
            if _WRITES.search(line) and name not in _ELSEWHERE:
                assert "draft" in line or "LOCK" in line, f"{name}: {line.strip()}"


def test_older_tables_that_are_odd_are_named_and_the_rest_rewritten(base, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "a.yaml").write_text("age_years: 40\n")
    (old / "b.yaml").write_text("[1, 2]\n")
    (old / "c.yaml").write_bytes(b"\xff\xfe\x00")
    (old / "d.csv").write_text('case_id,age_years\nx,"40\ny,41\n')
    (old / "e.csv").write_bytes(b"")
    (old / "f.jsonl").write_text('[1]\n{"age_years": 40}\n{\n')
    (old / "g.parquet").write_text("hello")
    (old / "h.xlsx").write_text("hello")
    done = {each.source.name: each for each in rewrite(old, tmp_path / "new", base.vocabulary)}
    assert {name: len(each.refused) for name, each in done.items()} == {
        "a.yaml": 0, "b.yaml": 1, "c.yaml": 1, "d.csv": 1, "e.csv": 1, "f.jsonl": 2,
        "g.parquet": 1, "h.xlsx": 1,
    }  # fmt: skip
    new = {path.name: path for path in (tmp_path / "new").iterdir()}
    assert set(new) == {"a.yaml", "d.csv", "f.jsonl"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in new.values())
    assert new["d.csv"].read_text().split() == ["case_id,age_years", "y,41"]
