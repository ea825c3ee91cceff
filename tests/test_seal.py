"""The seal: what is checked is what screens, and no file changes or vanishes unnoticed."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from screening import api
from screening.errors import RuleBaseError
from screening.rulebase import seal
from screening.rulebase.base import RuleBase, load, read
from screening.strict_yaml import read_yaml
from tests import damage
from tests.conftest import ROOT

CASE = "cases/base_case.yaml"
STILL = ROOT / "tests" / "data" / "still_loads.yaml"
WORDS = "RULES CHANGED SINCE THEY WERE SEALED"


@pytest.fixture
def rules(base, tmp_path) -> Path:
    """A copy of the rules, sealed as it stands."""
    root = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", root)
    if not base.standing.sealed:
        seal.write(root, base.head, base.digests)
    return root


def change(root: Path, name: str = "red_flags/dvt.yaml") -> None:
    path = root / name
    path.write_text(path.read_text(encoding="utf-8") + "# one line more\n", encoding="utf-8")


def shape(base: RuleBase) -> str:
    """Give all that a reading, a report or a check takes from a rule base."""
    parts = [base.form, base.files, base.vocabulary.entries, base.thresholds, base.references]
    return repr([*parts, base.evidence, base.blocks, base.promises, base.retest, base.digest])


# -- every way to load gives the same ----------------------------------------------------------


def test_every_way_to_load_gives_the_same_rules(base, tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "copy")
    package = tmp_path / "site" / "screening"
    shutil.copytree(ROOT / "screening", package)
    shutil.copytree(ROOT / "rules", package / "rules")
    code = (
        "from __future__ import annotations\n"
        "from screening.rulebase.base import load\n"
        f"{inspect.getsource(shape)}\n"
        "base = load()\n"
        "print(shape(base))\n"
        "print(base.root)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    *said, used = done.stdout.splitlines()
    assert used == str(package / "rules")
    expected = shape(base)
    assert "\n".join(said) == expected
    assert shape(load()) == expected
    assert shape(load(tmp_path / "copy")) == expected
    assert shape(load(tmp_path / "copy", to_mend=True)) == expected
    assert shape(api.load_rules()) == expected
    assert shape(api.load_rules(tmp_path / "copy")) == expected


def test_a_key_below_the_examples_is_read_as_well_as_one_above(rules):
    path = rules / "red_flags" / "dvt.yaml"
    text = path.read_text(encoding="utf-8")
    levels = text[text.index("levels:") : text.index("rules:")]
    path.write_text(text.replace(levels, "") + levels, encoding="utf-8")
    assert load(rules).form == load(ROOT / "rules").form


@pytest.mark.parametrize("name", ["promises.yaml", "follow_up.yaml"])
def test_a_broken_file_is_noticed_by_a_screening_that_does_not_need_it(rules, name, typed):
    (rules / name).write_text("a: [", encoding="utf-8")
    done = typed("screen", CASE, "--rules", rules)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"rules/{name}" in done.stderr


# -- what the seal says --------------------------------------------------------------------------


def test_the_rules_of_the_checkout_are_sealed(base):
    assert base.standing.said == ""
    found = base.screened_with
    assert (found["sealed"], found["changed"]) == (True, [])
    assert found["files"] == len(base.files)


def test_a_changed_an_added_and_a_missing_file_are_named(rules):
    change(rules)
    (rules / "hip" / "more.yaml").write_text(
        (rules / "gait" / "abductory_twist.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (rules / "gait" / "abductory_twist.yaml").unlink()
    standing = load(rules).standing
    assert standing.altered == ("red_flags/dvt.yaml",)
    assert standing.added == ("hip/more.yaml",)
    assert standing.missing == ("gait/abductory_twist.yaml",)


def test_another_version_behind_the_seal_is_noticed(rules):
    path = rules / "rulebase.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"version: {load(rules).version}", "version: 9.9.9"))
    assert load(rules).standing.changed == ("rulebase.yaml",)


@pytest.mark.whole
def test_every_command_says_that_the_rules_were_changed(rules, command, tmp_path):
    change(rules)
    at = ("--rules", str(rules))
    one = ("verdict.likely", "--side", "right")
    record = str(tmp_path / "record.json")
    for words in (
        ("screen", CASE, "--record", record),
        ("why", CASE, *one),
        ("why-not", CASE, *one),
        ("what-if", CASE, "--set", "right.ankle.lunge_bent_cm=9.5"),
        ("next", CASE),
        ("follow-up", CASE, CASE, "--side", "right"),
        ("replay", record),
        ("rules", "list"),
        ("rules", "show", "ANK-001"),
    ):
        said = command(*words, *at).stdout
        head = "\n".join(said.splitlines()[:2])
        assert WORDS in head, words
        assert "red_flags/dvt.yaml" in head, words
        made = command(*words, *at, "--format", "json")
        found = json.loads(made.stdout)
        if isinstance(found, list):
            assert WORDS in made.stderr
            continue
        assert found["screened_with"]["sealed"] is False, words
        assert found["screened_with"]["changed"] == ["red_flags/dvt.yaml"], words
    page = command("screen", CASE, *at, "--format", "html").stdout
    assert page.index(WORDS) < page.index("<h1>")


def test_a_batch_says_it_in_its_manifest_its_summary_and_its_page(rules, typed, tmp_path):
    change(rules)
    out = tmp_path / "out"
    done = typed("batch", CASE, "--out", out, "--verify", "0", "--rules", rules)
    assert done.stdout.startswith(WORDS), done.stderr
    for name in ("manifest.json", "summary.json"):
        found = json.loads((out / name).read_text(encoding="utf-8"))["screened_with"]
        assert (found["sealed"], found["changed"]) == (False, ["red_flags/dvt.yaml"])
    assert WORDS in (out / "summary.html").read_text(encoding="utf-8")


def test_the_first_rule_base_has_no_seal_and_still_screens(typed, old_rules, tmp_path):
    base = load(old_rules)
    assert (base.version, base.standing.known, len(base.files)) == ("1.0.0", False, 142)
    assert {file.status for file in base.files.values()} == {None}
    text = (ROOT / CASE).read_text(encoding="utf-8")
    case = tmp_path / "asked_then.yaml"
    case.write_text(text.replace("asked_with: '2.0'\n", ""), encoding="utf-8")
    done = typed("screen", case, "--rules", old_rules, "--full")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("RULES WITHOUT A SEAL")


@pytest.fixture
def installed(tmp_path):
    """The program as a wheel lays it out, with its rules inside."""
    package = tmp_path / "site" / "screening"
    shutil.copytree(ROOT / "screening", package)
    shutil.copytree(ROOT / "rules", package / "rules")

    def run(*commands: tuple[object, ...]) -> list[tuple[int, str, str]]:
        """Run commands one after the other; give of each its exit code and what it said."""
        env = {**os.environ, "PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{ROOT}"}
        words = (sys.executable, "-m", "tests.here", json.dumps(commands, default=str))
        done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return [tuple(each) for each in json.loads(done.stdout)]

    return package / "rules", run


def test_a_changed_installation_is_refused_in_two_lines(installed, in_whole):
    inside, run = installed
    listed = ("rules", "list")
    # That one as it was installed is read is seen by default where every way to load is tried.
    if in_whole:
        ((code, _, _),) = run(listed)
        assert code == 0
    change(inside)
    refused, sealed, elsewhere = run(
        ("screen", ROOT / CASE), ("rules", "seal"), (*listed, "--rules", ROOT / "rules")
    )
    assert refused[:2] == (2, "")
    what, todo = refused[2].strip().split("\n")
    assert "this installation is damaged" in what
    assert "red_flags/dvt.yaml" in what
    assert "Install" in todo
    assert sealed[0] == 2
    assert elsewhere[0] == 0, elsewhere[2]


# -- check and seal ------------------------------------------------------------------------------


@pytest.mark.slow
def test_check_ends_with_1_on_changed_rules_and_seal_mends_it(rules, command):
    change(rules)
    checked = command("rules", "check", "--rules", str(rules), "--format", "json")
    found = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert [problem["kind"] for problem in found["problems"]] == ["not_sealed"]
    sealed = command("rules", "seal", "--rules", str(rules))
    assert sealed.returncode == 0, sealed.stdout + sealed.stderr
    assert load(rules).standing.sealed


@pytest.mark.whole
def test_what_check_finds_wrong_is_not_sealed(rules, command):
    path = rules / "ankle" / "restricted.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("fires: [ANK-001]", "fires: []"))
    done = command("rules", "seal", "--rules", str(rules))
    assert done.returncode == 1
    assert "ANK-001" in done.stdout
    assert load(rules).standing.changed == ("ankle/restricted.yaml",)


def test_check_names_the_problems_of_all_files_at_once_with_their_lines(rules, typed):
    (rules / "hip" / "competing.yaml").write_text("a: [", encoding="utf-8")
    dvt = rules / "red_flags" / "dvt.yaml"
    dvt.write_text(dvt.read_text(encoding="utf-8").replace("leg_signs is", "leg_sings is"))
    foam = rules / "advice" / "foam_rolling.yaml"
    foam.write_text(foam.read_text(encoding="utf-8").replace("dose:", "doze:"))
    twist = rules / "gait" / "abductory_twist.yaml"
    text = twist.read_text(encoding="utf-8")
    twist.write_text(text[: text.index("examples:")], encoding="utf-8")
    done = typed("rules", "check", "--rules", rules, "--format", "json")
    where = {problem["where"].rpartition(":")[0] for problem in json.loads(done.stdout)["problems"]}
    for name in ("hip/competing", "red_flags/dvt", "advice/foam_rolling", "gait/abductory_twist"):
        assert f"rules/{name}.yaml" in where
    assert "verdict" not in done.stdout, "what only reads a broken file is not wrong"


# -- nothing is passed over ------------------------------------------------------------------------


def test_a_file_that_no_command_reads_is_refused(rules):
    names = ["hip/x.YAML", "hip/x.yml", "more.yaml", "notes/x.yaml", "vocabulary.yaml"]
    for name in names:
        (rules / name).parent.mkdir(exist_ok=True)
        (rules / name).write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(RuleBaseError) as caught:
        load(rules)
    assert sorted(problem.where for problem in caught.value.problems) == [
        f"rules/{name}" for name in names
    ]
    assert all("missed" in str(problem) for problem in caught.value.problems)


def test_a_link_is_refused(rules, tmp_path):
    (rules / "hip").rename(tmp_path / "elsewhere")
    (rules / "hip").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RuleBaseError, match="links are not followed"):
        load(rules)


# -- damage, one file at a time ------------------------------------------------------------------


def test_a_sealed_file_never_changes_unnoticed():
    base, _ = damage.whole()
    digests = {n: seal.digest(raw) for n, raw in damage.files().items() if n not in seal.UNSEALED}
    assert seal.standing(base.head, digests).sealed
    for each in damage.damages():
        if each.file in seal.UNSEALED or each.content == damage.files()[each.file]:
            continue
        now = {name: found for name, found in digests.items() if name != each.file}
        if each.content is not None:
            now[each.file] = seal.digest(each.content)
        assert seal.standing(base.head, now).changed == (each.file,), each


def test_the_file_of_the_seal_is_damaged_only_noticeably(some):
    for each in some([each for each in damage.damages() if each.file == seal.HEAD], 2):
        if each.content is not None:
            try:
                base, problems = read(loader=damage.Damaged(each))
            except RuleBaseError:
                continue
            assert problems or not base.standing.sealed or not damage.lost(each), each


def unnoticed(chosen: list[damage.Damage]) -> Counter[str]:
    """Give what is lost without a word when the seal is made anew, and is not listed."""
    listed = read_yaml(STILL.read_text(encoding="utf-8"), STILL.name).data
    base, _ = damage.whole()
    kinds = {f"rules/{p}": kind for p, kind in _kinds(base).items()}
    found: Counter[str] = Counter()
    for each in chosen:
        gone = damage.lost(each)
        if each.how == "deleted" and {kinds.get(f"rules/{each.file}"), each.file} & {
            *listed["files"]
        }:
            continue
        small = each.how in ("line dropped", "sign changed")
        for kind in gone - {*listed["parts"], *(listed["lines"] if small else ())}:
            found[f"{each.file}, {each.how}: {kind}"] += 1
    return found


def _kinds(base: RuleBase) -> dict[str, str]:
    return {
        base.documents[id].source.partition("/")[2]: base.documents[id].data["kind"]
        for id in base.files
    }


@pytest.mark.whole
def test_a_part_is_not_lost_unnoticed_even_if_it_is_sealed_anew():
    every = list(damage.damages())
    flags = [d for d in every if d.file.startswith("red_flags/") and d.how == "deleted"]
    # Whoever cuts the file of blocks in half loses what an emergency blocks.
    blocks = [d for d in every if d.file == "advice/blocks.yaml" and d.how.startswith("cut")]
    assert unnoticed([*flags, *blocks, *Random(7).sample(every, 50)]) == Counter()


RETEST = "vocabulary/80_retest.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (RETEST, "    hardly: hardly done\n", "", "and others not"),
        (RETEST, "    partly: partly done\n", "", '"partly" is no word of retest.exercises_done'),
        (RETEST, "  minutes: 0.1\n", "", "how many minutes it takes"),
        (
            RETEST,
            "    partly: partly done\n    hardly: hardly done\n",
            "",
            "a choice has two words or more",
        ),
        ("follow_up.yaml", "[as_agreed, partly]", "[as_agreed, partli]", 'Did you mean "partly"?'),
        ("follow_up.yaml", "[as_agreed, partly]", "[]", "that enough was done, and others not"),
    ],
)
def test_a_question_that_lost_a_part_is_refused_sealed_anew(file, old, new, said):
    content = damage.files()[file].decode().replace(old, new)
    base, problems = read(loader=damage.Damaged(damage.Damage(file, "edited", content.encode())))
    assert any(said in str(each) for each in [*problems, *base.lost])


def test_whatever_still_loads_has_a_reason_why_it_may():
    listed = read_yaml(STILL.read_text(encoding="utf-8"), STILL.name).data
    base, _ = damage.whole()
    kinds = {file.kind for file in base.files.values()}
    assert set(listed) == {"files", "parts", "lines"}
    for part, reasons in listed.items():
        for name, why in reasons.items():
            assert len(why.split()) > 5, (part, name)
            assert why.endswith("."), (part, name)
    gone = [name for name in listed["files"] if name not in kinds and name not in damage.files()]
    assert not gone, "a reason for a file that is not there"
    assert {*listed["parts"], *listed["lines"]} <= set(damage.held(base))


@pytest.mark.slow
def test_no_part_is_lost_unnoticed_even_if_it_is_sealed_anew():
    assert unnoticed(list(damage.damages())) == Counter()
