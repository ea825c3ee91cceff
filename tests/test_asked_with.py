"""Old answers to questions that ask for more by now: an absent is not read, a present stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening.assurance.compare.many import Many
from screening.assurance.compare.outcomes import of_case, says
from screening.batch.inputs.cells import of_case as cells_of
from screening.documents import Document
from screening.errors import CaseError
from screening.inference.infer import infer
from screening.intake.case import Case, read_case
from screening.intake.findings import gather
from screening.rulebase.base import RuleBase, load
from tests.generate import Cases
from tests.revisions import copied, replacing

WIDER = ("red_flags.load_pain", "infection.risk", "red_flags.clot_risk")


@pytest.fixture(scope="module")
def wider(base: RuleBase) -> RuleBase:
    """Rules in which some questions ask for more since 2.0."""
    assert base.vocabulary.widened.items() >= dict.fromkeys(WIDER, "2.0").items()
    return base


def case(base: RuleBase, data: dict[str, Any]) -> Case:
    """Read a case."""
    return read_case(Document("test", data), base.vocabulary)


@pytest.mark.parametrize("asked", [{}, {"asked_with": "1.0"}, {"asked_with": "1.4.2"}])
def test_an_old_absent_is_not_read(wider: RuleBase, asked: dict[str, str]) -> None:
    found = gather(case(wider, {**asked, "red_flags": {"clot_risk": "absent"}}), wider.vocabulary)
    assert "red_flags.clot_risk" not in found.readings
    (warned,) = [w for w in found.warnings if w.path == "red_flags.clot_risk"]
    assert wider.vocabulary["red_flags.clot_risk"].question in warned.message


def test_a_new_absent_is_read(wider: RuleBase) -> None:
    data = {"asked_with": "2.0", "red_flags": {"clot_risk": "absent"}}
    found = gather(case(wider, data), wider.vocabulary)
    assert found.readings["red_flags.clot_risk"] == frozenset({"absent"})
    assert not found.warnings


def test_an_old_present_stands(wider: RuleBase) -> None:
    found = gather(case(wider, {"red_flags": {"load_pain": "left"}}), wider.vocabulary)
    assert found.readings["left.red_flags.load_pain"] == frozenset({"present"})
    assert "right.red_flags.load_pain" not in found.readings


def test_an_old_attestation_answers_only_what_it_asked(wider: RuleBase) -> None:
    data = {
        "attested_by": "A.B.",
        "attested_on": "2025-03-04",
        "red_flags": {"all": "none_present"},
    }
    found = gather(case(wider, data), wider.vocabulary)
    assert "red_flags.clot_risk" not in found.readings
    assert "red_flags.clot_risk" not in found.attested
    assert found.readings["red_flags.saddle"] == frozenset({"absent"})


def test_a_version_that_is_none_is_refused(wider: RuleBase) -> None:
    with pytest.raises(CaseError, match=r"asked_with: a version of the rule base is expected"):
        case(wider, {"asked_with": "today"})


def test_tables_read_it_as_cases_do(
    wider: RuleBase, some: Callable[[Iterable[int], int], list[int]]
) -> None:
    made, vocabulary = Cases(wider), wider.vocabulary
    cases = []
    for seed in some(range(60), 5):
        asked = {"asked_with": ("1.0", "2.0", "2.1.3", None)[seed % 4]}
        cases.append(made.case(seed).with_answers(asked, vocabulary))
    rows = [cells_of(each, vocabulary) for each in cases]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(vocabulary.all_paths, pl.String))
    many = Many(wider)
    decided, accepted = many.decide(frame)
    assert accepted.all()
    for row, each in enumerate(cases):
        one = says(of_case(infer(each, wider)))
        assert one == {name: many.words[name][codes[row]] for name, codes in decided.items()}


def test_a_row_with_a_version_that_is_none_is_refused(wider: RuleBase) -> None:
    _, accepted = Many(wider).decide(pl.DataFrame({"asked_with": ["2.0", "soon", ""]}))
    assert accepted.tolist() == [True, False, True]


def test_a_retired_name_is_refused_with_its_new_one(tmp_path: Path) -> None:
    root = copied(tmp_path / "rules", {"red_flags.oestrogen": "red_flags.hormones"})
    replacing(root, "red_flags.hormones", same="red_flags.oestrogen")
    base = load(root)
    with pytest.raises(CaseError, match=r'It is no longer asked; it is now "red_flags.hormones"'):
        case(base, {"red_flags": {"oestrogen": "present"}})
