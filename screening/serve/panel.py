"""The panel beside the form: alarm, triage, verdicts, reasons, first steps; short, and quick."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment

from screening.intake.vocabulary import SIDES
from screening.record.because import Because
from screening.record.proof import Proof
from screening.record.wording import Wording, with_leg
from screening.report.contents import Contents
from screening.report.html_page import environment, page_body, triage_word, typed_mark
from screening.report.note import notes
from screening.report.on_a_page import LegText, leg_texts, plan_of
from screening.rulebase.levels import TIERS
from screening.serve.look import Look

if TYPE_CHECKING:
    from screening.questions.answer_model import NextRow

TEMPLATES = Path(__file__).parent / "templates"
_REASONS = 3


@dataclass(frozen=True)
class PanelReason:
    """One line of why, and the conclusions whose proof opens under it."""

    text: str
    proof: str


@dataclass(frozen=True)
class PanelLeg:
    """What is said of one painful leg, or of both where it is the same."""

    text: LegText
    verdict: str
    word: str
    rest: str
    because: list[PanelReason]


def templates() -> Environment:
    """Give the templates of the workbench, and those of a screening beside them."""
    found = environment(TEMPLATES)
    found.globals.setdefault("unfolded", "")
    return found


def panel(found: Look) -> str:
    """Give the panel."""
    record, base = found.record, found.inferred.base
    contents = Contents(record, base, typed_mark)
    return (
        templates()
        .get_template("panel.html.j2")
        .render(
            contents=contents,
            triage=contents.triage,
            triage_word=triage_word(record["triage"]),
            emergency=record["triage"]["tier"] == TIERS[0],
            legs=legs_of(found),
            plan=plan_of(record, base),
            notes=notes(record, found.inferred.base),
            loose=found.loose,
            agree=record["screened_with"]["readings_agree"],
        )
    )


def legs_of(found: Look) -> list[PanelLeg]:
    """Give the painful legs."""
    sides = [side for side in SIDES if found.record["sides"][side]]
    texts = leg_texts(found.record, found.inferred.base)
    because = Because(found.inferred, Wording(found.inferred))
    return [_leg(text, side, found, because) for text, side in zip(texts, sides, strict=False)]


def _leg(text: LegText, side: str, found: Look, because: Because) -> PanelLeg:
    name = f"{side}.verdict"
    ladder = found.inferred.form.ladders_by_name[name]
    row = found.inferred.rows[name]
    said = found.inferred.base.ladder("verdict").rows[ladder.rows.index(row)].because
    word = text.headline.partition(":")[0].partition(" (")[0]
    reasons = because.proved(row, said, side)[:_REASONS]
    rest = text.headline[len(word) :].removeprefix(":").strip()
    return PanelLeg(
        text,
        row.word,
        word,
        re.sub(r"^\(([^)]*)\)", r"\1", rest),
        [PanelReason(line, " ".join(names)) for line, names in reasons],
    )


def ahead(found: Look, rows: Iterable[NextRow]) -> str:
    """Give what to record next, grouped by the position of the patient, with what it settles."""
    groups: dict[str, list[tuple[str, NextRow]]] = {}
    for row in rows:
        named = with_leg(row["path"], found.inferred.base.vocabulary)
        groups.setdefault(row["position"], []).append((named, row))
    return (
        templates()
        .get_template("ahead.html.j2")
        .render(groups=groups, emergency=found.record["triage"]["tier"] == TIERS[0])
    )


def proofs(found: Look, names: str) -> str:
    """Give the proof of some conclusions, down to findings, thresholds and sources."""
    known = found.inferred.form.conclusions
    proof = Proof(found.inferred)
    asked = [proof.of(known[name]) for name in names.split() if name in known]
    return templates().get_template("proof.html.j2").render(proofs=asked)


def paper(found: Look) -> str:
    """Give what is printed: page 1 for the record, page 2 for the patient."""
    return page_body(found.record, found.inferred)
