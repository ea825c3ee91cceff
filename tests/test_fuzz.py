"""The readings agree on random cases and random rule bases, and on every past failure."""

from __future__ import annotations

import json

import pytest

from screening.errors import RuleBaseError
from tests import fuzz
from tests.generate import Cases
from tests.generate_rules import loaded, rule_base


@pytest.mark.parametrize("path", sorted(fuzz.CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_a_past_failure_stays_mended(path):
    assert fuzz.replay(json.loads(path.read_text(encoding="utf-8"))) == ()


@pytest.mark.whole
def test_the_readings_agree_on_random_rule_bases(tmp_path):
    report = fuzz.Report()
    fuzz.compare_bases(range(60), 20, report, tmp_path)
    assert report.failures == []
    assert (report.bases, report.cases) == (60, 1200)
    assert report.rules > 1500


@pytest.mark.whole
def test_the_readings_agree_in_shuffled_orders_of_facts(base, tmp_path):
    report = fuzz.Report()
    fuzz.compare(base, range(7_000, 7_100), report, folder=tmp_path)
    assert report.failures == []
    assert report.shuffled == 50


@pytest.mark.fuzz
def test_the_readings_agree_on_many_random_rule_bases():
    report = fuzz.Report()
    fuzz.compare_bases(range(1_000, 1_200), 40, report)
    assert report.failures == []


@pytest.mark.fuzz
def test_the_readings_agree_on_many_random_cases(base):
    report = fuzz.Report()
    fuzz.compare(base, range(10_000, 11_400), report)
    assert report.failures == []


def wrong_forward(monkeypatch):
    """Make the forward reading take "at most" for "below"."""
    from screening.inference import conditions

    monkeypatch.setitem(conditions._COMPARE, "at_most", "$lt")


@pytest.mark.whole
def test_a_planted_fault_is_found_shrunk_and_replayed(tmp_path, monkeypatch):
    wrong_forward(monkeypatch)
    report = fuzz.Report()
    for seed in range(200):
        fuzz.compare_bases(range(seed, seed + 1), 30, report, tmp_path)
        if report.failures:
            break
    (path,) = report.failures
    small = json.loads(path.read_text(encoding="utf-8"))
    rules = [
        rule
        for name, file in small["files"].items()
        for rule in file.get("rules", [])
        if name.endswith(".yaml")
    ]
    assert len(rules) == 1, "one rule is enough to show it"
    assert len(rules[0]["when"]) == 1
    assert "at_most" in rules[0]["when"][0]
    assert len(small["readings"]) == 1
    assert fuzz.replay(small) != ()
    monkeypatch.undo()
    assert fuzz.replay(small) == ()


def test_a_reading_of_many_cases_is_compared_too(tmp_path, monkeypatch):
    base = loaded(rule_base(3), tmp_path)
    cases = Cases(base)
    many = [fuzz.readings_of(seed, cases) for seed in range(20)]
    name = next(iter(base.form.rules))

    def turned(form, readings):
        outcomes = [fuzz.reference(form, each) for each in readings]
        outcomes[7][name] = "something else"
        return outcomes

    monkeypatch.setitem(fuzz.BATCH_READINGS, "turned", turned)
    assert list(fuzz.Comparison(base).in_batches(many)) == [(7, (name,))]


def test_a_rule_that_reads_a_decision_is_refused(tmp_path):
    files = rule_base(3)
    rule = next(f for n, f in files.items() if n.startswith("advice/adv"))["rules"][0]
    rule["when"] = ["l0 is rest"]
    with pytest.raises(RuleBaseError, match="is a decision"):
        loaded(files, tmp_path)


def test_a_rule_base_that_lacks_a_file_is_refused_with_its_name(tmp_path):
    files = rule_base(3)
    del files["references.yaml"]
    with pytest.raises(RuleBaseError, match=r"references\.yaml"):
        loaded(files, tmp_path)
