"""Does a conclusion survive measurement error, and whatever is still missing?

Every raw reading with a published minimal detectable change (MDC) is moved within it; measures,
bands and scores follow. "Holds" is shown for all movements at once, by intervals that are split
until each part says the same; "turns" is shown by a case that was really screened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from screening.inference.infer import Inferred, truth
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.inference.sets import Reading
from screening.intake.answers import Answer
from screening.intake.case import as_typed
from screening.intake.findings import gather
from screening.questions.completion import Completion, State, Target, said, targets

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
        self._whole = self._walk(self.moving) if self.moving else None

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
        now = target.state(self.inferred.walk, self.form)
        mdc, moved = self._mdc(target, now)
        missing, added = self._missing(target)
        return Stability(target, now, mdc, missing, moved or added)

    # -- measurement error ------------------------------------------------------------------------

    def _mdc(self, target: Target, now: State) -> tuple[str, dict[str, Answer] | None]:
        box = self._relevant(target)
        if not box:
            return HOLDS, None
        assert self._whole is not None
        if self._says(target, self._whole) == now is not None:
            return HOLDS, None
        for answers in self._corners(box):
            if self._turns(target, now, answers):
                return TURNS, answers
        return self._split(target, now, box)

    def _turns(self, target: Target, now: State, answers: Mapping[str, Answer]) -> bool:
        found = self.completion.state(target, answers)
        return found != now and self.completion.confirmed(target, answers) != now

    def _relevant(self, target: Target) -> Box:
        """Give the readings on which a target rests, directly or through a family."""
        below = self.form.rests_on([target.name])
        vocabulary = self.inferred.base.vocabulary
        found = {}
        for path, span in self.moving.items():
            entry = vocabulary[path]
            if path in below or entry.implies or entry.positive or entry.mirrored:
                found[path] = span
        return found

    def _walk(self, box: Box) -> Walk[bool]:
        """Read the case with each reading anywhere in its span."""
        return Walk(self.form, PlainAlgebra(self.form, self._hull(box)))

    def _hull(self, box: Box) -> Mapping[str, Reading]:
        """Give what is known when readings move: families follow, at both ends of every span."""
        readings: list[dict[str, Reading]] = []
        for end in (0, 1):
            answers = {path: span[end] for path, span in box.items()}
            case = self.completion.with_answers(answers)
            readings.append(gather(case, self.inferred.base.vocabulary).readings)
        low, high = readings
        return {name: _both(low[name], high[name]) for name in low if name in high}

    def _says(self, target: Target, walk: Walk[bool]) -> State:
        """Give the state that a target has anywhere in a box; None if that is not known."""
        if not target.is_ladder:
            return truth(walk.faces(target.name))
        possible = set()
        for row in self.form.ladders_by_name[target.name].rows:
            if row.lines is None:
                possible.add(row.word)
                break
            faces = [walk.line(line) for line in row.lines]
            if any(face.may for face in faces):
                possible.add(row.word)
            if any(face.must for face in faces):
                break
        return possible.pop() if len(possible) == 1 else None

    def _corners(self, box: Box) -> Iterator[dict[str, Answer]]:
        paths = list(box)
        for path in paths:
            for end in box[path]:
                yield {path: end}
        for ends in product((0, 1), repeat=min(len(paths), _MOST_CORNERS)):
            yield {path: box[path][end] for path, end in zip(paths, ends, strict=False)}

    def _split(self, target: Target, now: State, box: Box) -> tuple[str, dict[str, Answer] | None]:
        """Split spans in half until each part says the same, or one point says another thing."""
        if now is None:
            # Intervals cannot show that something stays unknown everywhere.
            return NOT_SETTLED, None
        ahead = [box]
        for _ in range(_MOST_BOXES):
            if not ahead:
                return HOLDS, None
            part = ahead.pop()
            if self._says(target, self._walk({**self.moving, **part})) == now:
                continue
            middle: dict[str, Answer] = {p: (low + high) // 2 for p, (low, high) in part.items()}
            if self._turns(target, now, middle):
                return TURNS, middle
            widest = max(part, key=lambda path: part[path][1] - part[path][0])
            low, high = part[widest]
            if low == high:
                return NOT_SETTLED, None
            half = (low + high) // 2
            ahead += [{**part, widest: (low, half)}, {**part, widest: (half + 1, high)}]
        return NOT_SETTLED, None

    # -- what is missing --------------------------------------------------------------------------

    def _missing(self, target: Target) -> tuple[str, dict[str, Answer] | None]:
        if self.completion.settled(target):
            return HOLDS, None
        witness = self.completion.other_state(target)
        return (TURNS, witness) if witness else (NOT_SETTLED, None)


def _both(low: Reading, high: Reading) -> Reading:
    if isinstance(low, tuple) and isinstance(high, tuple):
        return min(low[0], high[0]), max(low[1], high[1])
    assert isinstance(low, frozenset)
    assert isinstance(high, frozenset)
    return low | high


def stable(inferred: Inferred) -> dict[str, Any]:
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


def _row(found: Stability, stable: Stable) -> dict[str, Any]:
    side, id = said(found.target.name)
    vocabulary = stable.inferred.base.vocabulary
    witness = found.witness and {
        path: as_typed(path, answer, vocabulary) for path, answer in found.witness.items()
    }
    return {
        "id": id,
        "side": side,
        "value": found.state,
        "mdc": found.mdc,
        "missing": found.missing,
        "witness": witness,
    }
