"""Case files: what is refused, with file, line, reason and what to do; and what is read."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.documents import Document
from screening.errors import ScreeningError
from screening.intake.case import MOST_BYTES, as_data, load_case, read_case
from screening.intake.case_schema import json_schema


@pytest.fixture
def refused(tmp_path, base):
    """Write a case file and give the text of its refusal."""

    def run(text, name="maria.yaml"):
        path = tmp_path / name
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text)
        with pytest.raises(ScreeningError) as caught:
            load_case(str(path), base.vocabulary)
        assert caught.value.exit_code == 2
        return str(caught.value).replace(str(tmp_path) + "/", "")

    return run


@pytest.fixture
def accepted(tmp_path, base):
    """Write a case file and give its answers."""

    def run(text, name="maria.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return load_case(str(path), base.vocabulary).answers

    return run


REFUSED = {
    "unknown finding": (
        "left:\n  ankle:\n    lunge_bent_com: 6.5\n",
        ["maria.yaml:3", '"left.ankle.lunge_bent_com" is no finding', "left.ankle.lunge_bent_cm"],
    ),
    "leg finding without a side": (
        "ankle:\n  lunge_bent_cm: 6.5\n",
        ["maria.yaml:1", '"ankle" is no finding'],
    ),
    "person finding on a leg": (
        "left:\n  age_years: 38\n",
        ["maria.yaml:2", "belongs to the person"],
    ),
    "duplicate key": (
        "age_years: 38\nsex: female\nage_years: 39\n",
        ["maria.yaml:3", '"age_years" is written twice'],
    ),
    "anchor": ("left: &leg\n  hip: {pain: present}\nright: *leg\n", ["maria.yaml:1", "Anchors"]),
    "tag": ("age_years: !!python/name:os.system 38\n", ["maria.yaml:1", "tag"]),
    "syntax": ("left:\n  hip: [\n", ["maria.yaml", "not YAML"]),
    "no is not absent": (
        "red_flags:\n  chest: no\n",
        ["maria.yaml:2", "red_flags.chest", 'Did you mean "absent"'],
    ),
    "on stays text": ("sex: on\n", ["maria.yaml:1", "female, male"]),
    "sexagesimal stays text": ("age_years: 1:30\n", ["maria.yaml:1", "plain number"]),
    "octal stays text": ("age_years: 010\n", ["maria.yaml:1", "plain number"]),
    "NaN": ("age_years: .nan\n", ["maria.yaml:1", "plain number"]),
    "infinity": ("age_years: -.inf\n", ["maria.yaml:1", "plain number"]),
    "text for a number": ('age_years: "38"\n', ["maria.yaml:1", "plain number"]),
    "millimetres typed as centimetres": (
        "left:\n  ankle:\n    lunge_bent_cm: 65\n",
        ["maria.yaml:3", "outside -10.0 to 30.0 cm", "illimet"],
    ),
    "Fahrenheit": ("infection:\n  temperature_cel: 99.5\n", ["maria.yaml:2", "Fahrenheit"]),
    "angle from the vertical": (
        "left:\n  ankle:\n    lunge_bent_deg: 85\n",
        ["maria.yaml:3", "outside 0 to 70°"],
    ),
    "three decimals": ("left:\n  ankle:\n    lunge_bent_cm: 6.555\n", ["two decimals"]),
    "half a year": ("age_years: 38.5\n", ["whole number"]),
    "a list that is no list": (
        "left:\n  hip:\n    pain_regions: side\n",
        ["maria.yaml:3", "a list"],
    ),
    "unknown region": ("left:\n  hip:\n    pain_regions: [hip]\n", ["groin_front"]),
    "bad date": ("examined_on: 4.3.2025\n", ["maria.yaml:1", "year-month-day"]),
    "a list for a group": ("left: [1, 2]\n", ["maria.yaml:1"]),
    "not a mapping": ("- 1\n- 2\n", ["this is no case"]),
    "left for a gate without legs": (
        "red_flags:\n  chest: left\n",
        ["maria.yaml:2", "present, absent, unsure"],
    ),
}


@pytest.mark.parametrize("name", REFUSED, ids=str)
def test_a_case_is_refused_with_place_reason_and_mend(name, refused):
    text, expected = REFUSED[name]
    said = refused(text)
    for part in expected:
        assert part in said
    assert "Traceback" not in said


def test_every_problem_of_a_case_is_said_at_once(refused):
    said = refused("age_years: 380\nsex: x\nleft: {hip: {pain: maybe}}\n")
    assert len(said.splitlines()) == 3


JSON_REFUSED = {
    "duplicate key": ('{"age_years": 38,\n "age_years": 39}', ["maria.json:2", "written twice"]),
    "NaN": ('{"age_years": NaN}', ["NaN is not a number"]),
    "infinity": ('{"age_years": Infinity}', ["Infinity is not a number"]),
    "syntax": ('{"age_years": 38\n "left": {}}', ["maria.json:2", "not JSON"]),
    # Where a comma too many stands is said of its own line or of the next, as Python has it.
    "comma too many": ('{"age_years": 38,\n}', ["maria.json:", "not JSON"]),
    "unknown": ('{\n "left": {\n  "anke": {}}}', ["maria.json:3", "left.anke"]),
}


@pytest.mark.parametrize("name", JSON_REFUSED, ids=str)
def test_json_is_as_strict(name, refused):
    text, expected = JSON_REFUSED[name]
    said = refused(text, "maria.json")
    for part in expected:
        assert part in said


def test_a_file_over_one_megabyte_is_refused(refused):
    assert "larger than 1 MB" in refused("case_id: x\n" + "#" * MOST_BYTES)


def test_what_is_no_text_is_refused(refused):
    assert "UTF-8" in refused(b"\xff\xfe\x00case")


def test_a_missing_file_is_refused(base):
    with pytest.raises(ScreeningError, match="cannot be read"):
        load_case("/nowhere/at/all.yaml", base.vocabulary)


def test_numbers_are_kept_as_typed(accepted):
    answers = accepted("left: {ankle: {lunge_bent_cm: 6.5}}\nright: {ankle: {lunge_bent_cm: -1}}\n")
    assert answers["left.ankle.lunge_bent_cm"] == 650
    assert answers["right.ankle.lunge_bent_cm"] == -100


def test_a_case_id_without_a_name_is_not_told_to_be_called_not_tested(refused):
    said = refused('case_id: "   "\nage_years: 40\n')
    assert "Write a number for the case, or leave the line out" in said
    assert "not_tested" not in said


def test_not_tested_and_nothing_are_the_same_as_not_recorded(accepted):
    assert accepted("left: {ankle: {lunge_bent_cm: not_tested}}\nsex:\nage_years: ~\n") == {
        "case_id": "maria"
    }


def test_short_forms_stand_for_their_sweeps(accepted):
    answers = accepted("red_flags: none_present\nleft: {gait: all_normal}\n")
    assert answers["red_flags.all"] == "none_present"
    assert answers["left.gait.all"] == "all_normal"


def test_yaml_and_json_read_the_same(accepted):
    yaml = accepted("age_years: 38\nleft: {hip: {pain: present, pain_regions: [side]}}\n")
    as_json = '{"age_years": 38, "left": {"hip": {"pain": "present", "pain_regions": ["side"]}}}'
    assert accepted(as_json, "maria.json") == yaml


def test_what_was_read_is_frozen(case_of):
    with pytest.raises(FrozenInstanceError):
        case_of({"age_years": 38}).case_id = "other"


def test_the_schema_names_every_finding(base):
    text = json.dumps(json_schema(base.vocabulary))
    for path in base.vocabulary.entries:
        assert f'"{path.rpartition(".")[2]}"' in text


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_a_written_case_reads_back_to_the_same_answers(seed, cases, base):
    case = cases.case(seed)
    again = read_case(Document("again", as_data(case, base.vocabulary)), base.vocabulary)
    assert {k: v for k, v in again.answers.items() if k != "case_id"} == case.answers


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x85", "\u2028"], ids=ascii)
def test_what_is_nested_too_deeply_is_refused_whatever_ends_its_lines(refused, end):
    steps = end.join(f"{' ' * depth}a:" for depth in range(700))
    said = refused(steps.encode())
    assert said.startswith("maria.yaml:201: This is nested more than 200 levels deep."), said
