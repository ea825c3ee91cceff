"""Each decision: that it cannot change, or every way in which it can, with a case that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from screening.assurance.compare.outcomes import Kind, milder, pairs
from screening.assurance.compare.patients import NO_CHANGE, Patients
from screening.assurance.compare.question import Model, RevisionQuestion
from screening.assurance.compare.responsible import Changes
from screening.assurance.compare.smallest import Smallest
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


Change = tuple[str, str, str]
"""A decision, and what it says before and after."""


@dataclass(frozen=True)
class Settled:
    """What the solver says of a decision: the ways in which it can change, each with a patient.

    ``status`` speaks of the decision where no way can be named. Ways without a patient were not
    settled. ``mirrored`` names those whose patient is the one of the other leg.
    """

    decision: str
    status: Status
    ways: dict[tuple[str, str], Model | None]
    mirrored: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class ScreenedPair:
    """One patient to be screened, and the changes that it shows."""

    model: Model
    changes: tuple[Change, ...]


class Examiner:
    """Asks the solver about every decision, makes its patients small and screens them."""

    def __init__(self, old: RuleBase, new: RuleBase, seconds: float) -> None:
        """Lay both rule bases out; after ``seconds`` a question counts as not settled."""
        self.question = RevisionQuestion(old, new, seconds)
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

    # -- first the solver -----------------------------------------------------------------------

    def settle(self, group: tuple[str, ...]) -> list[Settled]:
        """Ask the solver about one decision, of both legs where it has them."""
        first, *others = group
        found = [self._settle(first, {})]
        for name in others:
            known = {way: mirrored(m) for way, m in found[0].ways.items() if m}
            found.append(self._settle(name, self._that_hold(name, known)))
        return found

    def _settle(self, name: str, known: dict[tuple[str, str], Model]) -> Settled:
        old, new = self.question.old.get(name), self.question.new.get(name)
        if old is None or new is None:
            return Settled(name, "removed" if new is None else "added", {})
        settled = "yes" if known else self.question.can_differ(name)
        if settled == "no":
            return Settled(name, "cannot_change", {})
        ways: dict[tuple[str, str], Model | None] = {}
        for way in pairs(old.words, new.words):
            if way in known:
                ways[way] = known[way]
                continue
            settled = self.question.can_hold(self.question.claim(name, *way))
            if settled != "no":
                ways[way] = self.question.model() if settled == "yes" else None
        # Where it can differ but no way was found, or it was not settled, that is said.
        return Settled(name, "changes" if ways else "not_settled", ways, frozenset(known))

    def _that_hold(
        self, name: str, known: dict[tuple[str, str], Model]
    ) -> dict[tuple[str, str], Model]:
        if not known or name not in self.question.old or name not in self.question.new:
            return {}
        patients = Patients(self.question, [self.question.claim(name, *way) for way in known])
        held = patients.hold(list(known.values()), [[NO_CHANGE]] * len(known), range(len(known)))
        return {way: m for (way, m), holds in zip(known.items(), held, strict=True) if holds[0]}

    # -- then the circuit -----------------------------------------------------------------------

    def smallest(self, settled: Sequence[Settled]) -> list[ScreenedPair]:
        """Give the patients to be screened: for every change one from whom nothing can be left out.

        The patients of one leg are made small first; mirrored, they mostly show the other as well.
        """
        found = {
            (each.decision, *way): (model, way in each.mirrored)
            for each in settled
            for way, model in each.ways.items()
            if model is not None
        }
        changes = list(found)
        smallest = Smallest(self.question, [self.question.claim(*change) for change in changes])
        small: list[Model] = []
        best: dict[int, Model] = {}
        for later in (False, True):
            places = [
                place
                for place, (_, is_mirrored) in enumerate(found.values())
                if place not in best and (later or not is_mirrored)
            ]
            models = [found[changes[place]][0] for place in places]
            made = smallest.of(models, places)
            known = {model.key: model for model in small}
            for model in made:
                known |= {each.key: each for each in (model, mirrored(model))}
            small = list(known.values())
            best = smallest.best(small)
        shown: dict[Any, ScreenedPair] = {}
        for place, model in sorted(best.items()):
            before = shown.get(model.key, ScreenedPair(model, ()))
            shown[model.key] = ScreenedPair(model, (*before.changes, changes[place]))
        return list(shown.values())

    # -- last the screening ---------------------------------------------------------------------

    def screen(self, screening: ScreenedPair) -> list[Found]:
        """Screen a patient by both rule bases; give the changes that it really shows."""
        try:
            shown = self._witnesses.show(screening.model)
        except ScreeningError:
            return []
        if not shown.agree:
            return []
        files, says = shown.files(), (shown.old_says, shown.new_says)
        found = []
        for name, before, after in screening.changes:
            if (shown.old_says[name], shown.new_says[name]) == (before, after):
                kind, rules = self.question.old[name].kind, self._responsible(name, shown)
                mild = milder(kind, before, after)
                found.append(Found(name, kind, "changes", before, after, mild, files, says, rules))
        return found

    def _responsible(self, name: str, shown: Shown) -> tuple[str, ...]:
        rests = (self.question.old[name].rests_on, self.question.new[name].rests_on)
        return self._changes.behind(rests, shown)

    def found(self, settled: Settled, shown: dict[Change, Found]) -> Iterator[Found]:
        """Give what is found of one decision, once its patients were screened."""
        name = settled.decision
        either = self.question.old.get(name) or self.question.new[name]
        if not settled.ways:
            yield Found(name, either.kind, settled.status)
        for way, model in settled.ways.items():
            status: Status = "not_settled" if model is None else "not_shown"
            mild = milder(either.kind, *way)
            yield shown.get((name, *way)) or Found(name, either.kind, status, *way, mild)
