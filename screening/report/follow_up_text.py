"""A re-test as text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from screening.intake.thresholds import with_unit
from screening.numbers import hundredths
from screening.page import Page
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.questions.answer_model import (
        FollowUpAnswer,
        MeasureChange,
        PainChange,
        RetestFlag,
    )


FLAGS_FIRST = "A red flag of the re-test comes first: until it is cleared, act on nothing below."


def flag_lines(flags: list[RetestFlag]) -> list[tuple[str, str]]:
    """Give what each red flag of the re-test is, with how soon, and what it asks for."""
    return [(f"{soon(each)}: {each['title']}", each["action"]) for each in flags]


def write_flags(page: Page, flags: list[RetestFlag]) -> None:
    """Say the red flags of a re-test, each with what it asks for, and that they come first."""
    for head, action in flag_lines(flags):
        page.paragraph(head, indent=0, style="bold red")
        page.paragraph(action, indent=3)
    if flags:
        page.paragraph(FLAGS_FIRST, indent=0)
        page.line()


def follow_up_text(found: FollowUpAnswer, base: RuleBase) -> Page:
    """Say red flags of the re-test, what changed against the measurement error, what follows."""
    page = Page()
    write_flags(page, found["flags"])
    weeks = f", {found['weeks']:g} weeks" if found["weeks"] is not None else ""
    page.line(f"RE-TEST   {found['side']} leg{weeks}", "bold")
    page.items(changes(found), "-")
    page.line()
    page.line(found["title"].upper(), "bold")
    page.items([found["because"]], "", indent=0)
    page.line()
    sources = [
        base.references[name].short for name in found["references"] if name in base.references
    ]
    page.items([f"Sources: {'; '.join(sources)}."], "", indent=0)
    return page


def changes(found: FollowUpAnswer) -> list[str]:
    """Say each reading of both days and the pain, with what their change means."""
    said = [_measured(measure) for measure in found["measures"]]
    pain = found["pain"]
    if pain["better"] is not None:
        both = f"{pain['first']} of 10 at first, {pain['second']} now"
        said.append(f"Pain: {both}: {said_of_pain(pain)}")
    return said


def _measured(measure: MeasureChange) -> str:
    first, second = (_with_unit(measure[key], measure) for key in ("first", "second"))
    return f"{measure['title']}: {first} at first, {second} now: {said_of_change(measure)}"


def said_of_change(measure: MeasureChange) -> str:
    """Say how far both readings are apart, and whether that is more than the error."""
    if not measure["change"]:
        return "no change"
    moved = _with_unit(abs(measure["change"]), measure)
    more = "more" if measure["change"] > 0 else "less"
    error = f"measurement error of {_with_unit(measure['mdc'], measure)}"
    if measure["real"]:
        return f"{moved} {more}, a real change against a {error}"
    return f"{moved} {more}, within the {error}"


def _with_unit(value: float, measure: MeasureChange) -> str:
    return with_unit(hundredths(Decimal(str(value))), measure["unit"])


def said_of_pain(pain: PainChange) -> str:
    """Say whether there is less pain: clearly, not clearly, or not at all."""
    if pain["better"]:
        return "clearly less"
    if pain["change"] > 0:
        return "more than before"
    return "less, but not clearly" if pain["change"] else "the same"
