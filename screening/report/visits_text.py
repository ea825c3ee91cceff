"""The visits of a run compared, as text: a line or two for each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.intake.thresholds import with_unit
from screening.page import Page
from screening.report.follow_up_text import changes, flag_lines, write_flags

if TYPE_CHECKING:
    from screening.questions.answer_model import VisitPair, Visits


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
        head, title = f"{_who(pair)}, {pair['side']} leg{weeks}", pair["title"].upper()
        if pair["flags"]:
            page.line(head, "bold")
            write_flags(page, pair["flags"])
            page.line(title, "bold")
        else:
            page.line(f"{head}: {title}", "bold")
        page.items(changes(pair), "-")
        page.paragraph(pair["because"], indent=3)
    if found["not_compared"]:
        page.line()
        page.heading("Not compared")
        for without in found["not_compared"]:
            page.items([f"{_who(without)}: {without['reason']}"])
            for head, action in flag_lines(without["flags"]):
                page.paragraph(f"{head}. {action}", indent=5, style="bold red")
    return page


def _who(pair: VisitPair) -> str:
    first, later = pair["first_visit"] or "first", pair["later_visit"] or "later"
    return f"{pair['case_id']}, visit {first} to {later}"
