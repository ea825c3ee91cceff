"""Two screenings side by side, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from screening.page import Page
from screening.record.wording import lower
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS
from screening.rulebase.shapes import LadderFile

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.questions.answer_model import RecordChange, Replayed

_LONG = 60
_NAMED = 4
"""So many rules are named for one change."""
_TECHNICAL = (".reason", ".settled")
"""What a verdict says by itself."""


def difference_text(title: str, changed: list[RecordChange], base: RuleBase) -> Page:
    """Say what changed in sentences: decisions first, then advice and flags."""
    page = Page()
    page.paragraph(title, indent=0, style="bold")
    if not changed:
        page.line("Nothing changes.")
    _differences(page, changed, base)
    return page


def _differences(page: Page, changed: list[RecordChange], base: RuleBase) -> None:
    weighed = {
        row["what"].removesuffix(_STATUS) for row in changed if row["what"].endswith(_STATUS)
    }
    told = [row for row in changed if row["what"].removesuffix(_PLACE) not in weighed]
    emergency = any(row["what"] == "triage.tier" and row["to"] == TIERS[0] for row in changed)
    if emergency:
        told = [row for row in told if not row["what"].startswith(_ADVICE)]
    named: set[str] = set()
    for rows in _alike([row for row in told if _is_short(row)], base):
        page.paragraph(_sentence(rows, base), indent=0)
        rules = dict.fromkeys(rule for row in rows for rule in row["rules"])
        _rules(page, [rule for rule in rules if rule not in named], base)
        named.update(rules)
    if emergency:
        page.paragraph("The emergency comes first: nothing is advised.", indent=0)
    rest = len(changed) - sum(_is_short(row) for row in told)
    if rest:
        many = "1 longer text or conclusion" if rest == 1 else f"{rest} longer texts or conclusions"
        page.line(f"{many} changed as well (--format json has all).")


def _alike(rows: list[RecordChange], base: RuleBase) -> list[list[RecordChange]]:
    """Put together the advice of a leg that changes in the same way."""
    found: dict[tuple[str, ...], list[RecordChange]] = {}
    for row in rows:
        advice = row["what"].startswith(_ADVICE) and not row["what"].endswith(_PLACE)
        alike = (_title(row["what"], base)[0], _change(row, base))
        found.setdefault(alike if advice else (row["what"],), []).append(row)
    return list(found.values())


def _sentence(rows: list[RecordChange], base: RuleBase) -> str:
    """Say what several rows are about, as it was and as it becomes."""
    legs, titles = zip(*(_title(row["what"], base) for row in rows), strict=True)
    change = _change(rows[0], base)
    if len(rows) > 1:
        said = change if legs[0] else f"{change[:1].upper()}{change[1:]}"
        return f"{legs[0]}{said}: {'; '.join(map(lower, titles))}."
    return f"{legs[0]}{lower(titles[0]) if legs[0] else titles[0]}: {change}."


def _change(row: RecordChange, base: RuleBase) -> str:
    """Say one change: as it becomes, and as it was."""
    what, kind = row["what"], row["what"].rpartition(".")[2]
    old, new = (_in_words(what, row[key], base) for key in _BOTH)
    if kind in _NOTHING:
        was, is_now = (_NOTHING[kind] if each is None else _said(each) for each in (old, new))
        return f"{is_now} instead of {was}"
    if kind == "verdict":
        return f"{_verdict(new)} instead of {_verdict(old)}"
    if isinstance(new, bool) or isinstance(old, bool):
        return "yes now, no before" if new else "no longer"
    if old is None:
        return f"{'now ' if isinstance(new, dict) else ''}{_said(new)}"
    if new is None:
        return f"no longer {_said(old)}"
    return f"{_said(new)} instead of {_said(old)}"


def _in_words(what: str, value: object, base: RuleBase) -> object:
    """Say the word of a decision as its row does; a row that says a sentence keeps its word."""
    ladder = base.files.get(_LADDERS.get(what.rpartition(".")[2], ""))
    rows = ladder.rows if isinstance(ladder, LadderFile) else ()
    says = next((row.says for row in rows if row.word == value), "")
    if says.startswith("The "):
        return value
    return says if says.isupper() else lower(says) or value


_BOTH: tuple[Literal["from", "to"], ...] = ("from", "to")
_LADDERS = {"tier": "triage", "part": "part", "restriction": "restriction", "pattern": "pattern"}
"""The decisions whose words are said as their rows say them, by the end of what changes."""
_NOTHING = {"tier": "no flag", "within": "no time named", "part": "no place in it"}
"""What is said where there is none of it."""
_ADVICE, _STATUS, _PLACE = "advice[", ".status", ".part"
_MORE = {"status": "", "part": ", place in the plan"}
"""How a part of an advice is said; the place of one that is no longer advised is not said."""

_TRIAGE = {
    "triage.tier": "Triage",
    "triage.within": "Triage, how soon",
    "triage.complete": "Screen for red flags complete",
}


def replay_text(title: str, found: Replayed, base: RuleBase) -> Page:
    """Say what differs when a record is screened again: decisions, then findings, then rules."""
    page = Page()
    page.paragraph(title, indent=0, style="bold")
    if not found["differences"]:
        page.line("Every decision is the same; what was asked is not.")
    _differences(page, found["differences"], base)
    if found["findings"]:
        page.line("Findings that are now asked under other names:")
    for row in found["findings"]:
        now = [f"{name} ({_answered(answer)})" for name, answer in row["now"].items()]
        page.items([f"{row['finding']} is now {' and '.join(now)}"], "", indent=3)
    if found["ask_again"]:
        page.line(f"To be asked again: {', '.join(found['ask_again'])}")
    only = found["rules"]["only_recorded"], found["rules"]["only_now"]
    for rules, words in zip(only, ("the recorded screening", "this one"), strict=True):
        if rules:
            page.line(f"Rules that fired only in {words}: {', '.join(rules)}")
    return page


def _answered(answer: Data) -> str:
    return "not recorded" if answer is None else str(answer).replace("_", " ")


def _title(what: str, base: RuleBase) -> tuple[str, str]:
    """Give the leg, and what changed by the title of its file; a verdict with its words."""
    part = re.fullmatch(r"sides\.(left|right)\.(\w+)", what)
    entry = re.fullmatch(r"(?:advice|triage\.flags)\[(?:(left|right)\.)?(\w+)\](?:\.(\w+))?", what)
    side, id, more = (part[1], part[2], None) if part else entry.groups() if entry else ("", "", "")
    leg = f"{side.upper()} leg, " if side else ""
    file = base.files.get(id) or base.files.get(f"flag.{id}")
    if file is None and part:
        verdict = base.files.get("verdict")
        return (leg, f"{verdict.title}, {id}") if verdict else ("", what)
    if file is None:
        return "", _TRIAGE.get(what, what.replace(".", ", ").replace("_", " "))
    return leg, f"{file.title}{_MORE.get(more or '', f', {more}' if more else '')}"


def _verdict(word: object) -> str:
    return "no verdict" if word is None else str(word).replace("_", " ").upper()


def _is_short(row: RecordChange) -> bool:
    whole = isinstance(row["from"], dict | list) or isinstance(row["to"], dict | list)
    named = row["what"].startswith(("triage.tier", "triage.within", "triage.complete", "advice["))
    texts = max(len(str(row["from"])), len(str(row["to"]))) <= _LONG
    what = row["what"]
    sides = what.startswith("sides.") and what.count(".") == 2 and not what.endswith(_TECHNICAL)
    whole_entry = re.fullmatch(r"(advice|triage\.flags)\[[^\]]*\]", what)
    return bool(whole_entry) or (not whole and texts and (named or sides))


def _said(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("status", value.get("verdict", "listed"))).replace("_", " ")
    return str(value).replace("_", " ")


def _rules(page: Page, rules: list[str], base: RuleBase) -> None:
    """Name the rules through which something changed, unless they were named above."""
    texts = [f"{id} {base.rule_texts[id][0].title}" for id in rules if id in base.rule_texts]
    if texts:
        more = len(texts) - _NAMED
        end = f"; {more} more" if more > 0 else ""
        page.items([f"through {'; '.join(texts[:_NAMED])}{end}"], "", indent=3)
