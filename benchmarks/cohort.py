"""The cohort reading against the forward and reference readings and a straight-line function.

Everything is measured in one run, in turns, on the same cases; every outcome is compared. Cases are
drawn from a pool of different random ones, under ids of their own. Tables hold text, as a CSV file
gives it, or types, as a Parquet file does: words as Enum, numbers as Float64.

Run it with ``make bench-cohort``. Ratios within one run count.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.peers import LADDERS, plain_python, reference, timed
from benchmarks.repeated import repeated
from benchmarks.steps import program
from screening.cohort import Cohort, rows_of
from screening.inference.forward import Forward, ForwardRun
from screening.inference.infer import Inferred, infer
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.answers import words_of
from screening.intake.case import Case
from screening.intake.findings import gather
from screening.rulebase.base import RuleBase, load
from tests.generate import Cases
from tests.tables import named, table

ROOT = Path(__file__).parents[1]
PART = 250_000
"""Cases that are given to the cohort reading at once."""


def pool(base: RuleBase, count: int) -> list[Case]:
    """Give different random cases."""
    made = Cases(base)
    return named(made.case(seed) for seed in range(count))


def typed(frame: pl.DataFrame, base: RuleBase) -> pl.DataFrame:
    """Give a table of text with types."""
    types: dict[str, pl.DataType] = {}
    for path in frame.columns:
        kind = base.vocabulary[path].type
        if kind == "number":
            types[path] = pl.Float64()
        elif kind in ("yes_no", "gate", "choice", "sweep"):
            types[path] = pl.Enum(words_of(path, base.vocabulary))
    return frame.cast(types)  # type: ignore[arg-type]


def part(frame: pl.DataFrame, first: int, size: int) -> pl.DataFrame:
    """Give cases of a pool again and again, under ids of their own."""
    rows = np.arange(first, first + size)
    ids = pl.Series("case_id", rows).cast(pl.String)
    return frame[rows % frame.height].with_columns(ids)


def screened(cohort: Cohort, frame: pl.DataFrame, cases: int) -> float:
    """Give the cases per second over parts of a table of so many cases."""
    sizes = {first: min(PART, cases - first) for first in range(0, cases, PART)}
    # No part is held while the next one is made.
    spent = [size / rate(cohort, part(frame, first, size)) for first, size in sizes.items()]
    return cases / sum(spent)


# -- the contestants, in turns ---------------------------------------------------------------------


def contest(base: RuleBase, made: list[Case], cases: int, rounds: int) -> None:
    """Measure every contestant in every round; the best of its rounds counts."""
    readings = [gather(case, base.vocabulary).readings for case in made]
    written = program(base.form, LADDERS)
    inputs = [written.inputs(each) for each in readings]
    plain, forward = plain_python(written), Forward(base.form)
    tried: dict[str, Callable[[], float]] = {
        "forward reading": lambda: timed(lambda r: forward.run(r) and {}, readings[:300], 6)[0],
        "reference reading": lambda: timed(lambda r: reference(base.form, r), readings, 3)[0],
        "plain Python": lambda: timed(plain, inputs * 5, 3)[0],
    }
    text = table(made, base.vocabulary)
    for kind, frame in (("typed", typed(text, base)), ("text", text)):
        given = part(frame, 0, cases)
        for what, only in (("whole rows", False), ("decisions", True)):
            cohort = Cohort(base, only_decisions=only)
            tried[f"cohort, {what}, {kind}"] = partial(rate, cohort, given)
    rates: dict[str, list[float]] = {name: [] for name in tried}
    for _ in range(rounds):
        for name, attempt in tried.items():
            rates[name].append(attempt())
    best = {name: max(found) for name, found in rates.items()}
    print(f"{cases:,} cases at once, best of {rounds} rounds")
    print(f"{'':28} {'cases a second':>15} {'x plain Python':>15} {'x forward':>12}")
    for name, found in best.items():
        over = found / best["plain Python"], found / best["forward reading"]
        print(f"{name:28} {found:15,.0f} {over[0]:15,.2f} {over[1]:12,.1f}")


def rate(cohort: Cohort, frame: pl.DataFrame) -> float:
    """Give the cases per second of one part."""
    begin = time.perf_counter()
    found = cohort.screen(frame)
    spent = time.perf_counter() - begin
    assert found.screenings.height == 2 * frame.height
    return frame.height / spent


def compare(base: RuleBase, made: list[Case]) -> None:
    """Compare the outcomes: decisions with the reference, whole rows with the forward reading."""
    text = table(made, base.vocabulary)
    plain = plain_python(written := program(base.form, LADDERS))
    for kind, frame in (("typed", typed(text, base)), ("text", text)):
        rows = Cohort(base).screen(frame).screenings
        seen = rows.select("tier", verdict="movement_pattern_verdict").rows()
        differ = 0
        for number, case in enumerate(made):
            readings = gather(case, base.vocabulary).readings
            truth = reference(base.form, readings)
            tier, *verdicts = truth.values()
            pairs = zip(seen[2 * number : 2 * number + 2], verdicts, strict=True)
            # A leg without hip pain has no verdict in the rows.
            same = all(row[0] == tier and row[1] in (None, verdict) for row, verdict in pairs)
            differ += not same or plain(written.inputs(readings)) != truth
        few = made[:300]
        wanted = pl.concat([rows_of(infer(case, base)) for case in few])
        same = rows.head(2 * len(few)).equals(wanted)
        print(f"{kind}: {differ} of {len(made)} decisions differ from the reference reading;")
        print(
            f"  {2 * len(few)} whole rows are{'' if same else ' NOT'} those of the forward reading"
        )


# -- growth ----------------------------------------------------------------------------------


def measured(cases: int, text: bool) -> None:
    """Print, as JSON, the rate and the peak of memory for so many cases in this process."""
    base = load()
    frame = table(pool(base, 2_000), base.vocabulary)
    if not text:
        frame = typed(frame, base)
    cohort = Cohort(base)
    cohort.screen(frame.head(100))
    before = peak_memory()
    found = screened(cohort, frame, cases)
    print(json.dumps({"rate": found, "before": before, "peak": peak_memory()}))


def peak_memory() -> float:
    """Give the most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What rusage gives counts the process that started this one, too.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth_with_cases(most: int) -> None:
    """Print rate and memory for ever more cases, each number in a process of its own."""
    print(f"\nwhole rows, in parts of {PART:,} cases, each line in a process of its own")
    print(f"{'cases':>12} {'input':>6} {'cases a second':>15} {'peak MB':>8} {'before':>7}")
    sizes = [10**power for power in range(3, 9) if 10**power <= most]
    for cases, kind in product(sizes, ("typed", "text")):
        command = [sys.executable, "-m", "benchmarks.cohort", "--measure", str(cases)]
        command += ["--text"] if kind == "text" else []
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        found = json.loads(done.stdout)
        print(
            f"{cases:12,} {kind:>6} {found['rate']:15,.0f} {found['peak']:8,.0f} "
            f"{found['before']:7,.0f}"
        )


