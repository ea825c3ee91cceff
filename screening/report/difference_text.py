"""Two screenings side by side, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from screening.page import Page
from screening.record.wording import lower
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS, WITHINS

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.questions.answer_model import RecordChange, Replayed

_LONG = 60
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
    before: list[str] = []
    weighed = {
        row["what"].removesuffix(_STATUS) for row in changed if row["what"].endswith(_STATUS)
    }
    told = [row for row in changed if row["what"].removesuffix(_PLACE) not in weighed]
    emergency = any(row["what"] == "triage.tier" and row["to"] == TIERS[0] for row in changed)
    if emergency:
        told = [row for row in told if not row["what"].startswith("advice[")]
    for row in (each for each in told if _is_short(each)):
        page.paragraph(_sentence(row, base), indent=0)
        if row["rules"] != before:
            _rules(page, row["rules"], base)
        before = row["rules"]
    if emergency:
        page.paragraph("The emergency comes first: nothing is advised.", indent=0)
    rest = len(changed) - sum(_is_short(row) for row in told)
    if rest:
        many = "1 longer text or conclusion" if rest == 1 else f"{rest} longer texts or conclusions"
        page.line(f"{many} changed as well (--format json has all).")


def _sentence(row: RecordChange, base: RuleBase) -> str:
    """Say one change: what it is about, as it was and as it becomes."""
    title = _title(row["what"], base)
    words = _WORDS.get(row["what"].rpartition(".")[2])
    if words:
        was, is_now = (words.get(each) or _said(each) for each in (row["from"], row["to"]))
        return f"{title}: {is_now} instead of {was}."
    old = _in_words(row["what"], row["from"], base)
    new = _in_words(row["what"], row["to"], base)
    if row["what"].endswith(".verdict"):
        return f"{title}: {_verdict(new)} instead of {_verdict(old)}."
    if isinstance(new, bool) or isinstance(old, bool):
        return f"{title}: {'yes now, no before' if new else 'no longer'}."
    if old is None:
        return f"{title}: {'now ' if isinstance(new, dict) else ''}{_said(new)}."
    if new is None:
        return f"{title}: no longer {_said(old)}."
    return f"{title}: {_said(new)} instead of {_said(old)}."


def _in_words(what: str, value: object, base: RuleBase) -> object:
    """Say the word of a decision as its row does; a row that says a sentence keeps its word."""
    decision = re.fullmatch(r"sides\.\w+\.(restriction|pattern)", what)
    rows = base.ladder(decision[1]).rows if decision else ()
    says = next((row.says for row in rows if row.word == value), "")
    return says if says[:1].islower() or says.isupper() else value


_WORDS: dict[str, dict[object, str]] = {
    "tier": {tier: "no referral" if tier == TIERS[-1] else tier.upper() for tier in TIERS},
    "within": {**{within: within.replace("_", " ") for within in WITHINS}, None: "no time named"},
    "part": {
        "first": "among the first steps",
        "then": "after the first steps",
        "optional": "optional",
        None: "no place",
    },
}
"""How words are said that mean nothing by themselves."""

_STATUS, _PLACE = ".status", ".part"
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


def _title(what: str, base: RuleBase) -> str:
    """Say what changed by the title of its file; a verdict never stands without its words."""
    part = re.fullmatch(r"sides\.(left|right)\.(\w+)", what)
    entry = re.fullmatch(r"(?:advice|triage\.flags)\[(?:(left|right)\.)?(\w+)\](?:\.(\w+))?", what)
    side, id, more = (part[1], part[2], None) if part else entry.groups() if entry else ("", "", "")
    leg = f"{side.upper()} leg, " if side else ""
    file = base.files.get(id) or base.files.get(f"flag.{id}")
    if file is None and part:
        verdict = base.files.get("verdict")
        return f"{leg}{lower(verdict.title)}, {id}" if verdict else what
    if file is None:
        return _TRIAGE.get(what, what.replace(".", ", ").replace("_", " "))
    said = f"{leg}{lower(file.title) if leg else file.title}"
    return f"{said}{_MORE.get(more or '', f', {more}' if more else '')}"


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
    texts = [f"{id} {base.rule_texts[id][0].title}" for id in rules if id in base.rule_texts]
    if texts:
        page.items(
            [f"through {'; '.join(texts[:4])}{' ...' if len(texts) > 4 else ''}"], "", indent=3
        )
