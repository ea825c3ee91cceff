"""The rows of a case: what its record says of each leg, as columns made of gates.

Two rows a case, left before right. ``docs/cohort_columns.md`` says what each column means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from screening.algebra import Faces, Number
from screening.cohort.circuit import FALSE, TRUE, Bits, Circuit, Numbers
from screening.cohort.waiting import Waiting
from screening.inference.meaning import Walk
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion, Form, Ladder, Row, Rule, Score
from screening.rulebase.levels import WITHINS
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import BandFile, MeasureFile

NOT_LISTED = "not_listed"
GROUP = "block."


@dataclass(frozen=True)
class Key:
    """What each bit of a bit column means, in the order of the bits."""

    fired: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    warnings: tuple[str, ...]
    blocked_by: tuple[str, ...]

    def of(self, name: str) -> tuple[str, ...]:
        """Give the meanings of the bits of one kind."""
        found: tuple[str, ...] = getattr(self, name)
        return found


@lru_cache(maxsize=8)
def key(base: RuleBase) -> Key:
    """Give the key of all bit columns of a rule base."""
    return Key(
        tuple(base.rule_texts),
        tuple(dict.fromkeys(without_side(path)[1] for path in verdict_paths(base))),
        tuple(
            f"{file.id.removeprefix('flag.')}.{tier}" for file in base.flags for tier in file.levels
        ),
        tuple(_warning_paths(base)),
        tuple(dict.fromkeys(name for names in blockers(base).values() for name in names)),
    )


def blockers(base: RuleBase) -> dict[str, tuple[str, ...]]:
    """Give for each advice what can block it: flags, gates and findings, by their names."""
    return {
        advice: tuple(dict.fromkeys(name for name, _ in blocking))
        for (side, advice), blocking in _blocking(base).items()
        if side == SIDES[0]
    }


@lru_cache(maxsize=8)
def _blocking(base: RuleBase) -> dict[tuple[str, str], tuple[tuple[str, tuple[Rule, ...]], ...]]:
    """Give for each advice of a leg what blocks it, and the rules that have to fire for that."""
    return {
        (ladder.side or "", ladder.advice): tuple(
            (_blocker(base, rules[-1]), rules)
            for rules in _ways(base, f"{ladder.side}.blocked.{ladder.advice}")
        )
        for ladder in base.form.ladders
        if ladder.advice is not None
    }


def _ways(base: RuleBase, blocked: str) -> Iterator[tuple[Rule, ...]]:
    """Give every way to block: a rule, or the rule of a group and those behind it."""
    for rule in base.form.conclusions[blocked].rules:
        if rule.id.startswith(GROUP):
            for behind in _ways(base, rule.id):
                yield (rule, *behind)
        else:
            yield (rule,)


def _blocker(base: RuleBase, rule: Rule) -> str:
    """Name what blocks as a reader asks for it: a flag without its level, a leg's without side."""
    bare = without_side(rule.id)[1]
    flag, _, level = bare.rpartition(".")
    return flag if level in getattr(base.files.get(flag), "levels", {}) else bare


def verdicts(form: Form, side: str) -> list[str]:
    """Give the conclusions on which the verdict of a leg rests."""
    of_leg = f"{side}.verdict."
    return [name for name in form.conclusions if name.startswith(of_leg)]


def verdict_paths(base: RuleBase) -> tuple[str, ...]:
    """Give every path on which a verdict rests, of the person and of both legs."""
    form = base.form
    below = form.rests_on(name for side in SIDES for name in verdicts(form, side))
    return tuple(dict.fromkeys(form.recorded[n].path for n in form.recorded if n in below))


def _warning_paths(base: RuleBase) -> Iterator[str]:
    vocabulary = base.vocabulary
    yield from vocabulary.entries
    for file in base.files.values():
        if isinstance(file, BandFile) or (isinstance(file, MeasureFile) and file.plausible):
            yield file.id


@dataclass(frozen=True)
class Choice:
    """One word of several, or nothing."""

    words: dict[str, Bits]


@dataclass(frozen=True)
class Truth:
    """Yes or no; nothing where it does not exist."""

    holds: Bits
    exists: Bits = TRUE


@dataclass(frozen=True)
class Points:
    """A number of points; nothing where it does not exist."""

    number: Numbers
    exists: Bits


@dataclass(frozen=True)
class ColumnNames:
    """A set of names in the order of the key."""

    names: dict[str, Bits]


