"""Strata: red flags first; "is false" is read only of an earlier stratum; a cycle is an error."""

from __future__ import annotations

from collections.abc import Iterator

from screening.errors import Problem
from screening.rulebase.form import FALSE, Conclusion
from screening.rulebase.grounding.given import Sources
from screening.rulebase.shapes import RuleFile


def strata(
    conclusions: dict[str, Conclusion], sources: Sources
) -> tuple[tuple[Conclusion, ...], ...]:
    """Sort conclusions into strata: red flags first; "is false" only of an earlier stratum."""
    depth: dict[str, int] = {}
    open_now: set[str] = set()
    first = {name for name, found in conclusions.items() if found.id.startswith(("gate.", "flag."))}

    def visit(name: str, floor: int) -> int:
        if name in depth:
            return depth[name]
        if name in open_now:
            file = _file_of(sources, conclusions[name].id)
            sources.problems.append(
                Problem(sources.where(file, ()), f'"{conclusions[name].id}" rests on itself.')
            )
            return 0
        open_now.add(name)
        level = floor
        for rule in conclusions[name].rules:
            for premise in rule.premises:
                if premise.operand in conclusions:
                    below = visit(premise.operand, floor)
                    level = max(level, below + (premise.value == (FALSE,)))
        depth[name] = level
        return level

    for name in first:
        visit(name, 0)
    floor = max(depth.values(), default=-1) + 1
    for name in conclusions:
        visit(name, floor)
    ordered = [
        tuple(_in_order(conclusions, [n for n in conclusions if depth[n] == level]))
        for level in sorted(set(depth.values()))
    ]
    return tuple(ordered)


def _in_order(conclusions: dict[str, Conclusion], names: list[str]) -> Iterator[Conclusion]:
    """Within a stratum, give each conclusion after those that it rests on."""
    here, done = set(names), set()

    def visit(name: str) -> Iterator[Conclusion]:
        if name in done:
            return
        done.add(name)
        for rule in conclusions[name].rules:
            for premise in rule.premises:
                if premise.operand in here:
                    yield from visit(premise.operand)
        yield conclusions[name]

    for name in sorted(names, key=lambda n: (conclusions[n].id, conclusions[n].side or "")):
        yield from visit(name)


def _file_of(sources: Sources, id: str) -> RuleFile | None:
    for candidate in (id, id.rpartition(".")[0], id.partition(".")[2]):
        if candidate in sources.files:
            return sources.files[candidate]
    return None
