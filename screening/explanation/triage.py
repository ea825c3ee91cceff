"""Triage of one case: flags present or not excluded, the worst tier, the shortest time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from screening.explanation.support import Support
from screening.explanation.wording import Wording
from screening.inference.infer import Inferred
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.files import BlocksFile, ConclusionFile
from screening.rulebase.form import Rule
from screening.rulebase.levels import WITHINS, Level, Within, tier_of

GATE = "red_flags."


def triage(inferred: Inferred, wording: Wording, support: Support) -> dict[str, Any]:
    """Give the triage: tier, within, what is answered, and every flag that is not false."""
    flags = [
        found for file in inferred.base.flags if (found := _flag(file, inferred, wording, support))
    ]
    present = [flag for flag in flags if flag["status"] == "present"]
    unanswered = unanswered_gates(inferred)
    open_levels = any(flag["not_excluded"] for flag in flags)
    return {
        "tier": inferred.rows["triage"].word,
        "within": _shortest(flag["within"] for flag in present),
        "complete": not unanswered and not open_levels,
        "attested": [gate.removeprefix(GATE) for gate in inferred.findings.attested],
        "unanswered": [gate.removeprefix(GATE) for gate in unanswered],
        "flags": flags,
    }


def unanswered_gates(inferred: Inferred) -> list[str]:
    """Give the gates that are not answered for some leg, in the order of asking."""
    vocabulary = inferred.base.vocabulary
    return [
        gate
        for gate in vocabulary.gates
        if any(name not in inferred.known for name, _ in vocabulary.operands(gate))
    ]


def _flag(
    file: ConclusionFile, inferred: Inferred, wording: Wording, support: Support
) -> dict[str, Any] | None:
    values = {level: inferred.value(f"{file.id}.{level}") for level in file.levels}
    present = [level for level, value in values.items() if value]
    unknown = [level for level, value in values.items() if value is None]
    if not present and not unknown:
        return None
    meant = present or unknown
    levels = [file.levels[name] for name in meant]
    rules = [rule for level in present for rule in _fired(f"{file.id}.{level}", inferred)]
    return {
        "id": file.id.removeprefix("flag."),
        "title": file.title,
        "status": "present" if present else "not_excluded",
        "tier": tier_of(meant[0]),
        "not_excluded": unknown,
        "within": _shortest(level.within for level in levels),
        "sides": [side for side in SIDES if side in {rule.side for rule in rules}],
        "suspends": any(level.suspends for level in levels),
        "action": _together(level.action for level in levels),
        "blocks": blocked_by_levels(levels, inferred.base.blocks),
        "because": _because(file, rules, unknown, wording, support),
        "contradicts": _contradicted(file, inferred) if present else [],
        "rules": list(dict.fromkeys(rule.id for rule in rules)),
    }


def _fired(conclusion: str, inferred: Inferred) -> Iterator[Rule]:
    for rule in inferred.form.conclusions[conclusion].rules:
        if inferred.run.rules[rule.name].must:
            yield rule


def _because(
    file: ConclusionFile,
    rules: list[Rule],
    unknown: Sequence[str],
    wording: Wording,
    support: Support,
) -> str:
    if rules:
        return _together(wording.because(rule.id, rule.side) for rule in rules)
    paths = support.waits_for(f"{file.id}.{tier}" for tier in unknown)
    titles = dict.fromkeys(wording.title(path) for path in paths)
    return f"Not recorded: {'; '.join(titles)}."


def _contradicted(file: ConclusionFile, inferred: Inferred) -> list[str]:
    gates = {
        without_side(premise.operand)[1]
        for tier in file.levels
        for rule in inferred.form.conclusions[f"{file.id}.{tier}"].rules
        for premise in rule.premises
    }
    return [gate for gate in inferred.findings.contradictions if gate in gates]


def blocked_by_levels(levels: Iterable[Level], blocks: BlocksFile) -> list[str]:
    """Give what levels block: advice ids first, then the paths of tests."""
    names = blocks.expand(name for level in levels for name in level.blocks)
    return [name for name in names if "." not in name] + [name for name in names if "." in name]


def _shortest(withins: Iterable[Within | None]) -> Within | None:
    found = [within for within in withins if within]
    return min(found, key=WITHINS.index) if found else None


def _together(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(" ".join(text.split()) for text in texts))
