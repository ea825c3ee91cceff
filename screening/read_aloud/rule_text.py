"""Whatever has an id in the rule base, as a clinician would read it aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import Entry
from screening.page import Page, Text
from screening.read_aloud import part_pages, rule_pages
from screening.read_aloud.derived_pages import DERIVED_PAGES
from screening.read_aloud.rule_words import RuleWords
from screening.read_aloud.uses import uses
from screening.rulebase.advice_shapes import AdviceFile, Group
from screening.rulebase.base import RuleBase
from screening.rulebase.reviews import review_of
from screening.rulebase.shapes import (
    ConclusionFile,
    EvidenceItem,
    LadderFile,
    PromiseText,
    RuleFile,
)
from screening.rulebase.sourced import Reference, RuleText, Sourced

if TYPE_CHECKING:
    from screening.documents import Data

RulePart = RuleText | RuleFile | Threshold | Reference | Entry | Group | EvidenceItem | PromiseText
"""Whatever has an id in the rule base, and so a page."""


def parts(base: RuleBase) -> dict[str, RulePart]:
    """Give everything that has an id; ids are unique over the whole rule base."""
    kinds: tuple[Mapping[str, RulePart], ...] = (
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


def shown(id: str, base: RuleBase) -> dict[str, Data] | None:
    """Give what an id stands for as plain data, or None."""
    part = parts(base).get(id)
    if part is None:
        return None
    data: dict[str, Data] = part.model_dump(mode="json")
    if isinstance(part, RuleText):
        file = base.rule_texts[id][1]
        review = review_of(base, file.id)
        at = base.documents[file.id].source
        return {"id": id, "file": at, "rule": data, "of": file.id, "review": review}
    if isinstance(part, Sourced):
        return {"file": base.documents[id].source, **data, "review": review_of(base, id)}
    return {**data, "id": id, "kind": kind_of(part)}


_PAGES: dict[type, Callable[[Any, str, Page, RuleWords], None]] = {
    RuleText: rule_pages.rule,
    ConclusionFile: rule_pages.conclusion,
    AdviceFile: rule_pages.advice,
    LadderFile: rule_pages.ladder,
    **DERIVED_PAGES,
    Threshold: part_pages.threshold,
    Reference: part_pages.reference,
    Entry: part_pages.finding,
    Group: part_pages.blocks,
    EvidenceItem: part_pages.evidence,
    PromiseText: part_pages.promise,
}


def kind_of(part: RulePart) -> str:
    """Name the kind of a part in one word, such as ``rule``, ``advice`` or ``threshold``."""
    return getattr(part, "kind", None) or _PAGES[type(part)].__name__


def rule_text(id: str, base: RuleBase, width: int | None = None) -> Text:
    """Say a part of the rule base, what it rests on and who uses it, as wide as is asked for."""
    page, part = Page(width), parts(base)[id]
    _PAGES[type(part)](part, id, page, RuleWords(base))
    found = uses(id, base)
    for key, label in (("rests_on", "Rests on"), ("used_by", "Used by")):
        if found[key]:
            page.labelled(label, ", ".join(found[key]))
    return page.text
