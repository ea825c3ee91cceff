"""What to record next: the one answer that the report, the commands and the interview give.

Triage comes first, then the verdict of the leg that hurts, then what else is said of that leg. A
finding is named only if some answer to it would move one of these, so nothing that is decided
already is asked; no test that an open or present flag could block, and nothing after an emergency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.intake.answers import Answer
from screening.intake.branching import after_families, holds
from screening.intake.questionnaire import Questionnaire
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import POSITIONS, SIDES, Vocabulary, without_side
from screening.numbers import plain
from screening.record.candidates import Candidates
from screening.record.rereading import Rereading
from screening.record.support import Support, testable
from screening.record.triage import unanswered_gates
from screening.record.wording import Wording, lower
from screening.rulebase.form import Ladder, Line, Row
from screening.rulebase.levels import TIERS, tier_of

if TYPE_CHECKING:
    # Only types need the shape of a record: making it costs each start some hundredths of a second.
    from screening.record.model import LegRecord, NextRecord

    Legs = Mapping[str, LegRecord | None]

MOST = 5
"""So many findings are named: a longer list is not read."""

GATE, FLAG, HURTS, DECIDING, AGAIN, VERDICT, OTHER_FLAG, OTHER_LEG, REST = range(9)
"""What a finding is for, the weightiest first."""

VERDICT_LADDER, TRIAGE_LADDER, SUSPENDED = "verdict", "triage", "suspended"
ANKLE_LADDERS = ("pattern", "restriction")


class WatchedDecision(NamedTuple):
    """What an answer could move: whole rules, or the row of a ladder that stands."""

    rules: frozenset[str]
    ladders: frozenset[str]


@dataclass(frozen=True)
class Wanted:
    """One finding to record, what for, and what its answers could move."""

    path: str
    rank: int
    because: str
    moves: WatchedDecision
    side: str | None = None
    again: bool = False
    """It is recorded already and is to be measured again."""


class ToRecord:
    """Works out what to record next in one case."""

    def __init__(self, inferred: Inferred, sides: Legs, support: Support) -> None:
        """Look at one case, and at what is said of its painful legs."""
        self.inferred, self._support = inferred, support
        self._legs = {side: leg for side, leg in sides.items() if leg}
        self.form, self.vocabulary = inferred.form, inferred.base.vocabulary
        self.rereading = Rereading(inferred)

    @cached_property
    def candidates(self) -> Candidates:
        """The answers that each finding could have."""
        return Candidates(self.inferred)

    def wanted(self, most: int = MOST) -> list[Wanted]:
        """Give what to record next, by the position of the patient, the weightiest first."""
        if self.inferred.rows[TRIAGE_LADDER].word == TIERS[0]:
            return []
        first: dict[str, Wanted] = {}
        for found in self._all():
            if found.path not in first or found.rank < first[found.path].rank:
                first[found.path] = found
        chosen: list[Wanted] = []
        for found in sorted(first.values(), key=self._order):
            if len(chosen) == most:
                break
            if self._may_be_asked(found) and (found.again or self._moves(found)):
                chosen.append(found)
        chosen.sort(key=lambda found: (*self._order(found)[:2], not self._turns_verdict(found)))
        return _by_position(chosen, self.vocabulary)

    def _turns_verdict(self, found: Wanted) -> bool:
        """Tell whether one answer alone, or a reading that was set aside, gives another verdict."""
        if found.again or found.rank not in (DECIDING, VERDICT):
            return found.rank == DECIDING
        ladder = self.form.ladders_by_name[f"{found.side}.{VERDICT_LADDER}"]
        now = self.inferred.rows[ladder.name]
        walks = (
            self.rereading.of({found.path: answer})[1] for answer in self.candidates.of(found.path)
        )
        rows = (ladder.rows[walk.rows(ladder.name).index(True)] for walk in walks)
        return any(row is not now and not contradicts(row) for row in rows)

    def _order(self, found: Wanted) -> tuple[int, int, bool, int, str]:
        own_leg = found.side is None or without_side(found.path)[0] in (None, found.side)
        position = POSITIONS.index(self.vocabulary[found.path].position)
        return found.rank, position, not own_leg, self.vocabulary.position(found.path), found.path

    # -- what could be wanted -----------------------------------------------------------------

    def _all(self) -> Iterator[Wanted]:
        yield from self._of_triage()
        painful = [side for side in SIDES if side in self._legs]
        yield from self._where_it_hurts(painful)
        for side in painful:
            yield from self._of_verdict(side)
            yield from self._of_the_rest(side)

    def _of_triage(self) -> Iterator[Wanted]:
        nothing = WatchedDecision(frozenset(), frozenset())
        for gate in unanswered_gates(self.inferred):
            why = "The screen for red flags is not complete yet."
            yield Wanted(gate, GATE, why, nothing)
        worst = _badness(self.inferred.rows[TRIAGE_LADDER].word)
        undecided = any(self._still_open(side) for side in SIDES if side in self._legs)
        for file in self.inferred.base.flags:
            for level, found in file.levels.items():
                name = f"{file.id}.{level}"
                if self.inferred.value(name) is not None:
                    continue
                heavy = _badness(tier_of(level)) > worst or (found.suspends and undecided)
                moves = WatchedDecision(frozenset(self._open_rules([name])), frozenset())
                why = f"Not excluded without it: {lower(file.title)}."
                for path in self._support.waits_for([name]):
                    yield Wanted(path, FLAG if heavy else OTHER_FLAG, why, moves)

    def _where_it_hurts(self, painful: list[str]) -> Iterator[Wanted]:
        ladders = [la for la in self.form.ladders if la.id == VERDICT_LADDER]
        for ladder in ladders:
            names = [premise.operand for premise in ladder.exists]
            for name in names:
                if name not in self.inferred.known and name in self.form.recorded:
                    why = "A leg gets a verdict only where the hip hurts."
                    rank = OTHER_LEG if painful else HURTS
                    yield Wanted(
                        name, rank, why, WatchedDecision(frozenset(), frozenset({ladder.name}))
                    )

    def _of_verdict(self, side: str) -> Iterator[Wanted]:
        ways = self.ways(side)
        moves = WatchedDecision(frozenset(rule for rule, _ in ways), frozenset())
        named = self._legs[side]["decides"]
        shortest = named["paths"] if named else self._shortest(ways)
        for _, way in ways:
            for path in way:
                rank = DECIDING if path in shortest else VERDICT
                why = f"Could change the verdict of the {side} leg."
                yield Wanted(path, rank, why, moves, side)
        yield from self._again(side)

    def ways(self, side: str) -> list[tuple[str, tuple[str, ...]]]:
        """Give the rules that could still change a verdict, each with what it waits for.

        Those that ask for fewest findings, and of these the quickest, come first.
        """
        ladder = self.form.ladders_by_name[f"{side}.{VERDICT_LADDER}"]
        found = [
            (rule, tuple(dict.fromkeys(self._support.line(self.form.rules[rule].premises))))
            for rule in self._open_rules(self._can_still_win(ladder))
        ]
        return sorted(filter(lambda way: way[1], found), key=lambda way: self._effort(way[1]))

    def _shortest(self, ways: list[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
        return next((way for _, way in ways if all(map(self._testable, way))), ())

    def _effort(self, way: tuple[str, ...]) -> tuple[int, int]:
        return len(way), sum(self.vocabulary[path].minutes for path in way)

    def _again(self, side: str) -> Iterator[Wanted]:
        """Give the readings of a leg that decide nothing yet: too near a limit, or set aside."""
        nothing = WatchedDecision(frozenset(), frozenset())
        if self._legs[side]["verdict"] == SUSPENDED:
            return
        for path in self._set_aside(side):
            why = f"Readings of the {side} leg contradict each other: measure both again."
            yield Wanted(path, DECIDING, why, nothing, side, again=True)
        for reading in self._legs[side]["firmness"]:
            if not reading["holds"]:
                mdc = self.form.recorded[reading["path"]].mdc or 0
                error = with_unit(mdc, self.vocabulary[reading["path"]].unit)
                why = (
                    f"The verdict of the {side} leg turns within the measurement error of {error}: "
                    "measure three times."
                )
                yield Wanted(reading["path"], AGAIN, why, nothing, side, again=True)

    def _set_aside(self, side: str) -> Iterator[str]:
        for name in sorted(self.inferred.run.set_aside):
            if without_side(name)[0] == side:
                for recorded in sorted(self.form.rests_on([name]) & self.form.recorded.keys()):
                    path = self.form.recorded[recorded].path
                    if path in self.inferred.case.answers and self._measured(path, side):
                        yield path

    def _measured(self, path: str, side: str) -> bool:
        return without_side(path)[0] == side and bool(self.vocabulary[path].minutes)

    def _of_the_rest(self, side: str) -> Iterator[Wanted]:
        """Give what else the record says of the ankle waits for, such as which muscle it is."""
        if self._legs[side]["verdict"] == SUSPENDED:
            return
        for place, id in enumerate(ANKLE_LADDERS):
            ladder = self.form.ladders_by_name[f"{side}.{id}"]
            title = self.inferred.base.ladder(id).title
            why = f"Still open on the {side} leg: {lower(title)}."
            moves = WatchedDecision(frozenset(), frozenset({ladder.name}))
            for line in (line for row in ladder.rows for line in row.lines or ()):
                faces = self.inferred.walk.line(line)
                if faces.may and not faces.must:
                    for path in self._support.line(line):
                        yield Wanted(path, REST + place, why, moves, side)

    # -- what may be asked, and moves something -----------------------------------------------

    def _testable(self, path: str) -> bool:
        return testable(path, self.inferred, self.vocabulary)

    def _may_be_asked(self, found: Wanted) -> bool:
        if not self._testable(found.path):
            return False
        shown_when = _form(self.vocabulary)[found.path].shown_when
        return found.rank == GATE or holds(shown_when, self._answers)

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return after_families(self.inferred.case.answers, self.inferred.findings, self.vocabulary)

    def _moves(self, found: Wanted) -> bool:
        """Tell whether any answer moves what is watched.

        A gate that is open always matters; of a set that decides together no single one need.
        """
        if found.rank in (GATE, DECIDING):
            return True
        now = self._state(self.inferred.walk, found.moves)
        return any(
            self._state(self.rereading.of({found.path: answer})[1], found.moves) != now
            for answer in self.candidates.of(found.path)
        )

    def _state(self, walk: Walk[bool], watched: WatchedDecision) -> list[object]:
        rules = [walk.rule(self.form.rules[name]) for name in sorted(watched.rules)]
        ladders = [self.form.ladders_by_name[name] for name in sorted(watched.ladders)]
        return [*rules, *((walk.line(la.exists).must, walk.rows(la.name)) for la in ladders)]

    # -- what can still win -------------------------------------------------------------------

    def _still_open(self, side: str) -> bool:
        """Tell whether another row of the verdict can still win."""
        ladder = self.form.ladders_by_name[f"{side}.{VERDICT_LADDER}"]
        return bool(self._open_rules(self._can_still_win(ladder)))

    def _can_still_win(self, ladder: Ladder) -> Iterator[str]:
        """Give the conclusions of the leg that rows ask for down to the one that stays."""
        for row in ladder.rows:
            if row.lines is None:
                return
            for line in row.lines:
                names = [p.operand for p in line if p.operand in self.form.conclusions]
                yield from (name for name in names if without_side(name)[0] == ladder.side)
            lines = [line for line in row.lines if not vanishes(line)]
            if any(self.inferred.walk.line(line).must for line in lines):
                return

    def _open_rules(self, conclusions: Iterable[str]) -> list[str]:
        """Give the rules of these conclusions that may hold and need not."""
        found: dict[str, None] = {}
        for name in conclusions:
            faces = self.inferred.faces(name)
            if faces.may and not faces.must:
                for rule in self.form.conclusions[name].rules:
                    run = self.inferred.run.rules[rule.name]
                    if run.may and not run.must:
                        found[rule.name] = None
        return list(found)


def vanishes(line: Line) -> bool:
    """Tell whether recording more can end a line: it asks that something is unknown."""
    return any(premise.comparison in ("unknown", "set_aside") for premise in line)


def contradicts(row: Row) -> bool:
    """Tell whether a row stands because readings contradict each other."""
    return any(p.comparison == "set_aside" for line in row.lines or () for p in line)


def _badness(tier: str) -> int:
    return len(TIERS) - TIERS.index(tier) if tier in TIERS else 0


def _by_position(chosen: list[Wanted], vocabulary: Vocabulary) -> list[Wanted]:
    """Put those of one position together, the position of the weightiest first."""
    positions = dict.fromkeys(vocabulary[found.path].position for found in chosen)
    return [
        found
        for position in positions
        for found in chosen
        if vocabulary[found.path].position == position
    ]


@lru_cache(maxsize=8)
def _form(vocabulary: Vocabulary) -> Questionnaire:
    return Questionnaire(vocabulary)


def to_record(
    inferred: Inferred, sides: Legs, wording: Wording, support: Support
) -> list[NextRecord]:
    """Give what to record next, as data."""
    ahead = ToRecord(inferred, sides, support)
    return [row(found, wording) for found in ahead.wanted()]


def row(found: Wanted, wording: Wording) -> NextRecord:
    """Give one finding to record, as data."""
    entry = wording.entry(found.path)
    return {
        "path": found.path,
        "title": wording.title(found.path),
        "because": found.because,
        "position": entry.position,
        "minutes": plain(entry.minutes),
        "equipment": list(entry.equipment),
        "again": found.again,
    }
