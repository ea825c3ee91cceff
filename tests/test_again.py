"""The same case again: with other answers, or from a record."""

from __future__ import annotations

import json
import random
import re
import shutil
import stat

import pytest

from screening.errors import UsageError
from screening.inference.infer import infer
from screening.intake.case import read_case
from screening.questions.replay import load_record, record, replay
from screening.questions.what_if import difference
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.report.difference_text import difference_text
from screening.rulebase.base import load
from screening.strict_yaml import read_yaml
from tests.conftest import CASES, ROOT
from tests.revisions import copied, replacing

OLD, NEW = "red_flags.oestrogen", "red_flags.hormones"

NAMES = [
    "base_case",
    "both_hips",
    "hip_not_examined",
    "flag_dvt_emergency",
    "instruments_differ",
    "published/theiss_2011_dvt",
    "by_hand",
    "flag_calf_tear",
    "groin_pain",
    "published/lee_hazle_avascular_necrosis",
    "published/cibulka_2004_osteoarthritis",
]
pytestmark = pytest.mark.first(4)


@pytest.fixture(params=NAMES)
def path(request):
    return CASES / f"{request.param}.yaml"


@pytest.fixture
def inferred(path, inferred_from):
    return inferred_from(path)


@pytest.fixture
def recorded(path, record_from):
    return record_from(path)


