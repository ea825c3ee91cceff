"""Time and memory of one screening: the whole process, and one case through both readings.

Run it with ``make bench``. Ratios within one run count; the machines are noisy.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
CASE = ROOT / "cases" / "base_case.yaml"
LIBRARIES = """
import typer, rich.console, rich.text, durable.engine, yaml
from pydantic import BaseModel
class Model(BaseModel):
    number: int
Model(number=1)
"""
"""What cannot be avoided. Importing pydantic loads nothing: a model does."""
BASELINE = [sys.executable, "-c", LIBRARIES]
SCREEN = [sys.executable, "-m", "screening", "screen", str(CASE)]


# As installed: Python keeps the bytecode of all modules. The program itself keeps no cache.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str]) -> float:
    """Give the wall time of one process."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=ENVIRONMENT)
    return time.perf_counter() - begin


def process_ratio(runs: int = 9) -> None:
    """Print the wall time of ``screening screen`` against its libraries alone."""
    seconds(BASELINE), seconds(SCREEN)
    pairs = [(seconds(SCREEN), seconds(BASELINE)) for _ in range(runs)]
    ratios = [screen / baseline for screen, baseline in pairs]
    print(f"whole process: {statistics.median(p[0] for p in pairs):.2f} s")
    print(f"libraries:     {statistics.median(p[1] for p in pairs):.2f} s")
    print(f"ratio:         {statistics.median(ratios):.2f} (asked: at most 2.5)")


def one_case(runs: int = 100) -> None:
    """Print the time of one case through both readings, and of the reference alone."""
    from screening.inference.infer import infer
    from screening.inference.reference import read
    from screening.intake.case import load_case
    from screening.intake.findings import gather
    from screening.rulebase.base import load

    begin = time.perf_counter()
    base = load()
    print(f"loading {len(base.form.rules)} ground rules: {time.perf_counter() - begin:.2f} s")
    case = load_case(str(CASE), base.vocabulary)
    begin = time.perf_counter()
    infer(case, base)
    print(f"compiling and the first case: {time.perf_counter() - begin:.2f} s")
    both, alone = [], []
    readings = gather(case, base.vocabulary).readings
    for _ in range(runs):
        begin = time.perf_counter()
        infer(case, base)
        both.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        read(base.form, readings)
        alone.append(time.perf_counter() - begin)
    print(f"both readings: {statistics.median(both) * 1000:.1f} ms median (asked: at most 20)")
    print(f"reference:     {statistics.median(alone) * 1000:.1f} ms median")


def memory() -> None:
    """Print the peak memory of the whole process."""
    subprocess.run(SCREEN, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory:   {peak:.0f} MB (asked: under 120)")


if __name__ == "__main__":
    process_ratio()
    memory()
    one_case()
