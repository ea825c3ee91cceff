"""A re-test as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screening.intake.thresholds import UNITS
from screening.page import Page
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.intake.interview import Alarm
    from screening.questions.answer_model import FollowUpAnswer


FLAGS_FIRST = "A red flag of the re-test comes first: until it is cleared, act on nothing below."


def alarm_lines(alarms: Sequence[Alarm]) -> list[tuple[str, str]]:
    """Give what each red flag of the re-test is, with how soon, and what it asks for."""
    return [
        (f"{soon({'tier': each.tier, 'within': each.within})}: {each.title}", each.action)
        for each in alarms
    ]


def follow_up_text(found: FollowUpAnswer, alarms: Sequence[Alarm], base: RuleBase) -> Page:
    """Say red flags of the re-test, what changed against the measurement error, what follows."""
    page = Page()
    for head, action in alarm_lines(alarms):
        page.paragraph(head, indent=0, style="bold red")
        page.paragraph(action, indent=3)
    if alarms:
        page.paragraph(FLAGS_FIRST, indent=0)
        page.line()
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