@pytest.fixture
def sealed(inferred, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(as_json(record(inferred)))
    return path


def test_nothing_set_changes_nothing(inferred, recorded, base):
    again = screening(infer(inferred.case.with_answers({}, base.vocabulary), base))
    assert difference(recorded, again, base.form) == []


def test_what_is_set_and_set_back_gives_the_same_bytes(inferred, recorded, base):
    other = inferred.case.with_answers({"age_years": 7100}, base.vocabulary)
    back = other.with_answers(
        {"age_years": inferred.case.answers.get("age_years")}, base.vocabulary
    )
    assert as_json(screening(infer(back, base))) == as_json(recorded)


def test_every_difference_is_in_the_two_records_and_names_rules_that_moved(
    inferred, recorded, base
):
    before = recorded
    changes = {"red_flags.leg_signs": "present", "left.calf.pitting_oedema": "present"}
    after = screening(infer(inferred.case.with_answers(changes, base.vocabulary), base))
    found = difference(before, after, base.form)
    assert found
    fired = [{t["rule"] for t in each["trace"]} for each in (before, after)]
    for row in found:
        assert row["from"] != row["to"]
        assert set(row["rules"]) <= fired[0] | fired[1]
    tier = [row for row in found if row["what"] == "triage.tier"]
    assert bool(tier) == (before["triage"]["tier"] != after["triage"]["tier"])
    assert all("RED-001" in row["rules"] or row["rules"] for row in tier)


def test_a_replay_says_the_same(sealed, base):
    assert replay(load_record(sealed), base)["same"]


@pytest.mark.share(4)
def test_a_record_that_was_changed_is_refused(sealed):
    raw = sealed.read_bytes()
    chance = random.Random(1)
    for place in chance.sample(range(len(raw)), 40):
        other = bytes([raw[place] ^ 1])
        sealed.write_bytes(raw[:place] + other + raw[place + 1 :])
        if raw[place : place + 1].isspace():
            continue
        with pytest.raises(UsageError):
            load_record(sealed)


def test_another_rule_base_shows_what_it_changed(inferred_from, tmp_path):
    inferred = inferred_from(CASES / "base_case.yaml")
    root = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", root)
    path = root / "thresholds.yaml"
    text = path.read_text()
    path.write_text(text.replace("value: 8.0\n  unit: cm", "value: 6.0\n  unit: cm", 1))
    found = replay(record(inferred), load(root))
    assert not found["same"]
    assert not found["same_rule_base"]
    verdict = next(r for r in found["differences"] if r["what"] == "sides.right.verdict")
    assert verdict["from"] == "likely"
    assert "VER-010" in verdict["rules"]


def test_the_commands(command, tmp_path):
    case = str(CASES / "base_case.yaml")
    kept = tmp_path / "kept.json"
    assert command("screen", case, "--record", str(kept)).returncode == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert command("replay", str(kept)).returncode == 0
    assert json.loads(command("replay", str(kept), "--format", "json").stdout)["same"]
    set_ = ("--set", "right.ankle.lunge_bent_cm=9.5", "--unset", "right.gait.heel_off")
    done = command("what-if", case, *set_)
    assert done.returncode == 0
    words = " ".join(done.stdout.split())
    assert "RIGHT leg, verdict on the calf-related movement pattern: CANNOT BE JUDGED" in words
    assert "instead of LIKELY" in words
    assert "->" not in words
    assert "right.ankle" not in words
    turned = command("what-if", case, *set_[2:], *set_[:2], "--format", "json")
    straight = command("what-if", case, *set_, "--format", "json")
    assert turned.stdout == straight.stdout
    assert set(json.loads(straight.stdout)) == {"screened_with", "before", "after", "changed"}


def test_what_changes_alike_is_put_together_and_a_rule_is_named_once(command):
    case = str(CASES / "base_case.yaml")
    said = command("what-if", case, "--set", "right.ankle.lunge_bent_cm=9").stdout
    words = " ".join(said.split())
    assert "WHAT IF RIGHT leg, knee to wall: 9.0 cm" in words
    assert words.count("no longer advised") == 1
    named = re.findall(r"\b[A-Z]{3}-\d+\b", words)
    assert named
    assert len(named) == len(set(named))
    # The words of the plan are those of the rules.
    assert "place in the plan: among the first steps instead of after the first steps." in words


def test_an_emergency_that_begins_or_ends_is_said_without_a_path_and_without_exercises(command):
    begins = ("what-if", str(CASES / "both_hips.yaml"), "--set", "red_flags.chest=present")
    said = command(*begins).stdout
    assert "Triage: EMERGENCY instead of no red flag recorded." in said
    assert "The emergency comes first: nothing is advised." in said
    assert "stretch" not in said
    assert "heel raises" not in said
    ends = ("--set", "right.calf.larger_by_cm=0")
    said = command("what-if", str(CASES / "flag_dvt_emergency.yaml"), *ends).stdout
    assert "Triage: URGENT instead of EMERGENCY." in said
    assert "[" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "right.ankle.lunge_bent=9"), "Did you mean"),
        (("--set", "right.ankle.lunge_bent_cm=95"), "outside"),
        (("--set", "right.ankle.lunge_bent_cm"), "PATH=VALUE"),
        (("--unset", "right.nothing"), "no finding"),
        ((), "no what-if"),
    ],
)
def test_what_cannot_be_set_is_refused(command, words, said):
    done = command("what-if", str(CASES / "base_case.yaml"), *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_what_is_no_record_is_refused(command, tmp_path):
    path = tmp_path / "no.json"
    path.write_text("{}")
    for name in (str(path), str(tmp_path / "gone.json")):
        done = command("replay", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


def test_a_record_of_older_rules_says_what_differs(old_rules, command, tmp_path):
    text = "load: {new_within_12_weeks: present}\ninjury: {fall: absent}\nage_years: 70"
    old = load(old_rules)
    kept = tmp_path / "kept.json"
    kept.write_text(as_json(record(infer(read_case(read_yaml(text, "case"), old.vocabulary), old))))
    done = command("replay", str(kept))
    assert done.returncode == 1, done.stderr
    assert "injury.fall is now injury.fall_with_this_pain" in done.stdout
    assert "load.began_within_12_weeks" in done.stdout
    assert "Rules that fired only" in done.stdout
    found = json.loads(command("replay", str(kept), "--format", "json").stdout)
    assert not found["same"]
    assert found["differences"]
    assert {row["finding"] for row in found["findings"]} == {
        "load.new_within_12_weeks",
        "injury.fall",
    }


def test_a_replay_that_differs_in_its_questions_alone_says_so(base, command, tmp_path):
    root = copied(tmp_path / "rules", {OLD: NEW, "oestrogen:": "hormones:"})
    replacing(root, NEW, same=OLD)
    case = read_case(read_yaml("red_flags: {oestrogen: absent}", "case"), base.vocabulary)
    kept = tmp_path / "kept.json"
    kept.write_text(as_json(record(infer(case, base))))
    done = command("replay", str(kept), "--rules", str(root))
    assert done.returncode == 1, done.stderr
    assert f"{OLD} is now {NEW} (absent)" in " ".join(done.stdout.split())
    found = json.loads(
        command("replay", str(kept), "--rules", str(root), "--format", "json").stdout
    )
    assert (bool(found["findings"]), found["differences"]) == (True, [])
    assert "Every decision is the same; what was asked is not." in done.stdout


def test_a_word_that_only_another_rule_base_has_is_said_as_it_stands(base):
    what = "advice[left.stretch_soleus].part"
    changed = [{"what": what, "from": "first", "to": "before_sport", "rules": []}]
    page = " ".join(difference_text("", changed, base).text.plain.split())
    assert "before sport instead of among the first steps." in page
