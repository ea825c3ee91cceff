"""What a vocabulary says of older questions: read strictly, and nothing that contradicts itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from screening.errors import RuleBaseError
from screening.intake.replaces import Relation, version
from screening.rulebase.base import load
from tests.conftest import ROOT

ENTRY = """
{name}:
  title: {name}
  of: person
  type: {type}
  minutes: 0
  replaces: {{since: '2.0', {replaces}}}
"""


def with_entries(folder: Path, *entries: tuple[str, str, str]) -> Path:
    """Copy the rules and add findings that replace others."""
    copy = folder / "rules"
    shutil.copytree(ROOT / "rules", copy)
    text = "".join(ENTRY.format(name=n, type=t, replaces=r) for n, t, r in entries)
    (copy / "vocabulary" / "99_new.yaml").write_text(text, encoding="utf-8")
    return copy


def test_relations_are_read(tmp_path: Path) -> None:
    root = with_entries(
        tmp_path,
        ("load.began", "yes_no", "split: [load.new_or_worse]"),
        ("load.worse", "yes_no", "split: [load.new_or_worse]"),
        ("load.word", "text", "same: [load.old_word]"),
    )
    vocabulary = load(root).vocabulary
    assert Relation("split", "load.new_or_worse", "load.began", "2.0") in vocabulary.relations
    assert vocabulary.retired["load.new_or_worse"] == ("load.began", "load.worse")
    assert vocabulary.retired["load.old_word"] == ("load.word",)


@pytest.mark.parametrize(
    ("type", "replaces", "what"),
    [
        ("yes_no", "same: [age_years]", '"age_years" is still asked'),
        ("yes_no", "split: [load.old]", "is split into one"),
        ("text", "wider: [load.old]", "only yes/no findings and gates"),
        ("yes_no", "same: [load.new]", "a finding that keeps its name"),
        ("yes_no", "same: [load.old], wider: [load.old]", "in different ways: same, wider"),
        ("yes_no", "renamed: [load.old]", "is not a key that is read here"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, type: str, replaces: str, what: str) -> None:
    root = with_entries(tmp_path, ("load.new", type, replaces))
    with pytest.raises(RuleBaseError) as error:
        load(root)
    assert what in str(error.value)
    assert "99_new.yaml:" in str(error.value)


def test_a_version_counts_to_its_minor_number() -> None:
    assert version("2.0.1") == version("2.0") == version("2") == (2, 0)
    assert version("1.10") > version("1.9")
    for text in ("", "two", "2.x", "-1.0"):
        with pytest.raises(ValueError, match="a version of the rule base"):
            version(text)
