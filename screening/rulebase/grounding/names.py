"""Every name that a rule may use, with what it stands for."""

from __future__ import annotations

import re

from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.form import FALSE, TRUE
from screening.rulebase.grounding.given import Sources
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.levels import TIERS, tier_of
from screening.rulebase.premises import QUANTIFIERS, Operand
from screening.rulebase.shapes import ConclusionFile, LadderFile
from screening.rulebase.sourced import Sourced


def collect_names(sources: Sources) -> None:
    """Name every operand: recorded findings, derived findings, conclusions and ladders."""
    operands, verdict = sources.names.operands, (TRUE, FALSE)
    for bare, entry in sources.vocabulary.entries.items():
        for name, words in sources.vocabulary.operands(bare):
            side, short = without_side(name)
            operands[short] = Operand(
                side is not None, words or (), entry.unit, ordered=entry.ordered
            )
    for file in sources.files.values():
        _refuse_taken(file, sources)
        if isinstance(file, DerivedFile):
            operands[file.id] = Operand(
                file.of == "leg", tuple(file.word_titles), file.measured_in, kind="derived"
            )
        elif isinstance(file, ConclusionFile):
            operands[file.id] = Operand(
                file.of == "leg", verdict, conclusion=True, kind="conclusion"
            )
            for strength in dict.fromkeys(rule.strength for rule in file.rules if rule.strength):
                operands[f"{file.id}.{strength}"] = operands[file.id]
            for tier in file.levels:
                operands[f"{file.id}.{tier}"] = Operand(
                    False, verdict, conclusion=True, kind="conclusion"
                )
        elif isinstance(file, AdviceFile):
            operands[f"indicated.{file.id}"] = Operand(
                True, verdict, conclusion=True, kind="conclusion"
            )
            operands[f"advice.{file.id}"] = _decision(sources, file.decided_by)
            if file.placed_by:
                operands[f"part.{file.id}"] = _decision(sources, file.placed_by)
        elif isinstance(file, LadderFile) and file.per is None:
            operands[file.id] = _decision(sources, file.id)
    for blocked in sources.blockable:
        operands[f"blocked.{blocked}"] = Operand(True, verdict, conclusion=True, kind="conclusion")
    for group in sources.blocks.groups:
        operands[f"block.{group}"] = Operand(False, verdict, conclusion=True, kind="conclusion")
    _collect_groups(sources)


_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_TAKEN = (*SIDES, *QUANTIFIERS, "block", "blocked", "indicated", "any_gate", "any_flag")


def _refuse_taken(file: Sourced, sources: Sources) -> None:
    """An id is a name of its own: no other part has it, and nothing else begins like it."""
    if file.id in sources.names.operands:
        sources.problem(file, ("id",), f'"{file.id}" is the name of something else already.')
    first = file.id.partition(".")[0]
    if not _NAME.fullmatch(file.id) or first in _TAKEN:
        what = f'"{file.id}" cannot be an id.'
        todo = f"Small letters, figures and _, parted by dots; never begun by {', '.join(_TAKEN)}."
        sources.problem(file, ("id",), what, "", todo)


def _decision(sources: Sources, ladder: str) -> Operand:
    """Give the words of a ladder; one that is not there is a problem elsewhere."""
    file = sources.files.get(ladder)
    rows = file.rows if isinstance(file, LadderFile) else ()
    words = tuple(dict.fromkeys(row.word for row in rows))
    return Operand(getattr(file, "of", "leg") == "leg", words, kind="ladder")


def _collect_groups(sources: Sources) -> None:
    gates = tuple(
        f"either.gate.{gate.removeprefix('red_flags.')}"
        if gate in sources.vocabulary.leg_gates
        else f"gate.{gate.removeprefix('red_flags.')}"
        for gate in sources.vocabulary.gates
    )
    levels = [(f, t, level) for f in sources.flags for t, level in f.levels.items()]
    groups = {
        "any_gate": gates,
        "any_flag": tuple(f"{file.id}.{tier}" for file, tier, _ in levels),
        "any_suspending_flag": tuple(f"{f.id}.{t}" for f, t, found in levels if found.suspends),
    }
    for tier in TIERS:
        groups[f"any_flag.{tier}"] = tuple(
            f"{f.id}.{t}" for f, t, _ in levels if tier_of(t) == tier
        )
    sources.names.groups = groups
