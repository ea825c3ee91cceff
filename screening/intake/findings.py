"""What is known of a case: recorded answers, and those that sweeps and families answer.

The rules only ever see the outcome of ``intake.families``; here it is worked out for one case in
plain Python, with where each answer came from and what is doubtful, in words.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from screening.algebra import NumberComparison, compare
from screening.intake.case import Case
from screening.intake.families import Families
from screening.intake.family_ledger import Doubt, Origin, Sources
from screening.intake.thresholds import from_to
from screening.intake.vocabulary import ABSENT, ASKED_WITH, PRESENT, Vocabulary, without_side
from screening.safe import is_name

Reading = tuple[int, int] | frozenset[str]
"""An interval of hundredths, or the set of words that are still possible."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something doubtful: kept, used as said, and reported."""

    path: str
    message: str


@dataclass(frozen=True)
class Findings:
    """What the rules can read of one case.

    ``readings`` holds one entry for each operand that is known; ``origins`` says where it came
    from and ``contradictions`` which gates were answered absent although a sign is present.
    """

    readings: dict[str, Reading]
    origins: dict[str, tuple[Origin, str]]
    attested: tuple[str, ...]
    contradictions: dict[str, tuple[str, ...]]
    warnings: tuple[Warned, ...]


class _CaseLedger:
    """The ledger of one case; operands are ground names."""

    true, false = True, False
    all, any, swap = staticmethod(all), staticmethod(any), staticmethod(operator.not_)

    def __init__(self, case: Case, vocabulary: Vocabulary) -> None:
        self.answers, self.vocabulary = case.answers, vocabulary
        self.values: dict[str, int | str] = {}
        self.origins: dict[str, tuple[Origin, str]] = {}
        self.attested: list[str] = []
        self.contradictions: dict[str, list[str]] = {}
        self.warnings: dict[Warned, None] = {}

    def findings(self) -> Findings:
        Families(self.vocabulary, self).resolve()
        return Findings(
            {
                name: (value, value) if isinstance(value, int) else frozenset({value})
                for name, value in self.values.items()
            },
            self.origins,
            tuple(self.attested),
            {gate: tuple(signs) for gate, signs in self.contradictions.items()},
            tuple(self.warnings),
        )

    # -- what was answered ----------------------------------------------------------------------

    def given(self, path: str) -> bool:
        return path in self.answers

    def answered(self, path: str, word: str) -> bool:
        answer = self.answers.get(path)
        return word in answer if isinstance(answer, tuple) else answer == word

    def asked_as_now(self, path: str) -> bool:
        return without_side(path)[1] not in self._outdated

    @cached_property
    def _outdated(self) -> frozenset[str]:
        asked = self.answers.get(ASKED_WITH)
        return self.vocabulary.outdated(None if asked is None else str(asked))

    def counts(self, need: str) -> bool:
        return not self._lacks(need)

    def _lacks(self, need: str) -> str:
        """Say why what must stand beside a sweep does not count, or nothing if it does."""
        entry, answer = self.vocabulary[need], self.answers.get(need)
        if answer is None or isinstance(answer, str) and not is_name(answer):
            return f'"{entry.title}" is not recorded'
        latest = self.answers.get(entry.not_after)
        if isinstance(answer, date) and isinstance(latest, date) and answer > latest:
            return f'"{entry.title}" is later than "{self.vocabulary[entry.not_after].title}"'
        return ""

    # -- what is known --------------------------------------------------------------------------

    def known(self, name: str) -> bool:
        return name in self.values

    def is_word(self, name: str, word: str) -> bool:
        return self.values.get(name) == word

    def passes(self, name: str, how: NumberComparison, threshold: int) -> bool:
        value = self.values.get(name)
        return isinstance(value, int) and bool(compare(value, how, threshold))

    def unlike(self, here: str, there: str, *, turned: bool) -> bool:
        first, second = self.values.get(here), self.values.get(there)
        if first is None or second is None:
            return False
        return first != (-second if turned and isinstance(second, int) else second)

    # -- what becomes known ---------------------------------------------------------------------

    def _know(self, name: str, value: int | str, origin: Origin, source: str) -> None:
        self.values[name] = value
        self.origins[name] = (origin, source)

    def copy(self, name: str, path: str) -> None:
        answer = self.answers[path]
        self._know(name, answer if isinstance(answer, int) else str(answer), "recorded", path)

    def choose(self, name: str, path: str, words: tuple[str, ...]) -> None:
        chosen = any(self.answered(path, word) for word in words)
        self._know(name, PRESENT if chosen else ABSENT, "recorded", path)

    def forget_absent(self, name: str, when: bool) -> None:
        if when and self.is_word(name, ABSENT):
            del self.values[name], self.origins[name]

    def mirror(self, here: str, there: str) -> None:
        for known, unknown in ((here, there), (there, here)):
            value = self.values.get(known)
            if isinstance(value, int) and unknown not in self.values:
                self._know(unknown, -value, "mirrored", known)

    def share(self, here: str, there: str) -> None:
        for known, unknown in ((here, there), (there, here)):
            if known in self.values and unknown not in self.values:
                self._know(unknown, self.values[known], "mirrored", known)

    def fill(self, name: str, word: str, why: Sources[bool], origin: Origin, step: str) -> None:
        sources = _true(why)
        if sources and name not in self.values:
            self._know(name, word, origin, sources[0])
        if sources and origin == "sweep":
            gate = without_side(name)[1]
            if gate in self.vocabulary.gates and gate not in self.attested:
                self.attested.append(gate)

    def overrule(
        self, name: str, why: Sources[bool], when: bool, origin: Origin, step: str
    ) -> None:
        if when and not self.is_word(name, PRESENT):
            self._know(name, PRESENT, origin, _true(why)[0])

    # -- what is doubtful -----------------------------------------------------------------------

    def doubt(
        self, kind: Doubt, path: str, when: bool, name: str = "", why: Sources[bool] = ()
    ) -> None:
        if when:
            said = _SAID[kind](self, path, name, _true(why))
            self.warnings[Warned(path, f"{self.vocabulary[path].title}: {said}")] = None

    def unusual(self, path: str, name: str, sources: Sequence[str]) -> str:
        entry = self.vocabulary[path]
        usual = from_to(*entry.usual, entry.unit) if entry.usual else ""
        kept = f"outside the usual {usual}. It is kept as recorded; check it."
        return f"{kept} {entry.refused_hint}".strip()

    def asked_for_less(self, path: str, name: str, sources: Sequence[str]) -> str:
        entry = self.vocabulary[path]
        return (
            "answered absent when the question asked for less, so it is not recorded. "
            f"Ask again: {entry.question or entry.title}"
        )

    def not_mirrored(self, path: str, name: str, sources: Sequence[str]) -> str:
        return (
            "left and right do not mirror each other. Each leg is read as recorded; measure again."
        )

    def asked_twice(self, path: str, name: str, sources: Sequence[str]) -> str:
        return "asked twice and answered differently. Each answer is read as recorded; ask again."

    def lacking(self, path: str, name: str, sources: Sequence[str]) -> str:
        lacking = filter(None, map(self._lacks, self.vocabulary[path].needs))
        return f"it answers nothing, for {' and '.join(lacking)}."

    def against_a_sweep(self, path: str, name: str, sources: Sequence[str]) -> str:
        if path in self.vocabulary.gates:
            self._contradict(path, sources)
        return (
            f'answered one way by itself, another way in "{self.vocabulary[sources[0]].title}". '
            "The answer by itself counts; check which is right."
        )

    def against_a_number(self, path: str, name: str, sources: Sequence[str]) -> str:
        return (
            f"recorded absent although {self.vocabulary[sources[0]].title.lower()} is low. The "
            "recorded answer is kept; check it."
        )

    def contradicted(self, path: str, name: str, sources: Sequence[str]) -> str:
        owner = without_side(path)[1]
        self._contradict(owner, sources)
        titles = ", ".join(self.vocabulary[self._shown_by(sign)].title for sign in sources)
        origin, source = self.origins[name]
        how = "answered absent"
        if origin == "sweep":
            swept = f'absent with "{self.vocabulary[source].title}"'
            how = "attested absent" if owner in self.vocabulary.gates else swept
        if owner in self.attested:
            self.attested.remove(owner)
        return f"{how}, but recorded present: {titles}. It counts as present; check which is right."

    def _contradict(self, owner: str, sources: Iterable[str]) -> None:
        known = self.contradictions.setdefault(owner, [])
        known.extend(sign for sign in sources if sign not in known)

    def _shown_by(self, name: str) -> str:
        """Give the path that was recorded: of a sign that a number answered, the number."""
        origin, source = self.origins[name]
        return source if origin == "implied" else self._path(name)

    def _path(self, name: str) -> str:
        """Give the vocabulary's path of an operand (a word of a list belongs to the list)."""
        return name if without_side(name)[1] in self.vocabulary.entries else name.rpartition(".")[0]


_SAID = {
    "unusual": _CaseLedger.unusual,
    "asked_for_less": _CaseLedger.asked_for_less,
    "not_mirrored": _CaseLedger.not_mirrored,
    "asked_twice": _CaseLedger.asked_twice,
    "needs": _CaseLedger.lacking,
    "swept": _CaseLedger.against_a_sweep,
    "implied": _CaseLedger.against_a_number,
    "contradicted": _CaseLedger.contradicted,
}
"""How each doubt is said."""


def _true(why: Sources[bool]) -> list[str]:
    return [source for holds, source in why if holds]


def gather(case: Case, vocabulary: Vocabulary) -> Findings:
    """Give everything that is known of a case.

    A finding marked "not tested" gives no reading: a rule never mistakes silence for a normal
    result.
    """
    return _CaseLedger(case, vocabulary).findings()
