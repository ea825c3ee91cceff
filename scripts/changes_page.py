"""Write what version 2.0 of the rule base changes, with the reasons, as a page.

    screening rules compare OLD rules --format json > compared.json
    python -m scripts.changes_page compared.json > docs/changes_2_0.md

The comparison says what can change, proved for all cases; ``rules/changes.yaml`` says why.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screening.assurance.compare.compare_words import Words, said
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase, load

Row = dict[str, Any]
KINDS = ("findings", "thresholds", "derived", "conclusions", "ladders", "advice", "evidence")


def page(compared: Row, base: RuleBase) -> Iterator[str]:
    """Give the lines of the page."""
    words = Words(base, base)
    old, new, of = compared["old"]["version"], compared["new"]["version"], compared["counts"]
    yield f"# What rule base {new} changes\n"
    yield f"Made by `screening rules compare` of {old} and {new}, over all cases that intake takes."
    yield f"Of {of['decisions']} decisions {of['cannot_change']} cannot change, {of['can_change']}"
    yield f"can, {of['added']} are new, {of['removed']} gone, {of['not_settled']} not settled."
    yield "A proof knows no patients: how often people meet a change says"
    yield "[Population](population.md).\n"
    yield "## What got milder, and why\n"
    yield "Milder: a lower tier, more time, a flag less, advice no longer held back, or a verdict"
    yield "no longer suspended. Each way has its reason in `rules/changes.yaml`.\n"
    yield from _milder(base, words)
    yield "\n## What else can change\n"
    yield from _others(compared["decisions"], words)
    yield "\n## Decisions that are new\n"
    yield from _added(compared["decisions"], words)
    yield "\n## What is written differently\n"
    yield "| kind | added | removed | changed |\n|---|---|---|---|"
    for kind in KINDS:
        part = compared[kind]
        added, removed = _ids(part["added"]), _ids(part["removed"])
        yield f"| {kind} | {added} | {removed} | {len(part['changed'])} |"


def _milder(base: RuleBase, words: Words) -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = {}
    for reason in base.changes.changes if base.changes else ():
        way = f"{said(reason.before)} to {said(reason.after)}"
        found.setdefault((words.title(reason.decision), reason.because), []).append(way)
    yield "| decision | ways | because |\n|---|---|---|"
    for (title, because), ways in found.items():
        yield f"| {title} | {'; '.join(ways)} | {because} |"


def _others(rows: list[Row], words: Words) -> Iterator[str]:
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["status"] == "changes" and not row["milder"]:
            ways = found.setdefault(without_side(row["decision"])[1], {})
            ways[f"{said(row['from'])} to {said(row['to'])}"] = None
    yield "| decision | ways |\n|---|---|"
    for name, ways in found.items():
        yield f"| {words.title(name)} | {'; '.join(ways)} |"


def _added(rows: list[Row], words: Words) -> Iterator[str]:
    added = (row["decision"] for row in rows if row["status"] == "added")
    for name in dict.fromkeys(without_side(decision)[1] for decision in added):
        yield f"- {words.title(name)} (`{name}`)"


def _ids(ids: list[str]) -> str:
    return ", ".join(f"`{id}`" for id in ids) or "none"


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        sys.stdout.write("\n".join(page(json.load(file), load())) + "\n")
