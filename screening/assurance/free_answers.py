"""The answers of every case, as free terms of the solver: what families are worked out from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3

from screening.inference.formula import ProofAlgebra, Term
from screening.intake.answers import Answer, words_of
from screening.intake.vocabulary import ASKED_WITH, Vocabulary

_WIDEST = 10**7


class FreeAnswers:
    """Any answers that intake accepts, to the questions as they are asked today.

    Sweeps are left out: what one answers can be answered one by one.
    """

    true: Term = True
    false: Term = False

    def __init__(self, vocabulary: Vocabulary, algebra: ProofAlgebra) -> None:
        """Take the vocabulary, and the algebra that holds the facts of every case."""
        self.vocabulary = vocabulary
        self.all, self.any, self.swap = algebra.all, algebra.any, algebra.swap
        self.compare, self.minus, self.where = algebra.compare, algebra.minus, algebra.where
        for path in vocabulary.all_paths:
            algebra.facts += self._facts(path)

    def _facts(self, path: str) -> Iterable[Term]:
        entry = self.vocabulary[path]
        words = [self.given(path, word) for word in words_of(path, self.vocabulary)]
        if entry.type == "number":
            low, high = entry.hard or (-_WIDEST, _WIDEST)
            return [self.number(path) >= low, self.number(path) <= high]
        if entry.type == "list":
            return [z3.Implies(word, self.given(path)) for word in words]
        return [z3.AtMost(*words, 1)] if len(words) > 1 else []

    def given(self, path: str, word: str | None = None) -> Term:
        """A path was answered, or answered with a word."""
        if path == ASKED_WITH:
            return True
        if self.vocabulary[path].type == "sweep":
            return False
        return z3.Bool(f"answer {path}" if word is None else f"answer {path} {word}")

    def number(self, path: str) -> Term:
        """Give the number that a path was answered with, in hundredths."""
        number = z3.Int(f"answer {path}")
        return 100 * number if self.vocabulary[path].whole else number

    def of(self, path: str, model: Any) -> Answer | None:
        """Give the answer in a model of the solver; what it leaves open was not answered."""
        kind = self.vocabulary[path].type
        if kind in ("text", "date", "sweep"):
            return None
        if kind == "number":
            if not _holds(self.given(path), model):
                return None
            return int(model.eval(self.number(path), model_completion=True).as_long())
        words = [w for w in words_of(path, self.vocabulary) if _holds(self.given(path, w), model)]
        if kind == "list":
            return tuple(words) if _holds(self.given(path), model) else None
        return words[0] if words else None


def _holds(term: Term, model: Any) -> bool:
    return bool(z3.is_true(model.eval(term)))
