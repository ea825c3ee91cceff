"""A hostile world, drawn at random, and a disk that fails at every call: nothing is lost."""

from __future__ import annotations

import errno
import json

import pytest

from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.errors import ScreeningError
from screening.files import whole_file
from tests import hostile
from tests.faults import Disk

QUICK = {"case files": 60, "rows of CSV": 40, "damaged tables": 12, "arguments": 60}


@pytest.mark.parametrize("kind", QUICK)
def test_what_is_drawn_is_read_or_refused(kind, base):
    found = hostile.tried(base, 60, 1_000, [kind], QUICK[kind])
    assert found.failures == []
    assert sum(found.counts.values()) == QUICK[kind]
    assert found.counts[f"{kind} refused"] + found.counts[f"{kind} accepted"] == QUICK[kind]


def test_a_failure_is_counted_as_one(base, monkeypatch):
    def broken(base, folder):
        def go(chance):
            raise KeyError(hostile.VALUE)

        return go

    monkeypatch.setitem(hostile.CLASSES, "broken", broken)
    found = hostile.tried(base, 60, 1, ["broken"], 2)
    assert len(found.failures) == found.counts["broken failed"] == 2


def test_every_call_that_writes_a_file_may_fail(tmp_path):
    calls = 1
    for place in range(20):
        folder = tmp_path / str(place)
        folder.mkdir()
        (folder / "out").write_text("old")
        disk = Disk(folder, place)
        try:
            with disk.at_work(), whole_file(folder / "out") as draft:
                draft.write_text("new")
        except OSError:
            assert disk.failed
        else:
            assert not disk.failed or disk.failed.startswith(("fsync", "open"))
        calls = max(calls, disk.calls)
        left = {path.name: path.read_text() for path in folder.iterdir()}
        if disk.failed.startswith("unlink"):
            continue
        assert left in ({"out": "old"}, {"out": "new"}), disk.failed
    assert calls > 4


# -- whole runs -----------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    """A small table with one row that is refused."""
    path = tmp_path / "t.csv"
    rows = "".join(f"c{i},{i},present\n" for i in range(18, 26))
    path.write_text(f"case_id,age_years,left.hip.pain\n{rows}odd,x,present\n")
    return path


def run(base, table, out, resume=False):
    batch = Run(base, find([table]), Columns(base.vocabulary), Options(verify=0, part_rows=4))
    return batch.into(Store(out), resume)


def left(out):
    """Give everything of a finished run but its times."""
    found = {path.name: path.read_bytes() for path in out.iterdir()}
    manifest = json.loads(found.pop("manifest.json"))
    return found, {name: part for name, part in manifest.items() if name != "times"}


def ended_with(disk, base, table, out):
    """Run on a disk that fails; give the error with which it ended, if it did."""
    try:
        with disk.at_work():
            run(base, table, out)
    except ScreeningError as error:
        return error
    return None


def failing_at(base, table, folder, places, number):
    """Let each of some calls of a run fail, and go on with it; give how many failed."""
    run(base, table, folder / "whole")
    wanted, failed = left(folder / "whole"), 0
    for place in places:
        out = folder / f"out{place}"
        disk = Disk(out, place, number)
        ended = ended_with(disk, base, table, out)
        if ended is not None:
            failed += 1
            assert ended.exit_code in (1, 2)
            assert len(str(ended).splitlines()) <= 2
            assert not (out / "manifest.json").exists(), disk.failed
        if not disk.failed:
            break
        run(base, table, out, resume=True)
        assert left(out) == wanted, disk.failed
    return failed


def test_a_disk_that_fails_once_loses_nothing(base, table, tmp_path):
    assert failing_at(base, table, tmp_path, (12,), errno.ENOSPC) == 1


@pytest.mark.fuzz
def test_a_disk_that_fails_anywhere_loses_nothing(base, table, tmp_path):
    assert failing_at(base, table, tmp_path, range(3, 200, 8), errno.ENOSPC) > 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_every_call_loses_nothing(number, base, table, tmp_path):
    assert failing_at(base, table, tmp_path, range(2_000), number) > 20


@pytest.mark.fuzz
def test_many_hostile_things_are_read_or_refused(base):
    assert hostile.tried(base, 8, 10_000, list(hostile.CLASSES)).failures == []


@pytest.mark.slow
def test_minutes_of_hostile_things_are_read_or_refused(base):
    assert hostile.tried(base, 120, 100_000, list(hostile.CLASSES)).failures == []
