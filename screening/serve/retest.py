"""A re-test beside the first examination: both readings on one scale, and what follows."""

from __future__ import annotations

from screening.intake.case import Case
from screening.questions.follow_up import follow_up
from screening.report.follow_up_page import drawn_measures
from screening.report.follow_up_text import said_of_change, said_of_pain
from screening.serve.look import Look
from screening.serve.panel import templates


def retest(first: Case, second: Look) -> str:
    """Give the comparison.

    Raises:
        UsageError: if the two cannot be compared.

    """
    inferred = second.inferred
    found = follow_up(first, inferred.case, None, inferred.base)
    drawn = list(drawn_measures(found, first, inferred))
    sources = [inferred.base.references[name].short for name in found["references"]]
    return (
        templates()
        .get_template("retest.html.j2")
        .render(
            found=found,
            drawn=drawn,
            sources=sources,
            said_of_pain=said_of_pain,
            said_of_change=said_of_change,
        )
    )
