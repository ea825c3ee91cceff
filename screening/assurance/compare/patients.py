"""Many patients at once, each with small changes: of which of them claims hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from screening.assurance.compare.question import Model, RevisionQuestion
from screening.cohort.circuit import Bits
from screening.cohort.evaluate import Evaluator, Values, pack

Truths = NDArray[np.bool_]
ROWS = 32_768
"""About so many patients are worked out together."""

Key = tuple[str, str | None]
"""An answer, or one word of it."""


class Change(NamedTuple):
    """One patient with something left out, or with another number."""

    drop: frozenset[Key] = frozenset()
    number: tuple[str, int] | None = None

    def of(self, model: Model) -> Model:
        """Give the changed patient."""
        words = {
            name: [word for word in held if (name, word) not in self.drop]
            for name, held in model.words.items()
            if (name, None) not in self.drop
        }
        numbers = {n: v for n, v in model.numbers.items() if (n, None) not in self.drop}
        return Model(words, {**numbers, **dict([self.number] if self.number else [])})


NO_CHANGE = Change()


class Patients:
    """Works claims out for many patients; both rule bases are laid out once."""

    def __init__(self, question: RevisionQuestion, claims: Sequence[Bits]) -> None:
        """Take the claims; a patient whose old and new answers do not fit meets none of them."""
        circuit = question.circuit
        self._claims = [circuit.every([question.fits, claim]) for claim in claims]
        self._engine = Evaluator(circuit, self._claims)
        self._columns: dict[Key, int] = {}
        self._of_name: dict[str, list[int]] = {}
        for name, kind in question.patient.kinds.items():
            for word in (None, *kind.words):
                column = self._columns[name, word] = len(self._columns)
                self._of_name.setdefault(name, []).append(column)

    def hold(
        self, models: Sequence[Model], changes: Sequence[Sequence[Change]], claims: Sequence[int]
    ) -> list[Truths]:
        """Tell for each patient and each change whether the claim of the patient holds.

        Args:
            models: the patients.
            changes: for each patient the changes to be tried.
            claims: for each patient the place of the claim.

        """
        found: list[Truths] = []
        for first, last in _slices([len(each) for each in changes]):
            values = self._worked_out(models[first:last], changes[first:last])
            at = 0
            for tried, claim in zip(changes[first:last], claims[first:last], strict=True):
                found.append(values.truths(self._claims[claim])[at : at + len(tried)])
                at += len(tried)
        return found

    def show(self, models: Sequence[Model], changes: Sequence[Sequence[Change]]) -> Truths:
        """Tell of which patients (rows) every claim (columns) holds, but of no changed one."""
        found = [np.zeros((0, len(self._claims)), np.bool_)]
        both = [[NO_CHANGE, *tried] for tried in changes]
        for first, last in _slices([len(each) for each in both]):
            values = self._worked_out(models[first:last], both[first:last])
            starts = np.cumsum([0, *(len(each) for each in both[first : last - 1])])
            columns = []
            for claim in self._claims:
                held = values.truths(claim)
                of_all = np.add.reduceat(held.astype(np.int32), starts)
                columns.append(held[starts] & (of_all == 1))
            found.append(np.stack(columns, axis=1))
        return np.concatenate(found)

    def _worked_out(self, models: Sequence[Model], changes: Sequence[Sequence[Change]]) -> Values:
        counts = [len(each) for each in changes]
        given = np.repeat(self._given(models), counts, axis=0)
        names = sorted({name for model in models for name in model.numbers})
        numbers = {
            name: np.repeat(np.array([m.numbers.get(name, 0) for m in models], np.int32), counts)
            for name in names
        }
        rows, columns = [], []
        for row, change in enumerate(change for tried in changes for change in tried):
            for name, word in change.drop:
                gone = self._of_name[name] if word is None else [self._columns[name, word]]
                columns += gone
                rows += [row] * len(gone)
            if change.number:
                numbers[change.number[0]][row] = change.number[1]
        given[rows, columns] = False
        used = {key: place for key, place in self._columns.items() if given[:, place].any()}
        packed = {key: pack(given[:, place]) for key, place in used.items()}
        return self._engine.run(sum(counts), packed, numbers)

    def _given(self, models: Sequence[Model]) -> Truths:
        given = np.zeros((len(models), len(self._columns)), np.bool_)
        for row, model in enumerate(models):
            for name, words in model.words.items():
                given[row, [self._columns[name, word] for word in (None, *words)]] = True
            for name in model.numbers:
                given[row, self._columns[name, None]] = True
        return given


def _slices(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Give first and last of patients that are worked out together."""
    found, first, rows = [], 0, 0
    for place, count in enumerate(counts):
        if rows and rows + count > ROWS:
            found.append((first, place))
            first, rows = place, 0
        rows += count
    return [*found, (first, len(counts))] if counts else []
