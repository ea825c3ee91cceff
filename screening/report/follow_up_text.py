"""A re-test as text."""

from __future__ import annotations

from typing import Any

from screening.intake.thresholds import UNITS
from screening.page import Page
from screening.rulebase.base import RuleBase


def follow_up_text(found: dict[str, Any], base: RuleBase) -> Page:
    """Say what changed against the measurement error, and what follows."""
    page = Page()
    weeks = f", {found['weeks']} weeks" if found["weeks"] is not None else ""
    page.line(f"RE-TEST   {found['side']} leg{weeks}", "bold")
    for measure in found["measures"]:
        unit = UNITS.get(measure["unit"], f" {measure['unit']}")
        real = "real change" if measure["real"] else "within the measurement error"
        said = (
            f"{measure['title']}: {measure['first']} -> {measure['second']}{unit}, "
            f"{measure['change']:+}{unit}: {real} (MDC {measure['mdc']}{unit})"
        )
        page.items([said], "-")
    pain = found["pain"]
    if pain["better"] is not None:
        better = "clearly less" if pain["better"] else "not clearly less"
        page.items([f"Pain: {pain['first']} -> {pain['second']} of 10: {better}"], "-")
    page.line()
    page.line(found["title"].upper(), "bold")
    page.items([found["because"]], "", indent=0)
    page.line()
    sources = [
        base.references[name].short for name in found["references"] if name in base.references
    ]
    page.items([f"Sources: {'; '.join(sources)}."], "", indent=0)
    return page
