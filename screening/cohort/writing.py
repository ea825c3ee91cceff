"""Writes the rows of a part: gates that were worked out become two rows a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.cohort.circuit import FALSE, Bits
from screening.cohort.evaluate import Array, Packed, Values
from screening.cohort.rows import Column
from screening.intake.vocabulary import SIDES
from screening.record.said import Choice, NameSet, Points, Truth

WORD = 48
"""Bits a column: 15 digits, which every reader of text, a double and a spreadsheet hold exactly."""

_SWAPS = (
    (7, 0x00AA00AA00AA00AA),
    (14, 0x0000CCCC0000CCCC),
    (28, 0x00000000F0F0F0F0),
)
"""What turns eight bytes of eight bits around: how far, and which bits."""


class Writer:
    """Writes the columns of both legs of every case."""

    def __init__(
        self, legs: Mapping[str, Mapping[str, Column]], values: Values, verbose: bool
    ) -> None:
        """Take the columns of each leg and what their gates are."""
        self._legs = [legs[side] for side in SIDES]
        self._values, self._rows, self._verbose = values, values.rows, verbose
        self._plain: dict[str, pl.Series] = {}
        self._written: list[pl.Expr] = []

    def frame(self) -> pl.DataFrame:
        """Give both rows of every case in the order of the cases, without their ids."""
        sides = np.tile(np.arange(2, dtype=np.uint8), self._rows)
        self._write("side", sides, pl.col("side").cat.to(pl.Enum(SIDES)))
        for name in self._legs[0]:
            self._column(name, [leg[name] for leg in self._legs])
        return pl.DataFrame(self._plain).select(self._written)

    def _write(self, name: str, values: Array, written: pl.Expr) -> None:
        self._plain[name] = pl.Series(name, values.ravel())
        self._written.append(written)

    def _column(self, name: str, legs: list[Column]) -> None:
        if isinstance(legs[0], Choice):
            self._choice(name, [cast(Choice[Bits], leg) for leg in legs])
        elif isinstance(legs[0], Truth):
            self._truth(name, [cast(Truth[Bits], leg) for leg in legs])
        elif isinstance(legs[0], Points):
            self._points(name, [cast(Points[Bits], leg) for leg in legs])
        elif self._verbose:
            self._text(name, [cast(NameSet[Bits], leg).names for leg in legs])
        else:
            self._words(name, [cast(NameSet[Bits], leg).names for leg in legs])

    def _both(self, left: Bits, right: Bits) -> NDArray[np.bool_]:
        return np.stack([self._values.truths(left), self._values.truths(right)], axis=1)

    # -- one word, one number, yes or no --------------------------------------------------------

    def _choice(self, name: str, legs: list[Choice[Bits]]) -> None:
        """Write the word that holds, null where none does: its place is put together from bits."""
        codes = np.empty((self._rows, 2), np.uint8)
        for leg, choice in enumerate(legs):
            gates = list(enumerate(choice.words.values(), start=1))
            bits = [
                self._any([gate for code, gate in gates if code >> bit & 1])
                for bit in range(len(gates).bit_length())
            ]
            codes[:, leg] = codes[:, 0] if leg and choice == legs[0] else self._eight(bits)
        exists = f"{name} exists"
        self._plain[exists] = pl.Series(exists, codes.ravel() > 0)
        # Also where there is no word, its place must be one that there is.
        places = np.maximum(codes, 1) - np.uint8(1)
        words = pl.when(pl.col(exists)).then(pl.col(name)).cat.to(pl.Enum(list(legs[0].words)))
        self._write(name, places, words)

    def _any(self, gates: list[Bits]) -> Packed:
        found = np.zeros((self._rows + 7) // 8, np.uint8)
        for gate in gates:
            found |= self._values.packed(gate)
        return found

    def _truth(self, name: str, legs: list[Truth[Bits]]) -> None:
        left, right = legs
        exists = f"{name} exists"
        self._plain[exists] = pl.Series(exists, self._both(left.exists, right.exists).ravel())
        written = pl.when(pl.col(exists)).then(pl.col(name)).alias(name)
        self._write(name, self._both(left.holds, right.holds), written)

    def _points(self, name: str, legs: list[Points[Bits]]) -> None:
        found = np.empty((self._rows, 2), np.float32)
        for leg, points in enumerate(legs):
            here = found[:, leg]
            np.divide(self._values.numbers(points.number), 100, out=here, dtype=np.float32)
            np.copyto(here, np.nan, where=~self._values.truths(points.exists))
        self._write(name, found, pl.col(name).fill_nan(None))

    # -- names ----------------------------------------------------------------------------------

    def _words(self, name: str, legs: list[dict[str, Bits]]) -> None:
        """Write Booleans as whole numbers, the first in the lowest bit."""
        left, right = (list(leg.values()) for leg in legs)
        for number, start in enumerate(range(0, max(len(left), 1), WORD)):
            word = np.zeros((self._rows, 2, 8), np.uint8)
            for place in range(start, min(start + WORD, len(left)), 8):
                byte = word[:, :, (place - start) // 8]
                first, second = left[place : place + 8], right[place : place + 8]
                byte[:, 0] = self._eight([self._values.packed(gate) for gate in first])
                if first == second:
                    byte[:, 1] = byte[:, 0]
                else:
                    byte[:, 1] = self._eight([self._values.packed(gate) for gate in second])
            self._write(f"{name}_{number}", word.view("<i8"), pl.col(f"{name}_{number}"))

    def _eight(self, bits: list[Packed]) -> NDArray[np.uint8]:
        """Give up to eight Booleans as one byte a case: eight bytes of eight bits turned around."""
        bytes_ = np.zeros(((self._rows + 7) // 8, 8), np.uint8)
        for place, each in enumerate(bits):
            bytes_[:, place] = each
        turned = bytes_.view("<u8")
        moved = np.empty_like(turned)
        for distance, which in _SWAPS:
            np.right_shift(turned, np.uint64(distance), out=moved)
            moved ^= turned
            moved &= np.uint64(which)
            turned ^= moved
            np.left_shift(moved, np.uint64(distance), out=moved)
            turned ^= moved
        return bytes_.ravel()[: self._rows]

    def _text(self, name: str, legs: list[dict[str, Bits]]) -> None:
        """Write the names of those that hold."""
        parts = []
        for each in legs[0]:
            left, right = (leg[each] for leg in legs)
            if left != FALSE or right != FALSE:
                holds = f"{name} {each}"
                self._plain[holds] = pl.Series(holds, self._both(left, right).ravel())
                parts.append(pl.when(pl.col(holds)).then(pl.lit(each)))
        nothing = pl.lit("", pl.String) if not parts else pl.lit(None, pl.String)
        text = pl.concat_str([nothing, *parts], separator=" ", ignore_nulls=True)
        self._written.append(text.alias(name))
