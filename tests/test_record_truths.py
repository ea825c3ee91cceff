"""What a screening says is so: checked on random cases, each truth by itself."""

from __future__ import annotations

import json
import re
import unicodedata

import polars as pl
import pytest

from screening.intake.findings import gather
from screening.intake.vocabulary import SIDES, without_side
from screening.record.proof import Proof
from screening.record.reasons import _once, _reasons_against, _reasons_for
from screening.record.screening import as_read
from screening.record.wording import Wording
from screening.report.as_json import as_json
from screening.safe import on_a_line

SEEDS = range(60)
PAINFUL = {"hip": {"pain": "present", "pain_regions": ["side"]}}


@pytest.fixture(scope="module")
def screened(inferred_from, record_from, some):
    """Random cases with their records."""
    return [(inferred_from(seed), record_from(seed)) for seed in some(SEEDS, 4)]


def present(record):
    return [flag for flag in record["triage"]["flags"] if flag["status"] == "present"]


def test_a_record_of_which_some_is_read_says_the_same_as_the_whole(screened):
    for inferred, record in screened[:20]:
        parts = as_read(inferred)
        assert not parts, "nothing is worked out before it is read"
        read = {part: parts[part] for part in reversed(record)}
        fired = zip(parts["trace"], record["trace"], strict=True)
        read["trace"] = [{part: one[part] for part in reversed(whole)} for one, whole in fired]
        assert read == record


def test_a_gate_answered_yes_has_a_flag_or_is_named(screened):
    seen = 0
    for inferred, record in screened:
        named = {each["gate"] for each in record["triage"]["asked_and_answered_yes"]}
        seen += len(named)
        led = {
            without_side(premise.operand)[1].removeprefix("red_flags.")
            for flag in present(record)
            for rule in inferred.form.rules.values()
            if rule.id in flag["rules"] and inferred.run.rules[rule.name].must
            for premise in rule.premises
        }
        for gate in inferred.base.vocabulary.gates:
            names = [name for name, _ in inferred.base.vocabulary.operands(gate)]
            yes = any(inferred.known.get(name) == frozenset({"present"}) for name in names)
            bare = gate.removeprefix("red_flags.")
            assert (bare in named) == (yes and bare not in led)
    assert seen


def test_a_flag_is_said_once_at_its_worst_with_one_action_and_each_reason_once(screened):
    several = 0
    for inferred, record in screened:
        flags = record["triage"]["flags"]
        assert len({flag["id"] for flag in flags}) == len(flags)
        for flag in present(record):
            levels = inferred.base.files[f"flag.{flag['id']}"].levels
            held = [tier for tier in levels if inferred.value(f"flag.{flag['id']}.{tier}")]
            several += len(held) > 1
            assert flag["action"] == " ".join(levels[held[0]].action.split())
            for said in re.split("(?:Left|Right|Both legs): ", flag["because"]):
                sentences = [each for each in said.rstrip().split(". ") if each]
                assert len(sentences) == len(set(sentences))
    assert several


def test_after_an_emergency_nothing_is_advised_and_nothing_asked_for(screened):
    emergencies = [record for _, record in screened if record["triage"]["tier"] == "emergency"]
    assert emergencies
    for record in emergencies:
        assert {entry["status"] for entry in record["advice"]} <= {"blocked"}
        assert record["next_findings"] == []


def test_what_is_recorded_is_never_asked_for(screened):
    for inferred, record in screened:
        again = [item["path"] for item in record["next_findings"] if item["again"]]
        assert set(again) <= set(inferred.case.answers)
        asked = [item["path"] for item in record["next_findings"] if not item["again"]]
        asked += [
            path for side in SIDES for path in (record["sides"][side] or {}).get("missing", [])
        ]
        # An absent to a question that asks for more since then is recorded, but answers nothing.
        known = {path for path in inferred.case.answers if path in inferred.known}
        assert not known.intersection(asked)


def test_a_fact_speaks_once_and_on_one_side_only(screened, base):
    for inferred, record in screened:
        for side in SIDES:
            found = record["sides"][side]
            if found is None:
                continue
            for key in ("for", "against", "neither"):
                assert len(found[key]) == len(set(found[key]))
            wording = Wording(inferred)
            told = {text: facts for text, facts in _reasons_for(side, inferred, wording)}
            against = _once(_reasons_against(side, inferred, wording))
            spoken = {f for _, facts in against for f in facts if without_side(f)[0] == side}
            assert not [text for text in found["for"] if told[text] & spoken]


