"""The folder of a run: finished parts, each whole or not there, until the run is put together.

While a run goes on, ``unfinished/`` holds its plan and, for every finished part, its rows, its
refused rows, the hashes of its ids and, written last, its counts with the digests of all that: a
part without counts, or with a file that is not what it was, is not finished and is done again. A
lock keeps two runs out of one folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from screening.batch.ids import Hashes, Seen
from screening.errors import EngineError, Problem, ScreeningError, UsageError
from screening.files import PRIVATE, sync, whole_file

MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
PLAN = "plan.json"
LOCK = "lock"
DRAFTS = ".*.draft"


_IN_MANIFEST = {"plan", "counts", "outputs", "ignored_files"}
_IN_PLAN = {"rule_base", "rule_base_digest", "row_format", "map_of_columns", "inputs"}


class ChangedError(UsageError):
    """An input is not what it was when the run began: nothing of the run can be used."""

    exit_code = 1


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
        raise _broken(path, error) from None


def _broken(path: object, error: Exception) -> StoreError:
    return StoreError(
        Problem(
            str(path),
            f"the results cannot be written: {_why(error)}.",
            "Nothing half-written was left, and all finished parts are kept.",
            "Make room, or mend the folder, and run the same command with --resume.",
        )
    )


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

        A run that ends before its first part is finished leaves nothing behind.

        Raises:
            UsageError: if the folder holds another run, or this one and it is not resumed.
            StoreError: if it cannot be written.

        """
        finished = self._look(resume)
        if finished:
            self._compare(self.manifest()["plan"], plan)
            if (self.stage / MANIFEST).exists():
                self.publish()
            self.clear()
            yield True
            return
        made = self._make()
        try:
            with self._locked():
                fresh = not (self._parts / PLAN).exists()
                try:
                    self._take(plan)
                except BaseException:
                    if fresh:  # The half of another run stays.
                        self.clear()
                    raise
                try:
                    yield False
                except BaseException as error:
                    if self._is_useless(error):
                        self.clear()
                    raise
        except OSError as error:
            raise _broken(error.filename or self.folder, error) from None
        finally:
            if made:
                _remove([self._parts, *made])  # Only what is empty.

    def _is_useless(self, error: BaseException) -> bool:
        """Tell whether nothing of a run that ended so can be gone on with."""
        return isinstance(error, UsageError | EngineError) or not self._file(0, "counts").exists()

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

    def _make(self) -> list[Path]:
        """Make the folder; give which folders were not there before, the lowest first."""
        made = [each for each in (self.folder, *self.folder.parents) if not each.exists()]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._parts.mkdir(mode=0o700, exist_ok=True)
        except (OSError, ValueError) as error:
            _remove(made)
            raise self._unusable(error) from None
        return made

    def _look(self, resume: bool) -> bool:
        """Tell whether the folder holds this run, finished; refuse one that is not ours."""
        try:
            finished = (self.folder / MANIFEST).exists()
            self._refuse_foreign(finished, resume)
        except OSError as error:
            raise self._unusable(error) from None
        return finished

    def _unusable(self, error: Exception) -> UsageError:
        why = getattr(error, "strerror", None) or "this is no name of a folder"
        what = f"the folder cannot be made or read: {why}."
        todo = "Name a folder that you may write to."
        return UsageError(Problem(str(self.folder), what, "", todo))

    def _take(self, plan: dict[str, Any]) -> None:
        """Write the plan, or compare it with the one that is there; forget parts of no use."""
        kept = self._parts / PLAN
        if kept.exists():
            self._compare(self._kept_plan(), plan)
            for folder in (self.folder, self._parts):
                for draft in folder.glob(DRAFTS):
                    draft.unlink(missing_ok=True)
        else:
            write_json(kept, plan)
        number = sum(1 for _ in self._whole())
        while (path := self._file(number, "counts")).exists():
            path.unlink()  # Not what it was, or behind such a part: it is done again.
            number += 1

    def _kept_plan(self) -> dict[str, Any]:
        """Give the plan of the run that is not finished.

        Raises:
            UsageError: if it is none: then nothing here is ours.

        """
        try:
            found: dict[str, Any] = json.loads((self._parts / PLAN).read_text(encoding="utf-8"))
            if not _is_plan(found):
                raise ValueError
        except (OSError, ValueError, RecursionError):
            raise self._foreign() from None
        return found

    def _foreign(self) -> UsageError:
        what = "the folder holds no run that could be gone on with."
        todo = "Name the folder of the run."
        return UsageError(Problem(str(self.folder), what, "Nothing in it was touched.", todo))

    def _refuse_foreign(self, finished: bool, resume: bool) -> None:
        if not self.folder.exists():
            return
        if resume and not finished:
            if self._is_ours():
                return
            raise self._foreign()
        if resume:
            return
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

    def _is_ours(self) -> bool:
        """Tell whether a run was begun here, or died before it had written its plan."""
        if self._parts.is_symlink() or not self.folder.is_dir():
            return False
        if (self._parts / PLAN).exists():
            return bool(self._kept_plan())
        names = {path.name for path in self.folder.iterdir()} - {UNFINISHED}
        inside = {path.name for path in self._parts.iterdir()} if self._parts.is_dir() else set()
        drafts = {name for name in inside if fnmatchcase(name, DRAFTS)}
        return not names and not inside - drafts - {LOCK}

    def _compare(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        problems = [
            Problem(name, what, "Both halves would not be one run.", "Start afresh elsewhere.")
            for name, what in differences(before, now)
        ]
        if problems:
            raise UsageError(problems)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(self._parts / LOCK, flags, PRIVATE), "w") as lock:
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
            if not found.keys() >= _IN_MANIFEST or not _is_plan(found["plan"]):
                raise ValueError
        except (OSError, ValueError, AttributeError, RecursionError):
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
        digests = {}
        for ending, write in (("rows", rows), ("refused", refused), ("ids", _writer(ids))):
            path = self._file(number, ending)
            with written_whole(path) as draft:
                write(draft)
                digests[ending] = digest_of(draft)
        kept = {"counts": counts, "files": digests, "plan": self._plan_digest()}
        write_json(self._file(number, "counts"), {**kept, "digest": _digest(kept)})

    def _plan_digest(self) -> str:
        return digest_of(self._parts / PLAN)

    def _whole(self) -> Iterator[dict[str, Any]]:
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

    def counts(self) -> Iterator[dict[str, Any]]:
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

    def clear(self) -> None:
        """Take the parts away: the run was put together."""
        shutil.rmtree(self._parts, ignore_errors=True)


def _writer(ids: Hashes) -> Callable[[Path], object]:
    return lambda draft: draft.write_bytes(ids.tobytes())


def _digest(kept: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """Give the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_plan(found: Any) -> bool:
    return isinstance(found, dict) and found.keys() >= _IN_PLAN


def _remove(folders: Iterable[Path]) -> None:
    """Remove folders that are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return


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
