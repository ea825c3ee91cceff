"""The case library: every case is screened by both readings and must be as it expects."""

from __future__ import annotations

from functools import cache, cached_property

import pytest

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.record.proof import Proof
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.report.text import full_text
from tests.conftest import CASES

FILES = sorted(CASES.rglob("*.yaml"))
SIDES = ("left", "right")


class Screened:
    """One case with its record, its report and what it expects."""

    def __init__(self, inferred, record):
        self.inferred, self.record = inferred, record
        self.expect = self.inferred.case.expect

    @cached_property
    def page(self):
        text = full_text(self.record, self.inferred.base, Proof(self.inferred))
        return " ".join(text.plain.split())

    def side(self, side):
        return self.record["sides"][side]

    def advice(self, status):
        return {entry["id"] for entry in self.record["advice"] if entry["status"] == status}

    def flags(self, status):
        return {f["id"] for f in self.record["triage"]["flags"] if f["status"] == status}


def of_sides(key):
    def check(screened, expected):
        found = {s: (screened.side(s) or {}).get(key) for s in expected}
        assert found == expected

    return check


def of_triage(key):
    return lambda screened, expected: _same(screened.record["triage"][key], expected)


def _same(found, expected):
    assert found == expected


def flags(screened, expected):
    assert set(expected) <= {"present", "not_excluded"}
    if "present" in expected:
        assert screened.flags("present") == set(expected["present"])
    assert set(expected.get("not_excluded", ())) <= screened.flags("not_excluded")


def with_status(status):
    def check(screened, expected):
        assert set(expected) <= screened.advice(status)

    return check


def not_advised(screened, expected):
    assert not set(expected) & screened.advice("advised")


def not_listed(screened, expected):
    for side, ids in expected.items():
        listed = {entry["id"] for entry in screened.record["advice"] if entry["side"] == side}
        assert not set(ids) & listed


def blocked_by(screened, expected):
    for id, sources in expected.items():
        entry = next(e for e in screened.record["advice"] if e["id"] == id)
        assert entry["blocked_by"] == list(sources)


def not_asked(screened, expected):
    assert not set(expected) & {item["path"] for item in screened.record["next_findings"]}


def asked_next(screened, expected):
    assert set(expected) <= {item["path"] for item in screened.record["next_findings"]}


def missing(screened, expected):
    for side, paths in expected.items():
        assert set(paths) <= set(screened.side(side)["missing"])


def scores(screened, expected):
    found = {
        ".".join(filter(None, (s["id"], s["side"]))): (s["low"], s["high"])
        for s in screened.record["scores"]
    }
    assert {name: found.get(name) for name in expected} == expected


def explanations(screened, expected):
    for side, ids in expected.items():
        assert set(ids) <= {e["id"] for e in screened.side(side)["explanations_to_consider"]}


def strongest(screened, expected):
    for side, id in expected.items():
        assert screened.side(side)["explanations_to_consider"][0]["id"] == id


def first(screened, expected):
    for side, ids in expected.items():
        placed = [e for e in screened.record["advice"] if e["side"] == side]
        assert [e["id"] for e in placed if e["part"] == "first"] == list(ids)
        assert len(ids) <= 4


def conclusions(screened, expected):
    assert {name: screened.inferred.value(name) for name in expected} == expected


def says(screened, expected):
    for part in expected:
        assert part in screened.page


def warns(screened, expected):
    assert set(expected) <= {warning["path"] for warning in screened.record["warnings"]}


def no_warning(screened, expected):
    assert not set(expected) & {warning["path"] for warning in screened.record["warnings"]}


CHECKS = {
    "tier": of_triage("tier"),
    "within": of_triage("within"),
    "complete": of_triage("complete"),
    "verdict": of_sides("verdict"),
    "reason": of_sides("reason"),
    "settled": of_sides("settled"),
    "pattern": of_sides("pattern"),
    "restriction": of_sides("restriction"),
    "flags": flags,
    "advised": with_status("advised"),
    "blocked": with_status("blocked"),
    "withheld": with_status("withheld"),
    "not_advised": not_advised,
    "not_listed": not_listed,
    "blocked_by": blocked_by,
    "tests_not_asked": not_asked,
    "next": asked_next,
    "missing": missing,
    "scores": scores,
    "explanations": explanations,
    "strongest": strongest,
    "first": first,
    "conclusions": conclusions,
    "says": says,
    "warns": warns,
    "no_warning": no_warning,
}


@pytest.fixture(scope="module")
def screened_from(inferred_from, record_from):
    """Give a case of the library, screened once."""
    return cache(lambda path: Screened(inferred_from(path), record_from(path)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_is_screened_as_it_expects(path, screened_from):
    screened = screened_from(path)
    assert screened.record["screened_with"]["readings_agree"]
    expected = dict(screened.expect)
    assert expected.pop("source")
    assert set(expected) <= set(CHECKS), "an expectation that is not checked"
    assert {"tier", "verdict"} & set(expected)
    for key, value in expected.items():
        CHECKS[key](screened, value)


@pytest.mark.parametrize("path", FILES[:6], ids=lambda path: path.stem)
def test_a_case_gives_the_same_bytes_again(path, base):
    first, second = (
        as_json(screening(infer(load_case(str(path), base.vocabulary), base))) for _ in range(2)
    )
    assert first == second


def test_there_are_forty_invented_people_and_the_published_ones():
    published = [path for path in FILES if path.parent.name == "published"]
    assert len(FILES) - len(published) >= 40
    assert len(published) >= 10


def test_every_verdict_every_reason_and_every_tier_has_a_case(base, screened_from):
    found = [screened_from(path) for path in FILES]
    sides = [s.side(side) for s in found for side in SIDES if s.side(side)]
    rows = {(row.word, row.reason) for row in base.ladder("verdict").rows}
    assert {(side["verdict"], side["reason"]) for side in sides} == rows
    assert {s.record["triage"]["tier"] for s in found} == {
        "emergency",
        "urgent",
        "referral",
        "none",
    }
