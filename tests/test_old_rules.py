"""Rule base 1.0.0, kept whole: it loads, it screens, and it can be compared."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from screening.documents import read_yaml
from screening.explanation.screening import screening
from screening.inference.infer import infer
from screening.intake.case import read_case
from screening.rulebase.base import RuleBase, load
from tests.conftest import ROOT

OLD = ROOT / "tests" / "data" / "rules-1.0.0.zip"


@pytest.fixture(scope="session")
def old_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the old rules."""
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(OLD) as packed:
        packed.extractall(folder)
    return folder / "rules"


@pytest.fixture(scope="session")
def old(old_root: Path) -> RuleBase:
    """Load the old rules."""
    return load(old_root)


def test_it_loads_and_says_that_it_has_no_seal(old: RuleBase) -> None:
    assert old.version == "1.0.0"
    assert "WITHOUT A SEAL" in old.standing.said


def test_it_screens(old: RuleBase) -> None:
    text = "right: {hip: {pain: present, pain_regions: [side]}}\nage_years: 38"
    case = read_case(read_yaml(text, "case"), old.vocabulary)
    record = screening(infer(case, old))
    assert record["sides"]["right"]["reason"] == "screen_incomplete"
    stops = [stop for advice in record["advice"] for stop in advice["stop_rules"]]
    assert any(stop.startswith("Stop and call: ") for stop in stops)
