"""The documents say what is so: the session, the intended use, and every key of a rule file."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel

from screening import __version__
from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import Entry
from screening.rulebase import shapes as files
from scripts.readme_session import README, session
from tests.conftest import ROOT

RULES_README = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
SHAPES = [
    shape
    for shape in (Entry, Threshold, *vars(files).values())
    if isinstance(shape, type) and issubclass(shape, BaseModel)
]
KEYS = sorted({field.alias or key for shape in SHAPES for key, field in shape.model_fields.items()})


@pytest.mark.whole
def test_the_session_of_the_readme_is_what_is_printed_now():
    assert session() == README.read_text(encoding="utf-8"), "run scripts/readme_session.py"


def test_the_readme_shows_a_case_and_its_screening():
    said = README.read_text(encoding="utf-8")
    assert re.search(r"<!-- case -->\n```yaml\n.+\n```\n<!-- /case -->", said, re.DOTALL)
    assert re.search(r"<!-- session -->.*movement pattern.*<!-- /session -->", said, re.DOTALL)


@pytest.mark.parametrize(
    "section", ["You have a patient", "You have a table", "You review the rules", "Intended use"]
)
def test_the_readme_has_the_section(section):
    assert f"\n## {section}\n" in README.read_text(encoding="utf-8")


def test_the_readme_is_read_in_one_sitting():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("command", ["make screen", "make test"])
def test_the_readme_names_the_command_that_sets_everything_up(command):
    assert f"\n{command} " in README.read_text(encoding="utf-8")


def test_the_intended_use_in_the_readme_is_that_of_every_report(base):
    said = " ".join(README.read_text(encoding="utf-8").replace("\n> ", " ").split())
    assert " ".join(base.evidence.statements["intended_use"].split()) in said


def test_the_rule_explained_line_by_line_is_the_one_of_the_rule_base():
    found = re.search(r"`rules/(\S+\.yaml)`[^`]*\n```yaml\n(.*?)```", RULES_README, re.DOTALL)
    name, shown = found.groups()
    assert shown == (ROOT / "rules" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_the_rule_files_is_explained(key):
    assert f"`{key}`" in RULES_README


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "rules/README.md"])
def test_every_link_leads_somewhere(name):
    document = ROOT / name
    for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / link).exists(), link


def test_the_versions_are_those_of_the_changes_and_of_the_citation(base):
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    program, rules = changes.split("\n## Rule base\n")
    for said, version in ((program, __version__), (rules, base.version)):
        assert re.search(r"\n### (\S+) \(", said)[1] == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
