"""The locks hold all that is asked for, with digests; the page names all that the locks hold."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from scripts.dependencies import PAGE, ROOT, locked, named, normal, renewed

LOCKS = (
    "constraints.txt",
    "constraints-screen.txt",
    "constraints-serve.txt",
    "constraints-build.txt",
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def lock(name):
    return (ROOT / name).read_text()


def asked_for():
    """Every requirement of the program, its extras, and what builds it; itself left out."""
    project = PROJECT["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    lists.append(PROJECT["dependency-groups"]["build"])
    lists.append(PROJECT["build-system"]["requires"])
    found = [Requirement(text) for each in lists for text in each]
    return [each for each in found if normal(each.name) != project["name"]]


@pytest.mark.parametrize("wanted", asked_for(), ids=str)
def test_what_is_asked_for_is_locked_and_has_a_row(wanted):
    version = locked(lock("constraints.txt"))[normal(wanted.name)]
    assert version in wanted.specifier
    (row,) = re.findall(rf"^\| {re.escape(wanted.name)} \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    said = [cell.strip() for cell in row.split("|")]
    assert said[0] == version
    assert len(said) == 4
    assert all(said), "version, licence, what it is for, known anomalies"


def test_the_page_has_the_versions_of_the_lock_and_nothing_else():
    assert named(PAGE.read_text()) == locked(lock("constraints.txt"))


def test_the_versions_of_the_page_are_written_from_the_lock():
    page = "| numpy | 1.0 | BSD | columns | none |\n| other | 2.0 | MIT |\n"
    assert renewed(page, {"numpy": "9.9"}) == page.replace("1.0", "9.9")


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_has_digests_and_no_address(name):
    text = lock(name)
    blocks = re.findall(r"^\S+==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(locked(text)) > 0
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


@pytest.mark.parametrize("part", LOCKS[1:])
def test_the_parts_of_the_lock_are_parts_of_it(part):
    assert locked(lock(part)).items() <= locked(lock("constraints.txt")).items()


def test_the_part_for_screening_holds_what_the_program_needs_and_no_tool():
    held = locked(lock("constraints-screen.txt")).keys()
    needed = {normal(Requirement(each).name) for each in PROJECT["project"]["dependencies"]}
    assert needed <= held
    assert not held & {"pytest", "pyspark", "z3-solver", "mypy", "starlette"}
