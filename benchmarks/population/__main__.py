"""Measure the rule base against invented people and write it into ``docs/population.md``.

Run it with ``make bench-population``; it ends with 1 if a limit does not hold. The same seed makes
the same people, so that the page changes only with the rules or the people.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.population.measure import LIMITS, Measure, burdens, catches, shares
from benchmarks.population.page import measured, write
from benchmarks.population.people import COHORTS
from screening.errors import ScreeningError
from screening.rulebase.base import load

FORWARD = 50
"""People of each cohort who are screened by the forward reading as well."""


def main() -> int:
    """Make people, screen them, print and write what came out."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=10_000, help="of each cohort")
    asked.add_argument("--pictures", type=int, default=400, help="of each dangerous picture")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rules", type=Path, help="another rule base")
    asked.add_argument("--print-only", action="store_true", help="leave the page as it is")
    options = asked.parse_args()
    try:
        base = load(options.rules)
        measure = Measure(base)
        found, stopped, differ = {}, [], []
        for name, make in COHORTS.items():
            screened = measure.screened(make(options.people, options.seed))
            found[name] = shares(screened)
            stopped = burdens(screened) if name == "ordinary" else stopped
            differ += measure.forward_differs(make(FORWARD, options.seed))
        caught = list(catches(measure, options.pictures, options.seed))
    except ScreeningError as error:
        sys.exit(str(error))
    head = (
        f"Rule base {base.version}, seed {options.seed}: {options.people} people of each cohort "
        f"and {options.pictures} of each dangerous picture, by the cohort reading; {FORWARD} of "
        f"each cohort by the forward reading as well, of which {len(differ) or 'none'} differ."
    )
    text = measured(head, found, stopped, caught)
    print(text)
    if not options.print_only:
        write(text)
    kept = all(limit.holds(found[limit.cohort]) for limit in LIMITS)
    return 0 if kept and not differ and all(each.caught == 100 for each in caught) else 1


if __name__ == "__main__":
    sys.exit(main())
