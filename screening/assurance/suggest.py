"""Cases for goals that no case meets: a search backward from the wants to answers.

Each want is turned into demands on findings, through measures, bands, scores and conclusions down
to what a case records; everything else stays not recorded. What comes out is inferred like any
case, and only a case that really meets its goal is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from screening.algebra import COMPARISONS
from screening.assurance.answering import case_from
from screening.assurance.goals import Goal, Holds, Lies, Want, Wins, nearness
from screening.errors import Problem, UsageError
from screening.files import write_atomically
from screening.inference.infer import Inferred, infer
from screening.intake.case import Case
from screening.intake.draft import written
from screening.intake.vocabulary import ABSENT, PRESENT, other, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import TRUE, Form, Line, Premise, Rule

Span = tuple[int, int]
Demand = Span | frozenset[str]
Demands = dict[str, Demand]
"""What each recorded finding must lie in: numbers between two ends, or one of some words."""


@dataclass(frozen=True)
class Fails:
    """All of some rules are false."""

    rules: tuple[Rule, ...]


Step = Want | Fails

MOST_TRIES = 40
"""Candidates that are inferred for one way of a goal before the next way is tried."""

MOST_STEPS = 50_000
"""Steps of the search for one way; what needs more is left to a person."""


@dataclass(frozen=True)
class Suggested:
    """A case, and the goals that it meets."""

    case: Case
    goals: tuple[Goal, ...]


def suggest(base: RuleBase, missing: list[Goal]) -> Iterator[Suggested]:
    """Give cases that together meet the goals for which one is found."""
    search, still = BackwardSearch(base.form, base), list(missing)
    while still:
        found = search.inferred_for(still[0])
        met = [goal for goal in still if found and goal.met(found)]
        if found:
            yield Suggested(found.case, tuple(met))
        still = [goal for goal in still[1:] if goal not in met]


def write(found: Iterator[Suggested], base: RuleBase, folder: Path) -> dict[str, Path]:
    """Write every suggested case into a folder; give the files by the goals they meet.

    Raises:
        UsageError: if the folder cannot be written to.

    """
    files: dict[str, Path] = {}
    for suggested in found:
        path = folder / f"{suggested.case.case_id}.yaml"
        lacks = "\n".join(f"# {goal.lacks}" for goal in suggested.goals)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, f"{lacks}\n{written(suggested.case, base.vocabulary)}")
        except OSError as error:
            what = f"the case could not be written: {error.strerror}."
            todo = "Name a folder you may write to."
            raise UsageError(Problem(str(path), what, "", todo)) from None
        files.update({goal.key: path for goal in suggested.goals})
    return files


class BackwardSearch:
    """Searches backward over one form."""

    def __init__(self, form: Form, base: RuleBase) -> None:
        """Begin with nothing demanded."""
        self.form, self.base = form, base
        self._steps = 0

    def inferred_for(self, goal: Goal) -> Inferred | None:
        """Give an inferred case that meets a goal, or nothing if none is found."""
        for way in goal.ways:
            self._steps = 0
            tried: list[Demands] = []
            for demands in self._solve(list(way), {}):
                if demands in tried:
                    continue
                tried.append(demands)
                case = case_from(demands, _case_id(goal), self.base)
                found = case and infer(case, self.base)
                if found and goal.met(found):
                    return found
                if len(tried) >= MOST_TRIES:
                    break
        return None

    def _solve(self, wants: list[Step], demands: Demands) -> Iterator[Demands]:
        """Give demands that should meet all wants, the simplest first."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            return
        if not wants:
            yield demands
            return
        first, *rest = wants
        for more, ahead in self._turn(first):
            joined = _joined(demands, more)
            if joined is not None:
                yield from self._solve([*ahead, *rest], joined)

    def _turn(self, want: Step) -> Iterator[tuple[Demands, list[Step]]]:
        """Give alternatives for one want: demands on findings, and further wants."""
        if isinstance(want, Lies):
            yield from self._number(want.operand, want.low, want.high)
        elif isinstance(want, Wins):
            yield from self._row(want)
        elif isinstance(want, Fails):
            yield from self._failing(want.rules)
        else:
            yield from self._premise(want)

    # -- premises -------------------------------------------------------------------------------

    def _premise(self, want: Holds) -> Iterator[tuple[Demands, list[Step]]]:
        premise, operand = want.premise, want.premise.operand
        if want.outcome == "not met":
            yield from self._premise(Holds(premise, "false"))
            yield {}, []  # what nobody recorded is not met either
        elif premise.comparison in ("unknown", "set_aside"):
            yield from self._state(premise)
        elif operand in self.form.conclusions:
            is_true = (premise.words == (TRUE,)) == (want.outcome == "met")
            yield from self._conclusion(operand, is_true)
        elif not premise.threshold:
            yield from self._word(premise, want.outcome == "met")
        else:
            yield from self._comparison(premise, want.outcome == "met")

    def _state(self, premise: Premise) -> Iterator[tuple[Demands, list[Step]]]:
        derived = self.form.derived_by_name.get(premise.operand)
        if premise.comparison == "set_aside" and derived is not None:
            for line in derived.contradictions():
                yield {}, _met(line)
        yield {}, []

    def _conclusion(self, name: str, is_true: bool) -> Iterator[tuple[Demands, list[Step]]]:
        rules = self.form.conclusions[name].rules
        if is_true:
            for rule in rules:
                yield {}, _met(rule.premises)
            return
        yield {}, [Fails(rules)]

    def _failing(self, rules: tuple[Rule, ...]) -> Iterator[tuple[Demands, list[Step]]]:
        """Make one premise of the first rule false, then those of the next: conflicts show soon."""
        if not rules:
            yield {}, []
            return
        for premise in rules[0].premises:
            yield {}, [Holds(premise, "false"), Fails(rules[1:])]

    def _word(self, premise: Premise, inside: bool) -> Iterator[tuple[Demands, list[Step]]]:
        name = premise.operand
        recorded, derived = self.form.recorded.get(name), self.form.derived_by_name.get(name)
        ladder = next((found for found in self.form.ladders if found.name == name), None)
        if recorded is not None:
            words = _words(recorded.words, premise, inside)
            yield {name: words}, []
            yield from self._on_the_other_leg(name, words)
        elif derived is not None:
            for instrument in derived.instruments:
                for word in _words(derived.words, premise, inside):
                    yield {}, _met(dict(instrument.words)[word])
        elif ladder is not None:
            for i, row in enumerate(ladder.rows):
                if (row.word in premise.words) == inside:
                    yield {}, [Wins(ladder, i)]

    def _on_the_other_leg(
        self, name: str, words: frozenset[str]
    ) -> Iterator[tuple[Demands, list[Step]]]:
        """A gate answered for one leg is absent on the other, even where a sign would open it."""
        side, bare = without_side(name)
        if side and bare in self.base.vocabulary.gates and words == {ABSENT}:
            yield {name: words, f"{other(side)}.{bare}": frozenset({PRESENT})}, []

    def _comparison(self, premise: Premise, inside: bool) -> Iterator[tuple[Demands, list[Step]]]:
        at, how, name = premise.number, premise.comparison, premise.operand
        low, high = self.form.limits_of(name)
        upwards = COMPARISONS[how].upwards == inside
        takes_it_in = COMPARISONS[how].takes_in == inside
        near = nearness(self.base, name, premise.threshold or "")
        if upwards:
            begin = at if takes_it_in else at + 1
            yield from self._number(name, begin, min(high, at + near))
            yield from self._number(name, begin, high)
        else:
            end = at if takes_it_in else at - 1
            yield from self._number(name, max(low, at - near), end)
            yield from self._number(name, low, end)

    # -- numbers ---------------------------------------------------------------------------------

    def _number(self, name: str, low: int, high: int) -> Iterator[tuple[Demands, list[Step]]]:
        derived = self.form.derived_by_name.get(name)
        if low > high:
            return
        if derived is None:
            yield {name: (low, high)}, []
            return
        for origin in derived.origins(low, high, self.form, self._usual):
            wants: list[Step] = [want for line in origin.met for want in _met(line)]
            wants += [Holds(line[0], "false") for line in origin.failing]
            yield dict(origin.readings), wants

    def _usual(self, name: str) -> list[int]:
        path = self.form.recorded[name].path
        low, high = self.base.vocabulary[path].usual or self.form.limits_of(name)
        return [low + (high - low) * part // 800 * 100 for part in (4, 2, 6, 1, 7, 0, 8)]

    # -- ladders ----------------------------------------------------------------------------------

    def _row(self, want: Wins) -> Iterator[tuple[Demands, list[Step]]]:
        row = want.ladder.rows[want.row]
        exists = _met(want.ladder.exists)
        for line in row.lines or ((),):
            yield {}, [*exists, *_met(line)]


def _met(line: Line) -> list[Step]:
    return [Holds(premise) for premise in line]


def _words(words: tuple[str, ...], premise: Premise, inside: bool) -> frozenset[str]:
    return frozenset(word for word in words if (word in premise.words) == inside)


def _joined(first: Demands, second: Demands) -> Demands | None:
    """Give both demands together, or nothing if no answer meets both."""
    joined = dict(first)
    for name, demand in second.items():
        known = joined.get(name)
        if isinstance(known, frozenset) and isinstance(demand, frozenset):
            both: Demand = known & demand
        elif isinstance(known, tuple) and isinstance(demand, tuple):
            both = (max(known[0], demand[0]), min(known[1], demand[1]))
        else:
            both = demand
        if not both or (isinstance(both, tuple) and both[0] > both[1]):
            return None
        joined[name] = both
    return joined


def _case_id(goal: Goal) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in goal.key)
    return "-".join(part for part in kept.split("-") if part)
