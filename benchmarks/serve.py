"""The workbench: a change, a rest and the first view in the server; and whether its memory grows.

Figures are milliseconds of processor time, beside one screening of the same cases in the same run.
Run it with ``make bench-serve``.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.rulebase.base import load
from screening.serve.bench import Bench
from screening.serve.examine import Examine
from screening.serve.filled import typed_of

ROOT = Path(__file__).parents[1]
_CHANGES = 10_000


def timed(what: Callable[[Any], object], given: list[Any]) -> list[float]:
    """Give how long each takes, in milliseconds, in ascending order."""
    found = []
    for each in given:
        begin = time.process_time()
        what(each)
        found.append(1000 * (time.process_time() - begin))
    return sorted(found)


def main() -> None:
    """Measure every case of the library, then ten thousand changes."""
    bench = Bench(load())
    bench.warm()
    examine = Examine(bench)
    paths = sorted((ROOT / "cases").rglob("*.yaml"))
    cases = [load_case(str(path), bench.base.vocabulary) for path in paths]
    forms = [{"number": 1, "typed": typed_of(case, bench.form)} for case in cases]
    one = timed(lambda case: infer(case, bench.base), cases)
    for name, what in (("a change", examine.change), ("a rest", examine.rest)):
        took = timed(what, forms)
        middle, late = took[len(took) // 2], took[int(0.95 * len(took))]
        print(
            f"{name}: median {middle:.0f} ms, p95 {late:.0f} ms; "
            f"{middle / one[len(one) // 2]:.1f} times reading the rules once"
        )
    begin = time.process_time()
    size = len(Examine(bench).page())
    print(f"first view: {1000 * (time.process_time() - begin):.0f} ms, {size // 1000} kB")
    process, before = psutil.Process(), 0
    for number in range(_CHANGES):
        examine.change(forms[number % len(forms)])
        if number == _CHANGES // 10:
            gc.collect()
            before = process.memory_info().rss
    gc.collect()
    grown = process.memory_info().rss - before
    print(f"memory: {grown / 1e6:+.1f} MB over the last {_CHANGES * 9 // 10} changes")


if __name__ == "__main__":
    main()
