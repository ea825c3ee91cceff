"""Several threads may screen at once: each gets what one thread alone gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest

from screening.inference.infer import forward, infer
from screening.intake.findings import gather
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.rulebase.base import load
from tests.conftest import ROOT
from tests.generate import Cases

THREADS, WHOLE = 8, 20


def screened(case, base, number):
    """Give what the engine derives of a case, and of one in twenty all that is said of it."""
    run = forward(base).run(gather(case, base.vocabulary).readings)
    return run, as_json(screening(infer(case, base))) if number % WHOLE == 0 else None


@pytest.mark.whole
@pytest.mark.parametrize("number", [24, pytest.param(200, marks=pytest.mark.slow)])
def test_eight_threads_get_what_one_thread_gets(base, number):
    cases = Cases(base)
    made = [cases.case(seed) for seed in range(number)]
    alone = [screened(case, base, each) for each, case in enumerate(made)]
    # A base of their own, so that the threads also meet where the engine is built.
    theirs, together = load(ROOT / "rules"), Barrier(THREADS)

    def screen_all(thread):
        order = Random(thread).sample(range(number), number)
        together.wait()
        found = {each: screened(made[each], theirs, each) for each in order}
        return [found[each] for each in range(number)]

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(screen_all, range(THREADS)):
            assert found == alone
