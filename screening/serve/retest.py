"""A re-test beside the first examination: both readings on one scale, and what follows."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from screening.intake.case import Case
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import without_side
from screening.questions.follow_up import follow_up
from screening.record.scales import Scale, ScaleReading, scales
from screening.record.wording import Wording
from screening.report.scale_drawing import description, scale_drawing
from screening.serve.look import Look
from screening.serve.panel import templates


def retest(first: Case, second: Look) -> str:
    """Give the comparison.

    Raises:
        UsageError: if the two cannot be compared.

    """
    inferred = second.inferred
    found = follow_up(first, inferred.case, None, inferred.base)
    of_now = {scale.bare: scale for scale in scales(inferred, Wording(inferred))}
    drawn = []
    for measure in found["measures"]:
        scale = of_now.get(without_side(measure["path"])[1])
        if scale:
            both = _both(scale, first.answers[measure["path"]], measure["path"], second)
            drawn.append((measure, Markup(scale_drawing(both)), description(both)))
    sources = [inferred.base.references[name].short for name in found["references"]]
    return (
        templates().get_template("retest.html.j2").render(found=found, drawn=drawn, sources=sources)
    )


def _both(scale: Scale, before: object, path: str, second: Look) -> Scale:
    """Put the readings of both days on one scale, wide enough for both with their error."""
    after = second.inferred.case.answers[path]
    values = [value for value in (before, after) if isinstance(value, int)]
    mdc = scale.mdc or 0
    readings = tuple(
        ScaleReading(when, value, with_unit(value, scale.unit))
        for when, value in zip(("first", "now"), values, strict=True)
    )
    low, high = min(scale.low, min(values) - mdc), max(scale.high, max(values) + mdc)
    return replace(scale, readings=readings, low=low, high=high)
