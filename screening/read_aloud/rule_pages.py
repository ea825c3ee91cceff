"""The pages of rules, decisions and advice, as a clinician would read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.intake.thresholds import Code
from screening.page import Page
from screening.read_aloud.ladder_table import ladder_table
from screening.read_aloud.rule_words import RuleWords
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase
from screening.rulebase.reviews import path_of, review_of
from screening.rulebase.shapes import ConclusionFile, LadderFile
from screening.rulebase.sourced import RuleText, Sourced


def rule(part: RuleText, id: str, page: Page, words: RuleWords) -> None:
    """Write one rule and what its file says about itself."""
    _rule(part, page, words)
    about(words.base.rule_texts[id][1], page, words, part)


def conclusion(part: ConclusionFile, id: str, page: Page, words: RuleWords) -> None:
    """Write a conclusion with all its rules; of a flag, what each tier asks for."""
    head(part, page, words)
    for rule in part.rules:
        page.line()
        _rule(rule, page, words)
    if part.when_false:
        page.line()
        page.labelled("If false", words.filled(part.when_false))
    about(part, page, words)


def _stops(part: AdviceFile, words: RuleWords) -> Iterator[str]:
    for do, sign in words.base.blocks.stops(part.stop_rules):
        there = " or ".join(f"({words.line(line)})" for line in sign.recorded)
        yield f"{do}: {sign.says}{f'. There already when {there}' if there else ''}"


def advice(part: AdviceFile, id: str, page: Page, words: RuleWords) -> None:
    """Write an advice: when it is indicated, how it is done, what blocks it."""
    head(part, page, words)
    for rule in part.rules:
        page.line()
        _rule(rule, page, words)
    page.line()
    page.labelled("Dose", words.filled(part.dose))
    _listed(page, "How", map(words.filled, part.how))
    _listed(page, "Stop", _stops(part, words))
    page.labelled("Expect", words.filled(part.expected_change))
    page.labelled("Re-test", words.filled(part.retest))
    for variant in part.variants:
        page.labelled("Also", f"When {words.line(variant.when)}: {words.filled(variant.text)}")
    for note in part.notes:
        page.labelled("Note", words.filled(note))
    if part.blocked_by:
        page.labelled(
            "Blocked", f"while this holds: {'; or '.join(map(words.title, part.blocked_by))}"
        )
    page.labelled("Decided", f"by: {words.title(part.decided_by)} ({part.decided_by})")
    if part.placed_by:
        page.labelled("Placed", f"by: {words.title(part.placed_by)} ({part.placed_by})")
    for place, lines in (("First", part.first), ("Optional", part.optional)):
        if lines:
            page.labelled(place, f"when {words.lines(lines)}")
    about(part, page, words)


def ladder(part: LadderFile, id: str, page: Page, words: RuleWords) -> None:
    """Write the rows of a decision in their order."""
    head(part, page, words)
    page.line()
    page.paragraph(
        "The first of these rows that is established stands; the last takes the rest.", indent=2
    )
    page.line()
    ladder_table(part, page, words)
    if part.gap:
        page.line()
        word = part.gap.word.replace("_", " ")
        said = f'"{word}" is meant, although all is recorded, where one of these holds:'
        page.paragraph(f"{said[:1]}{said[1:2].upper()}{said[2:]}", indent=2)
        page.items(map(words.line, part.gap.meant))
        page.paragraph(part.gap.because, indent=2)
    about(part, page, words)


def head(file: Sourced, page: Page, words: RuleWords) -> None:
    """Write what a file is called, what it is for, and where it applies at all."""
    page.line(f"{file.id}   {file.title}", "bold")
    page.paragraph(file.purpose, indent=2)
    if exists := getattr(file, "exists", ()):
        page.paragraph(f"Only where this holds: {words.line(exists)}.", indent=2)


def _rule(rule: RuleText, page: Page, words: RuleWords) -> None:
    level = f" [{rule.level}]" if rule.level else ""
    page.line(f"{rule.id}{level}   {rule.title}", "bold")
    each = " (read for each leg)" if rule.each else ""
    page.paragraph(f"When all of this holds{each}:", indent=2)
    page.items(words.premise(text) for text in rule.when)
    page.paragraph(f"then: {words.filled(rule.because)}", indent=2)


def about(file: Sourced, page: Page, words: RuleWords, rule: RuleText | None = None) -> None:
    """Write what a file says about itself: limits, certainty, sources, examples, review."""
    page.line()
    for tier, level in getattr(file, "levels", {}).items():
        within = f" Within: {level.within.replace('_', ' ')}." if level.within else ""
        to = f" To: {level.to}." if level.to else ""
        suspends = " Suspends the verdict." if level.suspends else ""
        blocks = f" Blocks {', '.join(level.blocks)}." if level.blocks else ""
        page.labelled(tier, f"{words.filled(level.action)}{to}{within}{suspends}{blocks}")
    page.labelled("Limits", file.limits or "none named")
    certainty = (rule and rule.certainty) or file.certainty
    page.labelled("How sure", certainty.replace("_", " "))
    sources((rule and rule.references) or file.references, page, words)
    if file.codes:
        page.labelled("Codes", coded(file.codes))
    if file.examples:
        page.labelled("Examples", _examples(file, rule))
    retired = "retired; " if file.status else ""
    page.labelled("File", f"{retired}{words.base.documents[file.id].source}")
    page.labelled("Review", _review(file, words.base))


def coded(codes: Iterable[Code]) -> str:
    """Say codes of other systems, with what they are not."""
    return f"{'; '.join(code.text for code in codes)}. Exported, never a diagnosis."


def _review(file: Sourced, base: RuleBase) -> str:
    """Say who has read a file, and whether it is still what was read."""
    how = review_of(base, file.id)
    path = path_of(base, file.id)
    signed = [f"{s.name}, {s.date}" for s in base.reviews.reviews if s.file == path]
    said = {"none": "nobody has signed it", "signed": "signed by", "changed": "changed since"}
    return f"{said[how]} {'; '.join(signed)}".strip()


def _examples(file: Sourced, rule: RuleText | None) -> str:
    """Tell the stories of a rule or a derived finding; those of a whole file are many."""
    if rule is None and hasattr(file, "rules"):
        return f"{len(file.examples)} in the file"
    shown_by = (
        each
        for each in file.examples
        if rule is None or rule.id in (*each.fires, *each.does_not_fire)
    )
    return "; ".join(each.story for each in shown_by)


def sources(references: Iterable[str], page: Page, words: RuleWords) -> None:
    """Write the sources of a part."""
    for reference in references:
        page.labelled("Source", words.source(reference))


def _listed(page: Page, label: str, sentences: Iterable[str]) -> None:
    for place, sentence in enumerate(sentences):
        page.labelled("" if place else label, sentence)
