"""Who uses a part of the rule base, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Line, Premise, lines_of, operands_of


def uses(id: str, base: RuleBase) -> dict[str, list[str]]:
    """Give what an id rests on (findings), and what reads or cites it directly."""
    names = _names(id, base)
    if names:
        below = base.form.rests_on(names)
        found = [o.path for n, o in base.form.recorded.items() if n in below and n not in names]
        rests = dict.fromkeys(without_side(path)[1] for path in found)
        return {"rests_on": list(rests), "used_by": _readers(names, base)}
    if id in base.thresholds:
        return {"rests_on": list(base.thresholds[id].references), "used_by": _compares(id, base)}
    return {"rests_on": [], "used_by": list(dict.fromkeys(_cites(id, base)))}


def _names(id: str, base: RuleBase) -> set[str]:
    """Give the ground names of an id: of a rule, those of its conclusion."""
    form = base.form
    if id in base.rule_texts:
        return {rule.concludes for rule in form.rules.values() if rule.id == id}
    tiers = getattr(base.files.get(id), "levels", ())
    wanted = {id, f"indicated.{id}", *(f"{id}.{tier}" for tier in tiers)}
    names = (*form.recorded, *form.derived_by_name, *form.conclusions, *form.ladders_by_name)
    found = {name for name in names if without_side(name)[1] in wanted}
    return found or {n for n, o in form.recorded.items() if without_side(o.path)[1] == id}


def _lines(base: RuleBase) -> Iterator[tuple[str, Line]]:
    """Give every line of premises with the id of what it decides."""
    for derived in base.form.derived:
        for line in lines_of(derived):
            yield without_side(derived.name)[1], line
    for rule in base.form.rules.values():
        yield rule.id, rule.premises
    for ladder in base.form.ladders:
        id = f"advice {ladder.advice}" if ladder.advice else ladder.id
        for row in ladder.rows:
            yield from ((id, line) for line in row.lines or ())


def _readers(names: set[str], base: RuleBase) -> list[str]:
    found = [id for id, line in _lines(base) if any(p.operand in names for p in line)]
    found += [
        without_side(derived.name)[1]
        for derived in base.form.derived
        if names.intersection(operands_of(derived))
    ]
    return list(dict.fromkeys(found))


def _compares(threshold: str, base: RuleBase) -> list[str]:
    def reads(premise: Premise) -> bool:
        return premise.threshold == threshold

    found = [id for id, line in _lines(base) if any(map(reads, line))]
    for path, entry in base.vocabulary.entries.items():
        compared = [entry.positive, *entry.implies.values()]
        if entry.mdc == threshold or any(threshold in each.values() for each in compared):
            found.append(path)
    return list(dict.fromkeys(found))


def _cites(reference: str, base: RuleBase) -> Iterator[str]:
    parts: list[tuple[str, Any]] = [
        *base.files.items(),
        *base.thresholds.items(),
        *base.vocabulary.entries.items(),
        *((id, rule) for id, (rule, _) in base.rule_texts.items()),
    ]
    for id, part in parts:
        if any(source.partition(" ")[0] == reference for source in part.references):
            yield id
