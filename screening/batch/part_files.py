"""The finished parts of a run, each whole or not there.

Of every part there are its rows, its refused rows, the hashes of its ids and, written last, its
counts with the digests of all that: a part without counts, or with a file that is not what it was,
is not finished and is done again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from screening.batch.ids import Hashes, Seen
from screening.batch.whole_files import digest_of, write_json, written_whole

if TYPE_CHECKING:
    from screening.batch.run_model import PartCounts

PLAN = "plan.json"


class KeptPart(TypedDict):
    """What is kept of a finished part: its counts, and what its files and the plan were."""

    counts: PartCounts
    files: dict[str, str]
    plan: str


@dataclass(frozen=True)
class PartFiles:
    """The folder of the parts, which holds the plan of their run as well."""

    folder: Path

    def _file(self, number: int, ending: str) -> Path:
        return self.folder / f"part-{number:06}.{ending}"

    def keep(
        self,
        number: int,
        rows: Callable[[Path], None],
        refused: Callable[[Path], None],
        ids: Hashes,
        counts: PartCounts,
    ) -> None:
        """Keep a finished part; its counts, written last, say that it is whole."""
        digests = {}
        for ending, write in (("rows", rows), ("refused", refused), ("ids", _writer(ids))):
            path = self._file(number, ending)
            with written_whole(path) as draft:
                write(draft)
                digests[ending] = digest_of(draft)
        kept: KeptPart = {"counts": counts, "files": digests, "plan": self._plan_digest()}
        write_json(self._file(number, "counts"), {**kept, "digest": _digest(kept)})

    def _plan_digest(self) -> str:
        return digest_of(self.folder / PLAN)

    def _whole(self) -> Iterator[KeptPart]:
        """Give what is kept of every part that is what it was, up to the first that is not."""
        number, plan = 0, ""
        while (path := self._file(number, "counts")).exists():
            try:
                plan = plan or self._plan_digest()
                kept = json.loads(path.read_text(encoding="utf-8"))
                digest = kept.pop("digest")
                fits = digest == _digest(kept) and kept["plan"] == plan
                if not fits or any(
                    digest_of(self._file(number, ending)) != each
                    for ending, each in kept["files"].items()
                ):
                    return
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return
            yield kept
            number += 1

    def counts(self) -> Iterator[PartCounts]:
        """Give the counts of every finished part, in order, up to the first that is missing."""
        for kept in self._whole():
            yield kept["counts"]

    def files(self, ending: str) -> list[Path]:
        """Give the files of one kind of all finished parts, in order."""
        number, found = 0, []
        while self._file(number, "counts").exists():
            found.append(self._file(number, ending))
            number += 1
        return found

    def seen(self) -> Seen:
        """Give the ids of all finished parts."""
        seen = Seen()
        for path in self.files("ids"):
            seen.add(np.fromfile(path, dtype="<u8").reshape(-1, 2))
        return seen

    def has_finished(self) -> bool:
        """Tell whether there is a part that can be gone on from."""
        return self._file(0, "counts").exists()

    def forget_broken(self) -> None:
        """Take away what says that a part is whole, from the first on that is not what it was."""
        number = sum(1 for _ in self._whole())
        while (path := self._file(number, "counts")).exists():
            path.unlink()
            number += 1


def _writer(ids: Hashes) -> Callable[[Path], object]:
    return lambda draft: draft.write_bytes(ids.tobytes())


def _digest(kept: KeptPart) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
