"""What was found of a red flag: the findings under the rules that hold, each said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.vocabulary import ABSENT, PRESENT, without_side
from screening.record.wording import Wording, lower
from screening.rulebase.form import TRUE, Premise, Rule

if TYPE_CHECKING:
    from screening.record.model import FlagFinding


def flag_findings(rules: Iterable[Rule], inferred: Inferred, wording: Wording) -> list[FlagFinding]:
    """Give the findings that make a flag hold, with their legs.

    A question that opens others (a gate) is named only where nothing under it is.
    """
    found = list(dict.fromkeys(each for rule in rules for each in _under(rule.premises, inferred)))
    gates = inferred.base.vocabulary.gates
    signs = [each for each in found if without_side(each.operand)[1] not in gates]
    said = {}
    for premise in signs or found:
        side = without_side(premise.operand)[0]
        recorded = inferred.form.recorded.get(premise.operand)
        path = recorded.path if recorded else premise.operand
        said[side, _text(premise, wording)] = path
    return [{"path": path, "side": side, "text": text} for (side, text), path in said.items()]


def _under(premises: Iterable[Premise], inferred: Inferred) -> Iterator[Premise]:
    """Give the premises on findings that hold, through conclusions and the items of scores."""
    for premise in premises:
        conclusion = inferred.form.conclusions.get(premise.operand)
        derived = inferred.form.derived_by_name.get(premise.operand)
        if conclusion is not None:
            fired = [r for r in conclusion.rules if inferred.run.rules[r.name].must]
            for rule in fired if premise.words == (TRUE,) else ():
                yield from _under(rule.premises, inferred)
        elif derived is not None and derived.awaited:
            for line in derived.awaited:
                if inferred.holds(line):
                    yield from _under(line, inferred)
        elif premise.operand in inferred.known and inferred.walk.premise(premise).must:
            yield premise


def _text(premise: Premise, wording: Wording) -> str:
    """Say a finding by its title, with the answer where the title does not say it."""
    said, title = wording.say(premise.operand), wording.title(premise.operand)
    if premise.operand in wording.base.form.derived_by_name:
        return f"{title}: {said}"
    if wording.entry(premise.operand).type == "number":
        return f"{lower(title)} {said}"
    told = said == PRESENT or said.split()[0] in title.lower()
    return lower(title) if told else f"{lower(title)}: {'no' if said == ABSENT else said}"
