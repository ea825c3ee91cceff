"""Whatever has an id in the rule base can be shown, in words that a clinician would say."""

from __future__ import annotations

import json
import re

import pytest

from screening.read_aloud.rule_text import parts, rule_text, shown

RAW = re.compile(r"\b(True|False|NoneType)\b|\{(?!score\})|\('|\b(one_of|at_least|at_most)\b")


def test_whatever_has_an_id_is_said_in_words(base):
    for id in parts(base):
        said = rule_text(id, base).plain
        assert said.startswith(id)
        assert not RAW.search(said), (id, RAW.search(said), said)
        assert "Hip pain: pain" not in said
        assert json.dumps(shown(id, base))


def test_no_premise_is_left_as_it_is_written(base):
    for id, (rule, _) in base.rule_texts.items():
        for premise in rule.when:
            name = premise.split()[0]
            assert name not in rule_text(id, base).plain.partition("then:")[0], premise


def words(id, base):
    """Give what is said of an id, in one line."""
    return " ".join(rule_text(id, base).plain.split())


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("knee_to_wall_restricted", "8.0 cm"),
        ("mdc_lunge_cm", "1.9 cm"),
        ("ankle.lunge_bent_cm", "allowed -10.0 cm to 30.0 cm, usual 0.0 cm to 20.0 cm"),
        ("ankle.lunge_bent_cm", "minimal detectable change 1.9 cm"),
        ("ankle.bent_reading", "restricted, when Knee to wall: below 8.0 cm"),
        ("ankle.bent_difference_cm", "on the other side less Knee to wall, in cm"),
        ("knee_to_wall_restricted", "How sure project choice"),
        ("verdict", "Only where this holds: Hip pain: present."),
        ("hip.pain_regions", "Asked when Hip pain: present"),
        ("wells_dvt", "-2 Another diagnosis at least as likely as a clot"),
        ("verdict", "A The verdict is suspended"),
        ("restriction", "4 unknown · · · · ·"),
        ("source_article", "S3 The soleus limits dorsiflexion with the knee bent."),
        ("stretch_soleus", "3 x 30 seconds"),
        ("CALF", "(foam_rolling)"),
        ("EVI-101", "Evidence against the chain"),
        ("PRO-001", "In no case there could ever be"),
        ("flag.dvt", "Blocks ALL."),
        (
            "red_flags.leg_signs",
            "present, absent (not suspected from history), unsure, left, right",
        ),
    ],
)
def test_what_it_holds_is_said_in_its_units(id, said, base):
    assert said in words(id, base)


def test_json_gives_numbers_as_they_were_typed(base):
    assert shown("mdc_lunge_cm", base)["value"] == 1.9
    assert shown("ankle.lunge_bent_cm", base)["hard"] == [-10, 30]


def test_a_short_name_is_answered_with_the_whole_ones(command):
    done = command("rules", "show", "cancer")
    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in ("flag.cancer", "gate.cancer", "red_flags.cancer"))
