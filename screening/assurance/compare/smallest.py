"""The smallest cases: answers are left out of many patients at once while a claim stays true.

The solver finds a patient of whom something is true. Which of the answers are needed is asked of
the circuit, which works out thousands of patients in the time in which the solver answers once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from screening.assurance.compare.patients import Change, Key, Patients
from screening.assurance.compare.question import Model, RevisionQuestion
from screening.assurance.compare.settle import Settled, Way
from screening.assurance.compare.witness import mirrored
from screening.cohort.circuit import Bits
from screening.intake.vocabulary import SIDES, without_side

_NEAR = 25
"""So many numbers on either side of the one that was found are tried for a plainer one."""


@dataclass(frozen=True)
class ToBeScreened:
    """One patient, and the ways in which decisions change that it shows."""

    model: Model
    ways: tuple[Way, ...]


def to_be_screened(question: RevisionQuestion, settled: Sequence[Settled]) -> list[ToBeScreened]:
    """Give the patients to be screened: for every way one from whom nothing can be left out.

    Those of one leg are made small first; mirrored, they mostly show what the other leg can do.
    """
    found = {way: model for each in settled for way, model in each.ways.items() if model}
    ways = list(found)
    smallest = Smallest(question, [question.claim(*way) for way in ways])
    small: dict[tuple[object, ...], Model] = {}
    best: dict[int, Model] = {}
    for sides in ((None, SIDES[0]), (SIDES[1],)):
        places = [p for p, way in enumerate(ways) if without_side(way[0])[0] in sides]
        places = [place for place in places if place not in best]
        for model in smallest.of([found[ways[place]] for place in places], places):
            small |= {each.key: each for each in (model, mirrored(model))}
        best = smallest.best(list(small.values()))
    shown: dict[tuple[object, ...], ToBeScreened] = {}
    for place, model in sorted(best.items()):
        before = shown.get(model.key, ToBeScreened(model, ()))
        shown[model.key] = ToBeScreened(model, (*before.ways, ways[place]))
    return list(shown.values())


class Smallest:
    """Makes patients small of whom claims are true, and tells which patient shows which claims."""

    def __init__(self, question: RevisionQuestion, claims: Sequence[Bits]) -> None:
        """Take the claims about which will be asked; they are named by their places."""
        self._kinds = question.patient.kinds
        self._patients = Patients(question, claims)

    def of(self, models: Sequence[Model], claims: Sequence[int]) -> list[Model]:
        """Give patients of whom the same claims hold, without an answer that can be left out.

        Args:
            models: patients, each with one claim that holds.
            claims: the places of these claims.

        """
        found = self._shorter(list(models), claims)
        # A plainer number may make another answer superfluous.
        return self._shorter(self._plainer(found, claims), claims)

    def best(self, models: Sequence[Model]) -> dict[int, Model]:
        """Give for each claim the smallest of the patients from whom nothing can be left out.

        Among those of one size the one that shows most, so that few patients show everything.
        """
        if not models:
            return {}
        shows = self._patients.show(models)
        much = shows.sum(axis=1)
        order = sorted(range(len(models)), key=lambda row: (models[row].size, -much[row], row))
        firsts = shows[order].argmax(axis=0)
        return {
            claim: models[order[int(row)]]
            for claim, row in enumerate(firsts)
            if shows[order[int(row)], claim]
        }

    # -- leaving out ----------------------------------------------------------------------------

    def _shorter(self, models: list[Model], claims: Sequence[int]) -> list[Model]:
        loose = {place: self._patients.parts(model) for place, model in enumerate(models)}
        while loose:
            # Blocks of what may be superfluous, largest first; last every part alone.
            parts = {place: self._patients.parts(models[place]) for place in loose}
            tries = {p: [*map(Change, [*_blocks(loose[p]), *parts[p]])] for p in loose}
            held = self._patients.hold(
                [models[p] for p in tries], list(tries.values()), [claims[p] for p in tries]
            )
            for (place, changes), holds in zip(tries.items(), held, strict=True):
                if not holds.any():
                    del loose[place]
                    continue
                models[place] = changes[int(holds.argmax())].of(models[place])
                alone = zip(parts[place], holds[-len(parts[place]) :], strict=True)
                left = set(self._patients.parts(models[place]))
                loose[place] = [part for part, held in alone if held and part in left]
        return models

    # -- plain numbers --------------------------------------------------------------------------

    def _plainer(self, models: list[Model], claims: Sequence[int]) -> list[Model]:
        """Choose numbers that a reader expects: usual ones, whole, or with one decimal."""
        most = max((len(model.numbers) for model in models), default=0)
        for turn in range(most):
            places = [p for p, model in enumerate(models) if len(model.numbers) > turn]
            tries = [self._numbers(models[p], sorted(models[p].numbers)[turn]) for p in places]
            held = self._patients.hold(
                [models[p] for p in places], tries, [claims[p] for p in places]
            )
            for place, changes, holds in zip(places, tries, held, strict=True):
                if holds.any():
                    models[place] = changes[int(holds.argmax())].of(models[place])
        return models

    def _numbers(self, model: Model, name: str) -> list[Change]:
        kind, found = self._kinds[name], model.numbers[name]
        low, high = kind.usual
        start = min(max(found, low), high)
        steps = [100] if kind.whole else [100, 10]
        near = [value for step in steps for value in _near(start, step)]
        usual = [value for value in near if low <= value <= high]
        plain = [value for value in near if kind.low <= value <= kind.high]
        return [Change(number=(name, value)) for value in [*usual, *plain]]


def _blocks(parts: Sequence[frozenset[Key]]) -> Iterator[frozenset[Key]]:
    """Give all parts together, their halves, quarters, and so on."""
    size = len(parts)
    while size > 1:
        for first in range(0, len(parts), size):
            yield frozenset().union(*parts[first : first + size])
        size = (size + 1) // 2


def _near(start: int, step: int) -> list[int]:
    """Give multiples of a step around a number, the nearest first."""
    middle = start // step
    around = range(middle - _NEAR, middle + _NEAR + 1)
    return sorted((step * value for value in around), key=lambda value: abs(value - start))
