"""Every proof of a conclusion goes down to what was recorded."""

from __future__ import annotations

import pytest

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.page import NARROWEST, WIDEST, Page
from screening.questions.why import verdicts
from screening.record.proof import Proof
from screening.record.screening import screening
from screening.report.proof_text import proof_text, verdicts_text
from tests.conftest import CASES

NAMES = [
    "base_case",
    "by_hand",
    "both_hips",
    "groin_pain",
    "flag_dvt_emergency",
    "flag_calf_tear",
    "flag_cancer_urgent",
    "pattern_soleus",
    "published/theiss_2011_dvt",
    "published/lee_hazle_avascular_necrosis",
    "published/villacorta_2012_iliac_artery",
]


def leaves(premise):
    # That something is false is shown by its rules, none of which holds.
    rules = premise["proofs"] if premise.get("wanted", True) else []
    inner = [p for rule in rules for p in rule["premises"]]
    return [leaf for p in inner for leaf in leaves(p)] if inner else [premise]


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_every_true_conclusion_is_proved_to_the_findings(name, base):
    inferred = infer(load_case(str(CASES / f"{name}.yaml"), base.vocabulary), base)
    proof = Proof(inferred)
    proved = 0
    for conclusion in inferred.form.conclusions.values():
        if not inferred.exists(conclusion.exists) or not inferred.value(conclusion.name):
            continue
        found = proof.of(conclusion)
        fired = [rule.id for rule in conclusion.rules if inferred.run.rules[rule.name].must]
        assert [rule["rule"] for rule in found["proofs"]] == fired
        text = proof_text(found).plain
        for rule in found["proofs"]:
            assert rule["rule"] in text or rule["rule"] not in base.rule_texts
            assert all(premise["status"] == "met" for premise in rule["premises"])
            for leaf in (leaf for premise in rule["premises"] for leaf in leaves(premise)):
                assert leaf["status"] == "met"
                assert leaf.get("path") or leaf["value"] is False
        proved += 1
    assert proved > 5


@pytest.mark.parametrize("name", ["base_case", "nothing_measured", "both_hips", "flag_both_legs"])
def test_why_alone_explains_the_verdict_of_each_painful_leg(name, base):
    inferred = infer(load_case(str(CASES / f"{name}.yaml"), base.vocabulary), base)
    told = verdicts(inferred)["verdicts"]
    record = screening(inferred)
    painful = {side: leg for side, leg in record["sides"].items() if leg}
    assert [each["side"] for each in told] == list(painful)
    for each in told:
        assert each["value"] == painful[each["side"]]["verdict"]
        assert each["because_lines"] == painful[each["side"]]["because_lines"]
        assert each["proofs"]
    words = verdicts_text({"verdicts": told}).plain
    assert all(f"{side.upper()} LEG: " in words for side in painful)


def test_why_possible_of_a_likely_leg_says_that_it_is_likely(command):
    said = command("why", str(CASES / "base_case.yaml"), "verdict.possible").stdout
    assert "It holds, and more than that: the verdict of the RIGHT leg is LIKELY" in " ".join(
        said.split()
    )
    said = command("why", str(CASES / "flag_calf_tear.yaml"), "verdict.likely").stdout
    assert "something else comes first: the verdict of the RIGHT leg is SUSPENDED" in " ".join(
        said.split()
    )


def test_no_yes_stands_alone_under_a_heading():
    said = "RIGHT leg: A calf-related movement pattern is possible on this side, and so on: YES"
    for width in range(NARROWEST, WIDEST):
        page = Page(width)
        page.paragraph(said, indent=0, style="bold")
        lines = page.text.plain.splitlines()
        assert " ".join(lines) == said
        assert lines[-1] != "YES"
        assert max(map(len, lines)) <= width
