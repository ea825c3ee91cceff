"""Who uses a part of the rule base, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import Entry, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Line
from screening.rulebase.shapes import RuleFile
from screening.rulebase.sourced import RuleText


def uses(id: str, base: RuleBase) -> dict[str, list[str]]:
    """Give what an id rests on (findings), and what reads or cites it directly."""
    known = _known(base)
    names = _names(id, base)
    if names:
        below = base.form.rests_on(names)
        found = [o.path for n, o in base.form.recorded.items() if n in below and n not in names]
        rests = dict.fromkeys(without_side(path)[1] for path in found)
        return {"rests_on": list(rests), "used_by": _merged(names, known.reads)}
    if id in base.thresholds:
        rests_on = list(base.thresholds[id].references)
        return {"rests_on": rests_on, "used_by": _merged([id], known.compares)}
    return {"rests_on": [], "used_by": _merged([id], known.cites)}


Places = dict[str, dict[int, str]]
"""For each name who uses it, by its place in the rule base: so they stand in one order."""


class _Used(NamedTuple):
    """Who uses what, read once from the whole rule base."""

    names: dict[str, list[str]]
    """The ground names of each name without its side."""
    reads: Places
    compares: Places
    cites: Places


@lru_cache(maxsize=4)
def _known(base: RuleBase) -> _Used:
    form = base.form
    names: dict[str, list[str]] = {}
    for name in (
        *form.recorded,
        *form.derived_by_name,
        *form.conclusions,
        *form.ladders_by_name,
    ):
        names.setdefault(without_side(name)[1], []).append(name)
    lines = list(_lines(base))
    read = [(id, [p.operand for p in line]) for id, line in lines]
    read += [(without_side(d.name)[1], list(d.operands)) for d in form.derived]
    compared = [(id, [p.threshold or "" for p in line]) for id, line in lines]
    for path, entry in base.vocabulary.entries.items():
        limits = [entry.positive, *entry.implies.values()]
        compared.append((path, [entry.mdc or "", *(n for each in limits for n in each.values())]))
    return _Used(names, _placed(read), _placed(compared), _placed(_cited(base)))


def _placed(found: Iterable[tuple[str, Iterable[str]]]) -> Places:
    places: Places = {}
    for place, (id, used) in enumerate(found):
        for name in used:
            places.setdefault(name, {})[place] = id
    return places


def _merged(names: Iterable[str], places: Places) -> list[str]:
    found = {place: id for name in names for place, id in places.get(name, {}).items()}
    return list(dict.fromkeys(found[place] for place in sorted(found)))


def _names(id: str, base: RuleBase) -> set[str]:
    """Give the ground names of an id: of a rule, those of its conclusion."""
    form = base.form
    if id in base.rule_texts:
        return {rule.concludes for rule in form.rules.values() if rule.id == id}
    tiers = getattr(base.files.get(id), "levels", ())
    known = _known(base).names
    wanted = (id, f"indicated.{id}", *(f"{id}.{tier}" for tier in tiers))
    found = {name for each in wanted for name in known.get(each, ())}
    return found or {n for n, o in form.recorded.items() if without_side(o.path)[1] == id}


def _lines(base: RuleBase) -> Iterator[tuple[str, Line]]:
    """Give every line of premises with the id of what it decides."""
    for derived in base.form.derived:
        for line in derived.lines:
            yield without_side(derived.name)[1], line
    for rule in base.form.rules.values():
        yield rule.id, rule.premises
    for ladder in base.form.ladders:
        id = f"advice {ladder.advice}" if ladder.advice else ladder.id
        for row in ladder.rows:
            yield from ((id, line) for line in row.lines or ())


def _cited(base: RuleBase) -> Iterator[tuple[str, list[str]]]:
    parts: list[tuple[str, RuleFile | Threshold | Entry | RuleText]] = [
        *base.files.items(),
        *base.thresholds.items(),
        *base.vocabulary.entries.items(),
        *((id, rule) for id, (rule, _) in base.rule_texts.items()),
    ]
    for id, part in parts:
        yield id, [source.partition(" ")[0] for source in part.references]
