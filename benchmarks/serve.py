"""The workbench: a change, a rest and the first view; a large run; the page; and its memory.

In the server figures are milliseconds of processor time, beside one reading of the rules for the
same cases in the same run: each case once, and the least of five times, which is what a quiet core
needs: machines that share a processor with others stand still for it again and again. In the
browser they are those of the clock, so the machine must be idle. Run it with ``make bench-serve``.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.batch import measured, write_cases
from screening.garbage import seldom, settle
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.rulebase.base import load
from screening.serve.bench import Bench
from screening.serve.examine import Examine
from screening.serve.filled import typed_of
from screening.serve.run_room import RunRoom
from tests.browser import launched
from tests.workbench import served

ROOT = Path(__file__).parents[1]
_ROWS, _TIMES = 100_000, 5
FIRST = """async () => {
  while (asked !== number || busy) await new Promise(r => setTimeout(r, 1));
  return performance.now();
}"""
"""Milliseconds from asking for the page until its panel stands."""
TYPED = """async many => {
  const took = [], cell = cellOf['age_years'], showing = show;
  let shown;
  show = (reply) => { showing(reply); panel.getBoundingClientRect(); shown(performance.now()); };
  for (let each = 0; each < many; each++) {
    const panelStands = new Promise(r => { shown = r; }), begin = performance.now();
    put(cell, String(20 + each % 60));
    answered(cell);
    took.push(await panelStands - begin);
    await new Promise(r => setTimeout(r, 100));
  }
  show = showing;
  return took;
}"""
"""Milliseconds from each of so many keys until the panel shows what follows and is laid out."""


def timed(what: Callable[[Any], object], given: list[Any]) -> list[float]:
    """Give how long each takes, in milliseconds."""
    found = []
    for each in given:
        begin = time.process_time()
        what(each)
        found.append(1000 * (time.process_time() - begin))
    return found


def least(what: Callable[[Any], object], given: list[Any]) -> tuple[list[float], list[float]]:
    """Give how long each takes once, and the least of several times; not one right after itself."""
    rounds = [timed(what, given) for _ in range(_TIMES)]
    return rounds[0], [min(times) for times in zip(*rounds, strict=True)]


def said(name: str, took: list[float]) -> str:
    """Say the middle and the 95th percentile."""
    took = sorted(took)
    return f"{name}: median {took[len(took) // 2]:.0f} ms, p95 {took[int(0.95 * len(took))]:.0f} ms"


def in_the_server(examine: Examine, bench: Bench) -> list[dict[str, Any]]:
    """Measure every case of the library; give them as the page would post them."""
    paths = sorted((ROOT / "cases").rglob("*.yaml"))
    cases = [load_case(str(path), bench.base.vocabulary) for path in paths]
    forms = [{"number": 1, "typed": typed_of(case, bench.form)} for case in cases]
    _, one = least(lambda case: infer(case, bench.base), cases)
    rest = ("a rest, piece by piece", lambda form: list(examine.rest(form)))
    for name, what in (("a change", examine.change), rest):
        once, quiet = least(what, forms)
        print(said(f"{name}, each case once", once), flush=True)
        ratio = statistics.median(quiet) / statistics.median(one)
        print(f"{said(f'{name}, the least of five', quiet)}; {ratio:.1f} times reading the rules")
    return forms


def memory(examine: Examine, forms: list[dict[str, Any]], changes: int) -> None:
    """Say by how much the process grows over many changes, after a tenth of them."""
    process, before = psutil.Process(), 0
    for number in range(changes):
        examine.change(forms[number % len(forms)])
        if number == changes // 10:
            gc.collect()
            before = process.memory_info().rss
    gc.collect()
    grown = process.memory_info().rss - before
    print(f"memory: {grown / 1e6:+.1f} MB over the last {changes * 9 // 10:,} changes", flush=True)


def a_large_run(bench: Bench) -> None:
    """Say how long a run takes to open, and then to be filtered."""
    with tempfile.TemporaryDirectory() as kept:
        cases, out = Path(kept) / "cases.parquet", Path(kept) / "run"
        write_cases(cases, _ROWS)
        command = ("-m", "screening", "batch", str(cases), "--verify", "0", "--out", str(out))
        measured(sys.executable, *command)
        room = RunRoom(bench, out)
        opened, filtered = (timed(room.rows, [asked])[0] for asked in ({}, {"tier": "urgent"}))
    print(f"a run of {_ROWS:,} rows: opened in {opened:.0f} ms, filtered in {filtered:.0f} ms")


def in_the_browser(keys: int = 200) -> None:
    """Say how long the page takes to stand, and from a key to the panel."""
    with served() as one, launched() as browser:
        page = browser.new_page()
        page.goto(one.address)
        print(f"in the browser, the first view: {page.evaluate(FIRST):.0f} ms")
        print(said("in the browser, from key to panel", page.evaluate(TYPED, keys)))


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    asked = parser.parse_args()
    seldom()  # as the command that serves
    bench = Bench(load())
    bench.warm()
    examine = Examine(bench)
    begin = time.process_time()
    size = len(examine.page())
    took = 1000 * (time.process_time() - begin)
    print(f"the page, before anybody waits for it: {took:.0f} ms, {size // 1000} kB", flush=True)
    settle()
    forms = in_the_server(examine, bench)
    in_the_browser()
    a_large_run(bench)
    memory(examine, forms, asked.changes)


if __name__ == "__main__":
    main()
