"""From rule files to the one form: sides, bands, flag levels, blocks and ladders resolved."""

from __future__ import annotations

from collections.abc import Mapping

from screening.intake.vocabulary import Vocabulary
from screening.rulebase.files import (
    AdviceFile,
    BlocksFile,
    MeasureFile,
    RuleFile,
    ScoreFile,
)
from screening.rulebase.form import Form
from screening.rulebase.grounding.conclusions import conclusions
from screening.rulebase.grounding.derived import derived, recorded
from screening.rulebase.grounding.ladders import ladders
from screening.rulebase.grounding.names import collect_names
from screening.rulebase.grounding.sources import Sources, Where
from screening.rulebase.grounding.strata import strata


def ground_form(
    vocabulary: Vocabulary, files: Mapping[str, RuleFile], blocks: BlocksFile, where: Where
) -> tuple[Form, Sources]:
    """Give the form, and the sources with every name and every problem that was met."""
    sources = Sources(vocabulary, files, blocks, where)
    collect_names(sources)
    found = conclusions(sources)
    decided = ladders(sources)
    _try_texts(sources)
    form = Form(recorded(vocabulary), derived(sources), strata(found, sources), decided)
    return form, sources


def _try_texts(sources: Sources) -> None:
    """Ground the premises that only reports read: they must not fail before a patient."""
    for file in sources.files.values():
        side = sources.sides(getattr(file, "of", "leg"))[0]
        parts: list[tuple[str, int, tuple[str, ...]]] = []
        if isinstance(file, ScoreFile):
            parts += [("reading", i, reading.when) for i, reading in enumerate(file.reading)]
        if isinstance(file, AdviceFile):
            parts += [("variants", i, variant.when) for i, variant in enumerate(file.variants)]
        if isinstance(file, MeasureFile):
            compared = [f"{file.id} {how} {name}" for how, name in file.plausible.items()]
            parts += [("plausible", i, (text,)) for i, text in enumerate(compared)]
        for key, i, when in parts:
            sources.lines(when, side, file, (key, i))
