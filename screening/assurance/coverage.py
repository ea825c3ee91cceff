"""What the cases and the rule examples show of a rule base, and what no case shows yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from screening.assurance.examples import examples
from screening.assurance.goals import Goal, goals
from screening.assurance.impossible import why_impossible
from screening.errors import Problem, UsageError
from screening.inference.infer import Inferred, infer
from screening.intake.case import Case, load_case, read_case
from screening.rulebase.base import RuleBase


@dataclass
class Coverage:
    """Goals of a rule base, and those that a case has met."""

    base: RuleBase
    cases: int = 0
    open: dict[str, list[Goal]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    never: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List all goals by their kind."""
        for goal in goals(self.base):
            self.open.setdefault(goal.kind, []).append(goal)
        self.totals = {kind: len(found) for kind, found in self.open.items()}

    def observe(self, inferred: Inferred) -> None:
        """Strike out what one case shows."""
        self.cases += 1
        for kind, still in self.open.items():
            self.open[kind] = [goal for goal in still if not goal.met(inferred)]

    def excuse(self) -> None:
        """Set aside, each with its reason, what no case could ever show."""
        for kind, still in self.open.items():
            reasons = {goal.key: why_impossible(goal, self.base) for goal in still}
            proved = {key: why for key, why in reasons.items() if why}
            self.never.update(proved)
            self.open[kind] = [goal for goal in still if goal.key not in proved]
            self.totals[kind] -= len(proved)

    @property
    def missing(self) -> Iterator[Goal]:
        """Everything that no case shows, in the order of the rule base."""
        for still in self.open.values():
            yield from still

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many goals of each kind there are, and how many are shown."""
        return {
            kind: {"shown": total - len(self.open[kind]), "of": total}
            for kind, total in self.totals.items()
        }


def case_files(places: Iterable[Path]) -> Iterator[Path]:
    """Give the case files of files and folders, in a fixed order.

    Raises:
        UsageError: if a place does not exist.

    """
    for place in places:
        if place.is_dir():
            yield from sorted(p for p in place.rglob("*") if p.suffix in (".yaml", ".json"))
        elif place.is_file():
            yield place
        else:
            raise UsageError(Problem(str(place), "there is no such file or folder of cases."))


def cases_of(base: RuleBase, places: Iterable[Path]) -> Iterator[Case]:
    """Give all cases of files and folders, then the examples of the rule files."""
    for path in case_files(places):
        yield load_case(str(path), base.vocabulary)
    for tried in examples(base):
        yield read_case(tried.document(base), base.vocabulary)


def covered(base: RuleBase, places: Iterable[Path]) -> Coverage:
    """Infer every case and every rule example, and say what they show."""
    found = Coverage(base)
    for case in cases_of(base, places):
        found.observe(infer(case, base))
    found.excuse()
    return found
