"""Cases as lines of FHIR, as Bulk Data has them: each one a Bundle."""

from __future__ import annotations

import json
from collections.abc import Callable

from screening.inference.infer import infer
from screening.intake.case import Case
from screening.record.screening import screening
from screening.report.as_json import plain_json
from screening.rulebase.base import RuleBase


def line_of(base: RuleBase) -> Callable[[Case], str]:
    """Give what screens a case and writes it as one line."""

    def line(case: Case) -> str:
        from screening.exchange.fhir.bundle import bundle

        inferred = infer(case, base)
        made = bundle(inferred, screening(inferred))
        return json.dumps(made, ensure_ascii=True, separators=(",", ":"), default=plain_json)

    return line
