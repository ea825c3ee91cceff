"""The text report: one page that says what to do next, everything with ``--full``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.page import Page, Text, terminal_width
from screening.record.proof import Proof
from screening.record.verdict import verdict_of_leg
from screening.report.advice_contents import details_of, outlook_of
from screening.report.contents import Contents, Listed
from screening.report.layout import LABEL, Line, LineOfText, Sheet
from screening.report.one_page import OnePage
from screening.report.proof_text import write_proof
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS

if TYPE_CHECKING:
    from screening.record.model import Record

_MOST = {"emergency": (25, 25), "flag": (55, 75), "no flag": (48, 70)}
"""So many lines at 80 columns, with one painful hip and with two."""

_COLUMNS = 80

_TO_DO = ("indicated.", "explanation.")
"""Conclusions that ask for something to be done or tested: after an emergency nothing is."""


def most_lines(record: Record) -> int:
    """Give how long the page of a record may be at 80 columns."""
    present = any(flag["status"] == "present" for flag in record["triage"]["flags"])
    emergency = record["triage"]["tier"] == "emergency"
    kind = "emergency" if emergency else "flag" if present else "no flag"
    return _MOST[kind][all(record["sides"].values())]


def text(record: Record, base: RuleBase, command: str = "", width: int | None = None) -> Text:
    """Give the page that a clinician reads.

    Args:
        record: the screening.
        base: the rule base it was made with.
        command: what prints all of it, to paste; left out where there is no file.
        width: of the terminal, in columns.

    """
    sheet = Sheet(width or terminal_width())
    OnePage(record, base, sheet, command).write()
    most = most_lines(record)
    if sheet.width < _COLUMNS:
        most = -(-most * (_COLUMNS - LABEL) // (sheet.width - LABEL))
    return Text([*_standing(record, base, sheet), *sheet.fit(most)])


def full_text(
    record: Record, base: RuleBase, proof: Proof, command: str = "", width: int | None = None
) -> Text:
    """Give the page with nothing left out, every reason, how to do it, the proof, the sources."""
    sheet = Sheet(width or terminal_width())
    OnePage(record, base, sheet, command).write()
    page = [*_standing(record, base, sheet), *sheet.fit(None)]
    return Text([*page, *_rest(record, base, proof, page, sheet.width)])


def _standing(record: Record, base: RuleBase, sheet: Sheet) -> list[Line]:
    """Say first of all where the rules are not those that were sealed."""
    changed = Contents(record, base).rules_changed
    return sheet.wrapped("", "", changed, "bold red") if changed else []


def _rest(record: Record, base: RuleBase, proof: Proof, said: list[Line], width: int) -> list[Line]:
    contents = Contents(record, base)
    told = {line.text for line in said if isinstance(line, LineOfText)}
    page = Page(width)
    for side in contents.sides.values():
        if side.lists:
            page.line()
        for listed in side.lists:
            if not listed.numbered and _is_told(listed, told):
                continue
            page.heading(f"{listed.heading.upper()} ({side.side})")
            page.items(listed.items, None if listed.numbered else "-")
    for listed in [*contents.consider, *contents.more]:
        if _is_told(listed, told):
            continue
        page.line()
        page.heading(listed.heading.upper())
        page.items(listed.items, "-")
    if contents.advice.entries:
        page.line()
        page.heading("HOW TO DO IT")
    advice = contents.advice
    for title, entry in zip(advice.titles, advice.entries, strict=True):
        page.heading(title, indent=2)
        how = [entry["dose"], *entry["variants"], *details_of(entry), *outlook_of(entry)]
        page.items(how, "-")
    page.line()
    page.heading("PROOF of every conclusion that holds")
    emergency = record["triage"]["tier"] == TIERS[0]
    for found in proof.inferred.form.conclusions.values():
        written = any(rule.id in base.rule_texts for rule in found.rules)
        if emergency and found.id.startswith(_TO_DO):
            continue
        if written and proof.inferred.exists(found.exists) and proof.inferred.value(found.name):
            verdict = verdict_of_leg(proof.inferred, found)
            write_proof(page, {**proof.of(found), "verdict": verdict})
    page.line()
    page.heading("SOURCES")
    page.items(contents.sources, "-")
    page.line()
    page.paragraph(base.evidence.statements["intended_use"], indent=0)
    page.paragraph(contents.made_with, indent=0)
    return page.text.lines


def _is_told(listed: Listed, told: set[str]) -> bool:
    """Tell whether the texts that the page above printed hold every one of some sentences."""
    return all(any(item in text for text in told) for item in listed.items)
