"""Finds case ids that were there before, in 16 bytes a row.

Of every id a hash of 128 bits is kept, in sorted runs that grow by merging. Two ids with one hash
would refuse a row wrongly, never let one through; with ten million ids the chance is below 1e-24.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
"""Rows of two numbers, the halves of a hash."""


def hashes(ids: pl.Series) -> Hashes:
    """Give the hash of every id; the same in every process and version."""
    digest = b"".join(
        hashlib.blake2b(str(each).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for each in ids.to_list()
    )
    return np.frombuffer(digest, dtype="<u8").reshape(-1, 2)


@dataclass
class Seen:
    """The ids of all rows so far."""

    _runs: list[Hashes] = field(default_factory=list)

    def twice(self, new: Hashes) -> NDArray[np.bool_]:
        """Tell which of these were there before, or earlier among these; remember all of them."""
        found = np.zeros(len(new), dtype=np.bool_)
        for run in self._runs:
            found |= _in(run, new)
        _, first = np.unique(new, axis=0, return_index=True)
        later = np.ones(len(new), dtype=np.bool_)
        later[first] = False
        self.add(new)
        return found | later

    def add(self, new: Hashes) -> None:
        """Remember ids."""
        self._runs.append(_sorted(new))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = _sorted(np.concatenate([self._runs[-1], last]))


def _sorted(run: Hashes) -> Hashes:
    return run[np.argsort(run[:, 0], kind="stable")]


def _in(run: Hashes, new: Hashes) -> NDArray[np.bool_]:
    """Look ids up in a sorted run; where the first halves are equal, the second ones decide."""
    place = np.searchsorted(run[:, 0], new[:, 0])
    found = np.zeros(len(new), dtype=np.bool_)
    open_ = place < len(run)
    while open_.any():
        at = np.where(open_, place, 0)
        open_ &= run[at, 0] == new[:, 0]
        found |= open_ & (run[at, 1] == new[:, 1])
        place = place + 1
        open_ &= ~found & (place < len(run))
    return found
