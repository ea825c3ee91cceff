"""What every kind of derived finding says of itself, and what readings give it to work with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Literal, NamedTuple, Protocol

from screening.algebra import Algebra, B, Faces, Number, Value
from screening.intake.findings import Reading
from screening.rulebase.form import Form, Line


class Instrument(NamedTuple):
    """One way to read ordered words: the operands it needs and the premises of each word."""

    reads: tuple[str, ...]
    words: tuple[tuple[str, Line], ...]


class Looks(Protocol[B]):
    """What the walk of any reading gives a derived finding that works itself out."""

    @property
    def algebra(self) -> Algebra[B]:
        """The Booleans and numbers of the reading."""

    def ends(self, name: str) -> Number[B]:
        """Give both ends of a number; of an ordered word those of its position."""

    def recorded(self, names: Iterable[str]) -> B:
        """Tell whether all of some operands are recorded."""

    def line(self, line: Line) -> Faces[B]:
        """Give the faces of premises that must all hold."""

    def lines(self, lines: Iterable[Line]) -> Faces[B]:
        """Give the faces of lines of which one must hold."""


class Sets(Protocol):
    """What the forward reading gives a derived finding: plain sets and intervals of one case."""

    def span(self, name: str) -> tuple[int, int] | None:
        """Give both ends of a reading, of an ordered word those of its position, if there is."""

    def recorded(self, names: Iterable[str]) -> bool:
        """Tell whether all of some operands have a reading."""

    def sure(self, lines: Iterable[Line]) -> bool:
        """Tell whether one line holds for every value that there can be."""

    def possible(self, lines: Iterable[Line]) -> bool:
        """Tell whether one line holds for some value that there can be."""


SET_ASIDE: Final = "set aside"


class ToShow(NamedTuple):
    """A part of a derived finding that some case should show."""

    kind: str
    part: str
    lacks: str
    """A sentence of what no case shows, with a place for the name."""
    line: Line | None
    """What holds in a case that shows it; None: any value."""


class Origin(NamedTuple):
    """One way in which a number can come about; all else stays not recorded."""

    readings: dict[str, tuple[int, int] | frozenset[str]]
    met: tuple[Line, ...] = ()
    failing: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Derived(ABC):
    """A derived finding of one leg or of the person: a number, or ordered words.

    Each kind is one class of ``rulebase.kinds``: what it means, in every reading, stands there and
    nowhere else.
    """

    name: str
    words: tuple[str, ...] = ()
    """What it can be, in ascending order; none: it is a number. Words can be set aside."""
    exists: Line = ()
    """What must hold for it to be listed at all."""

    spans: ClassVar[bool] = False
    """It is known in every case, between two ends while something is missing, and listed so."""

    # -- what it rests on -----------------------------------------------------------------------

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Alternative ways to read it."""
        return ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The operands it is read from, instrument by instrument."""
        return ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of premises that it rests on."""
        return ()

    @property
    def awaited(self) -> tuple[Line, ...]:
        """The lines that it waits for, premise by premise."""
        return ()

    @cached_property
    def operands(self) -> tuple[str, ...]:
        """Everything that it rests on, each once."""
        named = [premise.operand for line in self.lines for premise in line]
        return tuple(dict.fromkeys([*named, *self.reads]))

    # -- what it means --------------------------------------------------------------------------

    @abstractmethod
    def value(self, looks: Looks[B]) -> Value[B]:
        """Work it out in any algebra: numbers, columns, terms of a solver, text.

        A word says what it can be if it is recorded and not set aside; the walk does the rest.
        """

    @abstractmethod
    def forward(self, sets: Sets) -> Reading | Literal["set aside"] | None:
        """Work it out in plain sets, or say that it is set aside or not recorded.

        Written apart from ``value`` on purpose: a slip in one of them shows as a disagreement.
        """

    # -- the way back: from a value to readings -------------------------------------------------

    def limits(self, form: Form) -> tuple[int, int]:
        """Give the lowest and the highest value; of words, of their position."""
        return 0, 100 * (len(self.words) - 1)

    def in_steps(self, form: Form) -> bool:
        """Tell whether it counts in whole numbers."""
        return bool(self.words)

    def to_show(self) -> Iterator[ToShow]:
        """Give what cases should show of it."""
        yield ToShow(f"{type(self).__name__.lower()}s", "", "No case shows {} with a value.", None)

    def origins(
        self, low: int, high: int, form: Form, usual: Callable[[str], Iterable[int]]
    ) -> Iterator[Origin]:
        """Give ways to a number between two ends; ``usual`` gives usual values of a reading."""
        return iter(())

    def contradictions(self) -> Iterator[Line]:
        """Give lines of which each sets it aside."""
        return iter(())

    def cuts(self, operand: str, cut: int, values: Callable[[str], Iterable[int]]) -> Iterator[int]:
        """Give where a reading is cut because it is cut; ``values`` are those of other readings."""
        return iter(())
