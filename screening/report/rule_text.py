"""A rule as a clinician would read it aloud."""

from __future__ import annotations

import re
from typing import Any

from screening.report.page import Page, Text
from screening.report.uses import uses
from screening.rulebase.base import RuleBase
from screening.rulebase.files import AdviceFile, ConclusionFile, RuleFile, RuleText
from screening.rulebase.premises import PremiseError, take_apart

_COMPARED = {
    "below": "is below",
    "at_most": "is at most",
    "at_least": "is at least",
    "above": "is above",
    "is": "is",
    "one_of": "is one of",
}
_WHO = {"other": "on the other side, ", "either": "on either side, ", "both": "on both sides, "}


def shown(id: str, base: RuleBase) -> dict[str, Any] | None:
    """Give what an id stands for as plain data, or None."""
    if id in base.rule_texts:
        rule, file = base.rule_texts[id]
        return {
            "id": id,
            "file": base.documents[file.id].source,
            "rule": _data(rule),
            "of": file.id,
        }
    if id in base.files:
        return {"id": id, "file": base.documents[id].source, **_data(base.files[id])}
    for kind, known in (
        ("threshold", base.thresholds),
        ("reference", base.references),
        ("finding", base.vocabulary.entries),
    ):
        if id in known:
            return {"id": id, "kind": kind, **_data(known[id])}
    return None


def _data(model: Any) -> dict[str, Any]:
    data: dict[str, Any] = model.model_dump(mode="json")
    return data


def rule_text(id: str, base: RuleBase) -> Text:
    """Say a rule, a conclusion, an advice, a threshold, a reference or a finding."""
    page = Page()
    if id in base.rule_texts:
        rule, file = base.rule_texts[id]
        _rule(page, rule, base)
        _about(page, file, base)
    elif id in base.files:
        file_found = base.files[id]
        page.line(f"{id}   {file_found.title}", "bold")
        page.paragraph(file_found.purpose, indent=2)
        for rule in getattr(file_found, "rules", ()):
            _rule(page, rule, base)
        if isinstance(file_found, AdviceFile):
            _advice(page, file_found)
        _about(page, file_found, base)
    else:
        for key, value in (shown(id, base) or {}).items():
            if value not in (None, "", [], {}, ()):
                page.paragraph(f"{key.replace('_', ' ')}: {_plainly(value)}", indent=0)
    found = uses(id, base)
    for key, label in (("rests_on", "Rests on"), ("used_by", "Used by")):
        if found[key]:
            page.labelled(label, ", ".join(found[key]))
    return page.text


def _plainly(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plainly(part)}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _rule(page: Page, rule: RuleText, base: RuleBase) -> None:
    page.line()
    level = f" [{rule.level}]" if rule.level else ""
    page.line(f"{rule.id}{level}   {rule.title}", "bold")
    each = " (read for each leg)" if rule.each else ""
    page.paragraph(f"When all of this holds{each}:", indent=2)
    page.items((aloud(text, base) for text in rule.when), "-")
    page.paragraph(f"then: {rule.because}", indent=2)


def aloud(premise: str, base: RuleBase) -> str:
    """Say a written premise: titles for names, numbers with units for thresholds."""
    try:
        written = take_apart(premise)
    except PremiseError:
        return premise
    who = _WHO.get(written.quantifier or "", "")
    title = _title(written.name, base)
    threshold = base.thresholds.get(written.value)
    if threshold:
        value = f"{threshold.text} ({threshold.certainty.replace('_', ' ')})"
    else:
        value = re.sub(r",\s*", " or ", written.value).replace("_", " ")
    if written.value in ("true", "false"):
        holds = "it holds that" if written.value == "true" else "it does not hold that"
        return f"{who}{holds}: {title}"
    return f"{who}{title} {_COMPARED.get(written.comparison, written.comparison)} {value}"


def _title(name: str, base: RuleBase) -> str:
    if name in base.vocabulary.entries:
        return base.vocabulary.entries[name].title
    for candidate in (name, name.rpartition(".")[0], name.partition(".")[2]):
        if candidate in base.files:
            return base.files[candidate].title
        if candidate in base.vocabulary.entries:
            return f"{base.vocabulary.entries[candidate].title}, {name.rpartition('.')[2]}"
    return name


def _advice(page: Page, file: AdviceFile) -> None:
    page.line()
    page.labelled("Dose", file.dose)
    page.labelled("How", " ".join(file.how))
    page.labelled("Stop", " ".join(file.stop_rules))
    page.labelled("Expect", file.expected_change)
    page.labelled("Re-test", file.retest)


def _about(page: Page, file: RuleFile, base: RuleBase) -> None:
    page.line()
    if isinstance(file, ConclusionFile):
        for tier, level in file.levels.items():
            within = f", within {level.within.replace('_', ' ')}" if level.within else ""
            suspends = "; suspends the verdict" if level.suspends else ""
            blocks = f"; blocks {', '.join(level.blocks)}" if level.blocks else ""
            page.labelled(tier, f"{level.action}{within}{suspends}{blocks}")
    page.labelled("Limits", file.limits or "none named")
    page.labelled("Certain", file.certainty.replace("_", " "))
    for reference in file.references:
        key, _, claim = reference.partition(" ")
        source = base.references[key]
        checked = "" if source.checked else " (not checked)"
        page.labelled("Source", f"{source.short} {claim}{checked}: {source.note or source.title}")
    page.labelled("Status", f"{file.status}; {base.documents[file.id].source}")
