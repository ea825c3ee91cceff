"""The case that a command was given, in whatever form it came."""

from __future__ import annotations

import sys
from pathlib import Path

from screening.exchange.any_case import load_any
from screening.intake.case import Case
from screening.rulebase.base import RuleBase


def given_case(name: str, base: RuleBase, codes: Path | None = None) -> Case:
    """Read a case; what its reader left aside is said on stderr.

    Raises:
        ScreeningError: with file, line, reason and what to do.

    """
    case = load_any(name, base, codes)
    for remark in case.remarks:
        print(remark, file=sys.stderr)
    return case
