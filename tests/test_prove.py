"""The prover proved: planted faults are found, each with a case that shows it."""

from __future__ import annotations

import json
import re
import shutil
import sys

import pytest

from screening.documents import Document
from screening.inference.infer import infer
from screening.intake.case import as_data, load_case, read_case
from screening.rulebase.base import load
from tests.conftest import ROOT

pytest.importorskip("z3")

from screening.assurance.chains import lint  # noqa: E402
from screening.assurance.promises import claims  # noqa: E402
from screening.assurance.prove import prove  # noqa: E402
from screening.assurance.solver import AllCases  # noqa: E402


def planted(root, *faults):
    """Give a copy of the rule base with some faults in it."""
    shutil.copytree(ROOT / "rules", root)
    for file, old, new in faults:
        text = (root / file).read_text()
        changed = re.sub(old, new, text, count=1, flags=re.MULTILINE)
        assert changed != text, f"nothing was planted in {file}"
        (root / file).write_text(changed)
    return load(root)


PROMISES_BROKEN = {
    "a clot blocks less": (
        "PRO-001",
        ("red_flags/dvt.yaml", r"blocks: \[CALF\]", "blocks: [ROLL]"),
    ),
    "a torn calf may do heel drops": (
        "PRO-006",
        ("red_flags/calf_tear.yaml", r"blocks: \[.*\]", "blocks: [ROLL]"),
    ),
    "likely without a side difference": (
        "PRO-027",
        ("decisions/verdict/likely.yaml", r"^      - ankle.less is true\n", ""),
    ),
    "likely although something competes": (
        "PRO-026",
        ("decisions/verdict/likely.yaml", r"^      - hip.competing is false\n", ""),
    ),
    "likely without a sign at the pelvis": (
        "PRO-021",
        ("decisions/verdict/likely.yaml", r"^      - chain.hip_pelvis is true\n", ""),
    ),
    "a verdict with open questions": (
        "PRO-031",
        (
            "decisions/verdict.yaml",
            r"^      - \[any_gate is unknown\]\n      - .*\n",
            "      - [verdict.suspended is unknown]\n",
        ),
    ),
    "advice while a block is open": (
        "PRO-017",
        (
            "decisions/calf_advice.yaml",
            r"\[indicated.\* is true, blocked.\* is unknown\]",
            "[indicated.* is false, blocked.* is unknown]",
        ),
    ),
    "a blocked joint is stretched": (
        "PRO-035",
        ("advice/stretch_soleus.yaml", r"^blocked_by: \[ankle.joint_limit\]\n", ""),
    ),
    "a threshold that healthy people miss": (
        "PRO-028",
        ("thresholds.yaml", r"(straight_deg_restricted:\n  title: .*\n  value:) 22", r"\1 26"),
    ),
    "an attestation for a gate of its own": (
        "PRO-037",
        (
            "vocabulary/10_red_flags.yaml",
            r"    red_flags.chest: absent",
            "    red_flags.chest: absent\n    red_flags.injury: absent",
        ),
    ),
    "an emergency is called a referral": (
        "PRO-034",
        ("decisions/triage.yaml", r"word: emergency", "word: referral"),
    ),
    "an emergency that is none": (
        "PRO-043",
        (
            "decisions/triage.yaml",
            r"any_flag.emergency is true",
            "flag.psoas_bleed.emergency is true",
        ),
    ),
    "an advice without a dose": (
        "PRO-038",
        ("advice/foam_rolling.yaml", r"^dose: >-\n  .*\n", 'dose: " "\n'),
    ),
    "the item of another diagnosis lowers the tier": (
        "PRO-036",
        (
            "red_flags/dvt.yaml",
            r"^    when: \[(.*)\]",
            r"    when: [\1, calf.alternative_diagnosis is absent]",
        ),
    ),
    "calf advice without a verdict": (
        "PRO-040",
        (
            "decisions/calf_advice.yaml",
            r'"verdict one_of likely, possible"',
            '"verdict one_of likely, possible, unlikely"',
        ),
    ),
}


def every_promise_is_shown_broken(base, promises):
    """Assert that each of some promises fails, with a case that both readings say shows it."""
    cases = AllCases(base)
    for found in prove(base, 20, promises):
        assert found.status in ("refuted", "not_proved"), found.id
        assert found.problem is not None
        assert found.id in str(found.problem)
        if found.witness is None:
            # Texts, rows and two worlds side by side have no single case that shows them.
            assert base.promises[found.id].kind != "never"
            continue
        written = read_case(
            Document("witness", as_data(found.witness, base.vocabulary)), base.vocabulary
        )
        screened = infer(written, base)
        assert screened.agree
        assert any(
            claim.shown(screened)
            for claim in claims(found.id, base.promises[found.id], cases)
            if not isinstance(claim.term, bool)
        )


