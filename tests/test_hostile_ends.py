"""Commands that end by force: killed at any moment, or short of memory. Nothing is lost or half."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from tests.batches import manifest
from tests.conftest import CASES

KILLED = -signal.SIGKILL
TABLE = "case_id,age_years,left.hip.pain\na,40,present\nb,x,present\nc,17,present\n"


@dataclass(frozen=True)
class Command:
    """A command that writes into a folder, what is there before, and whether it can be repeated."""

    words: Callable[[Path], tuple[object, ...]]
    before: Callable[[Path], object] = lambda _: None
    again: bool = True
    """Otherwise it refuses to write where it has finished."""


@pytest.fixture(scope="module")
def ready(base, tmp_path_factory):
    """A folder with a run, a mended row, and an older case."""
    folder = tmp_path_factory.mktemp("ready")
    (folder / "t.csv").write_text(TABLE)
    inputs = find([folder / "t.csv"])
    run = Run(base, inputs, Columns(base.vocabulary), Options(verify=0))
    run.into(Store(folder / "run"), False)
    (refused,) = (folder / "run" / "refused.jsonl").read_text().splitlines()
    mended = json.loads(refused)
    mended["cells"]["age_years"] = "50"
    (folder / "m.jsonl").write_text(json.dumps(mended) + "\n")
    (folder / "old").mkdir()
    for number in range(2):
        (folder / "old" / f"{number}.yaml").write_text(f"age_years: 4{number}\n")
    return folder


@pytest.fixture(scope="module")
def commands(ready):
    """Every command that writes findings, but for batch: see test_batch_resumed.py."""
    case = CASES / "base_case.yaml"

    def old_page(out):
        (out / "page.txt").write_text("old")

    def copied(out):
        shutil.copytree(ready / "run", out / "run")

    return {
        "screen": Command(
            lambda out: ("screen", case, "--out", out / "page.txt", "--record", out / "r.json"),
            old_page,
        ),
        "draft": Command(lambda out: ("keep_draft", "41")),
        "migrate": Command(
            lambda out: ("migrate", ready / "old", "--out", out / "new"), again=False
        ),
        "merge": Command(
            lambda out: ("batch", ready / "m.jsonl", "--merge", out / "run"), copied, again=False
        ),
        "report": Command(
            lambda out: (
                *("report", "--from", ready / "run", "--tier", "none", "--out", out / "pages"),
            ),
            again=False,
        ),
    }


def content(folder):
    """Give every file but drafts, and of manifests all but the times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_dir() or hidden or "unfinished" in path.parts:
            continue
        name = str(path.relative_to(folder))
        found[name] = path.read_bytes()
        if path.name == "manifest.json":
            kept = manifest(path.parent)
            kept.pop("times", None)
            merged = [{**each, "merged": ""} for each in kept.pop("merged", [])]
            found[name] = json.dumps([kept, merged])
        elif path.name == "r.json":
            found[name] = re.sub(rb'"(digest|when|at)": "[^"]*"', b"", found[name])
    return found


def killed_everywhere(name, commands, children, tmp_path, places):
    """Kill a command at some of its touches of a folder; give how many there are of them."""
    command = commands[name]
    whole = begun(command, tmp_path / "whole")
    done = children.run(*command.words(whole), watch=whole, state=whole)
    assert done.code == 0, done.error
    wanted, touched = content(whole), done.touched
    assert wanted
    for place in places(touched):
        out = begun(command, tmp_path / str(place))
        before = content(out)
        ended = children.run(*command.words(out), watch=out, state=out, killed_at=place)
        assert ended.code == KILLED, (place, ended)
        left = content(out)
        for file, text in left.items():
            assert text in (before.get(file), wanted.get(file)), (place, file)
        if name != "merge":  # Its files take their places one by one, the manifest last.
            assert command.again or left in (before, wanted), place
        if command.again or left != wanted:
            ended = children.run(*command.words(out), state=out)
            assert (ended.code, ended.error) == (0, ""), place
        assert content(out) == wanted, place
    return touched


