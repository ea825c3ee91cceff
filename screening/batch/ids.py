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
        hashlib.blake2b(each, digest_size=16).digest() for each in ids.cast(pl.Binary).to_list()
    )
    return np.frombuffer(digest, dtype="<u8").reshape(-1, 2)


@dataclass
class Seen:
    """The ids of all rows so far."""

    _runs: list[Hashes] = field(default_factory=list)
    """Sorted, and turned around: all first halves, all second ones."""

    def twice(self, new: Hashes) -> NDArray[np.bool_]:
        """Tell which of these were there before, or earlier among these; remember all of them."""
        order = np.lexsort((new[:, 1], new[:, 0]))
        run = np.ascontiguousarray(new[order].T)
        # What is looked up in order stays in the cache; of equal ids the first one stays first.
        again = np.zeros(len(new), dtype=np.bool_)
        again[1:] = (run[:, 1:] == run[:, :-1]).all(axis=0)
        for before in self._runs:
            again |= _in(before, run)
        self._keep(run)
        found = np.empty_like(again)
        found[order] = again
        return found

    def add(self, new: Hashes) -> None:
        """Remember ids."""
        self._keep(_sorted(new.T))

    def _keep(self, run: Hashes) -> None:
        self._runs.append(run)
        while len(self._runs) > 1 and self._runs[-2].shape[1] <= 2 * self._runs[-1].shape[1]:
            last = self._runs.pop()
            self._runs[-1] = _sorted(np.concatenate([self._runs[-1], last], axis=1))


def _sorted(run: Hashes) -> Hashes:
    return run[:, np.argsort(run[0], kind="stable")]


def _in(run: Hashes, new: Hashes) -> NDArray[np.bool_]:
    """Look ids up in a sorted run; where the first halves are equal, the second ones decide."""
    place = np.searchsorted(run[0], new[0])
    size = run.shape[1]
    found = np.zeros(len(place), dtype=np.bool_)
    open_ = place < size
    while open_.any():
        at = np.where(open_, place, 0)
        open_ &= run[0, at] == new[0]
        found |= open_ & (run[1, at] == new[1])
        place = place + 1
        open_ &= ~found & (place < size)
    return found
