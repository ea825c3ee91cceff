"""The real command: outputs, exit codes, errors, and no patient data.

What hangs on the process (streams, codes, bytes) is tried in one of its own, what is said is not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from screening.cli.app import Commands, RuleCommands
from tests.conftest import CASES, ROOT

BASE_CASE = str(CASES / "base_case.yaml")
COMMANDS = [
    *((name,) for name in Commands.places if name != "rules"),
    *(("rules", name) for name in RuleCommands.places),
]


def refused(done, code=2):
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(words, typed):
    done = typed(*words, "--help")
    assert done.returncode == 0
    assert f"Example: screening {' '.join(words)}" in done.stdout


def test_a_slip_in_a_command_gets_a_suggestion(command):
    assert 'Did you mean "screen"?' in refused(command("scren"))


def test_every_command_is_in_the_docs():
    page = (ROOT / "docs" / "commands.md").read_text()
    for words in COMMANDS:
        assert f"screening {' '.join(words)}" in page


def test_screen_prints_the_report_on_stdout_only(command):
    done = command("screen", BASE_CASE)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "LIKELY: calf-related movement pattern" in done.stdout
    assert "\x1b[" not in done.stdout


def test_an_ordinary_case_fits_one_page(typed):
    lines = typed("screen", BASE_CASE).stdout.splitlines()
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 100


def test_the_intended_use_is_at_the_foot(typed, base):
    for statement, words in (("in_short", ()), ("intended_use", ("--full",))):
        said = " ".join(typed("screen", BASE_CASE, *words).stdout.split())
        assert " ".join(base.evidence.statements[statement].split()) in said


def test_likely_never_stands_without_movement_pattern(typed):
    for line in typed("screen", BASE_CASE).stdout.splitlines():
        if "LIKELY" in line:
            assert "movement pattern" in line


def test_the_same_case_gives_the_same_bytes(command):
    first, second = (command("screen", BASE_CASE, "--format", "json").stdout for _ in range(2))
    assert first == second
    record = json.loads(first)
    assert record["screened_with"]["readings_agree"] is True
    assert list(record)[:3] == ["case_id", "screened_with", "patient"]


def test_a_case_is_read_from_standard_input(command):
    text = (CASES / "base_case.yaml").read_text()
    as_yaml = command("screen", "-", "--format", "json", stdin=text)
    assert json.loads(as_yaml.stdout)["sides"]["right"]["verdict"] == "likely"


def test_out_writes_the_whole_report_and_prints_nothing(command, tmp_path):
    target = tmp_path / "report.txt"
    done = command("screen", BASE_CASE, "--out", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    assert "calf-related movement pattern" in target.read_text()


def test_out_into_a_missing_folder_is_refused(typed, tmp_path):
    said = refused(typed("screen", BASE_CASE, "--out", str(tmp_path / "no" / "report.txt")))
    assert "could not be written" in said


def test_fail_on_ends_with_3_from_that_tier_on(command):
    assert command("screen", BASE_CASE, "--fail-on", "referral").returncode == 0
    flagged = "red_flags: {chest: present}\nright: {hip: {pain: present}}\n"
    assert command("screen", "-", "--fail-on", "urgent", stdin=flagged).returncode == 3
    assert command("screen", "-", "--fail-on", "emergency", stdin=flagged).returncode == 3


def test_full_prints_proof_and_sources(typed):
    said = typed("screen", BASE_CASE, "--full").stdout
    assert "PROOF" in said
    assert "SOURCES" in said
    assert "ANK-" in said


def test_why_prints_the_proof_down_to_the_findings(typed):
    said = typed("why", BASE_CASE, "ankle.restricted", "--side", "right").stdout
    for part in ("YES", "ANK-", "Knee to wall (right): 6.5 cm (recorded)", "8.0 cm"):
        assert part in said


def test_why_gives_json_of_its_contract(typed):
    done = typed("why", BASE_CASE, "verdict.likely", "--side", "right", "--format", "json")
    proof = json.loads(done.stdout)
    assert {"conclusion", "side", "value", "proofs"} <= set(proof)
    assert proof["value"] is True
    premise = proof["proofs"][0]["premises"][0]
    assert {"text", "value", "status", "proofs"} <= set(premise)
    assert premise["status"] in ("met", "not_met", "unknown")


def test_why_takes_the_painful_leg_when_no_side_is_given(typed):
    done = typed("why", BASE_CASE, "verdict.likely", "--format", "json")
    assert json.loads(done.stdout)["side"] == "right"


def test_why_of_an_unknown_conclusion_suggests_one(typed):
    assert 'Did you mean "ankle.restricted"?' in refused(typed("why", BASE_CASE, "ankle.restrictd"))


def test_why_of_a_leg_without_hip_pain_says_so(typed):
    said = refused(typed("why", BASE_CASE, "verdict.likely", "--side", "left"))
    assert "exists only for a leg with hip pain" in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("screen", "nowhere.yaml"), "cannot be read"),
        (("screen", BASE_CASE, "--rules", "/nowhere"), "no rule base"),
        (("screen", BASE_CASE, "--format", "xml"), "is expected"),
        (("screen",), "CASE"),
        (("rules", "show", "ANK-999"), "nothing called"),
    ],
    ids=str,
)
def test_wrong_usage_ends_with_2_and_prints_nothing(words, expected, command):
    assert expected in refused(command(*words))


def test_no_value_of_the_patient_reaches_an_error_or_a_log(command):
    text = "case_id: Secretname\nage_years: 38\nleft: {hip: {pain: Secretvalue}}\n"
    said = refused(command("screen", "-", stdin=text))
    assert "Secret" not in said


def test_rules_list_and_show_and_vocabulary_speak(typed, base):
    rows = json.loads(typed("rules", "list", "--format", "json").stdout)
    assert len(rows) == len(base.rule_texts)
    assert {"id", "title", "file", "line", "status", "review", "concludes"} == set(rows[0])
    for id in (
        "ANK-001",
        "ankle.restricted",
        "stretch_soleus",
        "flag.dvt",
        "mdc_lunge_cm",
        "lagas_2021",
    ):
        done = typed("rules", "show", id)
        assert done.returncode == 0
        assert done.stdout.strip()
    entries = json.loads(typed("rules", "vocabulary", "--format", "json").stdout)
    assert {
        "path",
        "title",
        "type",
        "unit",
        "values",
        "min",
        "max",
        "minutes",
        "equipment",
        "family",
    } <= set(entries[0])
    schema = json.loads(typed("rules", "vocabulary", "--format", "json-schema").stdout)
    assert schema["additionalProperties"] is False


@pytest.mark.slow  # make checks the rules before it runs the tests
def test_the_rule_base_of_the_checkout_has_no_problem(command):
    done = command("rules", "check")
    assert done.returncode == 0, done.stdout


def test_screening_a_case_loads_nothing_heavy():
    code = (
        "import sys; from screening.cli.app import main\n"
        "for kind in ('text', 'json'):\n"
        "    sys.argv[4:] = [kind]\n"
        "    try:\n        main()\n"
        "    except SystemExit:\n        pass\n"
        "heavy = ('polars', 'z3', 'jinja2', 'pyspark', 'pyarrow')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "screen", BASE_CASE, "--format"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
        check=True,
    )
    page, begin, record = done.stdout.partition("{")
    assert page.startswith("CASE V1")
    assert json.loads(begin + record)["case_id"] == "V1"
    assert done.stderr.strip() == "[]"


def test_the_example_is_a_case_that_screens_like_the_base_case(command):
    printed = command("example").stdout
    found = json.loads(command("screen", "-", "--format", "json", stdin=printed).stdout)
    wanted = json.loads(command("screen", BASE_CASE, "--format", "json").stdout)
    for key in ("triage", "sides", "advice", "conclusions", "warnings"):
        assert found[key] == wanted[key]


def test_rules_search_finds_ids_titles_and_sentences(typed):
    hits = json.loads(typed("rules", "search", "trochanter", "--format", "json").stdout)
    assert {"hip.trochanter_tender", "EXP-021", "lequesne_2008"} <= {hit["id"] for hit in hits}
    assert "trochanter" in hits[0]["id"]
    assert all("trochanter" in (hit["id"] + hit["title"] + hit["where"]).lower() for hit in hits)
    assert "Nothing found" in typed("rules", "search", "zzzz").stdout


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ANK-001", "ankle.restricted"),
        ("right.ankle.restricted", "ankle.restricted"),
        ("deep vein", "flag.dvt"),
        ("ankle joint, not the calf", "ankle.joint_limit"),
        ("Gluteal tendon pain: explain", "indicated.hip_gluteal_tendon"),
    ],
)
def test_a_conclusion_is_found_by_a_rule_or_by_words_of_its_title(said, meant, typed):
    done = typed("why", BASE_CASE, said, "--format", "json")
    assert json.loads(done.stdout)["conclusion"] == meant


@pytest.mark.whole
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_a_shell_completes_commands_and_options(tmp_path):
    """What ``screening --install-completion`` writes, sourced and asked as the tab key asks."""
    bin = str(Path(sys.executable).parent)
    env = {**os.environ, "HOME": str(tmp_path), "PATH": f"{bin}:{os.environ['PATH']}"}
    ask = """
