"""Each decision: that it cannot change, or every way in which it can, with a case that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from screening.assurance.compare.decisions import Kind, milder, pairs
from screening.assurance.compare.question import Model, Question
from screening.assurance.compare.responsible import Changes
from screening.assurance.compare.witness import Shown, Witnesses, mirrored
from screening.errors import ScreeningError
from screening.intake.vocabulary import sided, without_side
from screening.rulebase.base import RuleBase

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
    witness: tuple[dict[str, Any], dict[str, Any]] | None = None
    says: tuple[dict[str, str], dict[str, str]] | None = None
    rules: tuple[str, ...] = ()


class Examiner:
    """Asks the solver about every decision and screens what it answers."""

    def __init__(self, old: RuleBase, new: RuleBase, seconds: float) -> None:
        """Lay both rule bases out; after ``seconds`` a question counts as not settled."""
        self.question = Question(old, new, seconds)
        self._witnesses = Witnesses(old, new, self.question.patient)
        self._changes = Changes(old, new)

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Give the decisions that are examined together: the same one of both legs."""
        found: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys([*self.question.old, *self.question.new]):
            side, bare = without_side(name)
            found[bare] = sided(bare) if side else (name,)
        return tuple(found.values())

    def may_differ(self, group: tuple[str, ...]) -> bool:
        """Tell whether a decision is not plainly the same, before the solver is asked."""
        old, new = self.question.old, self.question.new
        return any(n in old and n in new and self.question.differing(n) for n in group)

    def examine(self, group: tuple[str, ...]) -> list[Found]:
        """Examine one decision, of both legs where it has them."""
        first, *others = group
        models: dict[tuple[str, str], Model] = {}
        found = list(self._examine(first, models, {}))
        for name in others:
            known = {change: mirrored(model) for change, model in models.items()}
            found += self._examine(name, {}, known)
        return found

    def _examine(
        self, name: str, models: dict[tuple[str, str], Model], known: dict[tuple[str, str], Model]
    ) -> Iterator[Found]:
        old, new = self.question.old.get(name), self.question.new.get(name)
        either = old or new
        assert either is not None
        if old is None or new is None:
            yield Found(name, either.kind, "removed" if new is None else "added")
            return
        settled = self.question.can_differ(name)
        if settled == "no":
            yield Found(name, either.kind, "cannot_change")
            return
        found = []
        for change in pairs(old.words, new.words):
            if each := self._change(name, change, models, known):
                found.append(each)
        if not found:
            # Where it can differ but no way was found, or it was not settled, that is said.
            found = [Found(name, either.kind, "not_settled")]
        yield from found

    def _change(
        self,
        name: str,
        change: tuple[str, str],
        models: dict[tuple[str, str], Model],
        known: dict[tuple[str, str], Model],
    ) -> Found | None:
        kind = self.question.old[name].kind
        if change in known and (found := self._shown(name, kind, change, known[change])):
            return found
        claim = self.question.claim(name, *change)
        settled = "no" if claim is None else self.question.can_hold(claim)
        if claim is None or settled == "no":
            return None
        if settled == "not_settled":
            return Found(name, kind, "not_settled", *change, milder(kind, *change))
        models[change] = self.question.smallest(claim)
        return self._shown(name, kind, change, models[change]) or Found(
            name, kind, "not_shown", *change, milder(kind, *change)
        )

    def _shown(self, name: str, kind: Kind, change: tuple[str, str], model: Model) -> Found | None:
        """Screen a patient; give nothing if the screenings do not show the change."""
        try:
            shown = self._witnesses.show(model)
        except ScreeningError:
            return None
        if not shown.agree or (shown.old_says[name], shown.new_says[name]) != change:
            return None
        return Found(
            name,
            kind,
            "changes",
            *change,
            milder(kind, *change),
            shown.files(),
            (shown.old_says, shown.new_says),
            self._responsible(name, shown),
        )

    def _responsible(self, name: str, shown: Shown) -> tuple[str, ...]:
        rests = (self.question.old[name].rests_on, self.question.new[name].rests_on)
        return self._changes.behind(rests, shown)