@pytest.mark.whole
def test_planted_faults_are_found_with_cases_that_show_them(tmp_path):
    """Some in one rule base: to load it and to state all cases is most of the work."""
    promises, faults = zip(*[*PROMISES_BROKEN.values()][::4], strict=True)
    every_promise_is_shown_broken(planted(tmp_path / "rules", *faults), promises)


@pytest.mark.parametrize("fault", PROMISES_BROKEN)
@pytest.mark.slow
def test_each_planted_fault_is_found_alone(fault, tmp_path):
    promise, change = PROMISES_BROKEN[fault]
    every_promise_is_shown_broken(planted(tmp_path / "rules", change), [promise])


def test_every_promise_is_proved(base, some):
    asked = some(sorted(base.promises), 6)
    found = list(prove(base, 20, asked))
    assert sorted(p.id for p in found) == asked
    assert [p.problem for p in found if p.status != "proved"] == []
    assert sum(p.questions for p in found) > 10 * len(asked)


def test_a_promise_that_is_not_settled_in_time_fails(base):
    (found,) = prove(base, 0.001, ["PRO-021"])
    assert found.status == "not_proved"
    assert found.problem is not None


CHAINS_BROKEN = {
    "never_fires": (
        "ankle/restricted.yaml",
        r"^(      - age_years below age_elderly\n)(      - ankle.straight_band)",
        r"\1      - age_years at_least age_elderly\n\2",
    ),
    "never_needed": (
        "ankle/restricted.yaml",
        r"^      - age_years below age_elderly\n      - ankle.bent_band is restricted\n",
        "      - ankle.bent_band is restricted\n      - ankle.bent_less is present\n"
        "      - age_years below age_elderly\n",
    ),
    "hole": (
        "derived/ankle_bent_reading.yaml",
        r"at_most knee_to_wall_free",
        "below knee_to_wall_free",
    ),
    "overlap": (
        "derived/ankle_bent_reading.yaml",
        r"above bent_deg_free",
        "at_least bent_deg_free",
    ),
    "never_wins": (
        "decisions/pattern.yaml",
        r"\[ankle.straight_band is restricted, ankle.bent_band is free\]",
        "[ankle.straight_band is restricted, ankle.straight_band is free]",
    ),
}
GAP = (
    "decisions/verdict.yaml",
    r"^    - \[ankle.bent_band is borderline, ankle.bent_less .*\]\n",
    "",
)


def broken(base):
    """Give what is wrong with the chain, by its kind; a case that shows it is a case."""
    found = {}
    for each in lint(base):
        found.setdefault(each.kind, []).append(each)
        assert each.witness is None or infer(each.witness, base).agree
    return found


@pytest.mark.whole
def test_what_breaks_the_chain_is_found(tmp_path):
    found = broken(planted(tmp_path / "rules", *CHAINS_BROKEN.values()))
    assert set(CHAINS_BROKEN) <= set(found)
    for kind, (file, _, _) in CHAINS_BROKEN.items():
        assert any(file in str(each.problem) for each in found[kind])
    assert all(each.witness for kind in ("hole", "overlap") for each in found[kind])


@pytest.mark.whole
def test_a_gap_is_found_and_nothing_else(tmp_path):
    """What breaks nothing but one thing also shows that the rest of the chain is whole."""
    found = broken(planted(tmp_path / "rules", GAP))
    assert set(found) == {"gap"}
    assert all(each.witness for each in found["gap"])


@pytest.mark.whole
def test_the_command_writes_a_witness_that_screen_reads(command, tmp_path):
    base = planted(tmp_path / "rules", PROMISES_BROKEN["likely without a side difference"][1])
    done = command(
        "rules",
        "prove",
        "--promise",
        "PRO-027",
        "--format",
        "json",
        "--rules",
        str(base.root),
        "--witnesses",
        str(tmp_path / "found"),
    )
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert not told["ok"]
    (problem,) = told["problems"]
    case = load_case(problem["witness_file"], base.vocabulary)
    screened = infer(case, base)
    assert "likely" in {screened.rows[f"{side}.verdict"].word for side in ("left", "right")}


def test_an_unknown_promise_gets_a_suggestion(command):
    done = command("rules", "prove", "--promise", "PRO-1")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "PRO-0" in done.stderr


def test_without_the_prover_the_commands_say_how_to_install_it(monkeypatch, capsys):
    from screening.cli import assurance
    from screening.errors import UsageError

    for name in [n for n in sys.modules if n.startswith(("z3", "screening.assurance.prove"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("screening.assurance.chains", "screening.assurance.solver", "z3"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "screening.assurance.promises", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'calf-hip-screening\[prove\]'"):
        assurance.prove("text", None, 1.0, None, ROOT / "rules")
    assert list(assurance._chains(load(ROOT / "rules"), None)) == []
    assert "calf-hip-screening[prove]" in capsys.readouterr().err
