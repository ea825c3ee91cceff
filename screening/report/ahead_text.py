"""``next`` and ``stable`` as text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from screening.report.page import Page
from screening.rulebase.base import RuleBase

_FROM = {
    "holds": "holds",
    "turns": "can turn",
    "not_settled": "not settled",
}


def next_text(found: dict[str, Any], base: RuleBase) -> Page:
    """Say what to record next, and whether a verdict can still change."""
    page = Page()
    page.line("WHAT TO RECORD NEXT", "bold")
    for number, row in enumerate(found["next"], 1):
        needs = f", {', '.join(row['equipment'])}" if row["equipment"] else ""
        page.line(f"{number:2} {row['title']}  ({row['path']}; {row['minutes']} min{needs})")
        for answer in row["settles"]:
            page.items(
                [f"{answer['says']}: settles {_names(answer['conclusions'], base)}"], "-", indent=5
            )
    if not found["next"]:
        page.line("Nothing that may be asked for would settle anything more.")
    page.line()
    for side, can in found["verdict_can_change"].items():
        if can is not None:
            page.line(f"{side.upper():6} {_CAN[can]}")
    return page


_KINDS = {"indicated": "the advice:", "blocked": "the block of:", "block": "the block of:"}
_CAN = {
    True: "What is not recorded can still change the verdict on the movement pattern.",
    False: "Nothing further changes the verdict on the movement pattern, as long as it contradicts "
    "nothing that is recorded.",
    "not_settled": "Whether something further changes the verdict could not be settled.",
}


def _names(names: list[str], base: RuleBase, most: int = 3) -> str:
    titles = list(dict.fromkeys(_title(name, base) for name in names))
    rest = f" and {len(titles) - most} more" if len(titles) > most else ""
    return "; ".join(titles[:most]) + rest


def _title(name: str, base: RuleBase) -> str:
    side, _, id = name.partition(".")
    if side not in ("left", "right"):
        side, id = "", name
    for candidate in (id, id.rpartition(".")[0]):
        file = base.files.get(candidate)
        if file is not None:
            return f"{file.title}{f' ({side})' if side else ''}"
    kind, _, what = id.partition(".")
    file = base.files.get(what)
    entry = base.vocabulary.entries.get(what)
    title = file.title if file else entry.title if entry else what
    return f"{_KINDS.get(kind, kind)} {title}{f' ({side})' if side else ''}"


def stable_text(found: dict[str, Any], base: RuleBase) -> Page:
    """Say of the decisions, then of the conclusions that do not hold, how firm they are."""
    page = Page()
    page.line("HOW FIRM", "bold")
    moved = [f"{path} from {ends[0]} to {ends[1]}" for path, ends in found["moved"].items()]
    if moved:
        page.items(
            [f"Moved within their measurement error (MDC): {'; '.join(moved)}."], "", indent=0
        )
    if found["without_mdc"]:
        named = ", ".join(found["without_mdc"])
        page.items([f"No measurement error is published for: {named}. Not moved."], "", indent=0)
    page.line()
    page.line("Decisions", "bold")
    for row in found["decisions"]:
        _row(page, row, base)
    open_rows = [r for r in found["conclusions"] if (r["mdc"], r["missing"]) != ("holds", "holds")]
    count = Counter(row["mdc"] == row["missing"] == "holds" for row in found["conclusions"])
    page.line()
    page.line(f"Conclusions: {count[True]} hold, {count[False]} do not hold or are open", "bold")
    for row in open_rows:
        if row["mdc"] != "holds":
            _row(page, row, base)
    waiting = sum(row["mdc"] == "holds" for row in open_rows)
    if waiting:
        page.line(f"{waiting} more only wait for what is not recorded (--format json lists them).")
    return page


def _row(page: Page, row: dict[str, Any], base: RuleBase) -> None:
    name = f"{row['side']}.{row['id']}" if row["side"] else row["id"]
    value = {True: "true", False: "false", None: "unknown"}.get(row["value"], row["value"])
    said = f"Measurement error: {_FROM[row['mdc']]}. What is missing: {_FROM[row['missing']]}."
    page.line(f"{_title(name, base)}: {str(value).replace('_', ' ')}")
    page.items([said], "", indent=3)
    if row["witness"]:
        shown = ", ".join(f"{path} {value}" for path, value in row["witness"].items())
        page.items([f"A case that was screened and says otherwise: {shown}."], "", indent=3)
