"""A circuit: what is asked of every case, written down as gates and worked out later, for many.

Families, walk and rows are laid out once for a rule base, over gates instead of Booleans. Equal
gates are one gate, and what is constant becomes no gate: it is Python's own ``False`` or ``True``,
which are also the places of the first two gates. ``engine`` works a circuit out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from screening.algebra import Value, compare

Bits = int
"""A Boolean of every case: the place of its gate; 0 and 1 are the constants."""

FALSE, TRUE = False, True


class Amount(NamedTuple):
    """A number of every case, by the place of its gate."""

    place: int


Numbers = Amount | int
"""A number of every case; a plain number is the same for all."""

Kind = Literal[
    "constant", "given", "and", "or", "not", "number", "compare", "minus", "where", "total"
]


class Circuit:
    """Gates in an order in which they can be worked out: each reads only those before it."""

    true: Bits = TRUE
    false: Bits = FALSE

    def __init__(self) -> None:
        """Start with the two constants."""
        self.gates: list[tuple[Kind, Any]] = [("constant", False), ("constant", True)]
        self._places: dict[tuple[Kind, Any], int] = {}

    def _add(self, kind: Kind, reads: Any) -> int:
        place = self._places.get((kind, reads))
        if place is None:
            place = self._places[kind, reads] = len(self.gates)
            self.gates.append((kind, reads))
        return place

    # -- what a part of a cohort supplies -------------------------------------------------------

    def given(self, name: str, word: str | None = None) -> Bits:
        """Tell whether a finding was given, or given with a word."""
        return self._add("given", (name, word))

    def number(self, name: str) -> Numbers:
        """Give the number of a finding; it means nothing where none was given."""
        return Amount(self._add("number", name))

    # -- Booleans -------------------------------------------------------------------------------

    def all(self, parts: Iterable[Bits]) -> Bits:
        """All parts hold."""
        return self._join("and", TRUE, parts)

    def any(self, parts: Iterable[Bits]) -> Bits:
        """At least one part holds."""
        return self._join("or", FALSE, parts)

    def swap(self, part: Bits) -> Bits:
        """The part does not hold."""
        if part in (FALSE, TRUE):
            return not part
        kind, reads = self.gates[part]
        return int(reads) if kind == "not" else self._add("not", part)

    def _join(self, kind: Kind, empty: bool, parts: Iterable[Bits]) -> Bits:
        found = set(parts) - {empty}
        opposites = {reads for kind, reads in map(self.gates.__getitem__, found) if kind == "not"}
        if (not empty) in found or opposites & found:
            return not empty
        if len(found) < 2:
            return found.pop() if found else empty
        return self._add(kind, tuple(sorted(found)))

    # -- numbers --------------------------------------------------------------------------------

    def compare(self, number: Numbers, comparison: str, threshold: int) -> Bits:
        """A number lies on the named side of a threshold."""
        if isinstance(number, Amount):
            return self._add("compare", (number, comparison, threshold))
        return bool(compare(number, comparison, threshold))

    def minus(self, left: Numbers, right: Numbers) -> Numbers:
        """The difference of two numbers."""
        if isinstance(left, Amount) or isinstance(right, Amount):
            return Amount(self._add("minus", (left, right)))
        return left - right

    def where(self, condition: Bits, then: Numbers, otherwise: Numbers) -> Numbers:
        """One number where a condition holds, another elsewhere."""
        if condition in (FALSE, TRUE) or then == otherwise:
            return then if condition else otherwise
        return Amount(self._add("where", (condition, then, otherwise)))

    def total(self, terms: Iterable[tuple[int, Bits]]) -> Numbers:
        """The sum of the points whose Boolean holds."""
        found = tuple(terms)
        always = sum(points for points, counts in found if counts == TRUE)
        open_still = tuple(term for term in found if term[1] not in (FALSE, TRUE))
        return Amount(self._add("total", (always, open_still))) if open_still else always


class CircuitAlgebra:
    """The Booleans of a walk are gates of a circuit."""

    true: Bits = TRUE
    false: Bits = FALSE

    def __init__(self, circuit: Circuit, values: Mapping[str, Value[Bits]]) -> None:
        """Read what intake found for every operand."""
        self._circuit, self._values = circuit, values
        self.all, self.any, self.swap = circuit.all, circuit.any, circuit.swap
        self.compare, self.minus, self.total = circuit.compare, circuit.minus, circuit.total

    def recorded(self, name: str) -> Value[Bits]:
        """Give the gates of an operand."""
        return self._values[name]

    def step(self, can: dict[str, Bits], lowest: bool) -> Numbers:
        """The lowest or highest position (hundredths) that an ordered word can have."""
        places = list(enumerate(can.values()))
        first, *others = places[::-1] if lowest else places
        found: Numbers = 100 * first[0]
        for place, possible in others:
            found = self._circuit.where(possible, 100 * place, found)
        return found


def reads(kind: Kind, content: Any) -> tuple[int, ...]:
    """Give the places that a gate reads."""
    if kind in ("and", "or"):
        return tuple(content)
    if kind == "not":
        return (content,)
    if kind == "total":
        return tuple(gate for _, gate in content[1])
    if kind == "where":
        return (content[0], *_places(content[1:]))
    return _places(content) if kind in ("compare", "minus") else ()


def _places(numbers: Iterable[object]) -> tuple[int, ...]:
    return tuple(number.place for number in numbers if isinstance(number, Amount))
