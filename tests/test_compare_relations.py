"""Questions that were renamed, split or widened: the proof takes exactly what is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.assurance.compare.comparison import compare, examine
from screening.assurance.compare.transitions import Found
from screening.rulebase.base import RuleBase, load
from tests.revisions import copied, entry, replacing

OLD = "red_flags.oestrogen"


DECIDED = ("tier", "flag.dvt", "flag.quinolone")


def revised(base: RuleBase, root: Path, *names: str) -> tuple[Found, ...]:
    """Examine decisions of the rules and of a copy."""
    found = examine(base, load(root), names, cores=1)
    assert {each.status for each in found} <= {"cannot_change", "changes"}
    return found


def changes(base: RuleBase, root: Path, *names: str) -> list[Found]:
    """Give the changes of decisions."""
    return [found for found in revised(base, root, *names) if found.status == "changes"]


def test_a_pure_renaming_changes_nothing(base: RuleBase, tmp_path: Path) -> None:
    root = copied(tmp_path / "rules", {OLD: "red_flags.hormones", "oestrogen:": "hormones:"})
    replacing(root, "red_flags.hormones", same=OLD)
    assert compare(base, load(root), cores=1).same


def test_an_undeclared_renaming_changes_much(
    base: RuleBase, tmp_path: Path, in_whole: bool
) -> None:
    root = copied(tmp_path / "rules", {OLD: "red_flags.hormones", "oestrogen:": "hormones:"})
    names = {"flag.dvt", *(["tier"] if in_whole else [])}
    assert {found.decision for found in changes(base, root, *names)} == names


def test_a_question_that_got_wider_only_gets_stricter(base: RuleBase, tmp_path: Path) -> None:
    root = copied(tmp_path / "rules")
    replacing(root, "red_flags.leg_signs", wider="red_flags.leg_signs")
    compared = changes(base, root, "flag.dvt")
    found = next(each for each in compared if each.after == "present")
    assert found.witness is not None
    old, new = found.witness
    assert old.get("red_flags", {}).get("leg_signs") != new["red_flags"]["leg_signs"]
    assert new["red_flags"]["leg_signs"] != "absent"
    # Present stays present: the flag itself can never become milder.
    assert not [each for each in compared if each.before == "present"]


def test_a_split_question_answers_as_its_parts(base: RuleBase, tmp_path: Path) -> None:
    root = copied(tmp_path / "rules")
    for file in (root / "vocabulary").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        start = text.find(f"\n{OLD}:\n")
        if start >= 0:
            end = text.index("\n\n", start + 1)
            for part in ("pill", "patch"):
                entry(root, OLD, f"red_flags.{part}", "split", OLD)
            file.write_text(text[:start] + text[end:], encoding="utf-8")
    assert {found.status for found in revised(base, root, *DECIDED)} == {"cannot_change"}


@pytest.mark.parametrize("kind", ["narrower", "wider"])
def test_a_new_name_for_another_question(base: RuleBase, tmp_path: Path, kind: str) -> None:
    new = "tissue.quinolone"
    old = next(p for p in base.vocabulary.entries if p.startswith("tissue.quinolone"))
    renamed = f"{new}_asked_anew"
    root = copied(
        tmp_path / "rules",
        {old: renamed, f"{old.partition('.')[2]}:": f"{renamed.partition('.')[2]}:"},
    )
    replacing(root, renamed, **{kind: old})
    # Narrower: an old present may be absent now. Wider: an old present is present now.
    before = {each.before for each in changes(base, root, "flag.quinolone") if each.milder}
    assert ("present" in before) == (kind == "narrower")