def by_reference(case: Case, base: RuleBase) -> Inferred:
    """Infer with the reference reading alone: the forward engine has no room for so many rules."""
    findings = gather(case, base.vocabulary)
    walk = Walk(base.form, PlainAlgebra(base.form, findings.readings))
    return Inferred(base, case, findings, ForwardRun({}, frozenset(), {}, {}, ()), {}, (), walk)


def growth_with_rules(base: RuleBase, made: list[Case], cases: int, rounds: int) -> None:
    """Print the rate for one, two and four times the rules."""
    print(f"\n{'rules':>8} {'ground':>8} {'cases a second':>15} {'whole rows as reference':>24}")
    frame = typed(table(made, base.vocabulary), base)
    larger = {times: repeated(base, times) for times in (1, 2, 4)}
    cohorts = {times: Cohort(each) for times, each in larger.items()}
    given = part(frame, 0, cases)
    rates = [{times: rate(cohorts[times], given) for times in larger} for _ in range(rounds)]
    for times, each in larger.items():
        few = made[:200]
        wanted = pl.concat([rows_of(by_reference(case, each)) for case in few])
        same = cohorts[times].screen(frame.head(len(few))).screenings.equals(wanted)
        best = max(found[times] for found in rates)
        ground = len(each.form.rules)
        print(f"{len(each.rule_texts):8,} {ground:8,} {best:15,.0f} {'same' if same else 'NO':>24}")


def main() -> None:
    """Measure everything, or, in a process of its own, one number of cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=PART, help="at once, in the contest")
    parser.add_argument("--most", type=int, default=1_000_000, help="of the growth with cases")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", type=int, help="only measure so many cases, as JSON")
    parser.add_argument("--text", action="store_true", help="with --measure: cells of text")
    options = parser.parse_args()
    if options.measure:
        measured(options.measure, options.text)
        return
    base = load()
    made = pool(base, 2_000)
    contest(base, made, options.cases, options.rounds)
    compare(base, made)
    growth_with_cases(options.most)
    growth_with_rules(base, made, options.cases, options.rounds)


if __name__ == "__main__":
    main()
