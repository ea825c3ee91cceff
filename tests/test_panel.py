"""The panel of the workbench without a browser: what a change gives back."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from screening.intake.case import load_case
from screening.intake.profile import Profile
from screening.rulebase.base import load
from screening.serve.bench import Bench
from screening.serve.examine import Examine
from screening.serve.filled import typed_of
from tests.conftest import CASES, ROOT

SOME = sorted(CASES.rglob("*.yaml"))[::8]
REASONS = re.compile(r'<ol class="reasons">(.*?)</ol>', re.DOTALL)


@pytest.fixture(scope="module")
def bench(base):
    return Bench(base)


def sent(path, bench, **more):
    """Give a case as the page posts it."""
    case = load_case(str(path), bench.base.vocabulary)
    return {"number": 1, "typed": {**typed_of(case, bench.form), **more}}


def test_at_most_three_reasons_stand_each_way(bench, some):
    panels = [Examine(bench).change(sent(path, bench))["panel"] for path in some(SOME, 2)]
    many = [each.count("<li>") for panel in panels for each in REASONS.findall(panel)]
    assert max(many) == 3


def test_what_to_record_next_names_its_leg_and_is_at_most_five(bench, some):
    named = []
    for path in some(SOME, 2):
        *_, told = Examine(bench).rest(sent(path, bench))
        ahead = told["ahead"]
        links = re.findall(r'data-go="([^"]+)">([^<]+)</a>', ahead)
        assert len(links) <= 5
        assert len(set(links)) == len({title for _, title in links}), "no two read alike"
        named += links
    for path, title in named:
        side = path.partition(".")[0]
        assert (side in title.split("(")[-1]) == (side in ("left", "right"))
    assert named


def test_a_change_that_is_posted_during_a_rest_is_answered_before_the_rest_ends(base):
    bench, done = Bench(base), []
    examine, form = Examine(bench), sent(CASES / "base_case.yaml", Bench(base))

    def change():
        assert examine.change(form)["number"] == 1
        done.append("change")

    async def changed(asked):
        change_made = asyncio.ensure_future(bench.work(change))
        await asyncio.sleep(0)  # by now it waits for the one thread
        asked.set()
        await change_made

    async def both():
        loop, changes = asyncio.get_running_loop(), []

        def resting():
            """Work out a rest; in each of its pieces a change is posted."""
            for piece in examine.rest(form):
                done.append("piece" if piece is None else "rest")
                asked = threading.Event()
                changes.append(asyncio.run_coroutine_threadsafe(changed(asked), loop))
                assert asked.wait(30)
                yield piece

        told = await bench.work_by_turns(resting)
        await asyncio.gather(*map(asyncio.wrap_future, changes))
        return told

    # In a thread of its own: where a browser runs, this one has a loop already.
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(lambda: asyncio.run(both())).result()
    assert "Record next" in told["ahead"]
    assert "Calf-hip screening" in told["paper"]
    before = done[: done.index("rest")]
    assert before == ["piece", "change"] * (len(before) // 2)
    assert len(before) > 4


def test_a_profile_shortens_the_form_and_names_who_examines(bench):
    clinic = Profile(instruments=frozenset({"tape"}), examined_by="C.D.")
    short = Examine(replace(bench, profile=clinic, empty={}))
    assert 'value="C.D."' in short.page()
    form = sent(CASES / "base_case.yaml", bench, **{"right.ankle.lunge_bent_cm": ""})
    fewer, all_of_them = short.change(form)["questions"], Examine(bench).change(form)["questions"]
    assert fewer.keys() < all_of_them.keys()
    left_out = all_of_them.keys() - fewer.keys()
    assert all(set(bench.form[path].equipment) - {"tape"} for path in left_out)


def test_rules_that_changed_since_they_were_sealed_are_said_first(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    numbers = tmp_path / "rules" / "thresholds.yaml"
    numbers.write_text(numbers.read_text() + "# read again\n")
    bench = Bench(load(tmp_path / "rules"))
    panel = Examine(bench).change({"number": 1, "typed": {}})["panel"]
    assert panel.index("RULES CHANGED SINCE THEY WERE SEALED") < panel.index("Triage")
    assert "thresholds.yaml" in panel
