"""What grounding starts from: the vocabulary, the files, the names, and where problems go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from screening.errors import Problem
from screening.intake.vocabulary import SIDES, Vocabulary, other, without_side
from screening.rulebase.advice_shapes import AdviceFile, BlocksFile
from screening.rulebase.form import Line
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.premises import BrokenNameError, Names, Operand, PremiseError, ground_line
from screening.rulebase.shapes import ConclusionFile, RuleFile
from screening.rulebase.sourced import Sourced

Place = tuple[str | int, ...]
Where = Callable[[object, Place], str]


@dataclass
class Sources:
    """Every problem is kept, none is thrown before the end."""

    vocabulary: Vocabulary
    files: Mapping[str, RuleFile]
    blocks: BlocksFile
    where: Where
    broken: Collection[str] = ()
    problems: list[Problem] = field(default_factory=list)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        """Begin without names: ``collect_names`` fills them in."""
        self.names = Names({}, self.vocabulary.thresholds, frozenset(self.broken))

    def of_kind(self, *kinds: type[Sourced]) -> Iterator[RuleFile]:
        """Give the files of these kinds."""
        for file in self.files.values():
            if isinstance(file, kinds):
                yield file

    @property
    def flags(self) -> list[ConclusionFile]:
        """The files of red flags."""
        return [
            f for f in self.of_kind(ConclusionFile) if isinstance(f, ConclusionFile) and f.levels
        ]

    @property
    def derived(self) -> list[DerivedFile]:
        """The files of derived findings."""
        return [file for file in self.files.values() if isinstance(file, DerivedFile)]

    @property
    def advice(self) -> list[AdviceFile]:
        """The files of advice in the order of printing."""
        found = [file for file in self.of_kind(AdviceFile) if isinstance(file, AdviceFile)]
        return sorted(found, key=lambda file: (file.order, file.id))

    @property
    def blockable(self) -> list[str]:
        """Every advice id and every path of a test that something can block."""
        tests = [name for group in self.blocks.groups for name in self.blocks.expand((group,))]
        return list(dict.fromkeys([file.id for file in self.advice] + tests))

    def lines(
        self,
        texts: tuple[str, ...],
        side: str | None,
        file: object,
        place: tuple[str | int, ...],
        decision: bool = False,
    ) -> list[Line]:
        """Ground a written line; a problem is kept with its place and gives no line."""
        try:
            return list(ground_line(texts, self.names, side, decision))
        except BrokenNameError:
            return []
        except PremiseError as error:
            problem = error.at(self.where(file, place))
            if problem not in self.problems:
                self.problems.append(problem)
            return []

    def line(
        self,
        texts: tuple[str, ...],
        side: str | None,
        file: object,
        place: tuple[str | int, ...],
        decision: bool = False,
    ) -> Line:
        """Ground a written line that stands for one line; what reads "either." is a problem."""
        found = self.lines(texts, side, file, place, decision)
        if len(found) > 1:
            self.problems.append(
                Problem(
                    self.where(file, place), "either. is not read here.", "", "Write two lines."
                )
            )
        return found[0] if found else ()

    def read(
        self, written: str, side: str | None, file: Sourced, place: Place
    ) -> tuple[str, Operand | None]:
        """Give the ground name of what a derived finding reads, and what that is."""
        quantifier, _, rest = written.partition(".")
        bare = rest if quantifier == "other" else written
        try:
            operand = self.names.operand(bare)
        except BrokenNameError:
            return bare, None
        except PremiseError as error:
            self.problems.append(error.at(self.where(file, place)))
            return bare, None
        if operand.leg and side is None:
            self.problem(file, place, f'"{bare}" is of a leg; this is of the person.')
            return bare, None
        if not operand.leg and quantifier == "other":
            self.problem(
                file, place, f'"{bare}" is of the person, not of a leg.', "", "Drop other."
            )
        if operand.kind in ("conclusion", "ladder"):
            what = f'"{bare}" is concluded, and derived findings rest on findings alone.'
            self.problem(file, place, what)
            return bare, None
        if not operand.leg or side is None:
            return bare, operand
        return f"{other(side) if quantifier == 'other' else side}.{bare}", operand

    def rests_on_findings(self, line: Line, file: Sourced, place: Place) -> None:
        """Refuse a line of a derived finding that reads what is concluded."""
        for premise in line:
            bare = without_side(premise.operand)[1]
            if self.names.operands[bare].kind in ("conclusion", "ladder"):
                what = f'"{bare}" is concluded, and derived findings rest on findings alone.'
                self.problem(file, place, what)

    def sides(self, of: str) -> tuple[str | None, ...]:
        """Give the sides of a scope: both legs, or None for the person."""
        return SIDES if of == "leg" else (None,)

    def problem(self, file: object, place: Place, what: str, why: str = "", todo: str = "") -> None:
        """Keep what is wrong with a part of a file."""
        problem = Problem(self.where(file, place), what, why, todo)
        if problem not in self.problems:
            self.problems.append(problem)


def named(side: str | None, id: str) -> str:
    """Give the ground name of an id on a side."""
    return f"{side}.{id}" if side else id
