"""Works a circuit out for many cases at once.

A Boolean of all cases is a row of packed bits, eight cases in a byte; a number is one array. To
join two Booleans of 100,000 cases so takes a few microseconds: all gates of the rule base together
take less time than reading a handful of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.algebra import compare
from screening.cohort.circuit import FALSE, TRUE, Amount, Bits, Circuit, Numbers, reads

Packed = NDArray[np.uint8]
Whole = NDArray[np.int32]
Array = NDArray[Any]


def pack(truths: NDArray[np.bool_]) -> Packed:
    """Pack Booleans, or rows of Booleans, the first case in the lowest bit."""
    return np.packbits(truths, axis=-1, bitorder="little")


class Values:
    """The gates of a circuit, worked out for the cases of one part."""

    def __init__(self, rows: int, arrays: dict[int, Array] | None = None) -> None:
        """Take what was worked out; the constants are added."""
        self.rows = rows
        none = np.zeros((rows + 7) // 8, np.uint8)
        self.arrays: dict[int, Array] = {FALSE: none, TRUE: ~none, **(arrays or {})}

    def packed(self, bits: Bits) -> Packed:
        """Give a Boolean of all cases, packed."""
        return self.arrays[bits]

    def truths(self, bits: Bits) -> NDArray[np.bool_]:
        """Give a Boolean of all cases."""
        packed = self.arrays[bits]
        return np.unpackbits(packed, count=self.rows, bitorder="little").view(np.bool_)

    def numbers(self, number: Numbers) -> Whole:
        """Give a number of all cases."""
        if isinstance(number, Amount):
            return self.arrays[number.place]
        return np.full(self.rows, number, np.int32)


class Evaluator:
    """The part of a circuit that some gates need, in order, with what can be let go when."""

    def __init__(self, circuit: Circuit, wanted: Iterable[Bits | Numbers]) -> None:
        """Keep what the wanted gates rest on; a plain number rests on nothing."""
        gates = circuit.gates
        kept = {place.place if isinstance(place, Amount) else int(place) for place in wanted}
        needed = set(kept)
        for place in range(len(gates) - 1, TRUE, -1):
            if place in needed:
                needed.update(reads(*gates[place]))
        needed -= {FALSE, TRUE}
        last = {read: place for place in sorted(needed) for read in reads(*gates[place])}
        done: dict[int, list[int]] = {}
        for place, reader in last.items():
            if place not in kept and place not in (FALSE, TRUE):
                done.setdefault(reader, []).append(place)
        self._steps = [(p, *gates[p], tuple(done.get(p, ()))) for p in sorted(needed)]

    def run(
        self,
        rows: int,
        given: Mapping[tuple[str, str | None], Packed],
        numbers: Mapping[str, Whole],
    ) -> Values:
        """Give the wanted gates; what a part does not supply was given in no case."""
        values = Values(rows)
        arrays, none, zero = values.arrays, values.arrays[FALSE], values.numbers(0)
        for place, kind, read, done in self._steps:
            if kind == "and" or kind == "or":
                join = np.bitwise_and if kind == "and" else np.bitwise_or
                first, second, *others = read
                value: Array = join(arrays[first], arrays[second])
                for other in others:
                    join(value, arrays[other], out=value)
            elif kind == "not":
                value = ~arrays[read]
            elif kind == "given":
                value = given.get(read, none)
            elif kind == "number":
                value = numbers.get(read, zero)
            else:
                value = _number(kind, read, values)
            arrays[place] = value
            for gone in done:
                del arrays[gone]
        return values


def _number(kind: str, read: Any, values: Values) -> Array:
    """Work out a gate that reads or gives numbers."""
    if kind == "compare":
        number, how, threshold = read
        return pack(compare(values.numbers(number), how, threshold))
    if kind == "minus":
        return np.subtract(*map(values.numbers, read))
    if kind == "where":
        condition, then, otherwise = read
        chosen = values.truths(condition)
        return np.where(chosen, values.numbers(then), values.numbers(otherwise))
    assert kind == "total"
    always, terms = read
    total = values.numbers(always)
    for points, counts in terms:
        total += values.truths(counts) * np.int32(points)
    return total
