"""What must be touched to add something: it is added to a copy of the project, which then screens.

A comparison: its row in the table of comparisons, the engine's own name for it, and the words in
which it is said. A derived kind: its class, its row in the table of kinds, its page. A finding: the
rule base alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from screening.algebra import COMPARISONS, NumberComparison
from screening.rulebase.base import load
from tests.extended import answers

ROOT = Path(__file__).parents[1]

CASE = {
    "age_years": 38,
    "left.hip.pain": "present",
    "right.hip.pain": "present",
    "left.ankle.lunge_bent_cm": 6.5,
    "right.ankle.lunge_bent_cm": 10.5,
}

Change = tuple[str, str, str]
"""A file, what stands in it, and what stands there afterwards."""


def extended(copy, parts, changes):
    """Copy parts of the project with changes; give the files they touch.

    Where nothing stood before, a file is new.
    """
    for part in parts:
        shutil.copytree(ROOT / part, copy / part)
    for name, old, new in changes:
        path = copy / name
        text = path.read_text(encoding="utf-8") if old else ""
        assert old in text, f"{old} in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return {name for name, _, _ in changes}


def screened(copy, changes, case):
    """Give what a copy of the project with changes says of a case, and the files they touch."""
    touched = extended(copy, ("screening", "rules"), changes)
    done = subprocess.run(
        [sys.executable, "-m", "tests.extended", json.dumps(case)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), touched


@pytest.fixture(scope="module")
def as_it_is(base):
    found = json.loads(json.dumps(answers(CASE, base)))
    assert found["conclusions"]["left.ankle.restricted"] is True
    assert found["agree"]
    return found


def test_a_comparison_touches_the_table_the_engines_name_and_the_words(tmp_path, as_it_is):
    changes = [
        ("screening/algebra.py", '"above"]\n', '"above", "under"]\n'),
        (
            "screening/algebra.py",
            '    "at_most": Compared',
            '    "under": Compared(operator.lt, False, "at_least", "<"),\n    "at_most": Compared',
        ),
        ("screening/inference/conditions.py", '{"below": "$lt"', '{"under": "$lt", "below": "$lt"'),
        (
            "screening/record/wording.py",
            '    "at_most": (',
            '    "under": ("under {}", "under {}"),\n    "at_most": (',
        ),
    ]
    rule = "age_years {} age_elderly"
    use = ("rules/ankle/restricted.yaml", rule.format("below"), rule.format("under"))
    found, touched = screened(tmp_path, [*changes, use], CASE)
    assert touched - {use[0]} == {
        "screening/algebra.py",
        "screening/record/wording.py",
        "screening/inference/conditions.py",
    }
    assert any("under 60" in each for each in found.pop("premises")[0])
    assert found == {key: part for key, part in as_it_is.items() if key != "premises"}


TALLY = '''
"""Tallies: how many of some lines hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal
from dataclasses import dataclass

from screening.algebra import B, Number
from screening.rulebase.form import Form, Line
from screening.rulebase.kinds.kind import Derived, Looks, Sets
from screening.rulebase.kinds.kind_file import DerivedFile

if TYPE_CHECKING:
    from screening.rulebase.grounding.given import Sources


class TallyFile(DerivedFile):
    """How many of some premises hold."""

    kind: Literal["tally"]
    counted: tuple[str, ...]

    @property
    def measured_in(self) -> str:
        return "points"

    def ground(self, sources: Sources, side: str | None, name: str) -> Tally:
        lines = tuple(
            sources.line((text,), side, self, ("counted", i)) for i, text in enumerate(self.counted)
        )
        return Tally(name=name, counted=lines)


@dataclass(frozen=True, kw_only=True)
class Tally(Derived):
    """How many of some lines hold."""

    counted: tuple[Line, ...]
    spans: ClassVar[bool] = True

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.counted

    @property
    def awaited(self) -> tuple[Line, ...]:
        return self.counted

    def value(self, looks: Looks[B]) -> Number[B]:
        faces = [looks.line(line) for line in self.counted]
        total = looks.algebra.total
        return Number(
            looks.algebra.true, total([(100, f.must) for f in faces]),
            total([(100, f.may) for f in faces]),
        )

    def forward(self, sets: Sets) -> tuple[int, int]:
        return (
            100 * sum(sets.sure([line]) for line in self.counted),
            100 * sum(sets.possible([line]) for line in self.counted),
        )

    def limits(self, form: Form) -> tuple[int, int]:
        return 0, 100 * len(self.counted)
