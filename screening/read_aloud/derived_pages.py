"""The words of every kind of derived finding: its page, as a clinician would read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from screening.page import Page
from screening.read_aloud.rule_pages import about, head
from screening.read_aloud.rule_words import RuleWords
from screening.rulebase.kinds.band import BandFile
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.kinds.measure import MeasureFile
from screening.rulebase.kinds.score import ScoreFile


def measure(part: MeasureFile, id: str, page: Page, words: RuleWords) -> None:
    """Write what is subtracted from what, and when the result is doubtful."""
    head(part, page, words)
    page.line()
    page.paragraph(
        f"{_read(part.minuend, words)} less {_read(part.subtrahend, words)}, in {part.unit}.",
        indent=2,
    )
    if part.plausible:
        page.labelled("Doubtful", f"{words.past(part.plausible)}: {words.filled(part.warning)}")
    about(part, page, words)


def band(part: BandFile, id: str, page: Page, words: RuleWords) -> None:
    """Write which readings give which word, and when they are set aside."""
    head(part, page, words)
    for instrument in part.instruments:
        page.line()
        read_from = " and ".join(_read(name, words) for name in instrument.names)
        page.paragraph(f"Read from {read_from}:", indent=2)
        page.items(
            f"{part.words[word]}, when {words.line(line)}"
            for word, line in instrument.words.items()
        )
    for contradiction in part.set_aside:
        page.line()
        page.paragraph(f"Not used when {words.line(contradiction.when)}.", indent=2)
        page.paragraph(words.filled(contradiction.because), indent=2)
    for unfit in part.not_for:
        page.line()
        page.paragraph(f"Drawn without its words when {words.line(unfit.when)}.", indent=2)
        page.paragraph(words.filled(unfit.because), indent=2)
    about(part, page, words)


def score(part: ScoreFile, id: str, page: Page, words: RuleWords) -> None:
    """Write the items of a score and how its sum is read."""
    head(part, page, words)
    page.line()
    page.paragraph("Added up, each where it was found:", indent=2)
    page.items(f"{item.points:+d}  {item.title} ({words.lines(item.any)})" for item in part.items)
    for reading in part.reading:
        page.labelled("Read as", f"When {words.line(reading.when)}: {words.filled(reading.text)}")
    about(part, page, words)


def _read(name: str, words: RuleWords) -> str:
    quantifier, _, rest = name.partition(".")
    return f"{words.title(rest)} on the other side" if quantifier == "other" else words.title(name)


DERIVED_PAGES: dict[type[DerivedFile], Callable[[Any, str, Page, RuleWords], None]] = {
    MeasureFile: measure,
    BandFile: band,
    ScoreFile: score,
}
"""How the page of each kind is written."""
