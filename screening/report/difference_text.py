"""Two screenings side by side, as text."""

from __future__ import annotations

import re
from typing import Any

from screening.report.page import Page
from screening.rulebase.base import RuleBase

_LONG = 60


def difference_text(title: str, changed: list[dict[str, Any]], base: RuleBase) -> Page:
    """Say what changed: decisions first, then advice and flags, then conclusions."""
    page = Page()
    page.line(title, "bold")
    if not changed:
        page.line("Nothing changes.")
        return page
    before: list[str] = []
    for row in (each for each in changed if _is_short(each)):
        page.line(f"{_title(row['what'], base)}: {_said(row['from'])} -> {_said(row['to'])}")
        if row["rules"] != before:
            _rules(page, row["rules"], base)
        before = row["rules"]
    rest = sum(not _is_short(row) for row in changed)
    if rest:
        page.line(f"{rest} longer texts or conclusions changed with them (--format json has all).")
    return page


def _title(what: str, base: RuleBase) -> str:
    """Say what changed by the title of its file; a verdict never stands without its words."""
    part = re.fullmatch(r"sides\.(left|right)\.(\w+)", what)
    entry = re.fullmatch(r"(?:advice|triage\.flags)\[(?:(left|right)\.)?(\w+)\](?:\.(\w+))?", what)
    side, id, more = (part[1], part[2], None) if part else entry.groups() if entry else ("", "", "")
    file = base.files.get(id) or base.files.get(f"flag.{id}")
    if file is None and part:
        return f"{base.files['verdict'].title} ({side}), {id}" if "verdict" in base.files else what
    if file is None:
        return what.replace(".", ", ").replace("_", " ")
    return f"{file.title}{f' ({side})' if side else ''}{f', {more}' if more else ''}"


def _is_short(row: dict[str, Any]) -> bool:
    whole = isinstance(row["from"], dict | list) or isinstance(row["to"], dict | list)
    named = row["what"].startswith(("triage.tier", "triage.within", "triage.complete", "advice["))
    texts = max(len(str(row["from"])), len(str(row["to"]))) <= _LONG
    sides = row["what"].startswith("sides.") and row["what"].count(".") == 2
    whole_entry = row["what"].startswith(("advice[", "triage.flags[")) and row["what"].endswith("]")
    return whole_entry or (not whole and texts and (named or sides))


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("status", value.get("verdict", "listed"))).replace("_", " ")
    if value is None:
        return "not listed"
    return str(value).replace("_", " ")


def _rules(page: Page, rules: list[str], base: RuleBase) -> None:
    texts = [f"{id} {base.rule_texts[id][0].title}" for id in rules if id in base.rule_texts]
    if texts:
        page.items(
            [f"through {'; '.join(texts[:4])}{' ...' if len(texts) > 4 else ''}"], "", indent=3
        )
