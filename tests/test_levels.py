"""Levels of a flag: how they are named and ordered, and what an emergency always does."""

from __future__ import annotations

import shutil

import pytest

from screening.errors import RuleBaseError
from screening.rulebase.base import load
from screening.rulebase.levels import tier_of
from tests.conftest import ROOT

CANCER = "red_flags/cancer.yaml"


@pytest.fixture
def changed(tmp_path):
    """Copy the rules with one file changed, and read them."""

    def change(name, before, after):
        shutil.copytree(ROOT / "rules", tmp_path / "rules")
        path = tmp_path / "rules" / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        return load(tmp_path / "rules")

    return change


def test_a_milder_level_of_a_tier_is_named_with_its_time(base):
    cancer = base.files["flag.cancer"]
    assert list(cancer.levels) == ["urgent", "referral", "referral_routine"]
    assert [tier_of(level) for level in cancer.levels] == ["urgent", "referral", "referral"]
    assert "flag.cancer.referral_routine" in base.form.conclusions


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("referral_routine", "referral_2_weeks", "named by it"),
        ("  referral:\n", "  referral_2_weeks:\n", "named by it"),
        ("  urgent:\n    within: 2_weeks", "  none:\n    within: 2_weeks", "the worst level"),
        ("  referral_routine:", "  referral_soon:", "referral_soon"),
    ],
)
def test_a_level_that_is_not_named_so_is_refused(changed, before, after, said):
    with pytest.raises(RuleBaseError) as refused:
        changed(CANCER, before, after)
    assert said in str(refused.value) + "".join(map(str, refused.value.problems))


def test_an_emergency_suspends_and_blocks_all_whatever_its_row_says(changed):
    within = "  emergency:\n    within: now\n"
    base = changed("red_flags/cauda_equina.yaml", within, f"{within}    blocks: [ROLL]\n")
    level = base.files["flag.cauda_equina"].levels["emergency"]
    assert level.suspends
    assert level.blocks == ("ALL",)


def test_both_levels_of_one_tier_count(infer_of):
    inferred = infer_of({"red_flags": {"cancer": "present"}, "cancer": {"history": "present"}})
    assert inferred.value("flag.cancer.referral_routine") is True
    assert inferred.value("flag.cancer.referral") is None


def test_a_level_says_to_whom_it_goes(base, changed):
    assert all(level.to for flag in base.flags for level in flag.levels.values())
    with pytest.raises(RuleBaseError) as refused:
        changed(CANCER, "    to: the GP\n", "")
    assert "to whom" in "".join(map(str, refused.value.problems))
