"""Whatever loads, screens: rule bases of odd shapes are refused with a line, or give a report."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from screening.errors import RuleBaseError
from screening.inference.infer import infer
from screening.record.screening import screening
from screening.report.text import text
from screening.rulebase.base import load
from tests.generate import Cases
from tests.generate_rules import loaded, rule_base, strange, written


@pytest.mark.first(2)
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_a_rule_base_of_an_odd_shape_is_refused_or_screens(first, tmp_path, in_whole):
    seen: Counter[str] = Counter()
    for seed in range(first, first + 20):
        files = rule_base(seed)
        if seed % 4:
            strange(files, Random(seed))
        try:
            base = load(written(files, tmp_path / str(seed)))
        except RuleBaseError as error:
            seen["refused"] += 1
            seen["without a place"] += sum(not problem.where for problem in error.problems)
            continue
        seen["screened"] += 1
        cases = Cases(base)
        for number in range(3 if in_whole else 1):
            inferred = infer(cases.case(seed * 10 + number), base)
            assert inferred.agree, inferred.disagreements
            assert text(screening(inferred), base).plain
    assert min(seen["refused"], seen["screened"]) >= 3
    assert seen["without a place"] == 0


def sourced(id: str, kind: str, **more: object) -> dict[str, object]:
    return {
        **{"id": id, "kind": kind, "of": "leg", "title": "T", "certainty": "low"},
        **{"references": ["own"], **more},
    }


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (
            sourced("m.x", "measure", unit="cm", minuend="c.c0", subtrahend="c.c0"),
            "findings alone",
        ),
        (
            sourced("m.x", "measure", unit="cm", minuend="l0", subtrahend="other.l0"),
            "findings alone",
        ),
        (
            sourced("m.x", "measure", unit="cm", minuend="hip.pain", subtrahend="other.hip.pain"),
            "ordered words",
        ),
        (
            sourced(
                "m.x",
                "score",
                unit="points",
                items=[{"points": 1, "title": "T", "any": [["l0 is rest"]]}],
            ),
            "findings alone",
        ),
        (sourced("left.x", "conclusion", rules=[]), "cannot be an id"),
        (sourced("hip.pain", "measure", unit="cm", minuend="a", subtrahend="b"), "something else"),
    ],
    ids=["conclusion", "ladder", "yes or no", "score of a ladder", "side", "taken"],
)
def test_a_shape_that_no_reading_could_work_out_is_refused_with_its_line(file, what, tmp_path):
    files = rule_base(3)
    if file["kind"] == "conclusion":
        file["rules"] = files["hip/c0.yaml"]["rules"]
    files["derived/x.yaml"] = file
    with pytest.raises(RuleBaseError, match=what) as error:
        loaded(files, tmp_path)
    assert "derived/x.yaml:" in str(error.value)


def test_a_difference_of_a_band_is_refused_with_its_line(tmp_path):
    files = next(f for f in map(rule_base, range(50)) if "derived/m.b0.yaml" in f)
    files["derived/x.yaml"] = sourced(
        "m.x", "measure", unit="steps", minuend="m.b0", subtrahend="other.m.b0"
    )
    with pytest.raises(RuleBaseError, match=r"derived/x\.yaml:\d+: a difference is of numbers"):
        loaded(files, tmp_path)
