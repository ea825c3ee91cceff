"""The library's face: what a notebook, a registry or another program calls."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pytest

from screening import ScreeningError, load_rules, read_case, screen, screen_table
from screening.intake.case import as_typed
from tests.conftest import CASES, ROOT
from tests.tables import named, table

BASE_CASE = CASES / "base_case.yaml"


def documented():
    """The Python of docs/library.md."""
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("code", documented())
def test_what_the_page_shows_runs(code, tmp_path, monkeypatch):
    (tmp_path / "case.yaml").write_text(BASE_CASE.read_text())
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "library.md", "exec"), {"__name__": "__main__"})


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("typer", "polars", "jinja2", "z3", "pydantic", "yaml", "durable")
    code = f"import sys, screening; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_a_case_and_a_mapping_say_the_same(command):
    printed = command("screen", str(BASE_CASE), "--format", "json").stdout
    assert screen(BASE_CASE).json() == printed
    assert screen(read_case(BASE_CASE)).json() == printed
    case, vocabulary = read_case(BASE_CASE), load_rules().vocabulary
    flat = {path: as_typed(path, answer, vocabulary) for path, answer in case.answers.items()}
    flat = {path: answer for path, answer in flat.items() if not path.endswith("_cm")}
    nested = {"left": {"ankle": {"lunge_bent_cm": 10.5}}, "right.ankle": {"lunge_bent_cm": 6.5}}
    found = screen({**flat, **nested})
    assert found.json() == printed


def test_the_face_of_a_screening():
    found = screen(BASE_CASE)
    assert (found.tier, found.verdict("right"), found.verdict("left")) == ("none", "likely", None)
    assert found.why("verdict.likely")["value"] is True
    assert found.why_not("verdict.unlikely")["changes"]
    assert {"next", "verdict_can_change"} <= set(found.next())
    assert found.record["case_id"] == "V1"
    assert "<html" in found.html()
    assert found._repr_html_().startswith("<iframe")
    assert "V1" not in repr(found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"a": 1, "a.b": 2}, "cannot both be given"),
        ({"left.hip.pain": "present", "left": {"hip": {"pain": "absent"}}}, "given twice"),
        ({7: "present"}, "no name of a finding"),
        ({"hip.pain": "present"}, '"hip" is no finding'),
        ({"age_years": float("nan")}, "age_years"),
        ({"age_years": True}, "age_years"),
    ],
)
def test_a_mapping_is_read_as_strictly_as_a_file(given, said):
    with pytest.raises(ScreeningError, match=re.escape(said)) as caught:
        screen(given)
    assert all(problem.what for problem in caught.value.problems)


def test_numbers_of_numpy_are_numbers():
    given = {"age_years": np.int64(38), "right.ankle.lunge_bent_cm": np.float64(6.5)}
    assert read_case(given).answers == read_case({k: v.item() for k, v in given.items()}).answers


def test_a_table_says_what_each_case_says(cases, base, some):
    made = named(cases.case(seed) for seed in some(range(20), 2))
    found = screen_table(table(made, base.vocabulary)).screenings
    for row, case in enumerate(made):
        alone = screen(case, base)
        for offset, side in enumerate(("left", "right")):
            said = found.row(2 * row + offset, named=True)
            assert said["tier"] == alone.tier
            assert said["movement_pattern_verdict"] == alone.verdict(side)


def test_pandas_in_gives_pandas_out():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    given = {
        "age_years": [38.0, None, 300],
        "right.hip.pain": ["present", None, "absent"],
        "right.ankle.lunge_bent_cm": [6.1, "7,5", None],
    }
    found = screen_table(pd.DataFrame(given))
    assert isinstance(found.screenings, pd.DataFrame)
    assert isinstance(found.refused, pd.DataFrame)
    assert list(found.screenings["case_id"]) == ["1", "1"]
    assert list(found.refused["row"]) == [2, 3]
    polars = screen_table(pl.DataFrame({"age_years": [38]}))
    assert isinstance(polars.screenings, pl.DataFrame)


def test_an_unknown_column_is_refused_whole():
    with pytest.raises(ScreeningError, match="age_year"):
        screen_table(pl.DataFrame({"age_year": [38]}))


@pytest.mark.parametrize("looked_for", [True, False])
def test_reading_rules_leaves_the_search_for_garbage_as_it_was(looked_for):
    was, frozen = gc.isenabled(), gc.get_freeze_count()
    (gc.enable if looked_for else gc.disable)()
    try:
        with pytest.raises(ScreeningError):
            load_rules(ROOT / "docs")
        load_rules()
        assert gc.isenabled() is looked_for
        assert gc.get_freeze_count() <= frozen
    finally:
        (gc.enable if was else gc.disable)()


SETTLED = """
import gc, time
from screening import load_rules
from screening.garbage import settle

def took():
    begin = time.process_time()
    gc.collect()
    return time.process_time() - begin

rules = load_rules()
took()
whole = took()
settle()
print(took() / whole)
"""


def test_a_server_that_settled_looks_for_garbage_only_in_what_is_new():
    """In a process of its own: this one holds all that other tests have left."""
    done = subprocess.run(
        [sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 1 / 5


def test_threads_share_a_rule_base(cases, some):
    base = load_rules(ROOT / "rules")
    made = [cases.case(seed) for seed in some(range(24), 4)]
    alone = [screen(case, base).json() for case in made]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda case: screen(case, base).json(), made)) == alone
