"""The text report: one page for an ordinary case, the whole proof with ``--full``."""

from __future__ import annotations

from screening.explanation.proof import Proof
from screening.explanation.screening import Record
from screening.report.advice_contents import Advice, details_of, outlook_of
from screening.report.contents import Contents, Listed, Side, Triage
from screening.report.page import Page, Text
from screening.report.proof_text import write_proof
from screening.rulebase.base import RuleBase

_STYLE = {"emergency": "bold red", "urgent": "bold red", "referral": "bold yellow", "none": ""}


def text(record: Record, base: RuleBase) -> Text:
    """Give the page that a clinician reads."""
    return _page(Contents(record, base)).text


def full_text(record: Record, base: RuleBase, proof: Proof) -> Text:
    """Give the page, then how to do it, the proof of all that holds, and the sources."""
    contents = Contents(record, base)
    page = _page(contents)
    page.line()
    page.heading("HOW TO DO IT")
    for entry in contents.advice.entries:
        page.heading(f"{entry['title']} ({entry['side']})", indent=2)
        page.items(details_of(entry), "-")
        for paragraph in outlook_of(entry):
            page.paragraph(paragraph, indent=5)
    page.line()
    page.heading("PROOF of every conclusion that holds")
    for found in proof.inferred.form.conclusions.values():
        if proof.inferred.exists(found.exists) and proof.inferred.value(found.name):
            write_proof(page, proof.of(found))
    _section(page, Listed("SOURCES", contents.sources))
    return page.text


def _page(contents: Contents) -> Page:
    page = Page()
    if contents.rules_changed:
        page.paragraph(contents.rules_changed, indent=0, style="bold red")
    page.line("   ".join([f"CALF-HIP SCREENING   {contents.head[0]}", *contents.head[1:]]), "bold")
    _triage(page, contents.triage)
    for side in contents.sides.values():
        _side(page, side)
    for name, reading in contents.painless.items():
        page.line()
        page.labelled(name.upper(), reading)
    for hip in contents.consider:
        page.line()
        title, bracket, rest = hip.heading.partition(" (")
        page.heading(f"{title.upper()}{bracket}{rest}")
        for item in hip.items:
            page.paragraph(item, indent=3)
    _advice(page, contents.advice)
    _section(page, Listed("SCORES", contents.scores))
    _section(page, Listed("RECORD NEXT", contents.next))
    _section(page, Listed("CHECK", contents.warnings))
    page.line()
    for paragraph in contents.foot:
        page.paragraph(paragraph, indent=0)
    return page


def _triage(page: Page, triage: Triage) -> None:
    page.labelled("TRIAGE", triage.headline, _STYLE[triage.tier])
    for flag in triage.flags:
        page.paragraph(f"[{flag.label}] {flag.text}", style=_STYLE[flag.tier])
        page.paragraph(f"-> {flag.action}", indent=12)
        if flag.check:
            page.paragraph(flag.check, indent=12)
    for sentence in [*triage.open, triage.statement]:
        page.paragraph(sentence)


def _side(page: Page, side: Side) -> None:
    page.line()
    page.labelled(side.side.upper(), side.headline, "bold")
    for paragraph in side.paragraphs:
        page.paragraph(paragraph)
    for listed in side.lists:
        page.heading(listed.heading, indent=2)
        page.items(listed.items, None if listed.numbered else "-")


def _advice(page: Page, advice: Advice) -> None:
    page.line()
    page.heading("ADVICE   to be decided by the clinician")
    page.items(advice.items, None, indent=2)
    if advice.nothing:
        page.paragraph(advice.nothing, indent=3, style="bold red" if advice.disagree else "")
    for sentence in [*advice.stops, *advice.not_now]:
        page.paragraph(sentence, indent=3)


def _section(page: Page, listed: Listed) -> None:
    if listed.items:
        page.line()
        page.heading(listed.heading)
        page.items(listed.items, "-")
