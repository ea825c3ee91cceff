"""The visits of a run compared, as text: a line or two for each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.intake.thresholds import UNITS, with_unit
from screening.page import Page

if TYPE_CHECKING:
    from screening.questions.answer_model import MeasureChange, PainChange, VisitPair, Visits


def visits_text(found: Visits) -> Page:
    """Say for each pair of visits what changed and what follows."""
    page = Page()
    several, compared = found["persons"], found["compared"]
    persons = "1 person" if several == 1 else f"{several:,} persons"
    legs = "1 leg" if len(compared) == 1 else f"{len(compared):,} legs"
    page.line(f"{persons} with several visits, {legs} compared.", "bold")
    for pair in compared:
        page.line()
        weeks = (
            f", {with_unit(round(100 * pair['weeks']), 'wk')}" if pair["weeks"] is not None else ""
        )
        page.line(f"{_who(pair)}, {pair['side']} leg{weeks}: {pair['title'].upper()}", "bold")
        page.items([*map(_measure, pair["measures"]), *_pain(pair["pain"])], "-")
        page.paragraph(pair["because"], indent=3)
    if found["not_compared"]:
        page.line()
        page.heading("Not compared")
        page.items(f"{_who(pair)}: {pair['reason']}" for pair in found["not_compared"])
    return page


def _who(pair: VisitPair) -> str:
    first, later = pair["first_visit"] or "first", pair["later_visit"] or "later"
    return f"{pair['case_id']}, visit {first} to {later}"


def _measure(measure: MeasureChange) -> str:
    unit = UNITS.get(measure["unit"], f" {measure['unit']}")
    real = "real" if measure["real"] else "within the measurement error"
    return f"{measure['title']}: {measure['change']:+}{unit} ({real})"


def _pain(pain: PainChange) -> list[str]:
    if pain["better"] is None:
        return []
    better = "clearly less" if pain["better"] else "not clearly less"
    return [f"Pain: {pain['first']} -> {pain['second']} of 10: {better}"]
