"""What a project says of a case, by every reading: one that was extended, or as it is.

As a script it says so of the project that it is run in, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl
import z3

import screening
from screening.exchange.cql import logic_library
from screening.inference.formula import ProofAlgebra
from screening.inference.meaning import Walk
from screening.read_aloud.rule_text import rule_text
from screening.rulebase.base import RuleBase
from screening.rulebase.skeleton import skeleton


def answers(case: dict[str, object], rules: RuleBase) -> dict[str, Any]:
    """Give what follows from a case, alone and in a table, and what the solver finds possible."""
    one = screening.screen(screening.read_case(case, rules), rules)
    many = screening.screen_table(pl.DataFrame({k: [v] for k, v in case.items()}), rules)
    form, record = rules.form, one.record
    algebra = ProofAlgebra(form)
    walk = Walk(form, algebra)
    solver = z3.Solver()
    solver.add(walk.faces("left.ankle.restricted").must, *algebra.facts)
    added: dict[str, Any] = {}
    if "left.tally" in form.derived_by_name:
        number = walk.value("left.tally")
        solver.add(number.low == 100, number.high == 300)
        lines = logic_library(rules).splitlines()
        added = {
            "cql": [line for line in lines if line.startswith('define "left.tally')],
            "page": rule_text("tally", rules).plain,
            "skeleton": skeleton(rules, "tally", "readings_that_count")[1],
            "scores": [s for s in record["scores"] if s["id"] == "tally"],
            "concluded": str(many.screenings.to_dicts()[0]),
        }
    return {
        "conclusions": {f"{c['side']}.{c['id']}": c["value"] for c in record["conclusions"]},
        "agree": record["screened_with"]["readings_agree"],
        "trace": [t["rule"] for t in record["trace"]],
        "premises": [t["premises"] for t in record["trace"] if t["rule"] == "ANK-001"],
        "verdicts": [one.verdict(side) for side in ("left", "right")],
        "many": many.screenings["movement_pattern_verdict"].to_list(),
        "can_be": str(solver.check()),
        **added,
    }


if __name__ == "__main__":
    assert Path(screening.__file__).is_relative_to(Path.cwd()), "the copy is what runs"
    print(json.dumps(answers(json.loads(sys.argv[1]), screening.load_rules(Path("rules")))))
