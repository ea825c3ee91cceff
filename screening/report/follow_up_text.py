"""A re-test as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.intake.thresholds import UNITS
from screening.page import Page
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.questions.answer_model import FollowUpAnswer


def follow_up_text(found: FollowUpAnswer, base: RuleBase) -> Page:
    """Say what changed against the measurement error, and what follows."""
    page = Page()
    weeks = f", {found['weeks']:g} weeks" if found["weeks"] is not None else ""
    page.line(f"RE-TEST   {found['side']} leg{weeks}", "bold")
    for measure in found["measures"]:
        unit = UNITS.get(measure["unit"], f" {measure['unit']}")
        moved = f"{abs(measure['change']):g}{unit} {'more' if measure['change'] > 0 else 'less'}"
        change = moved if measure["change"] else "no change"
        real = "a real change, at least the" if measure["real"] else "within the"
        said = (
            f"{measure['title']}: {measure['first']}{unit} at first, {measure['second']}{unit} "
            f"now: {change}, {real} measurement error of {measure['mdc']}{unit}"
        )
        page.items([said], "-")
    pain = found["pain"]
    if pain["better"] is not None:
        better = "clearly less" if pain["better"] else "not clearly less"
        page.items([f"Pain: {pain['first']} of 10 at first, {pain['second']} now: {better}"], "-")
    page.line()
    page.line(found["title"].upper(), "bold")
    page.items([found["because"]], "", indent=0)
    page.line()
    sources = [
        base.references[name].short for name in found["references"] if name in base.references
    ]
    page.items([f"Sources: {'; '.join(sources)}."], "", indent=0)
    return page
