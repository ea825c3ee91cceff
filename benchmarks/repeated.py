"""A rule base several times as large, in memory: every conclusion again, over other findings.

A copy reads other findings of the same kind (the next ones of the same words), so nothing that was
worked out for one copy serves another. Decisions, advice and families stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screening.intake.vocabulary import without_side
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion, Form, Premise, Rule
from screening.rulebase.shapes import ConclusionFile


def repeated(base: RuleBase, times: int) -> RuleBase:
    """Give a rule base with every conclusion and its rules that many times."""
    files, strata = dict(base.files), [list(stratum) for stratum in base.form.strata]
    for copy in range(2, times + 1):
        names = _names(base.form, copy)
        for stratum, more in zip(base.form.strata, strata, strict=True):
            more.extend(_conclusion(found, names, copy) for found in stratum)
        for id, file in base.files.items():
            if isinstance(file, ConclusionFile | AdviceFile):
                rules = [r.model_copy(update={"id": _copied(r.id, copy)}) for r in file.rules]
                more_of_it = {"id": _copied(id, copy), "rules": tuple(rules)}
                if isinstance(file, ConclusionFile):
                    more_of_it["levels"] = {}
                files[_copied(id, copy)] = file.model_copy(update=more_of_it)
    form = replace(base.form, strata=tuple(map(tuple, strata)))
    return replace(base, files=files, form=form)


def _copied(name: str, copy: int) -> str:
    side, bare = without_side(name)
    return f"{side}.copy{copy}.{bare}" if side else f"copy{copy}.{bare}"


def _names(form: Form, copy: int) -> dict[str, str]:
    """Give what each operand is in a copy: a conclusion its copy, a finding one of its kind."""
    names = {name: _copied(name, copy) for name in form.conclusions}
    kinds: dict[object, list[str]] = {}
    for name, operand in form.recorded.items():
        kinds.setdefault((without_side(name)[0], operand.words), []).append(name)
    for kind in kinds.values():
        moved = kind[copy - 1 :] + kind[: copy - 1]
        names |= dict(zip(kind, moved, strict=True))
    return names


def _conclusion(found: Conclusion, names: Mapping[str, str], copy: int) -> Conclusion:
    rules = tuple(_rule(rule, names, copy) for rule in found.rules)
    return found._replace(name=names[found.name], id=_copied(found.id, copy), rules=rules)


def _rule(rule: Rule, names: Mapping[str, str], copy: int) -> Rule:
    premises: tuple[Premise, ...] = tuple(
        premise._replace(operand=names.get(premise.operand, premise.operand))
        for premise in rule.premises
    )
    return Rule(
        _copied(rule.id, copy),
        _copied(rule.name, copy),
        rule.side,
        names[rule.concludes],
        premises,
    )
