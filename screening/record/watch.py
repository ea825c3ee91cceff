"""What an examiner must know while asking: flags that hold, what may not be tested, and doubts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred, infer
from screening.intake.case import Case
from screening.intake.interview import Alarm, Watched
from screening.intake.vocabulary import without_side
from screening.record.support import Support
from screening.record.triage import triage
from screening.record.warnings import warnings
from screening.record.wording import Wording, lower, titled
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion
from screening.rulebase.levels import TIERS

if TYPE_CHECKING:
    from screening.record.model import FlagRecord, WarningRecord

_BLOCKED = "blocked"


def watch(case: Case, base: RuleBase) -> Watched:
    """Screen the answers so far and give what must be said at once; one inference."""
    inferred = infer(case, base)
    wording = Wording(inferred)
    flags = triage(inferred, wording, Support(inferred))["flags"]
    return watched(inferred, flags, list(warnings(inferred, wording)))


def watched(inferred: Inferred, found: list[FlagRecord], doubts: list[WarningRecord]) -> Watched:
    """Give what must be said at once of answers that were screened, of its flags and warnings."""
    base, support = inferred.base, Support(inferred)
    present = sorted(
        (flag for flag in found if flag["status"] == "present"),
        key=lambda flag: TIERS.index(flag["tier"]),
    )
    levels = [f"{file.id}.{level}" for file in base.flags for level in file.levels]
    return Watched(
        alarms=tuple(_alarm(flag) for flag in present),
        blocked=dict(_blocked(inferred)),
        open=frozenset(support.waits_for(levels)),
        notes={said["message"]: said["path"] for said in doubts},
        found=inferred.findings,
    )


def _alarm(flag: FlagRecord) -> Alarm:
    said = {"action": flag["action"], "because": flag["because"], "to": flag["to"] or ""}
    return Alarm(flag["id"], flag["tier"], flag["within"], titled(flag), **said)


def _blocked(inferred: Inferred) -> Iterator[tuple[str, str]]:
    """Give the tests that an open or present flag could block, each with the reason."""
    for path, conclusion in _tests(inferred.base):
        if inferred.faces(conclusion.name).may:
            yield path, _reason(conclusion, inferred)


@lru_cache(maxsize=8)
def _tests(base: RuleBase) -> tuple[tuple[str, Conclusion], ...]:
    """Give every test that something can block, and the conclusion that does."""
    found = []
    for name, conclusion in base.form.conclusions.items():
        side, bare = without_side(name)
        test = bare.removeprefix(f"{_BLOCKED}.")
        if bare != test and test in base.vocabulary.entries:
            found.append((f"{side}.{test}" if side else test, conclusion))
    return tuple(found)


def _reason(conclusion: Conclusion, inferred: Inferred) -> str:
    """Name the flags that hold, else those that are not excluded yet."""
    holds = inferred.faces(conclusion.name).must
    titles = list(dict.fromkeys(_titles(conclusion, inferred, holds)))
    named = titles if holds else [lower(title) for title in titles]
    said = "; ".join(named[:2]) + (" and others" if len(titles) > 2 else "")
    return said if holds else f"not excluded yet: {said}"


def _titles(conclusion: Conclusion, inferred: Inferred, must: bool) -> Iterator[str]:
    """Give the titles of what a block comes from: flags and gates, through its groups."""
    for rule in conclusion.rules:
        faces = inferred.run.rules[rule.name]
        if not (faces.must if must else faces.may):
            continue
        for premise in rule.premises:
            title = _title(premise.operand, inferred)
            if title:
                yield title
            elif premise.operand in inferred.form.conclusions:
                below = inferred.form.conclusions[premise.operand]
                yield from _titles(below, inferred, must)


def _title(operand: str, inferred: Inferred) -> str:
    """Give the title of a finding, or of the file of a conclusion or of one of its levels."""
    bare = without_side(operand)[1]
    entry = inferred.base.vocabulary.entries.get(bare)
    if entry is not None:
        return entry.title
    files = inferred.base.files
    file = files.get(bare) or files.get(bare.rpartition(".")[0])
    return getattr(file, "title", "")