Column = Choice | Truth | Points | ColumnNames


def gates_of(column: Column) -> Iterator[Bits | Numbers]:
    """Give everything that a column is made of."""
    if isinstance(column, Choice):
        yield from column.words.values()
    elif isinstance(column, ColumnNames):
        yield from column.names.values()
    else:
        yield column.holds if isinstance(column, Truth) else column.number
        yield column.exists


class Rows:
    """Lays the columns of both legs out."""

    def __init__(
        self,
        base: RuleBase,
        circuit: Circuit,
        walk: Walk[Bits],
        doubts: Mapping[tuple[str, str], Bits],
    ) -> None:
        """Take a walk, and what intake found doubtful: of a path, of a kind."""
        self.base, self.form, self.key = base, base.form, key(base)
        self.circuit, self.walk, self.warned = circuit, walk, dict(doubts)

    def columns(self, only_decisions: bool = False) -> dict[str, dict[str, Column]]:
        """Give the columns of each leg."""
        person = self._person()
        legs = {side: person | self._leg(side) for side in SIDES}
        if not only_decisions:
            self._doubts()
            for side, leg in legs.items():
                leg |= self._advice(side) | self._scores(side) | self._names(side)
        return legs

    def _open(self, faces: Faces[Bits]) -> Bits:
        return self.circuit.all([faces.may, self.circuit.swap(faces.must)])

    def _choice(self, words: Iterable[tuple[str, Bits]], exists: Bits = TRUE) -> Choice:
        """Give the word whose Boolean holds; at most one does."""
        found: dict[str, list[Bits]] = {}
        for word, bits in words:
            found.setdefault(word, []).append(bits)
        some, every = self.circuit.any, self.circuit.all
        return Choice({word: every([some(bits), exists]) for word, bits in found.items()})

    def _ladder(self, name: str) -> list[tuple[Row, Bits]]:
        """Give every row of a ladder and whether it wins."""
        return list(zip(self.form.ladders_by_name[name].rows, self.walk.rows(name), strict=True))

    def _words(self, name: str, exists: Bits = TRUE) -> Choice:
        return self._choice([(row.word, wins) for row, wins in self._ladder(name)], exists)

    def _exists(self, listed: Ladder | Conclusion | Score) -> Bits:
        return self.walk.line(listed.exists).must

    # -- the person ---------------------------------------------------------------------------

    def _person(self) -> dict[str, Column]:
        levels = self._levels()
        opened = [self._open(faces) for _, faces in levels]
        gates = [
            self.walk.value(name).recorded
            for gate in self.base.vocabulary.gates
            for name, _ in self.base.vocabulary.operands(gate)
        ]
        complete = self.circuit.all([*gates, *map(self.circuit.swap, opened)])
        present = [faces.must for _, faces in levels]
        return {
            "tier": self._words("triage"),
            "within": self._within(levels),
            "triage_complete": Truth(complete),
            "flags_present": ColumnNames(dict(zip(self.key.flags, present, strict=True))),
            "flags_open": ColumnNames(dict(zip(self.key.flags, opened, strict=True))),
        }

    def _levels(self) -> list[tuple[str | None, Faces[Bits]]]:
        """Give when each level of a red flag asks for help, and its faces."""
        return [
            (file.levels[tier].within, self.walk.faces(f"{file.id}.{tier}"))
            for file in self.base.flags
            for tier in file.levels
        ]

    def _within(self, levels: list[tuple[str | None, Faces[Bits]]]) -> Choice:
        """Give the shortest time of the flags present."""
        found: list[tuple[str, Bits]] = []
        none_sooner: Bits = TRUE
        for within in WITHINS:
            here = self.circuit.any(faces.must for asked, faces in levels if asked == within)
            found.append((within, self.circuit.all([here, none_sooner])))
            none_sooner = self.circuit.all([none_sooner, self.circuit.swap(here)])
        return self._choice(found)

    # -- one leg ------------------------------------------------------------------------------

    def _leg(self, side: str) -> dict[str, Column]:
        name = f"{side}.verdict"
        exists = self._exists(self.form.ladders_by_name[name])
        rows = self._ladder(name)
        verdict = self._words(name, exists)
        likely = self.walk.faces(f"{side}.verdict.likely")
        some, every, swap = self.circuit.any, self.circuit.all, self.circuit.swap
        possible = some(wins for row, wins in rows if row.word == "possible")
        undecided = some(wins for row, wins in rows if row.word == "cannot_be_judged")
        settled = swap(some([every([possible, likely.may]), undecided]))
        reasons = [(row.reason, wins) for row, wins in rows if row.reason]
        return {
            "movement_pattern_verdict": verdict,
            "reason": self._choice(reasons, exists),
            "settled": Truth(settled, exists),
            "restriction": self._words(f"{side}.restriction", exists),
            "pattern": self._words(f"{side}.pattern", exists),
        }

    def _advice(self, side: str) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for ladder in self.form.ladders:
            if ladder.advice is not None and ladder.side == side:
                words = self._words(ladder.name, self._exists(ladder)).words
                listed = {word: bits for word, bits in words.items() if word != NOT_LISTED}
                found[f"advice.{ladder.advice}"] = Choice(listed)
        return found

    def _scores(self, side: str) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for score in self.form.derived:
            at, id = without_side(score.name)
            if isinstance(score, Score) and at in (side, None):
                value = self.walk.value(score.name)
                assert isinstance(value, Number)
                for end, number in (("low", value.low), ("high", value.high)):
                    found[f"score.{id}.{end}"] = Points(number, self._exists(score))
        return found

    # -- names --------------------------------------------------------------------------------

    def _names(self, side: str) -> dict[str, Column]:
        found = {
            "fired": self._fired(side),
            "missing": self._missing(side),
            "warnings": self._warnings(side),
            "blocked_by": self._blocked_by(side),
        }
        some = self.circuit.any
        return {
            kind: ColumnNames({name: some(bits) for name, bits in names.items()})
            for kind, names in found.items()
        }

    def _fired(self, side: str) -> dict[str, list[Bits]]:
        fired: dict[str, list[Bits]] = {id: [] for id in self.key.fired}
        for conclusion in self.form.conclusions.values():
            for rule in conclusion.rules:
                if rule.id in fired and rule.side in (side, None):
                    must, exists = self.walk.rule(rule).must, self._exists(conclusion)
                    fired[rule.id].append(self.circuit.all([must, exists]))
        return fired

    def _missing(self, side: str) -> dict[str, list[Bits]]:
        missing: dict[str, list[Bits]] = {path: [] for path in self.key.missing}
        exists = self._exists(self.form.ladders_by_name[f"{side}.verdict"])
        waiting = Waiting(self.circuit, self.walk, self.base.vocabulary)
        for path, waits in waiting.waits_for(verdicts(self.form, side)):
            missing[without_side(path)[1]].append(self.circuit.all([waits, exists]))
        return missing

    def _warnings(self, side: str) -> dict[str, list[Bits]]:
        warned: dict[str, list[Bits]] = {path: [] for path in self.key.warnings}
        for (path, _), bits in self.warned.items():
            at, bare = without_side(path)
            if at in (side, None):
                warned[bare].append(bits)
        return warned

    def _blocked_by(self, side: str) -> dict[str, list[Bits]]:
        found: dict[str, list[Bits]] = {name: [] for name in self.key.blocked_by}
        for ladder in self.form.ladders:
            if ladder.advice is None or ladder.side != side:
                continue
            exists = self._exists(ladder)
            for name, rules in _blocking(self.base)[side, ladder.advice]:
                musts = [self.walk.rule(rule).must for rule in rules]
                found[name].append(self.circuit.all([exists, *musts]))
        return found

    # -- doubts that the rules say --------------------------------------------------------------

    def _doubts(self) -> None:
        """Add the warnings of bands, measures and unrecorded pain to those of intake."""
        for name in self.form.derived_by_name:
            side, id = without_side(name)
            file = self.base.files[id]
            if isinstance(file, BandFile):
                self._doubt(name, self.walk.value(name).set_aside)  # type: ignore[union-attr]
            elif isinstance(file, MeasureFile):
                for how, threshold in file.plausible.items():
                    text = (f"{file.id} {how} {threshold}",)
                    for line in ground_line(text, self.base.names, side):
                        self._doubt(name, self.walk.line(line).must)
        for ladder in self.form.ladders:
            for premise in ladder.exists if ladder.advice is None else ():
                self._doubt(
                    premise.operand, self.circuit.swap(self.walk.value(premise.operand).recorded)
                )

    def _doubt(self, name: str, when: Bits) -> None:
        if when != FALSE:
            before = self.warned.get((name, "rules"), FALSE)
            self.warned[name, "rules"] = self.circuit.any([before, when])
