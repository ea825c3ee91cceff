"""A proof as text: sentences, then what they rest on, then the source."""

from __future__ import annotations

from typing import Any

from screening.page import Page, Text

VALUE = {True: "yes", False: "no", None: "unknown"}
"""How the three values of a conclusion are said."""

MARK = {"met": "[x]", "not_met": "[ ]", "unknown": "[?]"}
"""How the state of a premise is marked."""


def proof_text(proof: dict[str, Any]) -> Text:
    """Give every proof of a conclusion, down to the recorded findings."""
    page = Page()
    write_proof(page, proof, every=True)
    return page.text


def verdicts_text(told: dict[str, Any]) -> Text:
    """Explain each verdict: what it is, because of what, and the proof under it."""
    page = Page()
    for verdict in told["verdicts"]:
        page.line(f"{verdict['side'].upper()} LEG: {verdict['says']}", "bold")
        page.paragraph(f"{verdict['title']}.", indent=2)
        page.line()
        page.heading("Because")
        page.items(verdict["because_lines"], None, indent=0)
        if verdict["decides"]:
            page.paragraph(
                f"What would decide: {'; '.join(verdict['decides']['titles'])}.", indent=0
            )
        for proof in verdict["proofs"]:
            write_proof(page, proof)
        page.line()
    return page.text


def write_proof(page: Page, proof: dict[str, Any], every: bool = False) -> None:
    """Write the first proof of a conclusion, or every one; what was shown once is not repeated."""
    where = f", {proof['side']}" if proof["side"] else ""
    page.line()
    page.line(
        f"{proof['title']}{where}: {VALUE[proof['value']].upper()}   {proof['conclusion']}", "bold"
    )
    if not proof["proofs"]:
        page.paragraph("No rule leads to it in this case.", indent=2)
        return
    first_only = proof["value"] and not every
    shown = proof["proofs"][:1] if first_only else proof["proofs"]
    if not proof["value"]:
        page.paragraph("No rule for it holds. Each of these lacks something:", indent=2)
    seen: set[str] | None = set() if every else None
    for rule in shown:
        _rule(page, rule, 2, seen)
    others = len(proof["proofs"]) - len(shown)
    if others:
        page.paragraph(f"({others} more rules lead to the same.)", indent=2)


def _rule(page: Page, rule: dict[str, Any], indent: int, seen: set[str] | None) -> None:
    side = f", {rule['side']}" if rule["side"] else ""
    name = f"{rule['rule']}{side}"
    if seen is not None and name in seen:
        head = f"{name}: {rule['title']}" if rule["certainty"] else rule["title"]
        page.paragraph(f"{head} (shown above)", indent=indent)
        return
    if seen is not None:
        seen.add(name)
    page.paragraph(
        f"{name}: {rule['title']}" if rule["certainty"] else rule["title"], indent=indent
    )
    if rule["because"]:
        page.paragraph(f"because {rule['because']}", indent=indent + 2)
    for premise in rule["premises"]:
        _premise(page, premise, indent + 2, seen)
    if rule["references"]:
        certainty = (rule["certainty"] or "").replace("_", " ")
        sources = "; ".join(rule["references"])
        page.paragraph(f"Source: {sources}. Certainty: {certainty}.", indent=indent + 2)


def _premise(page: Page, premise: dict[str, Any], indent: int, seen: set[str] | None) -> None:
    origin = f" ({premise['origin']})" if premise.get("origin") else ""
    page.paragraph(f"{MARK[premise['status']]} {premise['text']}{origin}", indent=indent)
    for finding in premise.get("findings", ()):
        text = f"{finding['title']}: {finding['value']} ({finding['origin']})"
        page.paragraph(text, indent=indent + 6)
    threshold = premise.get("threshold")
    if threshold:
        sources = "; ".join(threshold["references"])
        certainty = threshold["certainty"].replace("_", " ")
        page.paragraph(f"threshold {threshold['text']} [{certainty}; {sources}]", indent=indent + 6)
    first_only = premise["status"] == "met" and seen is None
    for rule in premise["proofs"][:1] if first_only else premise["proofs"]:
        _rule(page, rule, indent + 4, seen)
