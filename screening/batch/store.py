"""The folder of a run: finished parts, each whole or not there, until the run is put together.

While a run goes on, ``unfinished/`` holds its plan and, for every finished part, its rows, its
refused rows, the hashes of its ids and, written last, its counts: a part without counts was not
finished and is done again. A lock keeps two runs out of one folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from screening.batch.ids import Hashes, Seen
from screening.errors import EngineError, Problem, ScreeningError, UsageError
from screening.files import sync, whole_file

MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
PLAN = "plan.json"


_IN_MANIFEST = {"plan", "counts", "outputs", "ignored_files"}
_IN_PLAN = {"rule_base", "rule_base_digest", "row_format", "map_of_columns", "inputs"}


class StoreError(ScreeningError):
    """The results could not be written; what was finished before is kept."""

    exit_code = 1


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a draft to write to; it takes its place when it is complete and on the disk.

    Raises:
        StoreError: if it cannot be written (a full disk, no right to write).

    """
    try:
        with whole_file(path) as draft:
            yield draft
    except (OSError, pl.exceptions.PolarsError) as error:
        why = _why(error)
        raise StoreError(
            Problem(
                str(path),
                f"the results cannot be written: {why}.",
                "Nothing half-written was left, and all finished parts are kept.",
                "Make room, or mend the folder, and run the same command with --resume.",
            )
        ) from None


