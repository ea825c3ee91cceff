"""A re-test as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.intake.thresholds import with_unit
from screening.numbers import hundredths
from screening.page import Page
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.intake.interview import Alarm
    from screening.questions.answer_model import FollowUpAnswer, MeasureChange, PainChange


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
    page.items([_measured(measure) for measure in found["measures"]], "-")
    pain = found["pain"]
    if pain["better"] is not None:
        said = f"Pain: {pain['first']} of 10 at first, {pain['second']} now: {said_of_pain(pain)}"
        page.items([said], "-")
    page.line()
    page.line(found["title"].upper(), "bold")
    page.items([found["because"]], "", indent=0)
    page.line()
    sources = [
        base.references[name].short for name in found["references"] if name in base.references
    ]
    page.items([f"Sources: {'; '.join(sources)}."], "", indent=0)
    return page


def _measured(measure: MeasureChange) -> str:
    """Say both readings, how far they are apart, and whether that is more than the error."""
    first, second, change, mdc = (
        with_unit(hundredths(Decimal(str(measure[key]))), measure["unit"])
        for key in ("first", "second", "change", "mdc")
    )
    said = f"{measure['title']}: {first} at first, {second} now"
    if not measure["change"]:
        return f"{said}: no change"
    moved = f"{change.lstrip('-')} {'more' if measure['change'] > 0 else 'less'}"
    real = "a real change, at least the" if measure["real"] else "within the"
    return f"{said}: {moved}, {real} measurement error of {mdc}"


def said_of_pain(pain: PainChange) -> str:
    """Say whether there is less pain: clearly, not clearly, or not at all."""
    if pain["better"]:
        return "clearly less"
    if pain["change"] > 0:
        return "more than before"
    return "less, but not clearly" if pain["change"] else "the same"
