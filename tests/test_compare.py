"""What a revision changes: what is claimed is shown, and nothing that changes is missed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from subprocess import CompletedProcess

import numpy as np
import polars as pl
import pytest

from screening.assurance.compare.compare_text import compare_text
from screening.assurance.compare.comparison import Comparison, compare
from screening.assurance.compare.many import Many
from screening.assurance.compare.outcomes import milder
from screening.batch.inputs.cells import of_case
from screening.rulebase.base import RuleBase
from tests.conftest import CASES, ROOT
from tests.edits import edited
from tests.generate import Cases
from tests.generate_rules import Files, loaded, rule_base

Command = Callable[..., "CompletedProcess[str]"]


def changes(compared: Comparison) -> set[tuple[str, str, str]]:
    """Give every change that is claimed to be possible."""
    return {(f.decision, f.before or "", f.after or "") for f in compared.changes}


def shown_by_cases(old: RuleBase, new: RuleBase, count: int) -> set[tuple[str, str, str]]:
    """Give every change that random cases show when both rule bases screen them."""
    made = Cases(old)
    rows = [of_case(made.case(seed), old.vocabulary) for seed in range(count)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(old.vocabulary.all_paths, pl.String))
    sides = [Many(base) for base in (old, new)]
    (before, _), (after, _) = (side.decide(frame) for side in sides)
    found = set()
    for name in before.keys() & after.keys():
        words = sides[0].words[name], sides[1].words[name]
        for a, b in np.unique(np.stack([before[name], after[name]]), axis=1).T:
            if words[0][a] != words[1][b]:
                found.add((name, words[0][a], words[1][b]))
    return found


def edits(seed: int, folder: Path) -> tuple[RuleBase, RuleBase]:
    """Give a small random rule base, and the same with one random edit."""
    files = rule_base(seed)
    changed: Files = edited(files, Random(seed))
    return loaded(files, folder / f"{seed}a"), loaded(changed, folder / f"{seed}b")


def hold(seed: int, folder: Path, cases: int) -> int:
    """Check one random edit; give how many changes were claimed."""
    old, new = edits(seed, folder)
    compared = compare(old, new, cores=1)
    assert not compared.unsettled, (seed, compared.unsettled)
    missed = shown_by_cases(old, new, cases) - changes(compared)
    assert not missed, (seed, missed)
    for found in compared.changes:
        assert found.says is not None
        assert found.says[0][found.decision] == found.before, seed
        assert found.says[1][found.decision] == found.after, seed
    return len(compared.changes)


def test_a_rule_base_against_itself(base: RuleBase) -> None:
    compared = compare(base, base, cores=1)
    assert compared.same
    assert not any(part for row in compared.words.values() for part in row.values())
    assert len(compared.found) > 100
    text = compare_text(compared).text.plain
    assert "(either leg)" in text
    assert "(left leg)" not in text


def test_every_change_is_found_and_shown(
    tmp_path: Path, some: Callable[..., list[int]], in_whole: bool
) -> None:
    cases = 2_000 if in_whole else 500
    assert sum(hold(seed, tmp_path, cases) for seed in some(range(11, -1, -1), 2)) > 20


@pytest.mark.slow
def test_every_change_of_two_hundred_edits_is_found_and_shown(tmp_path: Path) -> None:
    assert sum(hold(seed, tmp_path, 20_000) for seed in range(200)) > 400


@pytest.mark.parametrize(
    ("kind", "before", "after", "is_milder"),
    [
        ("tier", "urgent", "referral", True),
        ("tier", "none", "referral", False),
        ("within", "same_day", "routine", True),
        ("within", "routine", "no_time", True),
        ("within", "no_time", "now", False),
        ("flag", "present", "not_excluded", True),
        ("flag", "not_excluded", "absent", True),
        ("flag", "absent", "present", False),
        ("advice", "withheld", "advised", True),
        ("advice", "blocked", "not_listed", False),
        ("advice", "advised", "blocked", False),
        ("verdict", "suspended", "cannot_be_judged: not_recorded", True),
        ("verdict", "likely", "suspended", False),
        ("ladder", "calf", "joint", False),
    ],
)
def test_milder(kind: str, before: str, after: str, is_milder: bool) -> None:
    assert milder(kind, before, after) is is_milder  # type: ignore[arg-type]


def revised(folder: Path, name: str, old: str, new: str) -> Path:
    """Copy the rules with one text of one file replaced."""
    copy = folder / "rules"
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        to = copy / path.relative_to(ROOT / "rules")
        to.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if path.relative_to(ROOT / "rules").as_posix() == name:
            assert text.count(old) == 1
            text = text.replace(old, new)
        to.write_text(text, encoding="utf-8")
    return copy


MILDER = 19
"""The seed of an edit by which something gets milder."""

FLAG = "red_flags/statin_pain.yaml"


@pytest.fixture
def alone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, in_whole: bool
) -> Command:
    """Run a command in one process by default, in a whole run in as many as there are cores."""
    if not in_whole:
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
    found: Command = request.getfixturevalue("command" if in_whole else "typed")
    return found


def test_the_command_says_what_changes(tmp_path: Path, alone: Command) -> None:
    flag = (ROOT / "rules" / FLAG).read_text(encoding="utf-8")
    premise = next(line for line in flag.splitlines() if "when:" in line)
    lame = premise.replace("]", ", red_flags.chest is present]")
    other = revised(tmp_path, FLAG, premise, lame)
    bases = (str(ROOT / "rules"), str(other))
    on = ("--on", str(CASES / "base_case.yaml"))
    done = alone("rules", "compare", *bases, *on, "--never-milder", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert not found["same"]
    rows = [row for row in found["decisions"] if row["decision"] == "flag.statin_pain"]
    assert {(row["from"], row["to"]) for row in rows} >= {("present", "not_excluded")}
    assert all(row["milder"] and row["witness"] and row["rules"] for row in rows)
    assert found["rules"]["changed"][0]["keys"][0]["key"] == "when"
    assert found["old"]["digest"] != found["new"]["digest"]
    mild = [row["milder"] for row in found["decisions"] if row["can_change"] is True]
    assert mild == sorted(mild, reverse=True)
    assert (found["transitions"], found["cases"]["screened"]) == ({}, 1)


def test_text_and_page_say_the_same(tmp_path: Path, command: Command) -> None:
    old, new = edits(MILDER, tmp_path)
    page = command("rules", "compare", str(old.root), str(new.root), "--format", "html")
    assert page.returncode == 0, page.stderr
    text = compare_text(compare(old, new, cores=1)).text.plain
    assert "MILDER (look at each of these)" in text
    assert "<!doctype html>" in page.stdout
    headline = re.search(r"Of \d+ decisions .*? of them milder", " ".join(text.split()))
    assert headline
    assert headline[0] in page.stdout
    assert page.stdout.count("No reason is given for this.") > 0


def test_a_folder_that_is_no_rule_base(tmp_path: Path, typed: Command) -> None:
    done = typed("rules", "compare", "installed", str(tmp_path))
    assert done.returncode == 2
    assert not done.stdout
    assert "this is no rule base" in done.stderr
