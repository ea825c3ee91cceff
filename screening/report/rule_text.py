"""Whatever has an id in the rule base, as a clinician would read it aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch
from itertools import chain
from typing import Any

from screening.intake.thresholds import Threshold, with_unit
from screening.intake.vocabulary import Entry
from screening.numbers import written
from screening.report.page import Page, Text
from screening.report.rule_words import RuleWords
from screening.report.uses import uses
from screening.rulebase.base import RuleBase
from screening.rulebase.files import (
    AdviceFile,
    BandFile,
    ConclusionFile,
    EvidenceItem,
    Group,
    LadderFile,
    MeasureFile,
    PromiseText,
    Reference,
    RuleText,
    ScoreFile,
    Sourced,
)


def parts(base: RuleBase) -> dict[str, Any]:
    """Give everything that has an id; ids are unique over the whole rule base."""
    kinds: tuple[Mapping[str, Any], ...] = (
        {id: rule for id, (rule, _) in base.rule_texts.items()},
        base.files,
        base.thresholds,
        base.references,
        base.vocabulary.entries,
        base.blocks.groups,
        {item.id: item for item in base.evidence.items},
        base.promises,
    )
    return dict(chain.from_iterable(kind.items() for kind in kinds))


def shown(id: str, base: RuleBase) -> dict[str, Any] | None:
    """Give what an id stands for as plain data, or None."""
    part = parts(base).get(id)
    if part is None:
        return None
    data = part.model_dump(mode="json")
    if isinstance(part, RuleText):
        file = base.rule_texts[id][1]
        return {"id": id, "file": base.documents[file.id].source, "rule": data, "of": file.id}
    if isinstance(part, Sourced):
        return {"file": base.documents[id].source, **data}
    return {**data, "id": id, "kind": _KINDS[type(part)]}


_KINDS: dict[type, str] = {
    Threshold: "threshold",
    Reference: "reference",
    Entry: "finding",
    Group: "blocks",
    EvidenceItem: "evidence",
    PromiseText: "promise",
}


def rule_text(id: str, base: RuleBase) -> Text:
    """Say a part of the rule base, what it rests on and who uses it."""
    page, part = Page(), parts(base)[id]
    say(part, id, page, RuleWords(base))
    found = uses(id, base)
    for key, label in (("rests_on", "Rests on"), ("used_by", "Used by")):
        if found[key]:
            page.labelled(label, ", ".join(found[key]))
    return page.text


@singledispatch
def say(part: Any, id: str, page: Page, words: RuleWords) -> None:
    """Write one part of the rule base on a page, in the manner of its kind."""
    raise TypeError(type(part))


# -- rules, and the files that hold them ----------------------------------------------------------


@say.register
def _(part: RuleText, id: str, page: Page, words: RuleWords) -> None:
    _rule(part, page, words)
    _about(words.base.rule_texts[id][1], page, words, part)


@say.register
def _(part: ConclusionFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    for rule in part.rules:
        page.line()
        _rule(rule, page, words)
    if part.when_false:
        page.line()
        page.labelled("If false", words.filled(part.when_false))
    _about(part, page, words)


@say.register
def _(part: AdviceFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    for rule in part.rules:
        page.line()
        _rule(rule, page, words)
    page.line()
    page.labelled("Dose", words.filled(part.dose))
    _listed(page, "How", map(words.filled, part.how))
    _listed(page, "Stop", map(words.filled, part.stop_rules))
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
    _about(part, page, words)


@say.register
def _(part: LadderFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    page.line()
    page.paragraph("The first of these that is established stands:", indent=2)
    rows = []
    for row in part.rows:
        when = words.lines(row.any) if row.any else "nothing above is established"
        reason = f" ({row.reason.replace('_', ' ')})" if row.reason else ""
        rows.append(f"{row.word.replace('_', ' ')}{reason}: {when}.")
    page.items(rows, None)
    if part.gap:
        page.line()
        page.labelled(
            "Meant",
            f"{part.gap.word.replace('_', ' ')}, although all is recorded, when "
            f"{words.lines(part.gap.meant)}. {part.gap.because}",
        )
    _about(part, page, words)


@say.register
def _(part: MeasureFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    page.line()
    page.paragraph(
        f"{_read(part.minuend, words)} less {_read(part.subtrahend, words)}, in {part.unit}.",
        indent=2,
    )
    if part.plausible:
        page.labelled("Doubtful", f"{_past(part.plausible, words)}: {words.filled(part.warning)}")
    _about(part, page, words)


@say.register
def _(part: BandFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    for instrument in part.instruments:
        reads = (instrument.reads,) if isinstance(instrument.reads, str) else instrument.reads
        page.line()
        page.paragraph(f"Read from {' and '.join(_read(name, words) for name in reads)}:", indent=2)
        page.items(
            f"{part.words[word]}, when {words.line(line)}"
            for word, line in instrument.words.items()
        )
    for contradiction in part.set_aside:
        page.line()
        page.paragraph(f"Not used when {words.line(contradiction.when)}.", indent=2)
        page.paragraph(words.filled(contradiction.because), indent=2)
    _about(part, page, words)


@say.register
def _(part: ScoreFile, id: str, page: Page, words: RuleWords) -> None:
    _head(part, page, words)
    page.line()
    page.paragraph("Added up, each where it was found:", indent=2)
    page.items(f"{item.points:+d}  {item.title} ({words.lines(item.any)})" for item in part.items)
    for reading in part.reading:
        page.labelled("Read as", f"When {words.line(reading.when)}: {words.filled(reading.text)}")
    _about(part, page, words)


def _head(file: Sourced, page: Page, words: RuleWords) -> None:
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


def _about(file: Sourced, page: Page, words: RuleWords, rule: RuleText | None = None) -> None:
    page.line()
    for tier, level in getattr(file, "levels", {}).items():
        within = f" Within: {level.within.replace('_', ' ')}." if level.within else ""
        suspends = " Suspends the verdict." if level.suspends else ""
        blocks = f" Blocks {', '.join(level.blocks)}." if level.blocks else ""
        page.labelled(tier, f"{words.filled(level.action)}{within}{suspends}{blocks}")
    page.labelled("Limits", file.limits or "none named")
    certainty = (rule and rule.certainty) or file.certainty
    page.labelled("Certain", certainty.replace("_", " "))
    _sources((rule and rule.references) or file.references, page, words)
    if file.examples:
        page.labelled("Examples", _examples(file, rule))
    page.labelled("Status", f"{file.status}; {words.base.documents[file.id].source}")


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


def _sources(references: Iterable[str], page: Page, words: RuleWords) -> None:
    for reference in references:
        page.labelled("Source", words.source(reference))


def _listed(page: Page, label: str, sentences: Iterable[str]) -> None:
    for place, sentence in enumerate(sentences):
        page.labelled("" if place else label, sentence)


def _read(name: str, words: RuleWords) -> str:
    quantifier, _, rest = name.partition(".")
    return f"{words.title(rest)} on the other side" if quantifier == "other" else words.title(name)


def _past(limits: Mapping[Any, str], words: RuleWords) -> str:
    return ", ".join(words.number(how, threshold) for how, threshold in limits.items())


# -- numbers, sources, findings, blocks, evidence, promises ---------------------------------------


@say.register
def _(part: Threshold, id: str, page: Page, words: RuleWords) -> None:
    page.line(f"{id}   {part.title}: {part.text}", "bold")
    page.paragraph(part.because, indent=2)
    page.line()
    if part.population:
        page.labelled("For", part.population)
    if part.mdc is not None:
        page.labelled("Error", f"minimal detectable change {with_unit(part.mdc, part.unit)}")
    page.labelled("Certain", part.certainty.replace("_", " "))
    _sources(part.references, page, words)


@say.register
def _(part: Reference, id: str, page: Page, words: RuleWords) -> None:
    page.line(f"{id}   {part.short}", "bold")
    year = f" ({part.year})" if part.year else ""
    cited = ". ".join(each for each in (part.authors + year, part.title, part.journal) if each)
    for said in filter(None, (cited, part.note)):
        page.paragraph(said, indent=2)
    page.line()
    if part.doi:
        page.labelled("DOI", part.doi)
    if part.pmid:
        page.labelled("PMID", str(part.pmid))
    page.labelled(
        "Checked", "yes" if part.checked else "no: from memory, nobody has compared it yet"
    )
    for name, claim in part.claims.items():
        page.labelled(name, f"{claim.text} Evidence: {claim.evidence}")


@say.register
def _(part: Entry, id: str, page: Page, words: RuleWords) -> None:
    page.line(f"{id}   {part.title}", "bold")
    if part.question:
        page.paragraph(part.question, indent=2)
    page.line()
    for label, content in _entry(part, id, words):
        page.labelled(label, content)
    _sources(part.references, page, words)


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
    if entry.minutes:
        yield "Takes", _takes(entry)
    if entry.asked_when:
        yield (
            "Asked",
            f"when {'; and '.join(_asked(*each, words) for each in entry.asked_when.items())}",
        )
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


def _asked(name: str, wanted: Any, words: RuleWords) -> str:
    if isinstance(wanted, str):
        return f"{words.title(name)}: {words.word(name, wanted)}"
    return f"{words.title(name)}: {_past(wanted, words)}"


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
        yield "Positive", f"{_past(entry.positive, words)}: that counts as present where it belongs"
    for name, limits in entry.implies.items():
        yield "Says", f"{words.title(name)}: present, when {_past(limits, words)}"
    if entry.mirrored:
        yield "Mirrored", "on the other leg it holds with its sign turned"
    if entry.answers:
        yield (
            "Says",
            "; ".join(f"{words.title(n)}: {words.word(n, w)}" for n, w in entry.answers.items()),
        )
    if entry.needs:
        yield "Needs", "; ".join(map(words.title, entry.needs))


@say.register
def _(part: Group, id: str, page: Page, words: RuleWords) -> None:
    page.line(f"{id}   {part.title}", "bold")
    page.paragraph("Blocked together:", indent=2)
    page.items(f"{words.title(name)} ({name})" for name in words.base.blocks.expand([id]))


@say.register
def _(part: EvidenceItem, id: str, page: Page, words: RuleWords) -> None:
    page.line(f"{id}   Evidence {part.direction} the chain", "bold")
    page.paragraph(part.text, indent=2)
    page.line()
    if part.shown_for:
        page.labelled("Shown", f"with the verdicts {', '.join(part.shown_for)}")
    page.labelled("Certain", part.certainty.replace("_", " "))
    _sources(part.references, page, words)


@say.register
def _(part: PromiseText, id: str, page: Page, words: RuleWords) -> None:
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
    _sources(part.references, page, words)
