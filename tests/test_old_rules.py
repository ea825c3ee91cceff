"""Rule base 1.0.0, kept whole: it loads, it screens, and it can be compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from screening.assurance.compare.comparison import compare
from screening.assurance.compare.justified import reasons_missing
from screening.assurance.compare.outcomes import milder
from screening.assurance.compare.question import RevisionQuestion
from screening.assurance.compare.settle import Settler
from screening.errors import RuleBaseError
from screening.inference.infer import infer
from screening.intake.case import read_case
from screening.intake.vocabulary import without_side
from screening.record.screening import screening
from screening.report.note import note
from screening.rulebase.base import RuleBase, load
from screening.strict_yaml import read_yaml
from tests.revisions import copied


@pytest.fixture(scope="session")
def old(old_rules: Path) -> RuleBase:
    """Load the old rules."""
    return load(old_rules)


def test_it_loads_and_says_that_it_has_no_seal(old: RuleBase) -> None:
    assert old.version == "1.0.0"
    assert "WITHOUT A SEAL" in old.standing.said


def test_its_notes_say_nothing_that_it_does_not_hold(old: RuleBase) -> None:
    case = read_case(
        read_yaml("red_flags: {chest: present}\nage_years: 38", "case"), old.vocabulary
    )
    record = screening(infer(case, old))
    assert record["triage"]["tier"] == "emergency"
    said = note(record, old)
    assert "Examined" in said
    assert "Imaging" not in said


def test_it_screens(old: RuleBase) -> None:
    text = "right: {hip: {pain: present, pain_regions: [side]}}\nage_years: 38"
    case = read_case(read_yaml(text, "case"), old.vocabulary)
    record = screening(infer(case, old))
    assert record["sides"]["right"]["reason"] == "screen_incomplete"
    stops = [stop for advice in record["advice"] for stop in advice["stop_rules"]]
    assert any(stop.startswith("Stop and call: ") for stop in stops)


def test_every_milder_way_that_the_solver_finds_has_its_reason(
    old: RuleBase, base: RuleBase, some: Callable[..., list[str]]
) -> None:
    question = RevisionQuestion(old, base, 10.0)
    decisions = {**question.old, **question.new}
    of_kind: dict[str, list[str]] = {}
    for name, decision in decisions.items():
        of_kind.setdefault(decision.kind, []).append(name)
    names = [name for alike in of_kind.values() for name in some(alike, 6)]
    settler = Settler(question, names)
    found = [settler.settle(name) for name in names]
    assert not [each for each in found if each.status == "not_settled"]
    ways = {way: model for each in found for way, model in each.ways.items()}
    assert None not in ways.values()
    milder_ways = {
        (without_side(name)[1], before, after)
        for name, before, after in ways
        if milder(question.old[name].kind, before, after)
    }
    assert base.changes is not None
    given = {(r.decision, r.before, r.after) for r in base.changes.changes}
    asked = {without_side(name)[1] for name in names}
    assert milder_ways == {way for way in given if way[0] in asked}
    assert milder_ways


@pytest.mark.slow
def test_every_milder_change_is_shown_by_its_case_and_has_its_reason(
    old: RuleBase, base: RuleBase
) -> None:
    compared = compare(old, base)
    assert not compared.unsettled
    assert not [str(problem) for problem in reasons_missing(compared)]


def test_a_reason_is_read_strictly(tmp_path: Path) -> None:
    root = copied(tmp_path / "rules")
    text = "since: 1.0.0\nchanges:\n  - {decision: tier, from: urgent, to: none}\n"
    (root / "changes.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleBaseError, match='"because" is missing|because'):
        load(root)
    (root / "changes.yaml").write_text(text.replace("none}", "none, because: B}"))
    changes = load(root).changes
    assert changes is not None
    assert [(r.decision, r.before, r.after) for r in changes.changes] == [
        ("tier", "urgent", "none")
    ]


def test_a_reason_without_a_row_is_found(base: RuleBase, tmp_path: Path) -> None:
    root = copied(tmp_path / "rules")
    row = "  - {decision: tier, from: urgent, to: none, because: B}\n"
    (root / "changes.yaml").write_text(f"since: 1.0.0\nchanges:\n{row}", encoding="utf-8")
    (problem,) = reasons_missing(compare(base, load(root), cores=1))
    assert "has a reason but cannot happen" in str(problem)
