"""Triage of one case: flags present or not excluded, the worst tier, the shortest time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.vocabulary import PRESENT, SIDES, without_side
from screening.record.flag_findings import flag_findings
from screening.record.said import Sayings, told, truth_of, word
from screening.record.support import Support
from screening.record.wording import Wording
from screening.rulebase.advice_shapes import BlocksFile
from screening.rulebase.form import Rule
from screening.rulebase.levels import WITHINS, Level, tier_of
from screening.rulebase.shapes import ConclusionFile

if TYPE_CHECKING:
    from screening.record.model import FlagRecord, GateAnsweredYes, TriageRecord

GATE = "red_flags."
_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")


def triage(inferred: Inferred, wording: Wording, support: Support) -> TriageRecord:
    """Give the triage: tier, within, what is answered, and every flag that is not false."""
    flags = [
        found for file in inferred.base.flags if (found := _flag(file, inferred, wording, support))
    ]
    present = [flag for flag in flags if flag["status"] == "present"]
    said = Sayings(inferred.base, inferred.walk)
    return {
        "tier": told(said, "tier"),
        "within": word(said, "within"),
        "complete": truth_of(said, "triage_complete"),
        "attested": [gate.removeprefix(GATE) for gate in inferred.findings.attested],
        "unanswered": [gate.removeprefix(GATE) for gate in unanswered_gates(inferred)],
        "asked_and_answered_yes": list(_yes_without_a_flag(present, inferred)),
        "flags": flags,
    }


def unanswered_gates(inferred: Inferred) -> list[str]:
    """Give the gates that are not answered for some leg, in the order of asking."""
    said = Sayings(inferred.base, inferred.walk)
    return [gate for gate in inferred.base.vocabulary.gates if said.unanswered(gate)]


def _yes_without_a_flag(
    flags: Iterable[FlagRecord], inferred: Inferred
) -> Iterator[GateAnsweredYes]:
    """Give the gates that are answered yes, on some leg, and lead to no flag that is present."""
    vocabulary, texts = inferred.base.vocabulary, inferred.base.rule_texts
    led = {
        without_side(premise.operand)[1]
        for flag in flags
        for rule in inferred.form.rules.values()
        if rule.id in flag["rules"] and rule.id in texts and inferred.run.rules[rule.name].must
        for premise in rule.premises
    }
    for gate in vocabulary.gates:
        names = [name for name, _ in vocabulary.operands(gate)]
        yes = [n for n in dict.fromkeys(names) if inferred.known.get(n) == frozenset({PRESENT})]
        if yes and gate not in led:
            yield {
                "gate": gate.removeprefix(GATE),
                "title": vocabulary[gate].title,
                "sides": [side for name in yes if (side := without_side(name)[0])],
            }


def _flag(
    file: ConclusionFile, inferred: Inferred, wording: Wording, support: Support
) -> FlagRecord | None:
    values = {level: inferred.value(f"{file.id}.{level}") for level in file.levels}
    present = [level for level, value in values.items() if value]
    unknown = [level for level, value in values.items() if value is None]
    if not present and not unknown:
        return None
    meant = present or unknown
    levels = [file.levels[name] for name in meant]
    rules = [rule for level in present for rule in _fired(f"{file.id}.{level}", inferred)]
    blocks, entries = (
        blocked_by_levels(levels, inferred.base.blocks),
        inferred.base.vocabulary.entries,
    )
    answered = {without_side(path)[1] for path in inferred.case.answers}
    return {
        "id": file.id.removeprefix("flag."),
        "title": file.title,
        "status": "present" if present else "not_excluded",
        "tier": tier_of(meant[0]),
        "not_excluded": unknown,
        "within": _shortest(level.within for level in levels),
        "sides": [side for side in SIDES if side in {rule.side for rule in rules}],
        "to": levels[0].to,
        "suspends": any(level.suspends for level in levels),
        "action": " ".join(levels[0].action.split()),
        "blocks": blocks,
        "not_done": [name for name in blocks if name in entries and name not in answered],
        "because": _because(file, rules, unknown, wording, support),
        "findings": flag_findings(rules, inferred, wording),
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
        told: dict[str | None, list[str]] = {}
        for rule in _telling(rules):
            told.setdefault(rule.side, []).append(wording.because(rule.id, rule.side))
        return _by_leg({side: _together(texts) for side, texts in told.items()})
    paths = support.waits_for(f"{file.id}.{tier}" for tier in unknown)
    return f"Not recorded: {'; '.join(wording.titles(paths))}."


def _by_leg(said: dict[str | None, str]) -> str:
    """Name the legs where a reason could be of either."""
    if len(said) == 1:
        return next(iter(said.values()))
    if len(set(said.values())) == 1:
        return f"Both legs: {next(iter(said.values()))}"
    return " ".join(f"{side.title()}: {text}" if side else text for side, text in said.items())


def _telling(rules: list[Rule]) -> Iterator[Rule]:
    """Give the rules that add a finding to those said before them, the worst level first.

    A milder level often reads what a worse one read already: its reason would say it again.
    """
    said: set[str] = set()
    for rule in rules:
        read = {
            premise.operand
            for premise in rule.premises
            if not without_side(premise.operand)[1].startswith(GATE)
        }
        if not said or not read <= said:
            yield rule
        said |= read


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


def _shortest(withins: Iterable[str | None]) -> str | None:
    found = set(withins)
    return next((within for within in WITHINS if within in found), None)


def _together(texts: Iterable[str]) -> str:
    """Join texts, each sentence once; one that only begins another is in it."""
    sentences = [each for text in texts for each in _SENTENCE_END.split(" ".join(text.split()))]
    begun = {s for s in sentences for o in sentences if o.startswith(f"{s.rstrip('.')}, ")}
    return " ".join(each for each in dict.fromkeys(sentences) if each not in begun)
