"""The re-test: real change against the measurement error, and what follows from it."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from screening.errors import UsageError
from screening.questions.follow_up import follow_up
from tests.conftest import CASES

FIRST = {
    "case_id": "R1",
    "examined_on": "2025-03-04",
    "age_years": 38,
    "sex": "female",
    "left": {"hip": {"pain": "absent"}, "ankle": {"lunge_bent_cm": 10.5}},
    "right": {"hip": {"pain": "present", "pain_nrs": 6}, "ankle": {"lunge_bent_cm": 6.5}},
}


def second(cm=8.4, nrs=3, **more):
    leg = {"hip": {"pain": "present", "pain_nrs": nrs}, "ankle": {"lunge_bent_cm": cm}}
    return {
        **FIRST,
        "examined_on": "2025-04-15",
        "retest": {"exercises_done": "as_agreed"},
        "right": leg,
        **more,
    }


@pytest.fixture
def compare(case_of, base):
    def run(first, again, side=None):
        return follow_up(case_of(first), case_of(again), side, base)

    return run


@pytest.mark.parametrize(
    ("cm", "nrs", "message", "real"),
    [
        (8.4, 3, "fits", True),
        (8.4, 4, "fits", True),
        (8.4, 5, "unlikely_driver", True),
        (8.4, 7, "unlikely_driver", True),
        (8.3, 3, "not_tested_yet", False),
        (6.5, 6, "not_tested_yet", False),
        (4.6, 3, "not_tested_yet", True),
        (9.9, 0, "fits", True),
        (7.4, 0, "not_tested_yet", False),
        (8.4, 6, "unlikely_driver", True),
    ],
)
def test_the_message_follows_from_range_and_pain(compare, cm, nrs, message, real):
    found = compare(FIRST, second(cm, nrs))
    assert found["message"] == message
    (measure,) = found["measures"]
    assert measure["real"] is real
    assert measure["mdc"] == 1.9
    assert found["weeks"] == 6


@pytest.mark.parametrize(
    ("before", "after", "real"),
    [(7.1, 7.4, False), (6.1, 8.2, True)],
)
def test_the_group_means_of_lagas_2021(compare, before, after, real):
    first = {**FIRST, "right": {**FIRST["right"], "ankle": {"lunge_bent_cm": before}}}
    assert compare(first, second(after))["measures"][0]["real"] is real


@pytest.mark.parametrize(("gain", "real"), [(2.07, False), (5.17, True)])
def test_the_gains_of_radford_2006_and_medeiros_2018(compare, gain, real):
    legs = [
        {"hip": {"pain": "present", "pain_nrs": 5}, "ankle": {"lunge_bent_deg": 30 + add}}
        for add in (0, gain)
    ]
    first, again = {**FIRST, "right": legs[0]}, second(right=legs[1])
    assert compare(first, again)["measures"][0]["real"] is real


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"retest": {"exercises_done": "hardly"}}, "hardly done"),
        ({"retest": {}}, "is not recorded: ask"),
        ({"examined_on": "2025-03-18"}, "before a lasting change"),
        ({"examined_on": None}, "is not known"),
    ],
)
def test_what_is_open_is_said(compare, more, said):
    assert said in compare(FIRST, second(**more))["because"]


def test_range_up_without_a_recorded_pain_says_so(compare):
    leg = {"hip": {"pain": "present"}, "ankle": {"lunge_bent_cm": 8.4}}
    found = compare(FIRST, second(right=leg))
    assert found["message"] == "not_tested_yet"
    assert "pain was not recorded" in found["because"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"case_id": "R2"}, "two different persons"),
        ({"sex": "male"}, "two different persons"),
        ({"age_years": 30}, "two different persons"),
        ({"examined_on": "2025-03-01"}, "earlier"),
        (
            {
                "left": {"hip": {"pain": "present"}, "ankle": {"lunge_bent_cm": 10.5}},
                "right": {"hip": {"pain": "absent"}},
            },
            "different sides",
        ),
        (
            {"right": {"hip": {"pain": "present"}, "ankle": {"lunge_bent_deg": 35}}},
            "not measured in the same way",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(compare, more, said):
    with pytest.raises(UsageError, match=said):
        compare(FIRST, second(**more))


def test_two_painful_hips_ask_for_the_side(compare):
    both = {**FIRST, "left": {"hip": {"pain": "present"}, "ankle": {"lunge_bent_cm": 10.5}}}
    with pytest.raises(UsageError, match="which leg"):
        compare(both, second(left=both["left"]))
    assert compare(both, second(left=both["left"]), "right")["message"] == "fits"


def test_the_command(command, tmp_path):
    names = []
    for name, data in (("a.yaml", FIRST), ("b.yaml", second()), ("c.yaml", second(case_id="X"))):
        (tmp_path / name).write_text(yaml.safe_dump(data))
        names.append(str(tmp_path / name))
    text = command("follow-up", *names[:2])
    assert text.returncode == 0
    assert "IT FITS" in text.stdout
    assert "6.5 cm at first, 8.4 cm now: 1.9 cm more, a real change" in " ".join(
        text.stdout.split()
    )
    assert "->" not in text.stdout
    page = command("follow-up", *names[:2], "--format", "html").stdout
    assert page.count('<svg class="scale"') == page.count("<figure>") == 1
    # The drawing says its error; the sentence beside it says it with the change.
    assert "First 6.5 cm. Now 8.4 cm. Measurement error (MDC) ± 1.9 cm." in page
    said = "1.9 cm more, a real change against a measurement error of 1.9 cm."
    assert f"<p>First 6.5 cm. Now 8.4 cm. {said}</p>" in page
    told = json.loads(command("follow-up", *names[:2], "--format", "json").stdout)
    assert told["message"] == "fits"
    refused = command("follow-up", names[0], names[2])
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_red_flag_of_the_re_test_is_said_before_anything_is_compared(command, tmp_path):
    first = (CASES / "base_case.yaml").read_text()
    second = tmp_path / "second.yaml"
    second.write_text(
        first.replace("2025-03-04", "2025-04-15").replace(
            "  leg_signs: absent", "  chest: present\n  leg_signs: absent", 1
        )
    )
    names = (str(CASES / "base_case.yaml"), str(second))
    said = command("follow-up", *names).stdout
    assert said.startswith("EMERGENCY, NOW: Suspected pulmonary embolism")
    assert "comes first: until it is cleared, act on nothing below." in said
    page = command("follow-up", *names, "--format", "html").stdout
    assert page.index("EMERGENCY, NOW") < page.index('id="message"')
    told = json.loads(command("follow-up", *names, "--format", "json").stdout)
    assert [flag["tier"] for flag in told["flags"]] == ["emergency"]
    same = command("follow-up", names[0], names[0]).stdout
    assert "EMERGENCY" not in same
    assert "no change" in same
    same = command("follow-up", names[0], names[0], "--format", "html").stdout
    assert "No change." in same
    assert "measurement error of" not in same
    # The ankle was not measured again: nothing is compared, the emergency is said all the same.
    second.write_text(re.sub(r" +lunge_bent_cm:.*\n", "", second.read_text()))
    refused = command("follow-up", *names)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("EMERGENCY, NOW: Suspected pulmonary embolism")
