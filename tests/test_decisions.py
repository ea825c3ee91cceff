"""Ladders and existence are the engine's own results, and a difference in them is noticed."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from screening.errors import RuleBaseError
from screening.inference import decisions
from screening.inference.conditions import MAY
from screening.inference.forward import Forward
from screening.inference.infer import as_derived, differences, infer
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.case import load_case
from screening.intake.findings import gather
from screening.intake.vocabulary import without_side
from screening.record.screening import screening
from screening.report.text import text
from tests.generate import Cases
from tests.generate_rules import loaded, rule_base

CASE = Path(__file__).parents[1] / "cases" / "base_case.yaml"


def readings(case, base):
    return gather(case, base.vocabulary).readings


def reference(base, known):
    return Walk(base.form, PlainAlgebra(base.form, known))


def planted(base, case, monkeypatch, name, fault):
    """Compile the engine with a fault in its decisions; give what differs for a case."""
    monkeypatch.setattr(decisions, name, fault)
    known = readings(case, base)
    return differences(base.form, Forward(base.form).run(known), reference(base, known))


def bare(name):
    return without_side(name)[1]


def test_rows_and_existence_come_from_the_engine_and_are_those_of_the_reference(cases, base, some):
    forward = Forward(base.form)
    for seed in some(range(40), 3):
        known = readings(cases.case(seed), base)
        run, walk = forward.run(known), reference(base, known)
        for ladder in base.form.ladders:
            assert run.rows[ladder.name] is ladder.rows[walk.rows(ladder.name).index(True)]
        for line, holds in run.exists.items():
            assert holds == walk.line(line).must
        # Where nothing is recorded, the ends of a number mean nothing and may differ.
        derived, referred = as_derived(base.form, known, run).walk(), walk.walk()
        assert derived.ladders == referred.ladders
        assert (derived.rules, derived.conclusions) == (referred.rules, referred.conclusions)


def without(rules, monkeypatch):
    """Leave rules out of the engine: those whose names hold a text."""
    whole = decisions.Decisions._rules

    def some(self, name, *rest):
        if rules not in name:
            whole(self, name, *rest)

    monkeypatch.setattr(decisions.Decisions, "_rules", some)


def test_an_engine_that_lacks_a_row_decides_without_it_and_is_noticed(base, monkeypatch):
    case = load_case(str(CASE), base.vocabulary)
    (name,) = (n for n, row in infer(case, base).rows.items() if row.word == "likely")
    words = [row.word for row in base.form.ladders_by_name[name].rows]
    without(f"verdict row {words.index('likely')} line", monkeypatch)
    known = readings(case, base)
    run = Forward(base.form).run(known)
    assert run.rows[name].word == "possible", "the engine decides by its own rows"
    assert name in differences(base.form, run, reference(base, known))


@pytest.mark.whole
def test_an_engine_that_takes_may_for_must_differs_in_ladders_and_in_existence(
    cases, base, monkeypatch
):
    found = set()
    for seed in range(10):
        found |= set(map(bare, planted(base, cases.case(seed), monkeypatch, "MUST", MAY)))
    assert {"triage", "verdict"} & found
    assert any(name.startswith("advice.") for name in found)
    empty = cases.ordered({})
    exists = planted(base, empty, monkeypatch, "MUST", MAY)
    assert "left.indicated.retest" in exists, "it exists only where the hip hurts"


def test_nothing_is_advised_where_a_ladder_differs(base, monkeypatch):
    case = load_case(str(CASE), base.vocabulary)
    assert "retest" in {each["id"] for each in screening(infer(case, base))["advice"]}
    without("advice.retest row 2 line", monkeypatch)
    # A copy is another rule base, so the engine is built anew.
    inferred = infer(case, copy.copy(base))
    assert set(map(bare, inferred.disagreements)) == {"advice.retest"}
    record = screening(inferred)
    assert record["advice"] == []
    assert record["screened_with"]["disagreements"] == list(inferred.disagreements)
    assert "READINGS DIFFER" in text(record, base).plain


def made(tmp_path, change):
    files = rule_base(3)
    change(files)
    return loaded(files, tmp_path)


def rows_of(files, id):
    return files[f"decisions/{id}.yaml"]["rows"]


def test_a_ladder_that_rests_on_itself_is_refused(tmp_path):
    def change(files):
        rows_of(files, "l0")[0]["any"] = [["l0 is rest"]]

    with pytest.raises(RuleBaseError, match=r"l0\.yaml.*this ladder rests on itself"):
        made(tmp_path, change)


def test_only_a_band_can_be_asked_whether_it_is_set_aside(tmp_path):
    def change(files):
        rows_of(files, "l0")[0]["any"] = [["c.c0 is set_aside"]]

    with pytest.raises(RuleBaseError, match=r"only a band is set aside"):
        made(tmp_path, change)


def test_ladders_may_read_ladders_that_read_ladders(tmp_path):
    def row(word, *lines):
        return {"word": word, "says": "S", "because": "B", "any": [list(line) for line in lines]}

    def change(files):
        shared = {k: v for k, v in files["decisions/l0.yaml"].items() if k not in ("id", "rows")}
        rest = rows_of(files, "l0")[-1]
        # Named so that the order of names is the wrong one.
        for id, reads in (("l2", "hip.pain is present"), ("l1", "l2 is k"), ("l0", "l1 is k")):
            rows = [row("k", [reads]), rest]
            files[f"decisions/{id}.yaml"] = {**shared, "id": id, "rows": rows}

    base = made(tmp_path, change)
    names = [each.name for level in base.form.ladder_levels for each in level]
    assert [names.index(f"left.l{i}") for i in (2, 1, 0)] == sorted(
        names.index(f"left.l{i}") for i in range(3)
    )
    forward, cases = Forward(base.form), Cases(base)
    words = set()
    for seed in range(20):
        known = readings(cases.case(seed), base)
        run = forward.run(known)
        assert not differences(base.form, run, reference(base, known))
        words.add(run.rows["left.l0"].word)
    assert words == {"k", "rest"}