'''

TALLY_PAGE = '''def tally(part: TallyFile, id: str, page: Page, words: RuleWords) -> None:
    """Write what is counted."""
    head(part, page, words)
    page.items(words.premise(text) for text in part.counted)
    about(part, page, words)


DERIVED_PAGES'''

TALLY_RULE = """id: tally
kind: tally
of: leg
title: Readings that count
counted:
  - ankle.lunge_bent_cm below knee_to_wall_restricted
  - ankle.lunge_bent_deg below bent_deg_restricted
  - other.ankle.lunge_bent_cm below knee_to_wall_restricted
certainty: project_choice
references: [project_choice]
"""


def test_a_derived_kind_touches_its_class_the_table_of_kinds_and_its_words(tmp_path, as_it_is):
    kinds, pages = "screening/rulebase/kinds/__init__.py", "screening/read_aloud/derived_pages.py"
    file = "from screening.rulebase.kinds.score import ScoreFile\n"
    imported = f"{file}from screening.rulebase.kinds.tally import TallyFile\n"
    begun = "screening/rulebase/skeletons/tally.yaml"
    rules, ruled = "rules/ankle/restricted.yaml", "rules/derived/tally.yaml"
    rule = """rules:
  - id: ANK-991
    title: One reading at least counts
    when: [tally at_least altman_met]
    because: "{tally}."
"""
    changes = [
        ("screening/rulebase/kinds/tally.py", "", TALLY),
        (kinds, file, imported),
        (kinds, '    "score": ScoreFile,\n', '    "score": ScoreFile,\n    "tally": TallyFile,\n'),
        (pages, file, imported),
        (pages, "DERIVED_PAGES", TALLY_PAGE),
        (pages, "    ScoreFile: score,\n", "    ScoreFile: score,\n    TallyFile: tally,\n"),
        (begun, "", TALLY_RULE.replace("id: tally", "id: $id")),
        (ruled, "", TALLY_RULE),
        (rules, "rules:\n", rule),
    ]
    found, touched = screened(tmp_path, changes, CASE)
    assert touched - {rules, ruled} == {"screening/rulebase/kinds/tally.py", kinds, pages, begun}
    assert found["agree"]
    assert "ANK-991" in found["trace"]
    assert (found["scores"][0]["low"], found["scores"][0]["high"]) == (1, 2)
    assert found["scores"][0]["missing"] == ["left.ankle.lunge_bent_deg"]
    assert found["can_be"] == "sat"
    assert [line.split(":")[0] for line in found["cql"]] == [
        'define "left.tally low"',
        'define "left.tally high"',
    ]
    assert "knee to wall" in found["page"].lower()
    assert found["skeleton"].startswith("id: readings_that_count")
    assert found["many"] == as_it_is["many"]
    assert found["verdicts"] == as_it_is["verdicts"]
    assert "ANK-991" in found["concluded"]


def test_a_finding_touches_the_rule_base_alone(tmp_path):
    vocabulary, rules = "rules/vocabulary/40_ankle.yaml", "rules/ankle/restricted.yaml"
    finding = """ankle.knock_test:
  title: Knock test
  question: Is the knock test positive?
  of: leg
  type: yes_no
  minutes: 1
  references: [project_choice]

ankle.lunge_bent_cm:"""
    rule = """rules:
  - id: ANK-990
    title: The knock test is positive
    when: [ankle.knock_test is present]
    because: "{ankle.knock_test}."
"""
    changes = [(vocabulary, "ankle.lunge_bent_cm:", finding), (rules, "rules:\n", rule)]
    case = {**CASE, "left.ankle.lunge_bent_cm": 12, "left.ankle.knock_test": "present"}
    touched = extended(tmp_path, ("rules",), changes)
    assert all(name.startswith("rules/") for name in touched)
    found = answers(case, load(tmp_path / "rules"))
    assert "ANK-990" in found["trace"]
    assert found["conclusions"]["left.ankle.restricted"] is True
    assert found["agree"]


@pytest.mark.parametrize("word", get_args(NumberComparison))
def test_a_comparison_is_what_its_row_says(word):
    compared, numbers = COMPARISONS[word], range(-3, 4)
    for number in numbers:
        holds = compared.holds(number, 0)
        assert holds != COMPARISONS[compared.opposite].holds(number, 0)
        assert holds == ((number >= compared.edge(0)) == compared.upwards)
        assert (
            holds
            == {"<": number < 0, "<=": number <= 0, ">=": number >= 0, ">": number > 0}[
                compared.sign
            ]
        )


def test_every_comparison_that_a_rule_can_name_has_its_row():
    assert tuple(COMPARISONS) == get_args(NumberComparison)
