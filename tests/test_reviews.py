"""Signatures: who has read which file, and whether it is still what was read."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from screening.assurance.check import check
from screening.errors import RuleBaseError, UsageError
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.read_aloud.rule_text import shown
from screening.record.proof import Proof
from screening.record.screening import screening
from screening.report.text import full_text
from screening.rulebase.base import RuleBase, load
from screening.rulebase.reviews import Signature, covered, path_of, review_of, sign
from screening.strict_yaml import read_yaml
from tests.conftest import ROOT

CASE = ROOT / "cases" / "base_case.yaml"
FILE = "ankle/joint_limit.yaml"
NAME = "A. Weber"
DAY = date(2026, 11, 2)


NOBODY = "# Who has read what.\nreviews: []\n"


def copied(root: Path) -> Path:
    """Copy the rules, signed by nobody."""
    shutil.copytree(ROOT / "rules", root)
    (root / "reviews.yaml").write_text(NOBODY, encoding="utf-8")
    return root


@pytest.fixture
def rules(tmp_path) -> Path:
    """A copy of the rules that nobody has signed."""
    return copied(tmp_path / "rules")


@pytest.fixture(scope="module")
def read_once(tmp_path_factory) -> RuleBase:
    """Such a copy, read once to be signed: nothing of it but the signatures is changed."""
    return load(copied(tmp_path_factory.mktemp("read") / "rules"), to_mend=True)


@pytest.fixture
def unsigned(read_once) -> RuleBase:
    """The same, signed by nobody yet."""
    (read_once.root / "reviews.yaml").write_text(NOBODY, encoding="utf-8")
    return read_once


def signed(
    rules: Path | RuleBase, file: str = FILE, name: str = NAME, on: date = DAY, remark: str = ""
):
    base = load(rules, to_mend=True) if isinstance(rules, Path) else rules
    return sign(base, file, name, on, remark)


def changed(root: Path) -> list[str]:
    base = load(root)
    return [id for id in base.files if review_of(base, id) == "changed"]


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nobody_has_signed_the_rules_of_the_checkout_and_nothing_says_so(base):
    assert base.reviews.reviews == ()
    assert base.screened_with["reviewed"] == 0
    assert {review_of(base, id) for id in base.files} == {"none"}


def test_a_signature_is_written_below_what_stands_there_and_is_read_again(rules, typed):
    at = ("--rules", rules)
    words = ("--by", NAME, "--date", "2026-11-02", "--remark", 'agreed: "S3"')
    done = typed("rules", "sign", FILE, *words, *at)
    assert done.returncode == 0, done.stderr
    assert f"{FILE}: read by {NAME} on 2026-11-02." in done.stdout
    made = typed("rules", "sign", "red_flags/dvt.yaml", "--by", "B. Ng", "--format", "json", *at)
    assert json.loads(made.stdout)["file"] == "red_flags/dvt.yaml", made.stderr
    written = (rules / "reviews.yaml").read_text(encoding="utf-8")
    assert written.startswith("# Who has read what.\nreviews:\n")
    first, second = read_yaml(written, "reviews.yaml").data["reviews"]
    assert (first["file"], first["name"], first["date"]) == (FILE, NAME, "2026-11-02")
    assert first["remark"] == 'agreed: "S3"'
    assert (second["name"], "remark" in second) == ("B. Ng", False)
    now = load(rules)
    assert now.standing.sealed, "a signature changes no rule"
    assert now.screened_with["reviewed"] == 2
    assert review_of(now, "ankle.joint_limit") == "signed"


@pytest.mark.parametrize("how", ["ankle.joint_limit", FILE, "its whole path"])
def test_a_file_is_named_by_its_id_or_its_path(unsigned, how):
    assert (
        signed(unsigned, str(unsigned.root / FILE) if how == "its whole path" else how).file == FILE
    )


def test_list_show_and_every_report_count_what_is_signed(unsigned, typed):
    signed(unsigned)
    now = load(unsigned.root)
    count = f"1 of {len(now.files)} files reviewed"
    listed = typed("rules", "list", "--rules", unsigned.root).stdout
    assert count in listed
    row = next(line for line in listed.splitlines() if "ANK-020" in line)
    assert row.endswith("(reviewed)")
    assert listed.count("(reviewed)") == 1
    page = typed("rules", "show", "ANK-020", "--rules", unsigned.root).stdout
    assert f"{NAME}, {DAY}" in page
    record = screening(infer(load_case(str(CASE), now.vocabulary), now))
    assert record["screened_with"]["reviewed"] == 1
    assert shown("ANK-020", now)["review"] == "signed"


def test_a_changed_file_counts_as_changed_until_it_is_signed_again(rules, typed):
    signed(rules)
    signed(rules, "ankle/restricted.yaml")
    replace_in(rules / FILE, "stopped in front or hard", "stopped at the front or hard")
    assert changed(rules) == ["ankle.joint_limit"]
    assert load(rules).screened_with["reviewed"] == 1
    listed = typed("rules", "list", "--rules", rules).stdout
    assert "(changed since it was reviewed)" in " ".join(listed.split())
    signed(rules, name="B. Ng")
    assert changed(rules) == []
    assert load(rules).screened_with["reviewed"] == 2


def all_signed(root: Path) -> None:
    base = load(root)
    made = [
        Signature(file=path_of(base, id), digest=covered(base, id), name=NAME, date=str(DAY))
        for id in base.files
    ]
    written = json.dumps({"reviews": [each.model_dump() for each in made]})
    (root / "reviews.yaml").write_text(written, encoding="utf-8")


@pytest.mark.whole
def test_a_changed_threshold_marks_all_that_read_it_and_nothing_else(rules):
    all_signed(rules)
    assert load(rules).screened_with["reviewed"] == len(load(rules).files)
    path = rules / "thresholds.yaml"
    before, name, after = path.read_text(encoding="utf-8").partition("knee_to_wall_restricted:\n")
    path.write_text(f"{before}# read anew\n{name}{after}", encoding="utf-8")
    assert changed(rules) == [], "a remark is no number"
    value = next(line for line in after.splitlines() if line.strip().startswith("value:"))
    moved = after.replace(value, f"{value.partition(':')[0]}: 8.4", 1)
    path.write_text(before + name + moved, encoding="utf-8")
    found, now = set(changed(rules)), load(rules)
    # What names the number, and what names a derived finding that rests on it.
    assert {"ankle.bent_band", "ankle.joint_limit", "ankle.restricted", "verdict"} <= found
    assert not found & {"flag.dvt", "chain.below_knee", "ankle.straight_reading"}
    for id in now.files:
        if "knee_to_wall_restricted" in str({**now.documents[id].data, "examples": ()}):
            assert id in found
    assert now.screened_with["reviewed"] == len(now.files) - len(found)


def test_a_changed_source_marks_the_files_that_cite_it(rules):
    signed(rules)
    signed(rules, "flag.dvt")
    text = (rules / "references.yaml").read_text(encoding="utf-8")
    entry = text[text.index("\nliu_1997:") :]
    year = next(line for line in entry.splitlines() if line.strip().startswith("year:"))
    (rules / "references.yaml").write_text(
        text.replace(entry, entry.replace(year, year[: year.index("year:")] + "year: 1998", 1)),
        encoding="utf-8",
    )
    assert changed(rules) == ["ankle.joint_limit"]


@pytest.mark.parametrize(
    "name",
    ["", "   ", "---", "1234", "A\u202eWeber", "A\u200bWeber", "A\nWeber", "A\x1b[31mWeber",
     "A\u2028Weber", "\u200e", "A" * 201],
)  # fmt: skip
def test_a_name_that_cannot_be_seen_signs_nothing(unsigned, name):
    before = (unsigned.root / "reviews.yaml").read_bytes()
    with pytest.raises(UsageError, match="cannot be signed so"):
        signed(unsigned, name=name)
    assert (unsigned.root / "reviews.yaml").read_bytes() == before


def test_a_remark_that_cannot_be_seen_is_refused_as_well(unsigned):
    with pytest.raises(UsageError, match="can be seen"):
        signed(unsigned, remark="good\u202e")


def test_a_day_that_has_not_come_or_is_none_is_refused(unsigned, typed):
    signed(unsigned, on=date.today())
    with pytest.raises(UsageError, match="has not come yet"):
        signed(unsigned, on=date.today() + timedelta(days=1))
    done = typed("rules", "sign", FILE, "--by", NAME, "--date", "1.2.26", "--rules", unsigned.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "this is no day" in done.stderr
    assert "1.2.26" not in done.stderr
    assert load(unsigned.root).screened_with["reviewed"] == 1


def test_what_is_no_file_of_rules_is_refused_with_the_nearest(unsigned):
    with pytest.raises(UsageError, match=r"ankle/joint_limit\.yaml"):
        signed(unsigned, "ankle/joint_limits.yaml")
    with pytest.raises(UsageError, match="no file of rules"):
        signed(unsigned, "thresholds.yaml")


def test_everybody_may_read_who_has_signed(unsigned):
    before = os.umask(0o022)
    try:
        signed(unsigned)
    finally:
        os.umask(before)
    assert stat.S_IMODE((unsigned.root / "reviews.yaml").stat().st_mode) == 0o644
    assert [path.name for path in unsigned.root.glob(".reviews*")] == [], "no draft is left behind"


def test_a_signature_of_a_file_that_is_gone_is_a_problem_of_check(unsigned):
    signed(unsigned)
    replace_in(unsigned.root / "reviews.yaml", FILE, "ankle/gone.yaml")
    said = [str(problem) for problem in check(load(unsigned.root))]
    assert any('"ankle/gone.yaml" is signed, and there is no such file' in each for each in said)


def test_a_rule_file_never_says_of_itself_that_it_is_reviewed(rules):
    replace_in(rules / FILE, "kind: conclusion\n", "kind: conclusion\nstatus: reviewed\n")
    with pytest.raises(RuleBaseError, match="screening rules sign"):
        load(rules)


def test_a_report_says_how_many_files_are_reviewed(unsigned):
    signed(unsigned)
    now = load(unsigned.root)
    inferred = infer(load_case(str(CASE), now.vocabulary), now)
    said = full_text(screening(inferred), now, Proof(inferred)).plain
    assert f"1 of {len(now.files)} files reviewed" in " ".join(said.split())
