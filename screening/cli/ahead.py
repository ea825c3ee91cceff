"""``screening next`` and ``screening stable``: what could still change."""

from __future__ import annotations

import sys
from pathlib import Path

from screening.explanation.next_findings import next_findings
from screening.explanation.stability import stable as stability
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.report.ahead_text import next_text, stable_text
from screening.report.as_json import as_json
from screening.report.printing import emit
from screening.rulebase.base import load


def next_(case: str, format: str, rules: Path | None) -> int:
    """Print what to record next, ranked."""
    base = load(rules)
    found = next_findings(infer(load_case(case, base.vocabulary), base))
    if format == "json":
        sys.stdout.write(as_json(found))
    else:
        emit(next_text(found, base).text)
    return 0


def stable(case: str, format: str, rules: Path | None) -> int:
    """Print which conclusions survive measurement error and what is missing."""
    base = load(rules)
    found = stability(infer(load_case(case, base.vocabulary), base))
    if format == "json":
        sys.stdout.write(as_json(found))
    else:
        emit(stable_text(found, base).text)
    return 0
