"""The screening as one self-contained web page: for the screen, for the phone and for paper.

It needs no network, runs no script, and shows what was typed into a case as text alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from screening.explanation.proof import Proof
from screening.explanation.scales import scales
from screening.explanation.screening import Record
from screening.explanation.wording import Wording
from screening.inference.infer import Inferred
from screening.intake.vocabulary import SIDES
from screening.report.advice_contents import details_of, outlook_of
from screening.report.contents import Contents
from screening.report.proof_choice import shown_proofs
from screening.report.proof_drawing import proof_drawing
from screening.report.scale_drawing import PATTERNS, description, limits, norms, scale_drawing
from screening.safe import on_a_line

_TEMPLATES = Path(__file__).parent / "templates"
_BEGIN, _END = "\u2068", "\u2069"
_TYPED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


def html_page(record: Record, inferred: Inferred, full: bool = False) -> str:
    """Give the page; ``full`` unfolds every reason, on paper as well."""
    proof = Proof(inferred)
    return _template().render(
        title=f"Calf-hip screening, case {on_a_line(record['case_id'])}",
        unfolded=" open" if full else "",
        contents=Contents(record, inferred.base, _typed),
        sides=SIDES,
        scales=scales(inferred, Wording(inferred)),
        proofs=[proof.of(found) for found in shown_proofs(inferred)],
    )


def _typed(text: str) -> str:
    """Mark what somebody typed; on the page it becomes an element that reads by itself."""
    return f"{_BEGIN}{on_a_line(text)}{_END}"


def _shown(value: Any) -> Any:
    """Escape what a template prints, and set apart what was typed."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    parts = _TYPED.split(value)
    return Markup("").join(
        Markup("<bdi>{}</bdi>").format(part) if i % 2 else escape(on_a_line(part))
        for i, part in enumerate(parts)
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        patterns=Markup(PATTERNS),
        scale_drawing=lambda scale: Markup(scale_drawing(scale)),
        scale_said=description,
        limits_said=limits,
        norms_said=norms,
        proof_drawing=lambda proof: Markup(proof_drawing(proof)),
        details_of=details_of,
        outlook_of=outlook_of,
    )
    return environment.get_template("screening.html.j2")