def begun(command, out):
    """Make the folder as it is before the command."""
    out.mkdir()
    command.before(out)
    return out


NAMES = ("screen", "draft", "migrate", "merge", "report")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_killed_while_it_writes_leaves_the_old_or_the_new(
    name, commands, children, tmp_path
):
    touched = killed_everywhere(name, commands, children, tmp_path, lambda most: [most * 2 // 3])
    assert touched > 3


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_killed_at_every_place_leaves_the_old_or_the_new(
    name, commands, children, tmp_path
):
    assert killed_everywhere(name, commands, children, tmp_path, range) > 3


# -- memory ---------------------------------------------------------------------------------------

SCREEN, BATCH = "screen", "batch"


@pytest.fixture(scope="module")
def short_of_memory(children, ready, tmp_path_factory):
    """Run a command short of memory; give how it ended, where that did no harm."""
    folder = tmp_path_factory.mktemp("memory")
    screen = ("screen", CASES / "base_case.yaml", "--format", "json")
    words = ("batch", ready / "t.csv", "--part-rows", "1", "--verify", "0", "--out")
    wanted = {
        SCREEN: children.run(*screen),
        BATCH: children.run(*words, folder / "whole"),
    }
    assert [done.code for done in wanted.values()] == [0, 1], wanted

    def screened(**short):
        done = children.run(*screen, **short)
        if done.code == 0:
            assert done.said == wanted[SCREEN].said, short
        else:
            assert (done.code, done.said) == (1, ""), (short, done)
            assert 0 < len(done.error.splitlines()) <= 2, (short, done)
        return done

    def batched(**short):
        out = folder / uuid4().hex
        done = children.run(*words, out, **short)
        ended = done
        for _ in range(2):
            if not (out / "manifest.json").exists():
                assert ended.code, (short, ended)
                ended = children.run(*words, out, *(["--resume"] if out.exists() else []))
        assert content(out) == content(folder / "whole"), (short, done)
        shutil.rmtree(out)
        return done

    def run(name, **short):
        done = screened(**short) if name == SCREEN else batched(**short)
        assert "Traceback" not in done.error, (short, done)
        return done

    return run


def refusals(seed, tries):
    """Draw so many requests for memory that are refused, the early ones as often as the late."""
    maker = random.Random(seed)
    places = (int(10 ** maker.uniform(1, 5.8)) for _ in range(tries))
    return [(place, place + 1) for place in places]


@pytest.mark.parametrize("name", [SCREEN, BATCH])
def test_a_request_for_memory_that_is_refused_is_said(name, short_of_memory, some):
    pytest.importorskip("_testcapi")
    codes = [short_of_memory(name, refused=each).code for each in some(refusals(4, 6), 2)]
    assert any(codes)


@pytest.mark.slow
@pytest.mark.parametrize("name", [SCREEN, BATCH])
def test_many_requests_for_memory_that_are_refused_are_said(name, short_of_memory):
    pytest.importorskip("_testcapi")
    codes = Counter(short_of_memory(name, refused=each).code for each in refusals(5, 400))
    assert codes[1] > 40


@pytest.mark.whole
def test_where_the_engine_has_no_room_a_screening_says_so(short_of_memory):
    """The engine itself does not look: it ended the process without a word."""
    codes = [short_of_memory(SCREEN, most_bytes=most * 500_000).code for most in (4, 40, 66)]
    assert codes[:2] == [1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", [SCREEN, BATCH])
def test_an_address_space_that_is_too_small_loses_nothing(name, short_of_memory):
    """Libraries in Rust and C end the process then, as the system does that runs out of memory."""
    codes = [short_of_memory(name, most_bytes=most * 500_000).code for most in range(80)]
    assert codes[0] != 0
