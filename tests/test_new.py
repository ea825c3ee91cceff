"""A new rule file: nothing is wrong with it but what only its author knows."""

import re
import shutil
from pathlib import Path

import pytest

from screening.assurance.check import check
from screening.errors import UsageError
from screening.rulebase.base import RuleBase, read
from screening.rulebase.shapes import KINDS
from screening.rulebase.skeleton import SKELETON_KINDS, TODO, skeleton
from tests.conftest import ROOT

WRITTEN = {"ladder", "verdict", "evidence"}
"""Kinds that a rule base has once, and that are not begun anew."""

NAMES = {"conclusion": "ankle.quite_new", "measure": "ankle.quite_new", "band": "ankle.quite_new"}

FILLED = {
    "TODO is present": "gait.abductory_twist is present",
    "{TODO: present}": "{gait: {abductory_twist: present}, hip: {pain: present}}",
    "{TODO: absent}": "{gait: {abductory_twist: absent}, hip: {pain: present}}",
    "{path of a finding}": "{gait.abductory_twist}",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


def test_every_kind_that_is_written_more_than_once_has_a_skeleton():
    assert {*SKELETON_KINDS} == {*KINDS} - WRITTEN


@pytest.mark.parametrize("kind", SKELETON_KINDS)
def test_only_what_is_marked_is_wrong(kind: str, copy: Path, base: RuleBase):
    path, text = skeleton(base, kind, NAMES.get(kind, "quite_new"))
    (copy / path).write_text(text)
    found, problems = read(copy)
    problems += check(found) if not problems else []
    lines = text.splitlines()
    assert problems
    for problem in problems:
        place, _, line = problem.where.rpartition(":")
        assert Path(place).name == path.name, problem
        assert TODO in lines[int(line) - 1], problem


def test_filled_in_it_is_whole(copy: Path, base: RuleBase):
    path, text = skeleton(base, "sign", "quite_new")
    for words, meant in FILLED.items():
        text = text.replace(words, meant)
    (copy / path).write_text(re.sub(r" *# TODO.*|TODO ", "", text))
    found, problems = read(copy)
    assert not problems
    assert not check(found)


def test_what_is_left_to_be_written_is_named_wherever_it_stands(copy: Path, base: RuleBase):
    """Inside a rule as well, where the file reads as if it were whole."""
    path, text = skeleton(base, "sign", "quite_new")
    for words, meant in FILLED.items():
        text = text.replace(words, meant)
    (copy / path).write_text(text)
    found, problems = read(copy)
    assert not problems
    lines = [i for i, line in enumerate(text.splitlines(), 1) if TODO in line.partition(" # ")[0]]
    named = {int(problem.where.rpartition(":")[2]) for problem in check(found)}
    # A folded text stands at the line of its key.
    assert {line for line in lines if ": " in text.splitlines()[line - 1]} <= named
    assert len(named) == len(lines)


def test_the_command_writes_it_and_the_check_names_what_is_to_be_written(copy, command):
    done = command("rules", "new", "flag", "quite_new", "--rules", copy)
    assert done.returncode == 0, done.stderr
    assert (copy / "red_flags" / "quite_new.yaml").is_file()
    again = command("rules", "new", "flag", "quite_new", "--rules", copy)
    assert again.returncode == 2
    assert "already" in again.stderr


@pytest.mark.parametrize("name", ["Two words", "dvt", "../x", "", "nothing.known"])
def test_a_name_that_cannot_be_is_refused(name: str, base: RuleBase):
    with pytest.raises(UsageError):
        skeleton(base, "flag", name)
