"""``screening why-not``: questions about one conclusion of one case."""

from __future__ import annotations

import sys
from pathlib import Path

from screening.explanation.proof import find
from screening.explanation.why_not import WhyNot
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.report.as_json import as_json
from screening.report.printing import emit
from screening.report.why_not_text import why_not_text
from screening.rulebase.base import load


def why_not(case: str, conclusion: str, side: str | None, format: str, rules: Path | None) -> int:
    """Print what keeps a conclusion from holding; give the exit code of DESIGN 6."""
    base = load(rules)
    inferred = infer(load_case(case, base.vocabulary), base)
    answer = WhyNot(inferred, find(inferred, conclusion, side)).record()
    if format == "json":
        sys.stdout.write(as_json(answer))
    else:
        emit(why_not_text(answer))
    return 0