screening --install-completion bash >/dev/null
source ~/.bashrc
COMP_WORDS=(screening rules sear) COMP_CWORD=2; _screening_completion screening
echo "${COMPREPLY[@]}"
COMP_WORDS=(screening screen --form) COMP_CWORD=2; _screening_completion screening
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", ask], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["search", "--format"], done.stderr


def test_several_matches_are_listed(typed):
    said = refused(typed("why", BASE_CASE, "ankle.lunge_bent_cm"))
    assert "could mean" in said
    assert "ankle.restricted  The ankle is restricted on this side" in said


def test_rules_check_of_one_file_names_its_own_problems_only(typed, tmp_path):
    done = typed("rules", "check", "rules/hip/fadir_negative.yaml")
    assert done.returncode == 0, done.stdout
    assert "examples, as they say" in done.stdout
    copy = tmp_path / "copied"
    shutil.copytree(ROOT / "rules", copy)
    file = copy / "hip" / "fadir_negative.yaml"
    text = file.read_text().replace("does_not_fire: [HIP-101]", "fires: [HIP-101]")
    file.write_text(text)
    done = typed("rules", "check", str(file), "--format", "json")
    assert done.returncode == 1
    problems = json.loads(done.stdout)["problems"]
    assert {each["kind"] for each in problems} == {"check", "example"}
    assert all(each["where"].startswith("copied/hip/fadir_negative.yaml:") for each in problems)
    other = typed("rules", "check", str(copy / "thresholds.yaml"))
    assert other.returncode == 0, other.stdout
    assert "belongs to no rule base" in refused(typed("rules", "check", "README.md"))
    (copy / "derived" / "sutlive.yaml").write_text("id: [")
    done = typed("rules", "check", str(file))
    assert done.returncode == 1
    assert "its examples were not run" in done.stdout


def test_rules_list_goes_by_folder(typed):
    lines = typed("rules", "list").stdout.splitlines()
    heads = [line for line in lines if line.startswith("rules/")]
    assert heads == sorted(set(heads))
    assert "rules/red_flags" in heads
