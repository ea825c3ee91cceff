"""Conclusions with their rules: those written, and those that follow from data (flags, blocks)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.errors import Problem
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.form import TRUE, Conclusion, Line, Premise, Rule
from screening.rulebase.grounding.given import Place, Sources, named
from screening.rulebase.shapes import ConclusionFile, LadderFile
from screening.rulebase.sourced import STRENGTHS, RuleText, Strength


def conclusions(sources: Sources) -> dict[str, Conclusion]:
    """Give every conclusion with its rules, those written and those that follow from data."""
    found: dict[str, Conclusion] = {}
    for file in sources.of_kind(ConclusionFile, AdviceFile):
        if isinstance(file, AdviceFile):
            # An advice exists where its status is decided: for a leg with hip pain (DESIGN 3.4).
            ladder = sources.files.get(file.decided_by)
            exists = ladder.exists if isinstance(ladder, LadderFile) else ()
            made = _of_rules(sources, f"indicated.{file.id}", file, "leg", exists)
        else:
            assert isinstance(file, ConclusionFile)
            made = _flag(sources, file) if file.levels else _graded(sources, file)
        found.update({conclusion.name: conclusion for conclusion in made})
    found.update({conclusion.name: conclusion for conclusion in _blocked(sources)})
    return found


def _graded(sources: Sources, file: ConclusionFile) -> list[Conclusion]:
    """Give a conclusion; where its rules have strengths, one for each strength and any of them."""
    strengths = [each for each in STRENGTHS if any(r.strength == each for r in file.rules)]
    if not strengths:
        return _of_rules(sources, file.id, file, file.of, file.exists)
    made = [
        conclusion
        for each in strengths
        for conclusion in _of_rules(
            sources, f"{file.id}.{each}", file, file.of, file.exists, strength=each
        )
    ]
    for side in sources.sides(file.of):
        exists = sources.line(file.exists, side, file, ("exists",))
        levels = [named(side, f"{file.id}.{each}") for each in strengths]
        made.append(_any_of(file.id, side, levels)._replace(exists=exists))
    for i, rule in enumerate(file.rules):
        if rule.strength is None:
            sources.problem(file, ("rules", i), f"{rule.id} says no strength, the others do.")
    return made


def _of_rules(
    sources: Sources,
    id: str,
    file: ConclusionFile | AdviceFile,
    of: str,
    exists: tuple[str, ...],
    strength: Strength | None = None,
) -> list[Conclusion]:
    made = []
    for side in sources.sides(of):
        name = named(side, id)
        rules = [
            rule
            for i, text in enumerate(file.rules)
            if strength in (None, text.strength)
            for rule in _rules(sources, text, i, side, name, file)
        ]
        line = sources.line(exists, side, file, ("exists",))
        made.append(Conclusion(name, id, side, tuple(rules), line))
    return made


def _rules(
    sources: Sources, text: RuleText, i: int, side: str | None, concludes: str, file: object
) -> Iterator[Rule]:
    if text.each and side:
        what = "each leg is read anyway: this is of the leg."
        sources.problem(file, ("rules", i, "each"), what, "", "Drop each.")
    sides = SIDES if text.each and side is None else (side,)
    for each in sides:
        lines = sources.lines(text.when, each, file, ("rules", i, "when"))
        _no_decisions(sources, lines, file, ("rules", i, "when"))
        for number, line in enumerate(lines, 1):
            name = named(each, text.id) + (f"#{number}" if len(lines) > 1 else "")
            yield Rule(text.id, name, each or _side_of(line), concludes, line)


def _no_decisions(sources: Sources, lines: list[Line], file: object, place: Place) -> None:
    for premise in (premise for line in lines for premise in line):
        bare = without_side(premise.operand)[1]
        if isinstance(sources.files.get(bare), LadderFile) or bare.startswith("advice."):
            what = f'"{premise.operand}" is a decision, and decisions rest on rules.'
            problem = Problem(sources.where(file, place), what, "", "Name a conclusion.")
            if problem not in sources.problems:
                sources.problems.append(problem)


def _flag(sources: Sources, file: ConclusionFile) -> list[Conclusion]:
    made = []
    for tier in file.levels:
        name = f"{file.id}.{tier}"
        rules = [
            rule
            for i, text in enumerate(file.rules)
            if text.level == tier
            for rule in _rules(sources, text, i, None, name, file)
        ]
        made.append(Conclusion(name, name, None, tuple(rules)))
    levels = [f"{file.id}.{tier}" for tier in file.levels]
    made.append(_any_of(file.id, None, levels))
    return made


def _any_of(id: str, side: str | None, members: Iterable[str]) -> Conclusion:
    name = named(side, id)
    rules = tuple(
        Rule(
            without_side(source)[1],
            f"{name} by {source}",
            without_side(source)[0],
            name,
            (Premise(source, "one_of", (TRUE,)),),
        )
        for source in members
    )
    return Conclusion(name, id, side, rules)


def _blocked(sources: Sources) -> Iterator[Conclusion]:
    """Give what blocks each group, then what blocks each advice and test of each leg.

    The groups stand between flags and advice: without them every flag would need a rule for
    every advice and test of both legs, more than an engine can hold.
    """
    own = {file.id: file.blocked_by for file in sources.advice}
    by_group = {group: _blocking(sources, group) for group in sources.blocks.groups}
    for group, found in by_group.items():
        yield _any_of(f"block.{group}", None, found)
    for blocked in sources.blockable:
        groups = [g for g in by_group if by_group[g] and blocked in sources.blocks.expand((g,))]
        for side in SIDES:
            names = [f"block.{group}" for group in groups] + _blocking(sources, blocked)
            names += [named(side, name) for name in own.get(blocked, ())]
            yield _any_of(f"blocked.{blocked}", side, names)


def _blocking(sources: Sources, name: str) -> list[str]:
    """Give the flag levels and gates that name a group, an advice or a test."""
    flags = [
        f"{file.id}.{tier}"
        for file in sources.flags
        for tier, level in file.levels.items()
        if name in level.blocks
    ]
    gates = [gate for gate, text in sources.blocks.by_gate.items() if name in text.blocks]
    return flags + [each for gate in gates for each in _both_legs(sources, gate)]


def _both_legs(sources: Sources, conclusion: str) -> list[str]:
    operand = sources.names.operands.get(conclusion)
    if operand is None:
        where = sources.where(sources.blocks, ("by_gate", conclusion))
        problem = Problem(where, f'"{conclusion}" is no conclusion.')
        if problem not in sources.problems:
            sources.problems.append(problem)
        return []
    return [f"{side}.{conclusion}" for side in SIDES] if operand.leg else [conclusion]


def _side_of(line: Line) -> str | None:
    sides = {without_side(premise.operand)[0] for premise in line} - {None}
    return sides.pop() if len(sides) == 1 else None
