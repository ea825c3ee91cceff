"""The folder of a run: who may write to it, what it holds until the run is put together.

While a run goes on, ``unfinished/`` holds its plan and its finished parts. A lock keeps two runs
out of one folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from screening.batch.part_files import PLAN, PartFiles
from screening.batch.plans import differences, is_plan
from screening.batch.whole_files import broken, file_written, write_json
from screening.errors import EngineError, Problem, UsageError
from screening.files import PRIVATE, refuse_unwritable, sync, why_no_folder
from screening.safe import is_torn

if TYPE_CHECKING:
    from screening.batch.run_model import Manifest, RunPlan

MANIFEST = "manifest.json"
UNFINISHED = "unfinished"
LOCK = "lock"
DRAFTS = ".*.draft"


_IN_MANIFEST = {"plan", "counts", "outputs", "ignored_files"}


class ChangedError(UsageError):
    """An input is not what it was when the run began: nothing of the run can be used."""

    exit_code = 1


@dataclass(frozen=True)
class Store:
    """The folder of one run."""

    folder: Path

    @property
    def parts(self) -> PartFiles:
        """The finished parts."""
        return PartFiles(self._parts)

    @property
    def _parts(self) -> Path:
        return self.folder / UNFINISHED

    @contextmanager
    def begin(self, plan: RunPlan, resume: bool) -> Iterator[bool]:
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
            raise broken(error.filename or self.folder, error) from None
        finally:
            if made:
                _remove([self._parts, *made])  # Only what is empty.

    def _is_useless(self, error: BaseException) -> bool:
        """Tell whether nothing of a run that ended so can be gone on with."""
        return isinstance(error, UsageError | EngineError) or not self.parts.has_finished()

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
            refuse_unwritable(self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._parts.mkdir(mode=0o700, exist_ok=True)
        except (OSError, ValueError) as error:
            _remove(made)
            raise self._unusable(error) from None
        return made

    def _look(self, resume: bool) -> bool:
        """Tell whether the folder holds this run, finished; refuse one that is not ours."""
        self._refuse_name()
        try:
            finished = (self.folder / MANIFEST).exists()
            self._refuse_foreign(finished, resume)
        except OSError as error:
            raise self._unusable(error) from None
        return finished

    def _refuse_name(self) -> None:
        """Refuse names that libraries would read as another place, or not at all."""
        name, what = str(self.folder), ""
        if name.startswith("~"):
            what = 'the shell did not put your home folder in the place of "~".'
        elif is_torn(name):
            what = "the name is not UTF-8 text."
        if what:
            todo = "Write the whole path of the folder."
            raise UsageError(Problem(name, what, "Nothing was done.", todo))

    def _unusable(self, error: Exception) -> UsageError:
        what = f"the folder cannot be made or read: {why_no_folder(error)}."
        todo = "Name a folder that you may write to."
        return UsageError(Problem(str(self.folder), what, "", todo))

    def _take(self, plan: RunPlan) -> None:
        """Write the plan, or compare it with the one that is there; forget parts of no use."""
        kept = self._parts / PLAN
        if kept.exists():
            self._compare(self._kept_plan(), plan)
            for folder in (self.folder, self._parts):
                for draft in folder.glob(DRAFTS):
                    draft.unlink(missing_ok=True)
        else:
            write_json(kept, plan)
        self.parts.forget_broken()

    def _kept_plan(self) -> RunPlan:
        """Give the plan of the run that is not finished.

        Raises:
            UsageError: if it is none: then nothing here is ours.

        """
        try:
            found: object = json.loads((self._parts / PLAN).read_text(encoding="utf-8"))
            if not is_plan(found):
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

    def _compare(self, before: RunPlan, now: RunPlan) -> None:
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

    def manifest(self) -> Manifest:
        """Give the manifest of a finished run.

        Raises:
            UsageError: if there is none.

        """
        try:
            found: Manifest = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            if not found.keys() >= _IN_MANIFEST or not is_plan(found["plan"]):
                raise ValueError
        except (OSError, ValueError, AttributeError, RecursionError):
            what = f"there is no {MANIFEST} of a finished run."
            todo = "Name the folder that `screening batch --out` wrote."
            raise UsageError(Problem(str(self.folder), what, "", todo)) from None
        return found

    def written(self, name: str) -> Path:
        """Give a file of the finished run.

        Raises:
            UsageError: if it is not what it was when the run was finished, or there is no such run.

        """
        path, was = self.folder / name, self.manifest()["outputs"].get(name)
        # Of what a cluster wrote nothing is known.
        if was != {} and (not path.is_file() or file_written(path) != was):
            what = "it was changed since the run was finished."
            why = "It could say something else now than the run found; nothing is taken from it."
            todo = "Put back the file that the run wrote, or run the batch again."
            raise UsageError(Problem(str(path), what, why, todo))
        return path

    def clear(self) -> None:
        """Take the parts away: the run was put together."""
        shutil.rmtree(self._parts, ignore_errors=True)


def _remove(folders: Iterable[Path]) -> None:
    """Remove folders that are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return
