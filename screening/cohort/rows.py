"""The rows of a part: what one case's record says of a leg, as columns.

Two rows a case, left before right. ``docs/cohort_columns.md`` says what each column means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from screening.cohort.algebra import Bits, as_column, ever, every, not_, some
from screening.cohort.findings import Warned
from screening.inference.meaning import Faces, Number, Walk
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.files import TIERS, WITHINS, BandFile, MeasureFile
from screening.rulebase.form import Ladder, Score
from screening.rulebase.premises import ground_line

SIDE = pl.Enum(SIDES)
NOT_LISTED = "not_listed"
_WORD = 64


@dataclass(frozen=True)
class Key:
    """What each bit of a bit column means, in the order of the bits."""

    fired: tuple[str, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    warnings: tuple[str, ...]

    def of(self, name: str) -> tuple[str, ...]:
        """Give the meanings of the bits of one kind."""
        found: tuple[str, ...] = getattr(self, name)
        return found


def key(base: RuleBase) -> Key:
    """Give the key of all bit columns of a rule base."""
    return Key(
        tuple(base.rule_texts),
        tuple(dict.fromkeys(without_side(path)[1] for path in verdict_paths(base))),
        tuple(
            f"{file.id.removeprefix('flag.')}.{tier}"
            for file in base.flags
            for tier in TIERS
            if tier in file.levels
        ),
        tuple(_warning_paths(base)),
    )


def verdict_paths(base: RuleBase) -> tuple[str, ...]:
    """Give every path on which a verdict rests, of the person and of both legs."""
    form = base.form
    ahead = [name for name, c in form.conclusions.items() if c.id.startswith("verdict.")]
    below = form.rests_on(ahead)
    return tuple(dict.fromkeys(form.recorded[n].path for n in form.recorded if n in below))


def _warning_paths(base: RuleBase) -> Iterator[str]:
    vocabulary = base.vocabulary
    yield from vocabulary.entries
    for file in base.files.values():
        if isinstance(file, BandFile) or (isinstance(file, MeasureFile) and file.plausible):
            yield file.id


class Rows:
    """Writes the rows of one part."""

    def __init__(
        self,
        base: RuleBase,
        walk: Walk[Bits] | Walk[bool],
        warned: dict[Warned, Bits],
        rows: int,
        verbose: bool,
    ) -> None:
        """Take what was worked out for a part."""
        self.base, self.warned, self.rows = base, dict(warned), rows
        # One case is a part of one row in which every Boolean is a constant.
        self.walk = cast(Walk[Bits], walk)
        self.verbose, self.key = verbose, key(base)
        self.form = base.form
        self._of_person: dict[str, pl.Series] = {}

    def frame(self, case_id: pl.Series, only_decisions: bool = False) -> pl.DataFrame:
        """Give both rows of every case in the order of the cases."""
        if not only_decisions:
            self._doubts()
        legs = []
        for side in SIDES:
            columns = {"case_id": case_id, "side": self._constant(side, SIDE)}
            columns |= self._person() | self._leg(side)
            if not only_decisions:
                columns |= self._advice(side) | self._scores(side) | self._bits(side)
            legs.append(pl.DataFrame(columns))
        both = pl.concat(legs, rechunk=False)
        order = pl.select(
            pl.int_range(2 * self.rows) // 2 + self.rows * (pl.int_range(2 * self.rows) % 2)
        ).to_series()
        return both[order]

    # -- columns ------------------------------------------------------------------------------

    def _constant(self, value: Any, dtype: pl.DataType) -> pl.Series:
        return pl.repeat(value, self.rows, dtype=dtype, eager=True)

    def _choice(self, words: Iterable[tuple[str, Bits]], exists: Bits = True) -> pl.Series:
        """Give the word whose Boolean holds (at most one does), null where none does."""
        found = list(words)
        dtype = pl.Enum(list(dict.fromkeys(word for word, _ in found)))
        places = {word: place for place, word in enumerate(dtype.categories)}
        code = pl.lit(None, dtype=pl.UInt32)
        for word, bits in found:
            holds = every([bits, exists])
            if holds is True:
                code = pl.lit(places[word], dtype=pl.UInt32)
            elif ever(holds):
                code = (
                    pl.when(pl.lit(holds))
                    .then(pl.lit(places[word], dtype=pl.UInt32))
                    .otherwise(code)
                )
        column = pl.select(code).to_series()
        if len(column) == 1 and self.rows != 1:
            column = column.extend_constant(column[0], self.rows - 1) if self.rows else column[:0]
        return column.cat.to(dtype)

    def _ladder(self, name: str, exists: Bits) -> pl.Series:
        ladder = self.form.ladders_by_name[name]
        rows = zip(ladder.rows, self.walk.rows(name), strict=True)
        return self._choice([(row.word, win) for row, win in rows], exists)

    def _exists(self, ladder: Ladder) -> Bits:
        return self.walk.line(ladder.exists).must

    # -- the person ---------------------------------------------------------------------------

    def _person(self) -> dict[str, pl.Series]:
        if not self._of_person:
            levels = self._levels()
            unknown = some(every([f.may, not_(f.must)]) for _, _, f in levels)
            gates = [
                self.walk.value(name).recorded
                for gate in self.base.vocabulary.gates
                for name, _ in self.base.vocabulary.operands(gate)
            ]
            complete = every([*gates, not_(unknown)])
            found = {
                "tier": self._ladder("triage", True),
                "within": self._within(levels),
                "triage_complete": as_column(complete, self.rows),
            }
            flags = dict(zip(self.key.flags, (faces for _, _, faces in levels), strict=True))
            must = {name: faces.must for name, faces in flags.items()}
            opened = {n: every([f.may, not_(f.must)]) for n, f in flags.items()}
            found |= self._words("flags_present", must) | self._words("flags_open", opened)
            self._of_person = found
        return self._of_person

    def _levels(self) -> list[tuple[str, str | None, Faces[Bits]]]:
        return [
            (tier, file.levels[tier].within, self.walk.faces(f"{file.id}.{tier}"))
            for file in self.base.flags
            for tier in TIERS
            if tier in file.levels
        ]

    def _within(self, levels: list[tuple[str, str | None, Faces[Bits]]]) -> pl.Series:
        """Give the shortest time of the flags present."""
        found: list[tuple[str, Bits]] = []
        sooner: Bits = False
        for within in WITHINS:
            here = some(faces.must for _, asked, faces in levels if asked == within)
            found.append((within, every([here, not_(sooner)])))
            sooner = some([sooner, here])
        return self._choice(found)

    # -- one leg ------------------------------------------------------------------------------

    def _leg(self, side: str) -> dict[str, pl.Series]:
        name = f"{side}.verdict"
        ladder = self.form.ladders_by_name[name]
        exists = self._exists(ladder)
        wins = self.walk.rows(name)
        words = list(zip(ladder.rows, wins, strict=True))
        likely = self.walk.faces(f"{side}.verdict.likely")
        open_possible = every(
            [some(win for row, win in words if row.word == "possible"), likely.may]
        )
        undecided = some(win for row, win in words if row.word == "cannot_be_judged")
        settled = not_(some([open_possible, undecided]))
        reasons = [(row.reason, win) for row, win in words if row.reason]
        return {
            "movement_pattern_verdict": self._choice([(r.word, w) for r, w in words], exists),
            "reason": self._choice(reasons, exists),
            "settled": _null_unless(exists, as_column(settled, self.rows)),
            "restriction": self._ladder(f"{side}.restriction", exists),
            "pattern": self._ladder(f"{side}.pattern", exists),
        }

    def _advice(self, side: str) -> dict[str, pl.Series]:
        found = {}
        for ladder in self.form.ladders:
            if ladder.advice is None or ladder.side != side:
                continue
            rows = zip(ladder.rows, self.walk.rows(ladder.name), strict=True)
            listed = [(row.word, win) for row, win in rows if row.word != NOT_LISTED]
            found[f"advice.{ladder.advice}"] = self._choice(listed, self._exists(ladder))
        return found

    def _scores(self, side: str) -> dict[str, pl.Series]:
        found = {}
        for score in self.form.derived:
            at, id = without_side(score.name)
            if not isinstance(score, Score) or at not in (side, None):
                continue
            exists = self.walk.line(score.exists).must
            value = self.walk.value(score.name)
            assert isinstance(value, Number)
            for end, number in (("low", value.low), ("high", value.high)):
                column = (
                    number if isinstance(number, pl.Series) else self._constant(number, pl.Int32())
                )
                points = (column / 100).cast(pl.Float32)
                found[f"score.{id}.{end}"] = _null_unless(exists, points)
        return found

    # -- bits ---------------------------------------------------------------------------------

    def _bits(self, side: str) -> dict[str, pl.Series]:
        fired: dict[str, list[Bits]] = {id: [] for id in self.key.fired}
        for conclusion in self.form.conclusions.values():
            exists: Bits | None = None
            for rule in conclusion.rules:
                if rule.id in fired and rule.side in (side, None):
                    if exists is None:
                        exists = self.walk.line(conclusion.exists).must
                    fired[rule.id].append(every([self.walk.rule(rule).must, exists]))
        missing: dict[str, list[Bits]] = {path: [] for path in self.key.missing}
        for name, operand in self.form.recorded.items():
            at, path = without_side(operand.path)
            leg = without_side(name)[0]
            if path in missing and at in (side, None) and leg in (side, None):
                missing[path].append(not_(self.walk.value(name).recorded))
        warned: dict[str, list[Bits]] = {path: [] for path in self.key.warnings}
        for (path, _), bits in self.warned.items():
            at, bare = without_side(path)
            if at in (side, None):
                warned[bare].append(bits)
        found: dict[str, pl.Series] = {}
        for name, by in (("fired", fired), ("missing", missing), ("warnings", warned)):
            found |= self._words(name, {each: some(bits) for each, bits in by.items()})
        return found

    def _words(self, name: str, bits: dict[str, Bits]) -> dict[str, pl.Series]:
        """Give Booleans as 64-bit words, or as one text with the names of those that hold."""
        if self.verbose:
            return {name: self._names(bits)}
        each = list(bits.values())
        words = {
            f"{name}_{number // _WORD}": _packed(each[number : number + _WORD])
            for number in range(0, max(len(each), 1), _WORD)
        }
        none = pl.repeat(0, self.rows, dtype=pl.UInt64)
        frame = pl.select([none.alias("none"), *(word.alias(n) for n, word in words.items())])
        return {name: frame[name] for name in words}

    def _names(self, bits: dict[str, Bits]) -> pl.Series:
        parts = [
            pl.when(pl.lit(as_column(bit, self.rows))).then(pl.lit(name))
            for name, bit in bits.items()
            if ever(bit)
        ]
        if not parts:
            return self._constant("", pl.String())
        return pl.select(pl.concat_str(parts, separator=" ", ignore_nulls=True)).to_series()

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
                self._doubt(premise.operand, not_(self.walk.value(premise.operand).recorded))

    def _doubt(self, name: str, when: Bits) -> None:
        if ever(when):
            self.warned[name, "rules"] = some([self.warned.get((name, "rules"), False), when])


def _null_unless(exists: Bits, column: pl.Series) -> pl.Series:
    if exists is True:
        return column
    if exists is False:
        return pl.repeat(None, len(column), dtype=column.dtype, eager=True)
    return column.set(~exists, None)


def _packed(bits: list[Bits]) -> pl.Expr:
    """Give up to 64 Booleans as one number, the first in the lowest bit.

    Eight are put together in a byte before bytes are put together: eight times less to move.
    """
    word = pl.lit(0, dtype=pl.UInt64)
    for place in range(0, len(bits), 8):
        byte = _byte(bits[place : place + 8])
        if byte is not None:
            word = word + byte.cast(pl.UInt64) * pl.lit(1 << place, dtype=pl.UInt64)
    return word


def _byte(bits: list[Bits]) -> pl.Expr | None:
    parts = [
        pl.lit(1 << place, dtype=pl.UInt8)
        if bit is True
        else pl.lit(bit).cast(pl.UInt8) * pl.lit(1 << place, dtype=pl.UInt8)
        for place, bit in enumerate(bits)
        if ever(bit)
    ]
    return pl.sum_horizontal(parts).cast(pl.UInt8) if parts else None
