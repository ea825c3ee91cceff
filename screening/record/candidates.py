"""Which other answers a finding could have: one for each cell between thresholds, each word.

Between two neighbouring thresholds no rule can tell two numbers from each other, so the value of
the cell that lies nearest to what was recorded stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from screening.algebra import COMPARISONS
from screening.inference.infer import Inferred
from screening.intake.answers import Answer, words_of
from screening.intake.vocabulary import Entry
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form, Line

_STEPS = {"cm": 10, "Cel": 10, "ratio": 1}
"""What an instrument can be read to, in hundredths, where that is less than one unit."""

_NO_LIMIT = 10**6


class Candidates:
    """Gives the other answers of one case."""

    def __init__(self, inferred: Inferred, cone: frozenset[str] | None = None) -> None:
        """Look at one case, and at the thresholds of what is named in ``cone``, or of all."""
        self._case = inferred.case
        self._vocabulary = inferred.base.vocabulary
        self._cuts = _all_cuts(inferred.base) if cone is None else _direct_cuts(inferred.form, cone)
        self._derived = [
            derived
            for derived in inferred.form.derived
            if not derived.words and (cone is None or derived.name in cone)
        ]
        self._known: dict[str, tuple[Answer, ...]] = {}

    def of(self, path: str) -> tuple[Answer, ...]:
        """Give the other answers to a path, the nearest first; none for texts and dates."""
        if path not in self._known:
            self._known[path] = tuple(self._answers(path))
        return self._known[path]

    def _answers(self, path: str) -> Iterator[Answer]:
        entry, now = self._vocabulary[path], self._case.answers.get(path)
        if entry.type == "number":
            yield from self._numbers(path, entry)
        elif entry.type == "list":
            yield from _toggled(words_of(path, self._vocabulary), now)
        elif entry.type not in ("text", "date"):
            for word in words_of(path, self._vocabulary):
                # "unsure" counts as present: it is no other answer.
                if word != now and word != "unsure":
                    yield word

    # -- numbers --------------------------------------------------------------------------------

    def starts(self, path: str) -> list[int]:
        """Give where the cells of a number begin, upwards: within one no rule can tell two."""
        own = self._own_cuts(path, self._vocabulary[path])
        return sorted(own | set(self._through_derived(path)))

    def _numbers(self, path: str, entry: Entry) -> Iterator[int]:
        yield from _nearest_of_cells(self.starts(path), self._now(path), entry)

    def _now(self, path: str) -> int | None:
        now = self._case.answers.get(path)
        return now if isinstance(now, int) else None

    def _own_cuts(self, path: str, entry: Entry) -> set[int]:
        compared = [entry.positive, *entry.implies.values()]
        thresholds = self._vocabulary.thresholds
        family = {
            COMPARISONS[how].edge(thresholds[name].value)
            for c in compared
            for how, name in c.items()
        }
        return self._cuts.get(path, set()) | family

    def _through_derived(self, path: str) -> Iterator[int]:
        """Give the cuts that a reading has because what is derived of it is cut."""
        for derived in self._derived:
            for cut in self._cuts.get(derived.name, ()):
                yield from derived.cuts(path, cut, self._ends)

    def _ends(self, name: str) -> Iterator[int]:
        """Give where the other end of a difference can stand: as recorded, or in another cell."""
        if name not in self._vocabulary or self._vocabulary[name].type != "number":
            return
        entry, now = self._vocabulary[name], self._now(name)
        if now is not None:
            yield now
        yield from _nearest_of_cells(self._own_cuts(name, entry), now, entry)


def _nearest_of_cells(starts: Iterable[int], now: int | None, entry: Entry) -> list[int]:
    low, high = entry.hard or (-_NO_LIMIT, _NO_LIMIT)
    inside = sorted(start for start in starts if low < start <= high)
    cells = [(first, last - 1) for first, last in pairwise([low, *inside, high + 1])]
    aim = sum(entry.usual or (low, high)) // 2 if now is None else now
    others = [(a, b) for a, b in cells if now is None or not a <= now <= b]
    found = [value for a, b in others if (value := _inside(a, b, aim, entry)) is not None]
    return sorted(found, key=lambda value: (abs(value - aim), value))


def _inside(first: int, last: int, aim: int, entry: Entry) -> int | None:
    """Give the value from first to last that is nearest to an aim and can be read off."""
    steps = (100,) if entry.whole else (_STEPS.get(entry.unit, 100), 10, 1)
    for step in steps:
        low, high = -(-first // step) * step, last // step * step
        if low <= high:
            return min(max((aim + step // 2) // step * step, low), high)
    return None


@lru_cache(maxsize=8)
def _all_cuts(base: RuleBase) -> dict[str, set[int]]:
    form = base.form
    named = [*form.conclusions, *form.derived_by_name, *form.ladders_by_name]
    return _direct_cuts(form, frozenset(named))


def _direct_cuts(form: Form, cone: frozenset[str]) -> dict[str, set[int]]:
    lines: list[Line] = [rule.premises for rule in form.rules.values() if rule.concludes in cone]
    for derived in form.derived:
        lines.extend(derived.lines if derived.name in cone else ())
    for ladder in form.ladders:
        lines.extend(line for row in ladder.rows if ladder.name in cone for line in row.lines or ())
    found: dict[str, set[int]] = {}
    for premise in (premise for line in lines for premise in line):
        if isinstance(premise.value, int):
            cut = COMPARISONS[premise.comparison].edge(premise.number)
            found.setdefault(premise.operand, set()).add(cut)
    return found


# -- lists ---------------------------------------------------------------------------------------


def _toggled(words: tuple[str, ...], now: Answer | None) -> Iterator[Answer]:
    """Give a list with one word more or less; of a list that is not recorded also the empty one."""
    chosen = now if isinstance(now, tuple) else ()
    if now is None:
        yield ()
    for word in words:
        yield tuple(each for each in words if (each in chosen) != (each == word))
