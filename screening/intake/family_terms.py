"""What is known of every case at once: the ledger of families whose Booleans are terms.

A reading of all cases (columns of a cohort, terms of a solver) supplies its terms; what is known of
an operand is then one term for each of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from screening.algebra import B, Number, NumberComparison, Value, Word
from screening.intake.answers import words_of
from screening.intake.families import Families
from screening.intake.family_ledger import Doubt, Origin, Sources
from screening.intake.vocabulary import ABSENT, ASKED_WITH, PRESENT, Vocabulary, without_side

N = TypeVar("N")


class AnswerTerms(Protocol[B, N]):
    """What a reading of all cases supplies: its Booleans and numbers, and what was answered."""

    true: B
    false: B

    def all(self, parts: Iterable[B]) -> B:
        """All parts hold."""

    def any(self, parts: Iterable[B]) -> B:
        """At least one part holds."""

    def swap(self, part: B) -> B:
        """The part does not hold."""

    def compare(self, number: N | int, comparison: str, threshold: int) -> B:
        """A number lies on the named side of a threshold."""

    def minus(self, left: N | int, right: N | int) -> N | int:
        """The difference of two numbers."""

    def where(self, condition: B, then: N | int, otherwise: N | int) -> N | int:
        """One number where a condition holds, another elsewhere."""

    def given(self, path: str, word: str | None = None) -> B:
        """A path was answered, or answered with a word."""

    def number(self, path: str) -> N:
        """The number that a path was answered with; it means nothing where none was."""


@dataclass
class KnownTerms(Generic[B, N]):
    """What is known of one operand."""

    recorded: B
    words: dict[str, B] = field(default_factory=dict)
    number: N | int = 0


class TermLedger(Generic[B, N]):
    """The ledger of all cases; ``doubts`` tells for a path and a kind where it is doubtful."""

    def __init__(self, vocabulary: Vocabulary, terms: AnswerTerms[B, N]) -> None:
        """Take the vocabulary, and the terms to write in."""
        self.vocabulary, self.terms = vocabulary, terms
        self.true, self.false = terms.true, terms.false
        self.all, self.any, self.swap = terms.all, terms.any, terms.swap
        self.doubts: dict[tuple[str, str], B] = {}
        self._words = {
            name: words for bare in vocabulary.entries for name, words in vocabulary.operands(bare)
        }
        self._known = {name: KnownTerms[B, N](terms.false) for name in self._words}

    def values(self) -> Mapping[str, Value[B]]:
        """Give the value of every operand, as the meaning reads it."""
        Families(self.vocabulary, self).resolve()
        return {name: self._value(known, self._words[name]) for name, known in self._known.items()}

    def _value(self, known: KnownTerms[B, N], words: tuple[str, ...] | None) -> Value[B]:
        if words is None:
            return Number(known.recorded, known.number, known.number)
        unknown = self.swap(known.recorded)
        can = {word: self.any([known.words.get(word, self.false), unknown]) for word in words}
        return Word(known.recorded, can, self.false)

    def _but_not(self, part: B, without: B) -> B:
        return self.all([part, self.swap(without)])

    # -- what was answered ----------------------------------------------------------------------

    def given(self, path: str) -> B:
        """A path was answered."""
        if self.vocabulary[path].type in ("number", "list", "text", "date"):
            return self.terms.given(path)
        words = words_of(path, self.vocabulary)
        return self.any([self.terms.given(path, word) for word in words])

    def answered(self, path: str, word: str) -> B:
        """A path was answered with a word."""
        return self.terms.given(path, word)

    def asked_as_now(self, path: str) -> B:
        """A case was asked the question as it is now; older ones asked for less."""
        return self.terms.given(ASKED_WITH, self.vocabulary.widened[without_side(path)[1]])

    def counts(self, need: str) -> B:
        """What must stand beside a sweep was given: readers of tables give no other."""
        return self.given(need)

    # -- what is known --------------------------------------------------------------------------

    def known(self, name: str) -> B:
        """An operand is known."""
        return self._known[name].recorded

    def is_word(self, name: str, word: str) -> B:
        """An operand is known to be a word."""
        return self._known[name].words.get(word, self.false)

    def _number(self, name: str) -> N | int:
        return self._known[name].number

    def passes(self, name: str, how: NumberComparison, threshold: int) -> B:
        """An operand is a known number on the named side of a threshold."""
        compared = self.terms.compare(self._number(name), how, threshold)
        return self.all([self._known[name].recorded, compared])

    def unlike(self, here: str, there: str, *, turned: bool) -> B:
        """Two operands are known and not the same."""
        first, second = self._known[here], self._known[there]
        both = self.all([first.recorded, second.recorded])
        if not turned:
            words = self._words[here] or ()
            same = [self.all([self.is_word(here, w), self.is_word(there, w)]) for w in words]
            return self._but_not(both, self.any(same))
        against = self.terms.minus(0, self._number(there))
        gap = self.terms.minus(self._number(here), against)
        return self.all(
            [both, self.any([self.terms.compare(gap, how, 0) for how in ("below", "above")])]
        )

    # -- what becomes known ---------------------------------------------------------------------

    def copy(self, name: str, path: str) -> None:
        """Know an operand as its path was answered."""
        if self._words[name] is None:
            self._known[name] = KnownTerms(self.given(path), {}, self.terms.number(path))
        else:
            words = words_of(path, self.vocabulary)
            self._write(name, {word: self.answered(path, word) for word in words})

    def _write(self, name: str, words: dict[str, B]) -> None:
        self._known[name] = KnownTerms(self.any(words.values()), words)

    def choose(self, name: str, path: str, words: tuple[str, ...]) -> None:
        """Know an operand present if its path was answered with one of the words, else absent."""
        given, chosen = self.given(path), self.any([self.answered(path, word) for word in words])
        told = {PRESENT: chosen, ABSENT: self._but_not(given, chosen)}
        self._known[name] = KnownTerms(given, told)

    def forget_absent(self, name: str, when: B) -> None:
        """Let an operand that is absent be not known."""
        words = self._known[name].words
        self._write(name, {**words, ABSENT: self._but_not(words[ABSENT], when)})

    def mirror(self, here: str, there: str) -> None:
        """Let the number of one be that of the other, sign turned, where it is not known."""
        before = {name: self._known[name] for name in (here, there)}
        for name, source in ((here, there), (there, here)):
            own, other = before[name], before[source]
            missing = self._but_not(other.recorded, own.recorded)
            turned = self.terms.minus(0, self._number(source))
            self._known[name] = KnownTerms(
                self.any([own.recorded, other.recorded]),
                {},
                self.terms.where(missing, turned, self._number(name)),
            )

    def share(self, here: str, there: str) -> None:
        """Let the word of one be that of the other, where it is not known."""
        before = {name: self._known[name].words for name in (here, there)}
        for name, source in ((here, there), (there, here)):
            for word, given in before[source].items():
                self._fill(name, word, given)

    def fill(self, name: str, word: str, why: Sources[B], origin: Origin, step: str) -> None:
        """Answer an operand that is not known yet."""
        self._fill(name, word, self.any([holds for holds, _ in why]))

    def _fill(self, name: str, word: str, when: B) -> None:
        known = self._known[name]
        new = self._but_not(when, known.recorded)
        told = self.any([self.is_word(name, word), new])
        self._known[name] = KnownTerms(self.any([known.recorded, new]), {**known.words, word: told})

    def overrule(self, name: str, why: Sources[B], when: B, origin: Origin, step: str) -> None:
        """Make an operand present, whatever had been answered."""
        words = {
            PRESENT: self.any([self.is_word(name, PRESENT), when]),
            ABSENT: self._but_not(self.is_word(name, ABSENT), when),
        }
        self._known[name] = KnownTerms(self.any([self._known[name].recorded, when]), words)

    def doubt(self, kind: Doubt, path: str, when: B, name: str = "", why: Sources[B] = ()) -> None:
        """Note where something is doubtful."""
        if when is not self.false:
            before = self.doubts.get((path, kind), self.false)
            self.doubts[path, kind] = self.any([before, when])
