"""Each way in which a decision can change, shown by the case that both rule bases screened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from screening.assurance.compare.outcomes import Kind, milder
from screening.assurance.compare.question import RevisionQuestion
from screening.assurance.compare.responsible import Changes
from screening.assurance.compare.settle import Settled, Way
from screening.assurance.compare.smallest import ToBeScreened
from screening.assurance.compare.witness import Witnesses
from screening.errors import ScreeningError
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.documents import Data

Status = Literal["cannot_change", "changes", "not_settled", "not_shown", "added", "removed"]
"""``not_shown``: the solver gave a case that does not show it when screened, which is a bug."""


@dataclass(frozen=True)
class Found:
    """One decision that cannot change, or one way in which it can; plain data for other processes.

    ``witness`` holds the two case files; ``says`` what each decision says of them, before and
    after; ``rules`` what is responsible.
    """

    decision: str
    kind: Kind
    status: Status
    before: str | None = None
    after: str | None = None
    milder: bool = False
    witness: tuple[dict[str, Data], dict[str, Data]] | None = None
    says: tuple[dict[str, str], dict[str, str]] | None = None
    rules: tuple[str, ...] = ()


class Screener:
    """Screens patients by both rule bases; it needs no solver, and works in any process."""

    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        """Take both rule bases."""
        self._witnesses = Witnesses(old, new)
        self._changes = Changes(old, new)

    def screen(self, patient: ToBeScreened) -> list[Found]:
        """Screen a patient; give the changes that both screenings really show."""
        try:
            shown = self._witnesses.show(patient.model)
        except ScreeningError:
            return []
        if not shown.agree:
            return []
        files, moved = shown.files(), self._changes.moved(shown)
        found = []
        for name, before, after in patient.ways:
            if (shown.old_says[name], shown.new_says[name]) == (before, after):
                old, new = shown.old_decisions[name], shown.new_decisions[name]
                rules = self._changes.behind((old.rests_on, new.rests_on), moved)
                mild, says = milder(old.kind, before, after), (shown.old_says, shown.new_says)
                found.append(
                    Found(name, old.kind, "changes", before, after, mild, files, says, rules)
                )
        return found


def found_of(
    settled: Settled, question: RevisionQuestion, shown: Mapping[Way, Found]
) -> Iterator[Found]:
    """Give what is found of one decision, once its patients were screened."""
    name = settled.decision
    kind = (question.old.get(name) or question.new[name]).kind
    if not settled.ways:
        yield Found(name, kind, settled.status)
    for way, model in settled.ways.items():
        status: Status = "not_settled" if model is None else "not_shown"
        _, before, after = way
        mild = milder(kind, before, after)
        yield shown.get(way) or Found(name, kind, status, before, after, mild)
