"""The rule base as knowledge resources of FHIR R4: libraries, a plan, and what it proposes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping

from screening.exchange.canonical import canonical, resource_id
from screening.exchange.cql import logic
from screening.exchange.cql import raw_answers as intake
from screening.exchange.cql.syntax import name, type_of, word
from screening.exchange.fhir.systems import Resource
from screening.intake.vocabulary import SIDES
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import Level
from screening.rulebase.shapes import ConclusionFile
from screening.rulebase.sourced import Reference

TERMS = "http://terminology.hl7.org/CodeSystem"
PRIORITY = {"now": "stat", "same_day": "asap", "3_days": "urgent"}
"""By the time in which a flag must be acted on; all else is routine."""

USE = (
    "For qualified clinicians examining adults with hip-region pain. Not a diagnosis; does not "
    "exclude serious disease; not validated in patients; a research and education prototype."
)
ADVISED = "advised"


def libraries(base: RuleBase, texts: Mapping[str, str], elm: Mapping[str, str]) -> list[Resource]:
    """Give a Library for each CQL library, with its ELM where there is one."""
    return [_library(base, title, texts[title], elm.get(title)) for title in texts]


def _library(base: RuleBase, title: str, text: str, elm: str | None) -> Resource:
    content = [_attachment("text/cql", text)]
    if elm is not None:
        content.append(_attachment("application/elm+json", elm))
    about = {logic.TITLE: logic.ABOUT, intake.TITLE: intake.ABOUT}[title]
    return {
        **_head(base, "Library", title, title),
        "type": {"coding": [{"system": f"{TERMS}/library-type", "code": "logic-library"}]},
        "description": about,
        "relatedArtifact": [_source(base, id) for id in sorted(base.references)],
        **({"parameter": list(_parameters(base))} if title == logic.TITLE else {}),
        "content": content,
    }


def _attachment(kind: str, text: str) -> Resource:
    return {"contentType": kind, "data": base64.b64encode(text.encode()).decode()}


def _parameters(base: RuleBase) -> Iterator[Resource]:
    for operand in base.form.recorded.values():
        kind = type_of(operand.words).lower()
        yield {"name": operand.name, "use": "in", "min": 0, "max": "1", "type": kind}


def _head(base: RuleBase, kind: str, id: str, title: str) -> Resource:
    found = resource_id(id)
    return {
        "resourceType": kind,
        "id": found,
        "url": canonical(kind, found),
        "version": base.version,
        "name": "".join(part[:1].upper() + part[1:] for part in found.replace(".", "-").split("-")),
        "title": title,
        "status": "draft",
        "experimental": True,
        "purpose": USE,
    }


def _source(base: RuleBase, id: str) -> Resource:
    source = base.references[id]
    found: Resource = {
        "type": "citation",
        "label": id,
        "display": source.short,
        "citation": _cited(source),
    }
    return found | ({"url": f"https://doi.org/{source.doi}"} if source.doi else {})


def _cited(source: Reference) -> str:
    parts = [source.authors, str(source.year or ""), source.titled, source.journal]
    parts.append(f"PMID {source.pmid}" if source.pmid else "")
    text = ". ".join(part.strip(" .") for part in parts if part.strip(" .")) or source.short
    return text if source.checked else f"{text} (not checked)"


# -- the plan and what it proposes ----------------------------------------------------------------


def plan(base: RuleBase) -> Resource:
    """Give the PlanDefinition: an action for each level of a flag and each advice of a leg."""
    return {
        **_head(base, "PlanDefinition", PLAN, "Screening for calf-driven hip pain"),
        "type": {"coding": [{"system": f"{TERMS}/plan-definition-type", "code": "eca-rule"}]},
        "description": "What the rules ask for: red flags first, then advice for each leg.",
        "usage": USE,
        "library": [canonical("Library", logic.TITLE)],
        "action": [*_flag_actions(base), *_advice_actions(base)],
    }


PLAN = "CalfHipPlan"


def activities(base: RuleBase) -> list[Resource]:
    """Give an ActivityDefinition for each level of a flag and each advice."""
    found = [
        _activity(base, name, flag.title, level.action, flag.references, _priority(level))
        for flag, name, level in _levels(base)
    ]
    found += [_advice(base, advice) for advice in base.advice]
    return found


def _levels(base: RuleBase) -> Iterator[tuple[ConclusionFile, str, Level]]:
    for flag in base.flags:
        for called, level in flag.levels.items():
            yield flag, f"{flag.id}.{called}", level


def _priority(level: Level) -> str:
    return PRIORITY.get(level.within or "", "routine")


def _activity(
    base: RuleBase,
    id: str,
    title: str,
    description: str,
    references: Iterable[str],
    priority: str,
) -> Resource:
    return {
        **_head(base, "ActivityDefinition", id, title),
        "description": _filled(base, description),
        "relatedArtifact": [_source(base, each) for each in _known(base, references)],
        "kind": "ServiceRequest",
        "intent": "proposal",
        "priority": priority,
    }


def _advice(base: RuleBase, advice: AdviceFile) -> Resource:
    how = "\n".join((advice.dose, *advice.how))
    made = _activity(base, f"advice.{advice.id}", advice.title, how, advice.references, "routine")
    return made | {"usage": _filled(base, f"{advice.expected_change} {advice.retest}")}


def _filled(base: RuleBase, text: str) -> str:
    """Put the thresholds in that a text quotes; a text for a folder quotes no patient."""
    return re.sub(r"\{(\w+)\}", lambda found: base.thresholds[found[1]].text, text)


def _known(base: RuleBase, references: Iterable[str]) -> list[str]:
    """Give the sources that are cited, without the claim of one; each once."""
    return list(dict.fromkeys(each.split()[0] for each in references))


def _flag_actions(base: RuleBase) -> Iterator[Resource]:
    for flag, called, level in _levels(base):
        yield {
            **_action(base, called, flag.title, level.action, flag.references, name(called)),
            "priority": _priority(level),
            "definitionCanonical": canonical("ActivityDefinition", resource_id(called)),
        }


def _advice_actions(base: RuleBase) -> Iterator[Resource]:
    for advice in base.advice:
        for side in SIDES:
            status = f"{side}.advice.{advice.id}"
            holds = f"{name(status)} = {word(ADVISED)}"
            if status in logic.applies(base.form):
                holds = f"{name(f'applies {status}')} and {holds}"
            title = f"{advice.title} ({side})"
            id = resource_id(f"advice.{advice.id}")
            yield {
                **_action(base, status, title, advice.dose, advice.references, holds),
                "priority": "routine",
                "definitionCanonical": canonical("ActivityDefinition", id),
            }


def _action(
    base: RuleBase, id: str, title: str, text: str, references: Iterable[str], holds: str
) -> Resource:
    return {
        "id": resource_id(id),
        "title": title,
        "description": _filled(base, text),
        "documentation": [_source(base, each) for each in _known(base, references)],
        "condition": [
            {"kind": "applicability", "expression": {"language": "text/cql", "expression": holds}}
        ],
    }
