"""The screening as one self-contained web page: for the screen, for the phone and for paper.

It needs no network, runs no script, and shows what was typed into a case as text alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment
from markupsafe import Markup, escape

from screening.inference.infer import Inferred
from screening.intake.vocabulary import SIDES
from screening.record.proof import Proof
from screening.record.scales import scales
from screening.record.wording import Wording
from screening.report.advice_contents import details_of, outlook_of
from screening.report.contents import Contents
from screening.report.filled_in import templates
from screening.report.note import notes
from screening.report.on_a_page import leg_texts, plan_of
from screening.report.patient_sheet import sheet_of
from screening.report.proof_choice import shown_proofs
from screening.report.scale_drawing import PATTERNS, description, limits, norms, scale_drawing
from screening.report.symbols import SYMBOLS
from screening.rulebase.levels import TIERS
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.record.model import Record, TriageRecord

_BEGIN, _END = "\u2068", "\u2069"
_TYPED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


def html_page(record: Record, inferred: Inferred, full: bool = False) -> str:
    """Give the page; ``full`` unfolds every reason, on paper as well."""
    return (
        environment()
        .get_template("screening.html.j2")
        .render(parts_of_page(record, inferred, full))
    )


def page_body(record: Record, inferred: Inferred) -> str:
    """Give what stands on the page, for another page that has its styles already."""
    return environment().get_template("record.html.j2").render(parts_of_page(record, inferred))


def parts_of_page(record: Record, inferred: Inferred, full: bool = False) -> dict[str, object]:
    """Give everything that the templates of a screening name."""
    proof = Proof(inferred)
    contents = Contents(record, inferred.base, typed_mark)
    return {
        "title": f"Calf-hip screening, case {on_a_line(record['case_id'])}",
        "unfolded": " open" if full else "",
        "contents": contents,
        "emergency": contents.triage.tier == TIERS[0],
        "triage_word": triage_word(record["triage"]),
        "legs": leg_texts(record, inferred.base),
        "verdicts": [leg["verdict"] for side in SIDES if (leg := record["sides"][side])],
        "plan": plan_of(record, inferred.base),
        "sheet": sheet_of(record),
        "notes": notes(record, inferred.base, typed_mark),
        "examined_on": record["patient"].get("examined_on", ""),
        "scales": scales(inferred, Wording(inferred)),
        "proofs": [proof.of(found) for found in shown_proofs(inferred)],
    }


def triage_word(triage: TriageRecord) -> str:
    """Name the symbol of a triage: that nothing holds is no news while questions are open."""
    unknown = triage["tier"] == TIERS[-1] and not triage["complete"]
    return "not_complete" if unknown else str(triage["tier"])


def typed_mark(text: str) -> str:
    """Mark what somebody typed; on the page it becomes an element that reads by itself."""
    return f"{_BEGIN}{on_a_line(text)}{_END}"


def _shown(value: object) -> object:
    """Escape what a template prints, and set apart what was typed."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    parts = _TYPED.split(value)
    return Markup("").join(
        Markup("<bdi>{}</bdi>").format(part) if i % 2 else escape(on_a_line(part))
        for i, part in enumerate(parts)
    )


@lru_cache(maxsize=4)
def environment(*folders: Path) -> Environment:
    """Give the templates of a screening, and beside them those of some folders."""
    environment = templates(*folders, finalize=_shown, keep_trailing_newline=True)
    environment.globals.update(
        patterns=Markup(PATTERNS),
        scale_drawing=lambda scale: Markup(scale_drawing(scale)),
        scale_said=description,
        limits_said=limits,
        norms_said=norms,
        symbol=lambda word: Markup(SYMBOLS[word]),
        drawn=lambda drawing: Markup(drawing),
        details_of=details_of,
        outlook_of=outlook_of,
    )
    return environment
