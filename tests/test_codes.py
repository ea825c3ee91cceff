"""Codes of other systems: each is looked up, has the right side, and is exported with it."""

import warnings
from importlib import import_module

import pytest

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.record.screening import screening
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def icd():
    """The table of diagnoses; the package reads it, for seconds, when it is imported."""
    with warnings.catch_warnings():  # it reads its table in a way that Python gives up
        warnings.simplefilter("ignore", DeprecationWarning)
        return import_module("simple_icd_10_cm")


def every(base):
    owners = [*base.files.values(), *base.vocabulary.entries.values()]
    return [code for owner in owners for code in getattr(owner, "codes", ())]


def test_every_diagnosis_code_exists_and_says_its_side(base, icd):
    found = [code for code in every(base) if code.system == "icd_10_cm"]
    assert len(found) >= 26
    for code in found:
        assert code.checked
        assert icd.is_valid_item(code.code), code.code
        said = icd.get_description(code.code).lower()
        other = {"right": "left", "left": "right"}
        if code.side:
            assert code.side in said, (code.code, said)
            assert other[code.side] not in said


def test_what_could_not_be_looked_up_is_not_called_checked(base):
    assert all(not code.checked for code in every(base) if code.system == "icf")


def test_the_record_has_the_codes_of_what_was_found_with_their_side(base):
    case = load_case(str(ROOT / "cases" / "base_case.yaml"), base.vocabulary)
    found = screening(infer(case, base))["codes"]
    hip = [c for c in found if c["of"] == "hip.pain" and c["system"] == "icd_10_cm"]
    assert hip == [
        {
            "of": "hip.pain",
            "side": "right",
            "system": "icd_10_cm",
            "code": "M25.551",
            "checked": True,
        }
    ]
    assert {"M25.671", "M62.461", "R26.89"} <= {c["code"] for c in found}
    assert not {c["code"] for c in found} & {"M25.672", "M16.11", "I82.401"}


def test_show_prints_the_codes(command):
    shown = command("rules", "show", "hip.pain").stdout
    assert "ICD-10-CM M25.551 (right)" in shown
    assert "never a diagnosis" in shown
