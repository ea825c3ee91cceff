"""A proof as text: sentences, then what they rest on, then the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.page import Page, Text
from screening.record.wording import lower

if TYPE_CHECKING:
    from screening.questions.answer_model import VerdictProofs, WhyNotAnswer
    from screening.record.proof_model import ConclusionProof, PremiseProof, RuleProof

VALUE = {True: "yes", False: "no", None: "unknown"}
"""How the three values of a conclusion are said."""

MARK = {"met": "[x]", "not_met": "[ ]", "unknown": "[?]"}
"""How the state of a premise is marked."""


def proof_text(proof: ConclusionProof) -> Text:
    """Give every proof of a conclusion, down to the recorded findings."""
    page = Page()
    write_proof(page, proof, every=True)
    return page.text


def verdicts_text(told: VerdictProofs) -> Text:
    """Explain each verdict: what it is, because of what, and the proof under it."""
    page = Page()
    for verdict in told["verdicts"]:
        page.line(f"{verdict['side'].upper()} LEG: {verdict['says']}", "bold")
        page.paragraph(f"{verdict['title']}.", indent=2)
        page.line()
        page.heading("Because")
        lines = verdict["because_lines"]
        if len(lines) == 1:
            page.paragraph(lines[0], indent=0)
        else:
            page.items(lines, None, indent=0)
        if verdict["decides"]:
            page.paragraph(
                f"What would decide: {'; '.join(verdict['decides']['titles'])}.", indent=0
            )
        for proof in verdict["proofs"]:
            write_proof(page, proof)
        page.line()
    return page.text


def holds_text(answer: ConclusionProof | WhyNotAnswer) -> str:
    """Say of a conclusion that holds what the verdict of its leg is, where that is another."""
    verdict, side = answer.get("verdict"), answer["side"]
    if not verdict or not side or answer["conclusion"].rpartition(".")[2] == verdict["word"]:
        return "It holds."
    leg = f"the verdict of the {side.upper()} leg is {verdict['says']}"
    if answer["conclusion"] == "verdict.possible" and verdict["word"] == "likely":
        return f"It holds, and more than that: {leg}."
    return f"It holds, but something else comes first: {leg}."


def headed(answer: ConclusionProof | WhyNotAnswer) -> str:
    """Say what is asked about, of which leg, and whether it is so."""
    leg = f"{answer['side'].upper()} leg: " if answer["side"] else ""
    return f"{leg}{answer['title']}: {VALUE[answer['value']].upper()}"


def write_proof(page: Page, proof: ConclusionProof, every: bool = False) -> None:
    """Write the first proof of a conclusion, or every one; what was shown once is not repeated."""
    page.line()
    page.paragraph(headed(proof), indent=0, style="bold")
    if proof["value"] and proof.get("verdict"):
        page.paragraph(holds_text(proof), indent=2)
    if not proof["proofs"]:
        page.paragraph("No rule leads to it in this case.", indent=2)
        return
    first_only = proof["value"] and not every
    shown = proof["proofs"][:1] if first_only else proof["proofs"]
    if not proof["value"]:
        lacks = {False: "lacks something", None: "waits for something"}[proof["value"]]
        page.paragraph(f"No rule for it holds. Each of these {lacks}:", indent=2)
    seen: set[str] | None = set() if every else None
    for rule in shown:
        _rule(page, rule, 2, seen)
    others = len(proof["proofs"]) - len(shown)
    if others:
        more = "1 more rule leads" if others == 1 else f"{others} more rules lead"
        page.paragraph(f"({more} to the same.)", indent=2)


def _rule(page: Page, rule: RuleProof, indent: int, seen: set[str] | None) -> None:
    side = f", {rule['side']}" if rule["side"] else ""
    name = f"{rule['rule']}{side}"
    if not rule["certainty"]:
        # It follows from data, such as what a flag blocks: its premise says all there is.
        for premise in rule["premises"]:
            _premise(page, premise, indent, seen)
        return
    if seen is not None and name in seen:
        page.paragraph(f"{name}: {rule['title']} (shown above)", indent=indent)
        return
    if seen is not None:
        seen.add(name)
    page.paragraph(f"{name}: {rule['title']}", indent=indent)
    if rule["because"]:
        page.paragraph(f"because {lower(rule['because'])}", indent=indent + 2)
    for premise in rule["premises"]:
        _premise(page, premise, indent + 2, seen)
    if rule["references"]:
        certainty = (rule["certainty"] or "").replace("_", " ")
        sources = "; ".join(rule["references"])
        page.paragraph(f"Source: {sources}. Certainty: {certainty}.", indent=indent + 2)


def _premise(page: Page, premise: PremiseProof, indent: int, seen: set[str] | None) -> None:
    origin = f" ({premise['origin']})" if premise.get("origin") else ""
    page.paragraph(f"{MARK[premise['status']]} {premise['text']}{origin}", indent=indent)
    for finding in premise.get("findings", ()):
        text = f"{finding['title']}: {finding['value']} ({finding['origin']})"
        page.paragraph(text, indent=indent + 6)
    threshold = premise.get("threshold")
    if threshold:
        certainty = threshold["certainty"].replace("_", " ")
        said = dict.fromkeys(
            each for each in (certainty, *threshold["references"]) if each != certainty.capitalize()
        )
        page.paragraph(f"threshold {threshold['text']} [{'; '.join(said)}]", indent=indent + 6)
    first_only = premise["status"] == "met" and seen is None
    for rule in premise["proofs"][:1] if first_only else premise["proofs"]:
        _rule(page, rule, indent + 4, seen)
