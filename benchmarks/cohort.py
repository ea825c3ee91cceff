"""The cohort reading against the other readings, a straight-line function and other engines.

Everything is measured in one run, in turns, on the same cases and rules; every outcome is compared.
Cases are drawn from a pool of different random ones, under ids of their own. Tables hold text, as a
CSV file gives it, or types, as a Parquet file does: words as Enum, numbers as Float64. What takes
one case at a time keeps its rate whatever the number of cases.

Run it with ``make bench-cohort`` (extra ``bench``). Ratios within one run count.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.peers import LADDERS, PEERS, reference, timed
from benchmarks.repeated import repeated
from benchmarks.steps import program
from screening.cohort import Cohort, rows_of
from screening.errors import ScreeningError
from screening.inference.forward import Forward, ForwardRun
from screening.inference.infer import Inferred, infer
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra, Readings
from screening.intake.answers import words_of
from screening.intake.case import Case
from screening.intake.findings import gather
from screening.rulebase.base import RuleBase, load
from screening.rulebase.form import Form
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

Attempt = Callable[[], float]
"""Gives the cases a second of one attempt."""


@dataclass
class Contestant:
    """Something that screens: it is built at its first attempt."""

    name: str
    build: Callable[[], Attempt]
    rates: list[float] = field(default_factory=list)
    peak: float = 0.0
    _attempt: Attempt | None = None

    def attempt(self) -> None:
        """Measure once; the first time also the most memory that it takes, in MB."""
        if self._attempt is None:
            before = memory("VmRSS")
            forget_peak()
            self._attempt = self.build()
            self.rates.append(self._attempt())
            self.peak = memory("VmHWM") - before
        else:
            self.rates.append(self._attempt())

    @property
    def best(self) -> float:
        """The best of all attempts."""
        return max(self.rates)


def contest(base: RuleBase, made: list[Case], cases: int, rounds: int) -> None:
    """Measure every contestant in every round; the best of its rounds counts."""
    readings = [gather(case, base.vocabulary).readings for case in made]
    written = program(base.form, LADDERS)
    rows = [written.inputs(each) for each in readings] * 5

    def forward() -> Attempt:
        built = Forward(base.form)
        return lambda: timed(lambda r: built.run(r) and {}, readings, 6)[0]

    def peer(name: str) -> Callable[[], Attempt]:
        def build() -> Attempt:
            built = PEERS[name](written)
            return lambda: timed(built, rows, 4)[0]

        return build

    contestants = [
        Contestant("forward reading", forward),
        Contestant(
            "reference reading",
            lambda: lambda: timed(lambda r: reference(base.form, r), readings, 4)[0],
        ),
        *(Contestant(name, peer(name)) for name in PEERS),
    ]
    text = table(made, base.vocabulary)
    for kind, frame in (("typed", typed(text, base)), ("text", text)):
        given = part(frame, 0, cases)
        for what, only in (("whole rows", False), ("decisions", True)):
            build = partial(_cohort, base, given, only)
            contestants.append(Contestant(f"cohort, {what}, {kind}", build))
    for _ in range(rounds):
        for each in contestants:
            each.attempt()
    best = {each.name: each.best for each in contestants}
    print(f"{len(base.form.rules):,} rules on both legs; {len(written.steps.made):,} steps of them")
    print(f"decide tier and verdicts, which is all that peers work out. Best of {rounds} rounds;")
    print(f"cohorts of {cases:,} cases at once.")
    print(f"{'':28} {'cases a second':>15} {'x plain Python':>15} {'x forward':>12} {'peak MB':>8}")
    for each in contestants:
        over = each.best / best["plain Python"], each.best / best["forward reading"]
        print(
            f"{each.name:28} {each.best:15,.0f} {over[0]:15,.3f} {over[1]:12,.1f} {each.peak:8,.0f}"
        )


def _cohort(base: RuleBase, given: pl.DataFrame, only: bool) -> Attempt:
    cohort = Cohort(base, only_decisions=only)
    return lambda: rate(cohort, given)


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
            differ += not all(
                row[0] == tier and row[1] in (None, verdict) for row, verdict in pairs
            )
        few = made[:300]
        wanted = rows_of(*(infer(case, base) for case in few))
        same = rows.head(2 * len(few)).equals(wanted)
        print(f"{kind}: {differ} of {len(made)} decisions differ from the reference reading;")
        print(
            f"  {2 * len(few)} whole rows are{'' if same else ' NOT'} those of the forward reading"
        )
    _compare_peers(base, made[:300])


def _compare_peers(base: RuleBase, few: list[Case]) -> None:
    written = program(base.form, LADDERS)
    readings = [gather(case, base.vocabulary).readings for case in few]
    for name, build in PEERS.items():
        peer = build(written)
        wrong = sum(peer(written.inputs(r)) != reference(base.form, r) for r in readings)
        print(f"{name}: {wrong} of {len(few)} decisions differ from the reference reading")


# -- growth ----------------------------------------------------------------------------------


def measured(cases: int, text: bool) -> None:
    """Print, as JSON, the rate and the peak of memory for so many cases in this process."""
    base = load()
    frame = table(pool(base, 2_000), base.vocabulary)
    if not text:
        frame = typed(frame, base)
    cohort = Cohort(base)
    cohort.screen(frame.head(100))
    before = memory("VmHWM")
    found = screened(cohort, frame, cases)
    print(json.dumps({"rate": found, "before": before, "peak": memory("VmHWM")}))


def memory(kind: str) -> float:
    """Give the memory that this process holds (VmRSS) or has held at most (VmHWM), in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What rusage gives counts the process that started this one, too.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith(kind))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """Let the most memory held count from now on, where the system can."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


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
    run = ForwardRun({}, frozenset(), {}, {}, {}, {}, ())
    return Inferred(base, case, findings, run, (), walk)


def growth_with_rules(base: RuleBase, made: list[Case], cases: int, rounds: int) -> None:
    """Print the rate for one, two and four times the rules: of whole rows, and of all that follows.

    Peers work out every conclusion here, or the copies would cost them nothing.
    """
    frame = part(typed(table(made, base.vocabulary), base), 0, cases)
    print(f"\n{'rules':>8} {'ground':>8} {'cohort':>12} {'rows':>10} {'reference':>10}", end="")
    print("".join(f" {name:>14}" for name in ("forward", *PEERS)))
    for times in (1, 2, 4):
        larger = repeated(base, times)
        cohort = Cohort(larger)
        best = max(rate(cohort, frame) for _ in range(rounds))
        few = made[:200]
        wanted = rows_of(*(by_reference(case, larger) for case in few))
        same = (
            cohort.screen(frame.head(len(few)))
            .screenings.drop("case_id")
            .equals(wanted.drop("case_id"))
        )
        others = " ".join(f"{each:>14}" for each in _rates_one_by_one(larger, few))
        print(
            f"{len(larger.rule_texts):8,} {len(larger.form.rules):8,} {best:12,.0f} "
            f"{'same' if same else 'DIFFER':>10} {others}",
            flush=True,
        )


def _rates_one_by_one(base: RuleBase, made: list[Case]) -> Iterator[str]:
    """Give the rates of the reference and forward readings and of every peer."""
    readings = [gather(case, base.vocabulary).readings for case in made]
    written = program(base.form, LADDERS, whole=True)
    rows = [written.inputs(each) for each in readings]
    yield f"{timed(lambda r: _whole(base.form, r), readings, 4)[0]:,.0f}"
    try:
        forward = Forward(base.form)
        yield f"{timed(lambda r: forward.run(r) and {}, readings, 4)[0]:,.0f}"
    except ScreeningError:
        yield "refuses"
    for build in PEERS.values():
        yield f"{timed(build(written), rows, 4)[0]:,.0f}"


def _whole(form: Form, readings: Readings) -> dict[str, str]:
    Walk(form, PlainAlgebra(form, readings)).walk()
    return {}


def main() -> None:
    """Measure everything, or, in a process of its own, one number of cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=PART, help="at once, in the contest")
    parser.add_argument("--most", type=int, default=10_000_000, help="of the growth with cases")
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
