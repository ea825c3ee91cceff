"""Examples of rule files: what is given once, and what each says is different."""

from __future__ import annotations

import shutil

import pytest
from pydantic import ValidationError

from screening.assurance.check import UncitedSources, UntitledSources, check
from screening.assurance.examples import examples, run
from screening.documents import overlaid
from screening.exchange.cql.fhir import _source
from screening.rulebase.base import load
from screening.rulebase.sourced import Example
from tests.conftest import CASES, ROOT


def test_a_difference_is_laid_over_what_is_given_key_by_key():
    given = {"age_years": 30, "left": {"hip": {"pain": "present"}}}
    merged = overlaid(given, {"left": {"hip": {"pain": "absent"}, "gait": {"antalgic": "present"}}})
    assert merged == {
        "age_years": 30,
        "left": {"hip": {"pain": "absent"}, "gait": {"antalgic": "present"}},
    }
    assert given == {"age_years": 30, "left": {"hip": {"pain": "present"}}}


@pytest.mark.parametrize("written", [{}, {"case": {}, "but": {}}])
def test_an_example_is_whole_or_a_difference(written):
    with pytest.raises(ValidationError, match='either "case" or "but"'):
        Example.model_validate({"story": "a story", **written})


def test_what_is_given_for_nothing_is_said(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    path = tmp_path / "rules" / "red_flags" / "limb_ischaemia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("examples:", "given: {age_years: 30}\nexamples:"), encoding="utf-8"
    )
    problems = check(load(tmp_path / "rules"))
    assert any('"given" and the "but"' in str(problem) for problem in problems)


def test_a_source_that_nothing_cites_is_said(base, tmp_path):
    assert not list(UncitedSources(base).problems())
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    with (tmp_path / "rules" / "references.yaml").open("a", encoding="utf-8") as references:
        references.write("\nread_by_nobody:\n  short: Nobody\n  checked: false\n")
    (problem,) = UncitedSources(load(tmp_path / "rules")).problems()
    assert 'nothing cites the source "read_by_nobody"' in str(problem)


def test_a_source_has_a_title_or_says_why_it_has_none(base, tmp_path):
    assert not list(UntitledSources(base).problems())
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    with (tmp_path / "rules" / "references.yaml").open("a", encoding="utf-8") as references:
        references.write("\nnameless:\n  short: Nameless\n  checked: false\n")
        references.write("\nboth:\n  short: B\n  title: T\n  untitled: lost\n  checked: false\n")
    first, second = map(str, UntitledSources(load(tmp_path / "rules")).problems())
    assert "nameless has no title" in first
    assert "both has both a title and why it has none" in second


def test_what_has_no_title_says_so_wherever_it_is_shown(base, typed):
    missing = "Title not found: only its place in the journal is recorded"
    shown = " ".join(typed("rules", "show", "villacorta_2012").stdout.split())
    assert missing in shown
    assert "Read at the page was not recorded" in shown
    assert missing in _source(base, "villacorta_2012")["citation"]
    reported = " ".join(
        typed(
            "screen", CASES / "published" / "villacorta_2012_iliac_artery.yaml", "--full"
        ).stdout.split()
    )
    assert missing in reported


def test_an_example_says_what_a_decision_must_be(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    path = tmp_path / "rules" / "decisions" / "hip_plan.yaml"
    text = path.read_text(encoding="utf-8")
    assert "left.hip_plan: none" in text
    path.write_text(text.replace("left.hip_plan: none", "left.hip_plan: anterior"), "utf-8")
    base = load(tmp_path / "rules", to_mend=True)
    tried = [each for each in examples(base) if each.file.id == "hip_plan"]
    problems = [str(problem) for found in run(tried, base) for problem in found]
    assert problems
    assert all('"left.hip_plan" is "none", not "anterior"' in said for said in problems)
