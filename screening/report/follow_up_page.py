"""A re-test as a page: both readings of each measure on one scale, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from screening.inference.infer import Inferred
from screening.intake.case import Case
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import without_side
from screening.record.scales import Scale, ScaleReading, scales
from screening.record.wording import Wording
from screening.report.follow_up_text import FLAGS_FIRST, flag_lines, said_of_change, said_of_pain
from screening.report.html_page import environment
from screening.report.scale_drawing import scale_drawing, what_was_read

if TYPE_CHECKING:
    from screening.questions.answer_model import FollowUpAnswer, MeasureChange

Drawn = tuple["MeasureChange", Markup, str]
"""A measure of a re-test, its drawing, and what that shows in words."""


def follow_up_page(found: FollowUpAnswer, first: Case, second: Inferred) -> str:
    """Give the page of a comparison (``questions.follow_up``) of a case with a screened re-test."""
    base = second.base
    return (
        environment()
        .get_template("follow_up.html.j2")
        .render(
            found=found,
            alarms=flag_lines(found["flags"]),
            tier=found["flags"][0]["tier"] if found["flags"] else "",
            flags_first=FLAGS_FIRST,
            said_of_pain=said_of_pain,
            said_of_change=said_of_change,
            drawn=list(drawn_measures(found, first, second)),
            limits=any(scale.limits for scale in scales(second, Wording(second))),
            rules_changed=base.standing.said,
            sources=[base.references[name].short for name in found["references"]],
            intended_use=base.evidence.statements["intended_use"],
        )
    )


def drawn_measures(found: FollowUpAnswer, first: Case, second: Inferred) -> Iterator[Drawn]:
    """Draw the readings of both days, each with its measurement error, one above the other."""
    of_now = {scale.bare: scale for scale in scales(second, Wording(second))}
    for measure in found["measures"]:
        path = measure["path"]
        scale = of_now.get(without_side(path)[1])
        if scale:
            both = _both(scale, first.answers[path], second.case.answers[path])
            yield measure, Markup(scale_drawing(both)), what_was_read(both)


def _both(scale: Scale, before: object, after: object) -> Scale:
    """Put the readings of both days on one scale, wide enough for both with their error."""
    values = [value for value in (before, after) if isinstance(value, int)]
    mdc = scale.mdc or 0
    readings = tuple(
        ScaleReading(when, value, with_unit(value, scale.unit))
        for when, value in zip(("first", "now"), values, strict=True)
    )
    low, high = min(scale.low, min(values) - mdc), max(scale.high, max(values) + mdc)
    return replace(scale, readings=readings, low=low, high=high, norms=())
