"""What a screening says, once: the record of a case and the row of a cohort are written from it.

Everything here is said in the Booleans of a walk: Python's own for one case, gates for a cohort.
``STATEMENTS`` lists what is said in one word or as yes or no, with the column of a table and the
place in a record; advice, scores and the rules that fired are said of each by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NamedTuple, cast

from screening.algebra import B, Faces, Number, Word
from screening.inference.meaning import Walk
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion, Ladder, Line, Row, Rule
from screening.rulebase.kinds.kind import Derived
from screening.rulebase.levels import WITHINS
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import ConclusionFile

NOT_LISTED = "not_listed"
"""The status of an advice that a report does not name."""

GROUP = "block."


class Choice(NamedTuple, Generic[B]):
    """One word of several, or nothing: at most one of the Booleans holds."""

    words: dict[str, B]


class Truth(NamedTuple, Generic[B]):
    """Yes or no; nothing where it does not exist."""

    holds: B
    exists: B


class Points(NamedTuple, Generic[B]):
    """A number of points in hundredths; nothing where it does not exist."""

    number: Any
    exists: B


class NameSet(NamedTuple, Generic[B]):
    """A set of names, each with whether it is in."""

    names: dict[str, B]


Stated = Choice[B] | Truth[B] | Points[B] | NameSet[B]


class FlagLevel(NamedTuple, Generic[B]):
    """One level of a red flag: its file, its name, and both faces of its conclusion."""

    file: ConclusionFile
    name: str
    faces: Faces[B]

    @property
    def called(self) -> str:
        """The flag and the level, as a column calls it."""
        return f"{self.file.id.removeprefix('flag.')}.{self.name}"


class Sayings(Generic[B]):
    """What a screening says, in the Booleans of a walk; worked out when it is asked for."""

    def __init__(self, base: RuleBase, walk: Walk[B]) -> None:
        """Take a rule base, and a walk over its form."""
        self.base, self.form, self.walk = base, base.form, walk
        self.all, self.any, self.swap = walk.algebra.all, walk.algebra.any, walk.algebra.swap

    def of(self, statement: Statement, side: str) -> Stated[B]:
        """Give what one statement says of a leg, or of the person."""
        return cast("Stated[B]", statement.says(cast("Sayings[object]", self), side))

    # -- pieces ------------------------------------------------------------------------------------

    def exists(self, listed: Ladder | Conclusion | Derived) -> B:
        """Tell whether what exists only under premises does exist."""
        return self.walk.line(listed.exists).must if listed.exists else self.walk.algebra.true

    def unknown(self, faces: Faces[B]) -> B:
        """Tell whether a conclusion is neither true nor false."""
        return self.all([faces.may, self.swap(faces.must)])

    def rows(self, name: str) -> list[tuple[Row, B]]:
        """Give every row of a ladder and whether it wins."""
        return list(zip(self.form.ladders_by_name[name].rows, self.walk.rows(name), strict=True))

    def choice(self, words: Iterable[tuple[str, B]], exists: B) -> Choice[B]:
        """Give the word whose Boolean holds, where it exists; at most one does."""
        found: dict[str, list[B]] = {}
        for word, holds in words:
            found.setdefault(word, []).append(holds)
        return Choice({word: self.all([self.any(each), exists]) for word, each in found.items()})

    def ladder(self, name: str, exists: B) -> Choice[B]:
        """Give the word of a ladder, where it exists."""
        return self.choice([(row.word, wins) for row, wins in self.rows(name)], exists)

    def judged(self, side: str) -> B:
        """Tell whether there is a verdict of a leg: only where its hip hurts."""
        return self.exists(self.form.ladders_by_name[f"{side}.verdict"])

    # -- the person: flags -------------------------------------------------------------------------

    def levels(self) -> list[FlagLevel[B]]:
        """Give every level of every red flag."""
        return [
            FlagLevel(file, name, self.walk.faces(f"{file.id}.{name}"))
            for file in self.base.flags
            for name in file.levels
        ]

    def unanswered(self, gate: str) -> B:
        """Tell whether a gate is not answered, for some leg where it is of the legs."""
        names = (name for name, _ in self.base.vocabulary.operands(gate))
        return self.swap(self.all(self.walk.value(name).recorded for name in names))

    # -- one leg: advice, scores, rules ------------------------------------------------------------

    def advice(self) -> Iterator[tuple[Ladder, Choice[B]]]:
        """Give the status of every advice for each leg, where it is listed."""
        for ladder in self.form.ladders:
            if ladder.advice is not None:
                words = self.ladder(ladder.name, self.exists(ladder)).words
                listed = {word: holds for word, holds in words.items() if word != NOT_LISTED}
                yield ladder, Choice(listed)

    def blockers(self, ladder: Ladder) -> Iterator[tuple[str, B]]:
        """Give what blocks an advice of a leg, by its name; one name can come in several ways."""
        for name, rules in blocking(self.base)[ladder.side or "", ladder.advice or ""]:
            yield name, self.all(self.walk.rule(rule).must for rule in rules)

    def scores(self) -> Iterator[tuple[Derived, Points[B], Points[B]]]:
        """Give the least and the most of every score."""
        for score in self.form.derived:
            if score.spans:
                value, exists = self.walk.value(score.name), self.exists(score)
                assert isinstance(value, Number)
                yield score, Points(value.low, exists), Points(value.high, exists)

    def fired(self) -> Iterator[tuple[Conclusion, Rule, B]]:
        """Give every written rule, in the order of strata, ids and legs, and whether it fired."""
        for conclusion, rules in _written(self.base):
            exists = self.exists(conclusion)
            for rule in rules:
                yield conclusion, rule, self.all([self.walk.rule(rule).must, exists])

    # -- doubts that the rules say -----------------------------------------------------------------

    def doubts(self) -> Iterator[tuple[str, B]]:
        """Give what is doubtful beside the answers themselves, and when, by the operand's name.

        That is a band whose instruments differ, a measure that is hardly possible, and pain that
        is not recorded.
        """
        for name in sorted(self.form.derived_by_name):
            value = self.walk.value(name)
            if isinstance(value, Word):
                yield name, cast(B, value.set_aside)
        for name, lines in _hardly_possible(self.base).items():
            yield name, self.any(self.walk.line(line).must for line in lines)
        ladders = [ladder for ladder in self.form.ladders if ladder.advice is None]
        for name in dict.fromkeys(each.operand for ladder in ladders for each in ladder.exists):
            yield name, self.swap(self.walk.known(name))


@lru_cache(maxsize=8)
def _written(base: RuleBase) -> tuple[tuple[Conclusion, tuple[Rule, ...]], ...]:
    """Give each conclusion that somebody wrote rules for, with these."""
    found = (
        (conclusion, tuple(rule for rule in conclusion.rules if rule.id in base.rule_texts))
        for conclusion in base.form.conclusions.values()
    )
    return tuple((conclusion, rules) for conclusion, rules in found if rules)


@lru_cache(maxsize=8)
def _hardly_possible(base: RuleBase) -> dict[str, tuple[Line, ...]]:
    """Give for each measure when it is hardly possible."""
    return {
        name: tuple(
            line
            for how, threshold in file.doubtful.items()
            for line in ground_line((f"{id} {how} {threshold}",), base.names, side)
        )
        for name in base.form.derived_by_name
        for side, id in [without_side(name)]
        if (file := base.form_files[id]).doubtful
    }


@lru_cache(maxsize=8)
def blocking(base: RuleBase) -> dict[tuple[str, str], tuple[tuple[str, tuple[Rule, ...]], ...]]:
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


# -- the statements --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """Something that a screening says in one word, or as yes or no."""

    column: str
    """Its column in a table of screenings."""
    keys: tuple[str, ...]
    """Where it stands in a record; ``{side}`` is the leg. Empty: a record says it at length."""
    says: Callable[[Sayings[object], str], Stated[object]]


def _within(said: Sayings[B], side: str) -> Choice[B]:
    """The shortest time of the flags present."""
    levels, none_sooner = said.levels(), said.walk.algebra.true
    found: list[tuple[str, B]] = []
    for within in WITHINS:
        here = said.any(
            level.faces.must for level in levels if level.file.levels[level.name].within == within
        )
        found.append((within, said.all([here, none_sooner])))
        none_sooner = said.all([none_sooner, said.swap(here)])
    return said.choice(found, said.walk.algebra.true)


def _complete(said: Sayings[B], side: str) -> Truth[B]:
    """Every gate is answered and no flag is unknown."""
    unanswered = [said.unanswered(gate) for gate in said.base.vocabulary.gates]
    unknown = [said.unknown(level.faces) for level in said.levels()]
    true = said.walk.algebra.true
    return Truth(said.swap(said.any([*unanswered, *unknown])), true)


def _present(said: Sayings[B], side: str) -> NameSet[B]:
    """The levels of red flags that are present."""
    return NameSet({level.called: level.faces.must for level in said.levels()})


def _open(said: Sayings[B], side: str) -> NameSet[B]:
    """The levels of red flags that are not excluded."""
    return NameSet({level.called: said.unknown(level.faces) for level in said.levels()})


def _reason(said: Sayings[B], side: str) -> Choice[B]:
    """Why a verdict cannot be given."""
    rows = said.rows(f"{side}.verdict")
    return said.choice([(row.reason, wins) for row, wins in rows if row.reason], said.judged(side))


def _settled(said: Sayings[B], side: str) -> Truth[B]:
    """Nothing that is not recorded could still change the verdict."""
    name = f"{side}.verdict"
    rows, likely = said.rows(name), said.walk.faces(f"{name}.likely")
    possible = said.any(wins for row, wins in rows if row.word == "possible")
    undecided = said.any(wins for row, wins in rows if row.word == "cannot_be_judged")
    open_still = said.any([said.all([possible, likely.may]), undecided])
    return Truth(said.swap(open_still), said.judged(side))


def _person(ladder: str) -> Callable[[Sayings[B], str], Choice[B]]:
    return lambda said, side: said.ladder(ladder, said.walk.algebra.true)


def _leg(ladder: str) -> Callable[[Sayings[B], str], Choice[B]]:
    return lambda said, side: said.ladder(f"{side}.{ladder}", said.judged(side))


STATEMENTS = {
    statement.column: statement
    for statement in (
        Statement("tier", ("triage", "tier"), _person("triage")),
        Statement("within", ("triage", "within"), _within),
        Statement("triage_complete", ("triage", "complete"), _complete),
        Statement("flags_present", (), _present),
        Statement("flags_open", (), _open),
        Statement("movement_pattern_verdict", ("sides", "{side}", "verdict"), _leg("verdict")),
        Statement("reason", ("sides", "{side}", "reason"), _reason),
        Statement("settled", ("sides", "{side}", "settled"), _settled),
        Statement("restriction", ("sides", "{side}", "restriction"), _leg("restriction")),
        Statement("pattern", ("sides", "{side}", "pattern"), _leg("pattern")),
    )
}
"""Each by its column. Of a leg everything is said only where its hip hurts."""


def told(said: Sayings[bool], column: str, side: str = "") -> str:
    """Give the word that is said of one case, where there always is one."""
    found = word(said, column, side)
    assert found is not None, f"nothing is said as {column}"
    return found


def word(said: Sayings[bool], column: str, side: str = "") -> str | None:
    """Give the word that is said of one case; None where there is none."""
    return chosen(cast(Choice[bool], said.of(STATEMENTS[column], side)))


def chosen(choice: Choice[bool]) -> str | None:
    """Give the word whose Boolean holds."""
    return next((each for each, holds in choice.words.items() if holds), None)


def truth_of(said: Sayings[bool], column: str, side: str = "") -> bool:
    """Tell whether something is said of one case."""
    return cast(Truth[bool], said.of(STATEMENTS[column], side)).holds