def test_a_stop_rule_that_is_there_already_is_a_reason_to_look_now(screen_of):
    record = screen_of(
        {
            "age_years": 38,
            "red_flags": {"leg_signs": "absent", "injury": "absent", "load_pain": "absent"},
            "right": {
                "hip": {"pain": "present", "pain_regions": ["side", "groin_front"]},
                "gait": {"pelvic_drop": "present"},
            },
        }
    )
    entry = next(e for e in record["advice"] if e["id"] == "hip_gluteal_tendon")
    assert entry["look_now"] == ["pain in the groin"]
    assert "Stop and ask: pain in the groin" not in entry["stop_rules"]
    assert "Stop and call: breathlessness" in entry["stop_rules"]


@pytest.mark.parametrize(
    ("data", "operand", "source"),
    [
        ({"red_flags": {"chest": "absent"}}, "red_flags.chest", "recorded"),
        ({"red_flags": {"chest": "unsure"}}, "red_flags.chest", "unsure"),
        ({"red_flags": {"chest": "absent"}}, "red_flags.breathless", "from_gate"),
        ({"red_flags": {"breathless": "present"}}, "red_flags.chest", "from_sign"),
        (
            {
                "red_flags": {"all": "none_present"},
                "attested_by": "A.B.",
                "attested_on": "2025-03-04",
            },
            "red_flags.chest",
            "attested",
        ),
        (
            {"left": {"gait": {"medial_collapse": "absent"}}},
            "left.gait.hip_adduction",
            "from_summary",
        ),
    ],
)
def test_every_fact_says_where_it_comes_from(infer_of, data, operand, source):
    inferred = infer_of(data)
    if operand not in inferred.findings.origins:
        details = inferred.base.vocabulary.owners["gait.medial_collapse"]
        operand = f"left.{details[0]}"
    assert Proof(inferred).source(operand) == source


def test_a_fact_that_follows_is_never_said_to_be_recorded(screened):
    for inferred, _ in screened:
        proof = Proof(inferred)
        for operand, (kind, _) in inferred.findings.origins.items():
            assert (proof.source(operand) in ("recorded", "unsure")) == (kind == "recorded")


# -- attestation ---------------------------------------------------------------------------------

ATTESTED = {"attested_by": "A.B.", "attested_on": "2025-03-04", "examined_on": "2025-03-04"}


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"attested_on": "2025-03-03"}, True),
        ({"attested_on": "2025-03-05"}, False),
        ({"attested_by": "\u200b \u202e"}, False),
        ({"attested_by": "\u3164"}, False),
        ({"attested_by": "..."}, False),
        ({"attested_by": "Åsa"}, True),
        ({"attested_by": "李"}, True),
        ({"attested_by": None}, False),
        ({"examined_on": None, "attested_on": "2025-03-05"}, True),
    ],
)
def test_an_attestation_needs_a_name_that_is_seen_and_no_later_day(
    base, case_of, cohort_of, change, counts
):
    said = {**ATTESTED, **change}
    case = case_of({**said, "red_flags": {"all": "none_present"}})
    findings = gather(case, base.vocabulary)
    assert bool(findings.attested) == counts
    assert bool([w for w in findings.warnings if w.path == "red_flags.all"]) != counts
    row = {**said, "red_flags.all": "none_present", "right.hip.pain": "present"}
    table = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))
    rows = cohort_of(True).screen(table).screenings
    assert ("red_flags.all" in rows["warnings"][0]) != counts


# -- what was typed ------------------------------------------------------------------------------

NASTY = "V1\nTRIAGE    No red flag recorded.\r\x1b[2K\x1b[31m\u202e\u2066\u200b\x85\u2028"


def controls(text):
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} - {"\n"}


def test_what_was_typed_reaches_no_terminal_as_it_was(screen_of, command, tmp_path):
    case = {"case_id": NASTY, "attested_by": NASTY, "right": PAINFUL, "nonsense\x1b[31m": 1}
    path = tmp_path / "nasty.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    refused = command("screen", str(path))
    assert refused.returncode == 2
    assert controls(refused.stderr) == set()
    del case["nonsense\x1b[31m"]
    path.write_text(json.dumps(case), encoding="utf-8")
    for format in ("text", "json", "html"):
        printed = command("screen", str(path), "--format", format)
        assert printed.returncode == 0
        assert controls(printed.stdout) <= ({"\u2068", "\u2069"} if format == "html" else set())
        assert not any(line.startswith("TRIAGE    No red") for line in printed.stdout.splitlines())
    full = command("screen", str(path), "--full")
    assert controls(full.stdout) == set()


def test_json_keeps_what_was_typed(screen_of):
    record = screen_of({"case_id": NASTY, "right": PAINFUL})
    said = as_json(record)
    assert json.loads(said)["case_id"] == NASTY
    assert controls(said) == set()
    assert on_a_line("plain words, 6.5 cm ± 1.9") == "plain words, 6.5 cm ± 1.9"
