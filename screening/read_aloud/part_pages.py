"""The pages of what rules rest on: numbers, sources, findings, blocks, evidence; and promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screening.algebra import NumberComparison
from screening.intake.thresholds import Threshold, with_unit
from screening.intake.vocabulary import Entry
from screening.numbers import written
from screening.page import Page
from screening.read_aloud.rule_pages import coded, sources
from screening.read_aloud.rule_words import RuleWords
from screening.rulebase.advice_shapes import Group
from screening.rulebase.shapes import EvidenceItem, PromiseText
from screening.rulebase.sourced import Reference


def threshold(part: Threshold, id: str, page: Page, words: RuleWords) -> None:
    """Write a number with its unit and why it was chosen."""
    page.line(f"{id}   {part.title}: {part.text}", "bold")
    page.paragraph(part.because, indent=2)
    page.line()
    if part.population:
        page.labelled("For", part.population)
    if part.mdc is not None:
        page.labelled("Error", f"minimal detectable change {with_unit(part.mdc, part.unit)}")
    page.labelled("How sure", part.certainty.replace("_", " "))
    sources(part.references, page, words)


def reference(part: Reference, id: str, page: Page, words: RuleWords) -> None:
    """Write a source as far as it is known, and whether anybody has checked it."""
    page.line(f"{id}   {part.short}", "bold")
    year = f" ({part.year})" if part.year else ""
    cited = ". ".join(filter(None, (part.authors + year, part.titled, part.journal)))
    for said in filter(None, (cited, part.says, part.note)):
        page.paragraph(said, indent=2)
    page.line()
    if part.doi:
        page.labelled("DOI", part.doi)
    if part.pmid:
        page.labelled("PMID", str(part.pmid))
    page.labelled("Read at", part.read_at or "the page was not recorded")
    page.labelled("Checked", "yes" if part.checked else "no: not compared with its publication")
    for name, claim in part.claims.items():
        page.labelled(name, f"{claim.text} Evidence: {claim.evidence}")


def finding(part: Entry, id: str, page: Page, words: RuleWords) -> None:
    """Write how a finding is asked, what may be answered, and what an answer means."""
    page.line(f"{id}   {part.title}", "bold")
    if part.question:
        page.paragraph(part.question, indent=2)
    page.line()
    for label, content in _entry(part, id, words):
        page.labelled(label, content)
    if part.codes:
        page.labelled("Codes", coded(part.codes))
    sources(part.references, page, words)


def _entry(entry: Entry, id: str, words: RuleWords) -> Iterable[tuple[str, str]]:
    yield "Of", {"leg": "each leg", "person": "the person"}[entry.of]
    yield "Answer", words.answers(id) + "; or not tested"
    if entry.refused_hint:
        yield "Slip", entry.refused_hint
    if entry.mdc:
        yield (
            "Error",
            f"minimal detectable change {words.base.thresholds[entry.mdc].text} ({entry.mdc})",
        )
    for norm in entry.norms:
        low, mean, high = (
            with_unit(n, u) for n, u in ((norm.low, ""), (norm.mean, entry.unit), (norm.high, ""))
        )
        yield (
            "Healthy",
            f"{mean} ({low} to {high}): {norm.text}. Drawn beside a reading; no rule reads it.",
        )
    if entry.brief:
        yield "In short", entry.brief
    if entry.minutes:
        yield "Takes", _takes(entry)
    if entry.asked_when:
        yield (
            "Asked",
            f"when {'; and '.join(_asked(*each, words) for each in entry.asked_when.items())}",
        )
    for enough in entry.asked_if:
        yield "Asked if", f"{'; and '.join(_asked(*each, words) for each in enough.items())}"
    if entry.further:
        yield "Asked", "with the further tests only"
    for also in entry.asked_also:
        yield "Also", f"when {'; and '.join(_asked(*each, words) for each in also.items())}"
    for other in entry.otherwise:
        tests = "; ".join(map(words.title, other.when))
        yield "Or asked", f"{other.question} (while a flag blocks, or could block: {tests})"
    yield from _relations(entry, words)
    if entry.note:
        yield "Note", entry.note


def _takes(entry: Entry) -> str:
    long = (
        f"{written(entry.minutes)} min"
        if entry.minutes >= 100
        else f"{entry.minutes * 60 // 100} s"
    )
    return f"{long}{', with ' + ', '.join(entry.equipment) if entry.equipment else ''}".replace(
        "_", " "
    )


def _asked(name: str, wanted: str | Mapping[NumberComparison, str], words: RuleWords) -> str:
    if isinstance(wanted, str):
        return f"{words.title(name)}: {words.behind(name, wanted)}"
    return f"{words.title(name)}: {words.past(wanted)}"


def _relations(entry: Entry, words: RuleWords) -> Iterable[tuple[str, str]]:
    """Say what an answer means for other findings."""
    if entry.family:
        yield "Part of", "; ".join(map(words.title, entry.family))
    if entry.circumstance:
        yield (
            "Counts",
            "only together with what it is part of; it neither opens that nor is answered by it",
        )
    if entry.one_by_one:
        yield "Asked", "always by itself, never together with others"
    if entry.positive:
        yield "Positive", f"{words.past(entry.positive)}: that counts as present where it belongs"
    for name, limits in entry.implies.items():
        yield "Says", f"{words.title(name)}: present, when {words.past(limits)}"
    if entry.mirrored:
        yield "Mirrored", "on the other leg it holds with its sign turned"
    if entry.same_as:
        yield "Same as", f"{words.title(entry.same_as)}: the answer to one answers the other"
    if entry.answers:
        yield (
            "Says",
            "; ".join(f"{words.title(n)}: {words.word(n, w)}" for n, w in entry.answers.items()),
        )
    if entry.needs:
        yield "Needs", "; ".join(map(words.title, entry.needs))


def blocks(part: Group, id: str, page: Page, words: RuleWords) -> None:
    """Write what is blocked together."""
    page.line(f"{id}   {part.title}", "bold")
    page.paragraph("Blocked together:", indent=2)
    page.items(f"{words.title(name)} ({name})" for name in words.base.blocks.expand([id]))


def evidence(part: EvidenceItem, id: str, page: Page, words: RuleWords) -> None:
    """Write one piece of evidence for or against the chain."""
    page.line(f"{id}   Evidence {part.direction} the chain", "bold")
    page.paragraph(part.text, indent=2)
    page.line()
    if part.shown_for:
        page.labelled("Shown", f"with the verdicts {', '.join(part.shown_for)}")
    page.labelled("How sure", part.certainty.replace("_", " "))
    sources(part.references, page, words)


def promise(part: PromiseText, id: str, page: Page, words: RuleWords) -> None:
    """Write what can happen in no case."""
    page.line(f"{id}   {part.title}", "bold")
    page.paragraph(part.because, indent=2)
    never = (part.whenever, *part.any_of) if part.whenever else part.any_of
    if never:
        page.line()
        page.paragraph("In no case there could ever be:", indent=2)
        page.items(map(words.line, never))
    for name, values in part.readings.items():
        numbers = ", ".join(written(value) for value in values)
        page.labelled("Read", f"{words.title(name)}: only {numbers}, or nothing")
    if part.for_each:
        page.labelled("For each", ", ".join(part.for_each).replace("_", " "))
    if part.of:
        page.labelled("Of", ", ".join(part.of))
    sources(part.references, page, words)
