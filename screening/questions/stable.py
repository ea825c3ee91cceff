"""Does a conclusion survive measurement error, and whatever is still missing?

Every raw reading with a published minimal detectable change (MDC) is moved within it; measures,
bands and scores follow. "Holds" is shown for all movements at once, in the possible reading, by
spans that are split until each part says the same; "turns" is shown by a case that was really
screened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.inference.possible import NO, YES, PossibleAlgebra
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.findings import Reading, gather
from screening.questions.completion import Completion, State, Target, said, targets

if TYPE_CHECKING:
    from screening.questions.answer_model import StabilityRow, StableAnswer

HOLDS, TURNS, NOT_SETTLED = "holds", "turns", "not_settled"
_MOST_BOXES = 300
_MOST_CORNERS = 6

Box = dict[str, tuple[int, int]]
"""For each reading that moves: from and to, in hundredths."""


class Stability(NamedTuple):
    """What is known of one target: under measurement error, and under what is missing."""

    target: Target
    state: State
    mdc: str
    missing: str
    witness: dict[str, Answer] | None


class Stable:
    """Asks of every conclusion and decision of one case whether it is stable."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self.inferred = inferred
        self.form = inferred.form
        self.completion = Completion(inferred)
        self.moving, self.without_mdc = self._readings()
        algebra = PossibleAlgebra(self.form, inferred.findings.readings, {})
        self._possible = Walk(self.form, algebra)
        self._whole = self._walk(self.moving)

    def _readings(self) -> tuple[Box, tuple[str, ...]]:
        """Give how far each recorded reading moves, and the readings without a published MDC."""
        box, without = {}, []
        vocabulary = self.inferred.base.vocabulary
        for path, answer in self.inferred.case.answers.items():
            entry = vocabulary[path]
            if entry.type != "number" or not isinstance(answer, int) or not entry.equipment:
                continue
            mdc = vocabulary.mdc.get(path.partition(".")[2]) or vocabulary.mdc.get(path)
            if mdc is None:
                without.append(path)
                continue
            low, high = entry.hard or (answer - mdc, answer + mdc)
            box[path] = (max(low, answer - mdc), min(high, answer + mdc))
        return box, tuple(without)

    def all(self) -> Iterator[Stability]:
        """Give the stability of every target."""
        for target in targets(self.inferred):
            yield self.of(target)

    def of(self, target: Target) -> Stability:
        """Give the stability of one target."""
        mdc, moved = self.under_error(target)
        missing, added = self.when_recorded(target)
        now = target.state(self.inferred.walk, self.form)
        return Stability(target, now, mdc, missing, moved or added)

    # -- measurement error ------------------------------------------------------------------------

    def under_error(self, target: Target) -> tuple[str, dict[str, Answer] | None]:
        """Tell whether a target is the same wherever readings move, or a case where it is not."""
        now = target.state(self.inferred.walk, self.form)
        box = self._relevant(target)
        if not box or self._says(target, self._whole) == {now}:
            return HOLDS, None
        for answers in self._corners(box):
            if self._turns(target, now, answers):
                return TURNS, dict(answers)
        return self._split(target, now, box)

    def _turns(self, target: Target, now: State, answers: Mapping[str, int]) -> bool:
        """Tell whether a target is another at one point, and is so when that is screened."""
        point = {path: (answer, answer) for path, answer in answers.items()}
        possible = now not in self._says(target, self._walk(point))
        return possible and self.completion.confirmed(target, answers) != now

    def rests_on_a_reading(self, target: Target) -> bool:
        """Tell whether a reading with a published error bears on a target."""
        return bool(self._relevant(target))

    def _relevant(self, target: Target) -> Box:
        """Give the readings on which a target rests, directly or through a family."""
        below = self.form.rests_on([target.name])
        return {
            path: span
            for path, span in self.moving.items()
            if path in below or self._answers_others(path)
        }

    def _answers_others(self, path: str) -> bool:
        """Tell whether a reading answers other findings, through its family."""
        entry = self.inferred.base.vocabulary[path]
        return bool(entry.implies or entry.positive or entry.mirrored)

    def _walk(self, box: Box) -> Walk[int]:
        """Read the case with each reading anywhere in its span."""
        free: dict[str, frozenset[Reading | None]] = {}
        answering = {path: span for path, span in box.items() if self._answers_others(path)}
        if answering:
            free = self._follow(answering)
        readings = {**self.inferred.findings.readings, **box}
        algebra = PossibleAlgebra(self.form, readings, free)
        return self._possible.again({name: algebra.recorded(name) for name in (*box, *free)})

    def _follow(self, box: Box) -> dict[str, frozenset[Reading | None]]:
        """Give what families could answer, at every corner of the spans of what answers them."""
        found: dict[str, frozenset[Reading | None]] = {}
        for ends in product((0, 1), repeat=len(box)):
            answers = {path: box[path][end] for path, end in zip(box, ends, strict=True)}
            case = self.completion.with_answers(answers)
            readings = gather(case, self.inferred.base.vocabulary).readings
            for name in self.form.recorded:
                if readings.get(name) != self.inferred.findings.readings.get(name):
                    found[name] = found.get(name, frozenset()) | {readings.get(name)}
        return {name: alternatives for name, alternatives in found.items() if name not in box}

    def _says(self, target: Target, walk: Walk[int]) -> set[State]:
        """Give the states that a target could have somewhere in a box."""
        if target.is_ladder:
            rows = self.form.ladders_by_name[target.name].rows
            wins = walk.rows(target.name)
            return {row.word for row, win in zip(rows, wins, strict=True) if win & YES}
        must, may = walk.faces(target.name)
        states: dict[State, int] = {
            True: must & YES,
            False: may & NO,
            None: must & NO and may & YES,
        }
        return {state for state, possible in states.items() if possible}

    def _corners(self, box: Box) -> Iterator[dict[str, int]]:
        paths = list(box)
        for path in paths:
            for end in box[path]:
                yield {path: end}
        for ends in product((0, 1), repeat=min(len(paths), _MOST_CORNERS)):
            yield {path: box[path][end] for path, end in zip(paths, ends, strict=False)}

    def _split(self, target: Target, now: State, box: Box) -> tuple[str, dict[str, Answer] | None]:
        """Split spans in half until each part says the same, or one point says another thing."""
        ahead = [box]
        for _ in range(_MOST_BOXES):
            if not ahead:
                return HOLDS, None
            part = ahead.pop()
            if self._says(target, self._walk({**self.moving, **part})) == {now}:
                continue
            middle = {p: (low + high) // 2 for p, (low, high) in part.items()}
            if self._turns(target, now, middle):
                return TURNS, dict(middle)
            widest = max(part, key=lambda path: part[path][1] - part[path][0])
            low, high = part[widest]
            if low == high:
                return NOT_SETTLED, None
            half = (low + high) // 2
            ahead += [{**part, widest: (low, half)}, {**part, widest: (half + 1, high)}]
        return NOT_SETTLED, None

    # -- what is missing --------------------------------------------------------------------------

    def when_recorded(self, target: Target) -> tuple[str, dict[str, Answer] | None]:
        """Tell whether a target is the same whatever is recorded yet, or a case where not."""
        if self.completion.settled(target):
            return HOLDS, None
        witness = self.completion.other_state(target)
        return (TURNS, witness) if witness else (NOT_SETTLED, None)


def stable(inferred: Inferred) -> StableAnswer:
    """Give the stability of every conclusion and of the tier and verdicts, as data."""
    found = Stable(inferred)
    rows = [(each, _row(each, found)) for each in found.all()]
    return {
        "conclusions": [row for each, row in rows if not each.target.is_ladder],
        "decisions": [row for each, row in rows if each.target.is_ladder],
        "sides": {
            side: next((r for e, r in rows if e.target.name == f"{side}.verdict"), None)
            for side in ("left", "right")
        },
        "moved": {
            path: [as_typed(path, end, inferred.base.vocabulary) for end in span]
            for path, span in found.moving.items()
        },
        "without_mdc": list(found.without_mdc),
    }


def _row(found: Stability, stable: Stable) -> StabilityRow:
    side, id = said(found.target.name)
    vocabulary = stable.inferred.base.vocabulary
    witness = {
        path: as_typed(path, answer, vocabulary) for path, answer in (found.witness or {}).items()
    }
    return {
        "id": id,
        "side": side,
        "value": found.state,
        "mdc": found.mdc,
        "measured": stable.rests_on_a_reading(found.target),
        "missing": found.missing,
        "witness": None if found.witness is None else witness,
    }
