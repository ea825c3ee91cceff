"""A comparison of two rule bases as text: milder changes first, each with its case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from screening.assurance.compare.as_data import counts
from screening.assurance.compare.compare_words import WordedChange, Words
from screening.assurance.compare.comparison import Comparison
from screening.assurance.compare.transitions import Found
from screening.page import Page
from screening.rulebase.base import RuleBase

KINDS = {
    "rules": "Rules",
    "findings": "Findings",
    "thresholds": "Thresholds",
    "derived": "Derived findings",
    "conclusions": "Conclusions and red flags",
    "ladders": "Decisions",
    "advice": "Advice",
    "blocks": "Blocks",
    "sources": "Sources",
    "evidence": "Evidence",
}
_LONG = 160
_MOST_ROWS = 6


def compare_text(compared: Comparison, over: dict[str, Any] | None = None) -> Page:
    """Give the page."""
    page, words = Page(), Words(compared.old, compared.new)
    page.line("WHAT THE REVISION CHANGES", "bold")
    page.labelled("Before", _base(compared.old))
    page.labelled("After", _base(compared.new))
    page.line()
    page.paragraph(headline(compared), indent=0, style="bold")
    _in_words(page, compared.words)
    milder = words.changes(f for f in compared.changes if f.milder)
    others = words.changes(f for f in compared.changes if not f.milder)
    _changes(page, "MILDER (look at each of these)", milder)
    _changes(page, "OTHERWISE CHANGED", others)
    _names(page, "ONLY IN THE NEW RULES", _of(compared, "added"), words)
    _names(page, "ONLY IN THE OLD RULES", _of(compared, "removed"), words)
    _unsettled(page, compared.unsettled, words)
    _names(page, "CANNOT CHANGE, PROVED FOR ALL CASES", _of(compared, "cannot_change"), words)
    if over:
        _over(page, over, words)
    return page


def headline(compared: Comparison) -> str:
    """Say in one paragraph what was proved."""
    n = counts(compared)
    if compared.same:
        same = f"all {n['decisions']} decisions are proved the same for all cases."
        return f"Nothing changes for any patient: {same}"
    parts = [
        f"Of {n['decisions']} decisions {n['cannot_change']} cannot change, proved for all cases; "
        f"{n['can_change']} can, in {n['transitions']} ways, {n['milder']} of them milder."
    ]
    if n["added"] or n["removed"]:
        parts.append(f"{n['added']} are new, {n['removed']} are gone.")
    if n["not_settled"]:
        parts.append(f"{n['not_settled']} are NOT SETTLED: nothing is claimed about them.")
    return " ".join(parts)


def _base(base: RuleBase) -> str:
    return f"rules {base.version} {base.digest} {base.standing.said}"


def _of(compared: Comparison, status: str) -> list[str]:
    return [found.decision for found in compared.found if found.status == status]


def _in_words(page: Page, words: dict[str, dict[str, Any]]) -> None:
    for kind, title in KINDS.items():
        row = words[kind]
        if not any(row.values()):
            continue
        page.line()
        page.heading(title.upper())
        for how in ("added", "removed"):
            if row[how]:
                page.items([f"{how}: {', '.join(row[how])}"])
        for changed in row["changed"]:
            page.items([f"changed: {changed['id']}"])
            for key in changed["keys"]:
                page.paragraph(f"{key['key']}: {_short(key['old'])}", indent=7)
                page.paragraph(f"-> {_short(key['new'])}", indent=7)


def _short(value: Any) -> str:
    if isinstance(value, list):
        text = "; ".join(map(str, value))
    elif isinstance(value, dict):
        text = "; ".join(f"{key}: {part}" for key, part in value.items())
    else:
        text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]} ... (--format json has all)"


def _changes(page: Page, title: str, changes: list[WordedChange]) -> None:
    if not changes:
        return
    page.line()
    page.heading(title)
    for change in changes:
        page.line()
        page.paragraph(f"{change.title}: {change.before} -> {change.after}", 1, "bold")
        if change.rules:
            page.paragraph(f"Through {'; '.join(change.rules)}", 3)
        if change.because:
            page.paragraph(f"Reason given: {change.because}", 3)
        if change.one_case:
            page.paragraph(f"Case: {_case(change.old_case)}", 3)
        else:
            page.paragraph(f"Case in the old questions: {_case(change.old_case)}", 3)
            page.paragraph(f"The same patient in the new: {_case(change.new_case)}", 3)
        page.items(_shown(change), "·", 3)


def _case(answers: tuple[str, ...]) -> str:
    return "; ".join(answers) or "nothing recorded"


def _shown(change: WordedChange) -> Iterable[str]:
    rows = [row for row in change.rows if row[0] != change.title]
    yield from (f"{title}: {before} -> {after}" for title, before, after in rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"{len(rows) - _MOST_ROWS} more decisions of this case differ (--format html has all)"


def _names(page: Page, title: str, names: list[str], words: Words) -> None:
    if names:
        page.line()
        page.heading(f"{title} ({len(names)})")
        page.items(words.titles(names))


def _unsettled(page: Page, found: tuple[Found, ...], words: Words) -> None:
    if not found:
        return
    page.line()
    page.heading(f"NOT SETTLED ({len(found)})")
    page.items(
        f"{words.title(each.decision)}: {each.before or 'any'} -> {each.after or 'any'}"
        for each in found
    )


def _over(page: Page, over: dict[str, Any], words: Words) -> None:
    cases = over["cases"]
    page.line()
    page.heading(f"OVER {cases['screened']:,} GIVEN CASES")
    if cases["refused"]:
        page.paragraph(f"{cases['refused']:,} were refused by intake and are not counted.", 3)
    if not over["transitions"]:
        page.paragraph("No decision of any of them changes.", 3)
    for name, table in over["transitions"].items():
        page.paragraph(words.title(name), 1, "bold")
        for change, count in table.items():
            shown = ", ".join(cases["shown"][name][change])
            page.items([f"{change.replace('>', ' -> ').replace('_', ' ')}: {count:,} ({shown})"])
