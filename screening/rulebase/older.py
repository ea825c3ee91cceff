"""What rule bases of version 1 wrote otherwise: they are still read, to screen and to compare.

Only a rule base without a seal is read so. In one that has ever been sealed the same would mean
that a part has been lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from screening.rulebase.advice_shapes import AdviceFile, BlocksFile, StopSign, StopSigns
from screening.rulebase.seal import Head
from screening.rulebase.shapes import EvidenceFile, RuleFile


def with_stop_signs(blocks: BlocksFile, files: Iterable[RuleFile], head: Head) -> BlocksFile:
    """Give the stop rules, which stood as sentences in each advice, as signs that share a reply."""
    if head.sealed is not None or blocks.stop_rules:
        return blocks
    groups: dict[str, dict[str, StopSign]] = {}
    for file in files:
        for sentence in file.stop_rules if isinstance(file, AdviceFile) else ():
            do, _, sign = sentence.partition(": ")
            groups.setdefault(do, {})[sentence] = StopSign(says=(sign or do).rstrip("."))
    stops = {do: StopSigns(says=do, signs=signs) for do, signs in groups.items()}
    return blocks.model_copy(update={"stop_rules": stops})


def says_to_whom(head: Head) -> bool:
    """Tell whether each level of a flag says to whom it goes: that stood only in its action."""
    return head.sealed is not None


def with_later_statements(evidence: EvidenceFile, head: Head) -> EvidenceFile:
    """Give the statements with those that came later.

    The intended use stood only at its length; what is never done before a referral stood nowhere,
    and is not made up.
    """
    said = evidence.statements
    if head.sealed is not None or "intended_use" not in said:
        return evidence
    statements = {"in_short": said["intended_use"], "not_done": "", **said}
    return evidence.model_copy(update={"statements": statements})
