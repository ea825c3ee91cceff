"""``screening next`` and ``screening stable``: what could still change."""

from __future__ import annotations

from screening.cli.case_file import given_case
from screening.cli.options import CaseFile, Codes, Format, Rules
from screening.inference.infer import infer
from screening.questions.next import next_findings as findings_to_record
from screening.questions.stable import stable as stability
from screening.report.ahead_text import next_text, stable_text
from screening.report.printing import emit, emit_json
from screening.rulebase.base import load


def next_findings(
    case: CaseFile, format: Format = "text", codes: Codes = None, rules: Rules = None
) -> None:
    """Say what to record next, at most five findings, and what each answer would change.

    Example: screening next case.yaml
    """
    base = load(rules)
    found = findings_to_record(infer(given_case(case, base, codes), base))
    if format == "json":
        emit_json(found, base)
    else:
        emit(next_text(found, base).text, base)


def stable(
    case: CaseFile, format: Format = "text", codes: Codes = None, rules: Rules = None
) -> None:
    """Say which conclusions survive measurement error and whatever is still missing.

    Example: screening stable case.yaml
    """
    base = load(rules)
    found = stability(infer(given_case(case, base, codes), base))
    if format == "json":
        emit_json(found, base)
    else:
        emit(stable_text(found, base).text, base)