def _why(error: Exception) -> str:
    """Say what the system said; a library hands its number on in the text of its error."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    number = re.search(r"os error (\d+)", str(error))
    return os.strerror(int(number[1])) if number else type(error).__name__


def write_json(path: Path, data: Any) -> None:
    """Write plain data as a whole file."""
    with written_whole(path) as draft:
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        draft.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Store:
    """The folder of one run."""

    folder: Path

    @property
    def _parts(self) -> Path:
        return self.folder / UNFINISHED

    @contextmanager
    def begin(self, plan: dict[str, Any], resume: bool) -> Iterator[bool]:
        """Take the folder for this run; give whether the run was finished before.

        Raises:
            UsageError: if the folder holds another run, or this one and it is not resumed.
            StoreError: if it cannot be written.

        """
        manifest = self.folder / MANIFEST
        finished = manifest.exists()
        self._refuse_foreign(finished, resume)
        if finished:
            self._compare(self.manifest()["plan"], plan)
            if (self.stage / MANIFEST).exists():
                self.publish()
            self.clear()
            yield True
            return
        made = not self.folder.exists()
        try:
            self._parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"the folder cannot be made: {error.strerror}."
            todo = "Name a folder that you may write to."
            raise UsageError(Problem(str(self.folder), what, "", todo)) from None
        with self._locked():
            kept = self._parts / PLAN
            if kept.exists():
                self._compare(json.loads(kept.read_text(encoding="utf-8")), plan)
            else:
                write_json(kept, plan)
            try:
                yield False
            except (UsageError, EngineError):
                # An input has to change, so no part of this run can be gone on with.
                self.clear()
                if made:
                    with suppress(OSError):
                        self.folder.rmdir()
                raise

    @property
    def stage(self) -> Path:
        """Where the new files of a merge are made; they take their places together."""
        return self._parts / "merged"

    @contextmanager
    def mending(self) -> Iterator[bool]:
        """Take a finished run to put mended rows to it; give whether a merge is made already.

        Raises:
            UsageError: if there is no finished run, or it is being written to.

        """
        self.manifest()
        self._parts.mkdir(exist_ok=True)
        with self._locked():
            ready = (self.stage / MANIFEST).exists()
            if not ready:
                shutil.rmtree(self.stage, ignore_errors=True)
                self.stage.mkdir()
            try:
                yield ready
            finally:
                if not (self.stage / MANIFEST).exists():
                    self.clear()

    def publish(self) -> None:
        """Put the files of a merge in their places, the manifest last; broken off, do it again."""
        manifest = self.stage / MANIFEST
        kept = json.loads(manifest.read_text(encoding="utf-8"))["outputs"]
        for path in sorted(self.stage.iterdir()):
            if path != manifest:
                path.replace(self.folder / path.name)
        for path in self.folder.glob("refused.*"):
            if path.name not in kept:
                path.unlink()
        sync(self.folder)
        manifest.replace(self.folder / MANIFEST)
        sync(self.folder)
        self.clear()

    def _refuse_foreign(self, finished: bool, resume: bool) -> None:
        if not self.folder.exists():
            return
        if resume:
            if finished or self._parts.is_dir() or not any(self.folder.iterdir()):
                return
            what = "the folder holds no run that could be gone on with."
            todo = "Name the folder of the run."
            raise UsageError(Problem(str(self.folder), what, "Nothing in it was touched.", todo))
        if finished:
            what = "the folder already holds a finished run."
        elif (self._parts / PLAN).exists():
            what = "the folder holds a run that was not finished."
        elif any(self.folder.iterdir()):
            what = "the folder is not empty."
        else:
            return
        todo = "Go on with the same run with --resume, or name another folder."
        raise UsageError(Problem(str(self.folder), what, "Nothing is written over.", todo))

    def _compare(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        problems = [
            Problem(name, what, "Both halves would not be one run.", "Start afresh elsewhere.")
            for name, what in differences(before, now)
        ]
        if problems:
            raise UsageError(problems)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._parts / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                what = "another run is writing to this folder."
                raise UsageError(Problem(str(self.folder), what, "", "Wait for it.")) from None
            yield

    def manifest(self) -> dict[str, Any]:
        """Give the manifest of a finished run.

        Raises:
            UsageError: if there is none.

        """
        try:
            found: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            if not found.keys() >= _IN_MANIFEST or not found["plan"].keys() >= _IN_PLAN:
                raise ValueError
        except (OSError, ValueError, AttributeError):
            what = f"there is no {MANIFEST} of a finished run."
            todo = "Name the folder that `screening batch --out` wrote."
            raise UsageError(Problem(str(self.folder), what, "", todo)) from None
        return found

    # -- parts ----------------------------------------------------------------------------------

    def _file(self, number: int, ending: str) -> Path:
        return self._parts / f"part-{number:06}.{ending}"

    def keep(
        self,
        number: int,
        rows: Callable[[Path], None],
        refused: Callable[[Path], None],
        ids: Hashes,
        counts: dict[str, Any],
    ) -> None:
        """Keep a finished part; its counts, written last, say that it is whole."""
        with written_whole(self._file(number, "rows")) as draft:
            rows(draft)
        with written_whole(self._file(number, "refused")) as draft:
            refused(draft)
        with written_whole(self._file(number, "ids")) as draft:
            draft.write_bytes(ids.tobytes())
        write_json(self._file(number, "counts"), counts)

    def counts(self) -> Iterator[dict[str, Any]]:
        """Give the counts of every finished part, in order, up to the first that is missing."""
        number = 0
        while (path := self._file(number, "counts")).exists():
            try:
                counts = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                return  # Not whole, so its part is not finished.
            yield counts
            number += 1

    def files(self, ending: str) -> list[Path]:
        """Give the files of one kind of all finished parts, in order."""
        return [self._file(number, ending) for number, _ in enumerate(self.counts())]

    def seen(self) -> Seen:
        """Give the ids of all finished parts."""
        seen = Seen()
        for path in self.files("ids"):
            seen.add(np.fromfile(path, dtype="<u8").reshape(-1, 2))
        return seen

    def clear(self) -> None:
        """Take the parts away: the run was put together."""
        shutil.rmtree(self._parts, ignore_errors=True)


def differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say in which respects two plans are not the same run."""
    earlier = {file["path"]: file for file in before["inputs"]}
    later = {file["path"]: file for file in now["inputs"]}
    for path in [*earlier, *(path for path in later if path not in earlier)]:
        if path not in later:
            yield path, "it was part of the run that is to be resumed and is not named now."
        elif path not in earlier:
            yield path, "it was no part of the run that is to be resumed."
        elif earlier[path]["digest"] != later[path]["digest"]:
            yield path, "it has changed since the first half of the run."
    if not any(True for path in earlier if path not in later) and list(earlier) != list(later):
        yield "the inputs", "their order has changed since the first half of the run."
    for name in now:
        if name != "inputs" and before.get(name) != now[name]:
            said = name.replace("_", " ")
            yield said, f"the {said} is not the same as in the first half of the run."
