"""The questions a reviewer asks of one case, each a whole process, against ``screening screen``.

Run it with ``make bench``. Ratios within one run count; the machines are noisy.
"""

from __future__ import annotations

import statistics
import sys

from benchmarks.one_case import CASE, SCREEN, seconds

COMMAND = [sys.executable, "-m", "screening"]
BESIDE = {
    "why": ["why", str(CASE), "verdict.likely"],
    "what-if": ["what-if", str(CASE), "--set", "right.ankle.lunge_bent_cm=9.5"],
    "screen --format html": ["screen", str(CASE), "--format", "html"],
}
"""Asked: at most 1.5 times the screening."""

ALONE = {
    "why-not": ["why-not", str(CASE), "verdict.unlikely", "--side", "right"],
    "next": ["next", str(CASE)],
    "stable": ["stable", str(CASE)],
}
"""Asked: within a second, whole process included."""


def main(runs: int = 7) -> None:
    """Measure in turns and print medians."""
    for name, words in {**BESIDE, **ALONE}.items():
        seconds([*COMMAND, *words])
        pairs = [(seconds([*COMMAND, *words]), seconds(SCREEN)) for _ in range(runs)]
        took = statistics.median(pair[0] for pair in pairs)
        ratio = statistics.median(asked / screen for asked, screen in pairs)
        limit = "at most 1.5 times" if name in BESIDE else "within 1 s"
        print(f"{name}: {took:.2f} s, {ratio:.2f} times screen (asked: {limit})", flush=True)


if __name__ == "__main__":
    main()
