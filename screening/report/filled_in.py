"""How every page is filled in: the templates of the reports, escaped, nothing left undefined."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

REPORT_TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates(*folders: Path, **settings: Any) -> Environment:
    """Give what reads templates: of these folders first, then those of the reports.

    It is the same each time, as it would compile a template anew: it has as many as the program.
    """
    return Environment(
        loader=FileSystemLoader([*folders, REPORT_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **settings,
    )


def style() -> str:
    """Give the style that all pages share."""
    return (REPORT_TEMPLATES / "screening.css").read_text(encoding="utf-8")
