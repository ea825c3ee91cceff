"""Writes the rows of a part: gates that were worked out become two rows a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.cohort.circuit import FALSE, Bits
from screening.cohort.engine import Packed, Values
from screening.cohort.rows import Choice, Column, Names, Points, Truth
from screening.intake.vocabulary import SIDES

_WORD = 64
_BYTES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
_SPREAD = [_BYTES.copy().view("<u8")[:, 0] << np.uint64(place) for place in range(8)]
"""The bits of a byte as eight bytes, each with its bit at the same place."""


class Writer:
    """Writes the columns of both legs of every case."""

    def __init__(
        self, legs: Mapping[str, Mapping[str, Column]], values: Values, verbose: bool
    ) -> None:
        """Take the columns of each leg and what their gates are."""
        self._legs = [legs[side] for side in SIDES]
        self._values, self._rows, self._verbose = values, values.rows, verbose

    def frame(self) -> pl.DataFrame:
        """Give both rows of every case in the order of the cases, without their ids."""
        sides = pl.Series(SIDES, dtype=pl.Enum(SIDES))
        columns = {"side": sides.gather(np.tile(np.arange(2, dtype=np.uint32), self._rows))}
        for name in self._legs[0]:
            columns |= self._column(name, [leg[name] for leg in self._legs])
        return pl.DataFrame(columns)

    def _column(self, name: str, legs: list[Column]) -> dict[str, pl.Series]:
        if isinstance(legs[0], Choice):
            return {name: self._choice([cast(Choice, leg) for leg in legs])}
        if isinstance(legs[0], Truth):
            return {name: self._truth([cast(Truth, leg) for leg in legs])}
        if isinstance(legs[0], Points):
            return {name: self._points([cast(Points, leg) for leg in legs])}
        names = [cast(Names, leg).names for leg in legs]
        return {name: self._text(names)} if self._verbose else self._words(name, names)

    def _both(self, legs: list[Bits]) -> NDArray[np.bool_]:
        return np.stack([self._values.truths(bits) for bits in legs], axis=1).ravel()

    # -- one word, one number, yes or no --------------------------------------------------------

    def _choice(self, legs: list[Choice]) -> pl.Series:
        """Give the word that holds, null where none does: its place is put together from bits."""
        dtype = pl.Enum(list(legs[0].words))
        codes = np.empty((self._rows, 2), np.uint8)
        for leg, choice in enumerate(legs):
            if leg and choice == legs[0]:
                codes[:, leg] = codes[:, 0]
                continue
            gates = list(enumerate(choice.words.values(), start=1))
            bits = [
                self._any([gate for code, gate in gates if code >> bit & 1])
                for bit in range(len(gates).bit_length())
            ]
            codes[:, leg] = self._eight(bits)
        places = pl.Series(np.maximum(codes, 1).ravel() - np.uint8(1))
        found = pl.Series(codes.ravel() > 0)
        return pl.select(pl.when(found).then(places)).to_series().cat.to(dtype)

    def _any(self, gates: list[Bits]) -> Packed:
        found = np.zeros((self._rows + 7) // 8, np.uint8)
        for gate in gates:
            found |= self._values.packed(gate)
        return found

    def _truth(self, legs: list[Truth]) -> pl.Series:
        holds = pl.Series(self._both([leg.holds for leg in legs]))
        exists = pl.Series(self._both([leg.exists for leg in legs]))
        return holds if exists.all() else holds.set(~exists, None)

    def _points(self, legs: list[Points]) -> pl.Series:
        found = np.empty((self._rows, 2), np.float32)
        for leg, points in enumerate(legs):
            numbers = self._values.numbers(points.number) / 100
            found[:, leg] = np.where(self._values.truths(points.exists), numbers, np.nan)
        return pl.Series(found.ravel()).fill_nan(None)

    # -- names ----------------------------------------------------------------------------------

    def _words(self, name: str, legs: list[dict[str, Bits]]) -> dict[str, pl.Series]:
        """Give Booleans as 64-bit words, the first in the lowest bit."""
        gates = [list(leg.values()) for leg in legs]
        found = {}
        for number, start in enumerate(range(0, max(len(gates[0]), 1), _WORD)):
            word = [leg[start : start + _WORD] for leg in gates]
            found[f"{name}_{number}"] = self._word(word)
        return found

    def _word(self, legs: list[list[Bits]]) -> pl.Series:
        word = np.zeros((self._rows, 2, 8), np.uint8)
        for place in range(0, len(legs[0]), 8):
            left, right = (leg[place : place + 8] for leg in legs)
            word[:, 0, place // 8] = self._eight([self._values.packed(gate) for gate in left])
            if left == right:
                word[:, 1, place // 8] = word[:, 0, place // 8]
            elif any(right):
                word[:, 1, place // 8] = self._eight([self._values.packed(g) for g in right])
        return pl.Series(word.view("<u8").ravel())

    def _eight(self, bits: list[Packed]) -> NDArray[np.uint8]:
        """Give up to eight Booleans as one byte a case."""
        spread = np.zeros((self._rows + 7) // 8, np.uint64)
        eight = np.empty_like(spread)
        for place, each in enumerate(bits):
            # "clip" only says that no bound needs a check: a byte is always within the table.
            spread |= np.take(_SPREAD[place], each, out=eight, mode="clip")
        return spread.view(np.uint8)[: self._rows]

    def _text(self, legs: list[dict[str, Bits]]) -> pl.Series:
        """Give the names of those that hold."""
        parts = [
            pl.when(pl.lit(pl.Series(self._both([leg[name] for leg in legs])))).then(pl.lit(name))
            for name in legs[0]
            if any(leg[name] != FALSE for leg in legs)
        ]
        if not parts:
            return pl.repeat("", 2 * self._rows, dtype=pl.String, eager=True)
        return pl.select(pl.concat_str(parts, separator=" ", ignore_nulls=True)).to_series()
