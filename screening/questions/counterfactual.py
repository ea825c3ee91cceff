"""The smallest sets of findings that would have to be different, exact up to three findings.

The search keeps conflicts: answers that by themselves keep the wish from coming true, whatever
every other finding is. Whoever wants it must change one of them, so only these are branched on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from screening.algebra import Faces
from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.inference.possible import YES, PossibleAlgebra
from screening.inference.reference import PlainAlgebra, Readings
from screening.intake.answers import Answer
from screening.intake.findings import gather
from screening.intake.vocabulary import without_side
from screening.questions.influence import Influence
from screening.record.candidates import Candidates

MOST = 3
"""Sets of more findings than this are not looked for."""

Answers = frozenset[tuple[str, Answer]]
"""Answers that would be given instead of, or beside, those of the case."""

Conflict = dict[str, Answer | None]
"""Answers of the case, or given instead, that keep a wish from coming true."""


class Wish:
    """What a conclusion should become: true, or settled either way."""

    def __init__(self, conclusion: str, either_way: bool = False) -> None:
        """Name the conclusion."""
        self.conclusion, self._either_way = conclusion, either_way

    def fulfilled(self, faces: Faces[bool]) -> bool:
        """Tell whether a conclusion is as it was wished."""
        return faces.must or (self._either_way and not faces.may)

    def possible(self, faces: Faces[int]) -> bool:
        """Tell whether a conclusion could become so."""
        # Bit 1 of ``may`` is "could be false".
        return bool(faces.must & YES) or (self._either_way and faces.may != YES)


class Search:
    """Looks for the smallest sets of answers that make a wish come true."""

    def __init__(self, inferred: Inferred, wish: Wish) -> None:
        """Look at one case."""
        self._inferred, self._wish = inferred, wish
        self._form = inferred.form
        cone = self._form.rests_on([wish.conclusion])
        self._candidates = Candidates(inferred, cone)
        self._influence = Influence(inferred, cone)
        self.paths = tuple(
            path
            for path in inferred.base.vocabulary.all_paths
            if self._influence.of(path) and self._candidates.of(path)
        )
        """The paths whose answers the conclusion can rest on."""

    def smallest(self, paths: Iterable[str]) -> list[Answers]:
        """Give every smallest set of paths that can fulfil the wish, with its nearest answers.

        An empty list says that more than ``MOST`` would have to change.
        """
        return _Tree(self, tuple(paths)).smallest()

    def out_of_reach(self, paths: Iterable[str]) -> bool:
        """Tell whether no answers to these paths, however many, could fulfil the wish."""
        return not self.possible(self._inferred.findings.readings, paths)

    def readings(self, answers: Answers) -> Readings:
        """Give what the rules would read."""
        case = self._inferred.case.with_answers(dict(answers), self._inferred.base.vocabulary)
        return gather(case, self._inferred.base.vocabulary).readings

    def fulfilled(self, readings: Readings) -> bool:
        """Tell whether readings fulfil the wish."""
        walk = Walk(self._form, PlainAlgebra(self._form, readings))
        return self._wish.fulfilled(walk.faces(self._wish.conclusion))

    def possible(self, readings: Readings, free: Iterable[str]) -> bool:
        """Tell whether readings could fulfil the wish if some paths were answered differently."""
        algebra = PossibleAlgebra(self._form, readings, self._influence.of_all(free))
        return self._wish.possible(Walk(self._form, algebra).faces(self._wish.conclusion))

    def other_answers(self, path: str) -> tuple[Answer, ...]:
        """Give the other answers to a path, the nearest first."""
        return self._candidates.of(path)

    def recorded(self, path: str) -> Answer | None:
        """Give what the case holds."""
        return self._inferred.case.answers.get(path)

    def distance(self, answers: Answers) -> float:
        """Give how far answers lie from the case: in MDCs, or in places of the list of answers."""
        return sum(self._distance(path, answer) for path, answer in answers)

    def _distance(self, path: str, answer: Answer) -> float:
        now, bare = self.recorded(path), without_side(path)[1]
        if isinstance(now, int) and isinstance(answer, int):
            return abs(answer - now) / self._inferred.base.vocabulary.mdc.get(bare, 100)
        return self.other_answers(path).index(answer)


class _Tree:
    """One search: sets of answers by size, each grown only where a conflict asks for it."""

    def __init__(self, search: Search, paths: tuple[str, ...]) -> None:
        self._search, self._paths = search, paths
        self._conflicts: list[Conflict] = []

    def smallest(self) -> list[Answers]:
        level: set[Answers] = {frozenset()}
        for size in range(MOST + 1):
            found: dict[frozenset[str], Answers] = {}
            grown: set[Answers] = set()
            for answers in sorted(level, key=self._nearest):
                paths = frozenset(path for path, _ in answers)
                if paths in found:
                    continue
                conflict = self._conflict(answers)
                if conflict is None:
                    found[paths] = answers
                elif not found and size < MOST:
                    grown.update(self._grow(answers, conflict))
            if found:
                return list(found.values())
            level = grown
        return []

    def _nearest(self, answers: Answers) -> tuple[float, list[tuple[str, str]]]:
        ordered = sorted((path, str(answer)) for path, answer in answers)
        return self._search.distance(answers), ordered

    def _conflict(self, answers: Answers) -> Conflict | None:
        """Give why these answers do not fulfil the wish; None if they do."""
        for conflict in self._conflicts:
            if self._stands(conflict, dict(answers)):
                return conflict
        return self._try(answers)

    def _stands(self, conflict: Conflict, given: dict[str, Answer]) -> bool:
        recorded = self._search.recorded
        return all(given.get(path, recorded(path)) == answer for path, answer in conflict.items())

    def _try(self, answers: Answers) -> Conflict | None:
        readings = self._search.readings(answers)
        if self._search.fulfilled(readings):
            return None
        given = dict(answers)
        # What stands first is kept first: a conflict without the given answers serves others too.
        facts = [path for path in self._paths if path not in given] + sorted(given)

        def decided(fixed: list[str]) -> bool:
            kept = set(fixed)
            free = [path for path in facts if path not in kept]
            return not self._search.possible(readings, free)

        reasons = [] if decided([]) else _fewest(decided, [], False, facts)
        conflict = {path: given.get(path, self._search.recorded(path)) for path in reasons}
        self._conflicts.append(conflict)
        return conflict

    def _grow(self, answers: Answers, conflict: Conflict) -> Iterator[Answers]:
        given = dict(answers)
        for path in conflict:
            if path not in given:
                for answer in self._search.other_answers(path):
                    yield answers | {(path, answer)}


def _fewest(
    decided: Callable[[list[str]], bool], fixed: list[str], added: bool, facts: list[str]
) -> list[str]:
    """Give a smallest part of the facts that, with those fixed, decides (QuickXplain)."""
    if added and decided(fixed):
        return []
    if len(facts) == 1:
        return facts
    half = len(facts) // 2
    first, second = facts[:half], facts[half:]
    last = _fewest(decided, fixed + first, True, second)
    return _fewest(decided, fixed + last, bool(last), first) + last
