"""A comparison of two rule bases as one self-contained page that a committee can sit around."""

from __future__ import annotations

from screening.assurance.compare.as_data import counts
from screening.assurance.compare.compare_text import KINDS, headline
from screening.assurance.compare.compare_words import Words, said
from screening.assurance.compare.comparison import Comparison
from screening.report.filled_in import style, templates
from screening.safe import on_a_line


def compare_page(compared: Comparison, over: dict[str, object] | None = None) -> str:
    """Give the page; ``over`` is what given cases show."""
    words = Words(compared.old, compared.new)
    page = templates().get_template("compare.html.j2")
    return page.render(
        said=said,
        shown=_shown,
        style=style(),
        compared=compared,
        counts=counts(compared),
        headline=headline(compared),
        kinds=KINDS,
        words=words,
        milder=words.changes(f for f in compared.changes if f.milder),
        others=words.changes(f for f in compared.changes if not f.milder),
        named={status: _named(compared, status, words) for status in _LISTS},
        lists=_LISTS,
        first_rows=_FIRST_ROWS,
        over=over,
        intended_use=compared.new.evidence.statements.get("intended_use", ""),
    )


_FIRST_ROWS = 4
"""So many rows of two screenings are open; the rest is folded."""

_LISTS = {
    "added": "Only in the new rules",
    "removed": "Only in the old rules",
    "cannot_change": "Cannot change: proved for all cases",
}


def _named(compared: Comparison, status: str, words: Words) -> list[str]:
    return words.titles(f.decision for f in compared.found if f.status == status)


def _shown(value: object) -> str:
    """Write a value of a rule file as a reader expects it."""
    if isinstance(value, list):
        return "; ".join(_shown(part) for part in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown(part)}" for key, part in value.items()) or "none"
    return "none" if value in (None, "") else on_a_line(value)
