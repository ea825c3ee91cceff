"""Many patients at once, each with small changes: of which of them claims hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    """One patient with something left out, with another number, or with a word answered."""

    drop: frozenset[Key] = frozenset()
    number: tuple[str, int] | None = None
    word: tuple[str, str] | None = None

    def of(self, model: Model) -> Model:
        """Give the changed patient."""
        words = {
            name: [word for word in held if (name, word) not in self.drop]
            for name, held in model.words.items()
            if (name, None) not in self.drop
        }
        numbers = {n: v for n, v in model.numbers.items() if (n, None) not in self.drop}
        if self.word:
            words[self.word[0]] = [self.word[1]]
        return Model(words, {**numbers, **dict([self.number] if self.number else [])})


NO_CHANGE = Change()


class Patients:
    """Works claims out for many patients; both rule bases are laid out once."""

    def __init__(self, question: RevisionQuestion, claims: Sequence[Bits]) -> None:
        """Take the claims; a patient whose old and new answers do not fit meets none of them."""
        circuit = question.circuit
        self._kinds, self._linked = question.patient.kinds, question.patient.linked
        self._claims = [circuit.all([question.fits, claim]) for claim in claims]
        self._engine = Evaluator(circuit, self._claims)

    def parts(self, model: Model) -> list[frozenset[Key]]:
        """Give what can be left out: an answer, a word of a list, answers that hang together."""
        names = [*model.words, *model.numbers]
        found: list[frozenset[Key]] = [frozenset([(name, None)]) for name in names]
        for name, words in model.words.items():
            if self._kinds[name].type == "list":
                found += [frozenset([(name, word)]) for word in words]
        there = [group & set(names) for group in self._linked]
        return found + [frozenset((n, None) for n in group) for group in there if len(group) > 1]

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

    def shown_by(self, models: Sequence[Model], claims: Iterable[int]) -> dict[int, Model]:
        """Give for each claim that holds of one of the patients, or near one, who shows it.

        Near a patient is who answers one thing less, or one thing otherwise.
        """
        changes = [[NO_CHANGE, *self._near(model)] for model in models]
        values = self._worked_out(models, changes)
        tried = [(m, c) for m, each in zip(models, changes, strict=True) for c in each]
        found = {}
        for place in claims:
            held = values.truths(self._claims[place])
            if held.any():
                model, change = tried[int(held.argmax())]
                found[place] = change.of(model)
        return found

    def _near(self, model: Model) -> Iterator[Change]:
        yield from map(Change, self.parts(model))
        for name, kind in self._kinds.items():
            held = model.words.get(name, [])
            gone = frozenset((name, word) for word in held)
            yield from (Change(gone, word=(name, w)) for w in kind.words if [w] != held)

    def show(self, models: Sequence[Model]) -> Truths:
        """Tell of which patients (rows) every claim (columns) holds, but with no part left out."""
        found = [np.zeros((0, len(self._claims)), np.bool_)]
        both = [[NO_CHANGE, *map(Change, self.parts(model))] for model in models]
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
        keys, given = _given(models, {c.word for tried in changes for c in tried if c.word})
        given = np.repeat(given, counts, axis=1)
        names = sorted({name for model in models for name in model.numbers})
        numbers = {
            name: np.repeat(np.array([m.numbers.get(name, 0) for m in models], np.int32), counts)
            for name in names
        }
        gone: tuple[list[int], list[int]] = [], []
        come: tuple[list[int], list[int]] = [], []
        for row, change in enumerate(change for tried in changes for change in tried):
            for name, word in change.drop:
                answered = keys[name].values() if word is None else [keys[name][word]]
                gone[0].extend(answered)
                gone[1].extend([row] * len(answered))
            if change.word:
                name, word = change.word
                come[0].extend([keys[name][None], keys[name][word]])
                come[1].extend([row, row])
            if change.number:
                numbers[change.number[0]][row] = change.number[1]
        given[gone] = False
        given[come] = True
        packed = pack(given)
        each = {(n, w): packed[place] for n, words in keys.items() for w, place in words.items()}
        return self._engine.run(sum(counts), each, numbers)


def _given(
    models: Sequence[Model], words: Iterable[tuple[str, str]]
) -> tuple[dict[str, dict[str | None, int]], Truths]:
    """Give what was or will be answered by anybody, and a row for each of that: by which patients.

    Args:
        models: the patients.
        words: what changes will let some of them answer.

    """
    keys: dict[str, dict[str | None, int]] = {}
    found: list[list[int]] = []

    def who(name: str, word: str | None) -> list[int]:
        places = keys.setdefault(name, {})
        if word not in places:
            places[word] = len(found)
            found.append([])
        return found[places[word]]

    for column, model in enumerate(models):
        for name, word in _answered(model):
            who(name, word).append(column)
    for name, word in words:
        who(name, None)
        who(name, word)
    given = np.zeros((len(found), len(models)), np.bool_)
    for place, columns in enumerate(found):
        given[place, columns] = True
    return keys, given


def _answered(model: Model) -> Iterator[Key]:
    yield from ((name, None) for name in model.numbers)
    for name, words in model.words.items():
        yield from ((name, word) for word in (None, *words))


def _slices(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Give first and last of patients that are worked out together."""
    found, first, rows = [], 0, 0
    for place, count in enumerate(counts):
        if rows and rows + count > ROWS:
            found.append((first, place))
            first, rows = place, 0
        rows += count
    return [*found, (first, len(counts))] if counts else []
