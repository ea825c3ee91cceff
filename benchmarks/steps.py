"""The one form as a list of small named steps, from which every peer is compiled.

The walk is the program's own; this algebra writes down what it is asked instead of working it
out. A peer only has to say how its language writes and, or, not, a comparison and a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from screening.algebra import Number, Value, Word
from screening.inference.meaning import Walk
from screening.inference.reference import Readings
from screening.rulebase.form import Form

Bool = str | bool
"""The name of a step or input, or a constant."""
Arithmetic = tuple[str, object]
"""("input", name), ("minus", (a, b)), ("pick", [(step, value)]) or ("sum", [(points, step)])."""


@dataclass
class Steps:
    """Writes down Boolean steps in an order in which each reads only those before it."""

    form: Form
    made: dict[str, tuple[str, object]] = field(default_factory=dict)
    depth: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    true: Bool = True
    false: Bool = False
    _known: dict[object, str] = field(default_factory=dict)

    def recorded(self, name: str) -> Value[Bool]:
        """Name the inputs of an operand."""
        operand, i = self.form.recorded[name], len(self.inputs)
        recorded = self._input(f"r{i}", name)
        if not operand.words:
            number = ("input", self._input(f"n{i}", name))
            return Number(recorded, number, number)
        can = {word: self._input(f"c{i}_{k}", name) for k, word in enumerate(operand.words)}
        return Word(recorded, can, False)

    def _input(self, name: str, operand: str) -> str:
        self.inputs[name] = operand
        self.depth[name] = 0
        return name

    def _step(self, kind: str, content: object, reads: Iterable[str]) -> str:
        key = (kind, repr(content))
        if key not in self._known:
            name = self._known[key] = f"s{len(self.made)}"
            self.made[name] = (kind, content)
            self.depth[name] = 1 + max((self.depth[read] for read in reads), default=0)
        return self._known[key]

    def _many(self, kind: str, parts: Iterable[Bool], ends: bool) -> Bool:
        found: list[str] = []
        for part in parts:
            if isinstance(part, str):
                found.append(part)
            elif part is ends:
                return ends
        names = list(dict.fromkeys(found))
        if not names:
            return not ends
        return names[0] if len(names) == 1 else self._step(kind, names, names)

    def all(self, parts: Iterable[Bool]) -> Bool:
        """All parts hold."""
        return self._many("and", parts, False)

    def any(self, parts: Iterable[Bool]) -> Bool:
        """At least one part holds."""
        return self._many("or", parts, True)

    def swap(self, part: Bool) -> Bool:
        """The part does not hold."""
        return self._step("not", part, [part]) if isinstance(part, str) else not part

    def compare(self, number: Arithmetic, comparison: str, threshold: int) -> Bool:
        """One end of an interval lies on the named side of a threshold."""
        return self._step("compare", (number, comparison, threshold), reads(number))

    def minus(self, left: Arithmetic, right: Arithmetic) -> Arithmetic:
        """The difference of two numbers."""
        return ("minus", (left, right))

    def step(self, can: dict[str, Bool], lowest: bool) -> Arithmetic:
        """The lowest or highest position that an ordered word can have."""
        places = [(name, 100 * i) for i, name in enumerate(can.values())]
        return ("pick", places if lowest else places[::-1])

    def total(self, terms: list[tuple[int, Bool]]) -> Arithmetic:
        """The sum of the points whose step holds."""
        return ("sum", [(points, step) for points, step in terms if step is not False])


def reads(number: Arithmetic) -> list[str]:
    """Give the steps and inputs that a number rests on."""
    kind, content = number
    if kind == "input":
        return [str(content)]
    if kind == "minus":
        return [name for part in content for name in reads(part)]  # type: ignore[attr-defined]
    pairs = [(b, a) for a, b in content] if kind == "sum" else content  # type: ignore[attr-defined]
    return [name for name, _ in pairs if isinstance(name, str)]


@dataclass(frozen=True)
class Program:
    """Steps, and for each ladder the words of its rows with the step that says "this row wins"."""

    steps: Steps
    ladders: dict[str, list[tuple[str, Bool]]]

    def inputs(self, readings: Readings) -> dict[str, int | bool]:
        """Give the inputs of one case."""
        found: dict[str, int | bool] = {}
        for name, operand in self.steps.inputs.items():
            reading = readings.get(operand)
            if name[0] == "r":
                found[name] = reading is not None
            elif name[0] == "n":
                found[name] = reading[0] if isinstance(reading, tuple) else 0
            else:
                word = self.steps.form.recorded[operand].words[int(name.partition("_")[2])]
                found[name] = reading is None or word in reading
        return found

    def outcome(self, holds: Mapping[str, bool]) -> dict[str, str]:
        """Give the winning word of each ladder from the steps that hold."""
        return {
            ladder: next(w for w, step in rows if step is True or (step and holds[str(step)]))
            for ladder, rows in self.ladders.items()
        }


def program(form: Form, ladders: Iterable[str], whole: bool = False) -> Program:
    """Write down the steps that some ladders need, and no others; ``whole``: of all conclusions."""
    steps = Steps(form)
    walk = Walk(form, steps)
    if whole:
        walk.walk()
    return Program(
        steps,
        {
            name: [
                (row.word, win)
                for row, win in zip(form.ladders_by_name[name].rows, walk.rows(name), strict=True)
            ]
            for name in ladders
        },
    )
