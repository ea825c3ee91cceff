"""Several threads may screen at once: each gets what one thread alone gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

from screening.inference.infer import forward, infer
from screening.intake.findings import gather
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.rulebase.base import load
from tests.conftest import ROOT
from tests.generate import Cases

THREADS, CASES, WHOLE = 8, 200, 20


def screened(case, base, number):
    """Give what the engine derives of a case, and of one in twenty all that is said of it."""
    run = forward(base).run(gather(case, base.vocabulary).readings)
    return run, as_json(screening(infer(case, base))) if number % WHOLE == 0 else None


def test_eight_threads_get_what_one_thread_gets(base):
    cases = Cases(base)
    made = [cases.case(seed) for seed in range(CASES)]
    alone = [screened(case, base, number) for number, case in enumerate(made)]
    # A base of their own, so that the threads also meet where the engine is built.
    theirs, together = load(ROOT / "rules"), Barrier(THREADS)

    def screen_all(thread):
        order = Random(thread).sample(range(CASES), CASES)
        together.wait()
        found = {number: screened(made[number], theirs, number) for number in order}
        return [found[number] for number in range(CASES)]

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(screen_all, range(THREADS)):
            assert found == alone
