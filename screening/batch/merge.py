"""Mended rows of a finished run, screened and put to it.

Only rows that the run refused are taken: each names its input and its number. The run keeps what it
had, gains a part, and its manifest names the mended file beside the first inputs. All is made aside
and takes its place together; after a crash the same command goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from screening.batch.finish import (
    PAGE,
    REFUSED,
    SUMMARY,
    heads_of,
    run_counts,
    summary_of,
    write_book,
)
from screening.batch.formats import put_together, scan, write_rows
from screening.batch.ids import Seen, hashes
from screening.batch.inputs import tables
from screening.batch.inputs.cells import of_data
from screening.batch.inputs.source_rows import Part
from screening.batch.inputs.sources import File, find
from screening.batch.parts import CASE_ID, Done, keys, refused_lines, work
from screening.batch.refused_book import ADDED, INPUT_OF, ROW_OF, entries, refused_row
from screening.batch.run import Run
from screening.batch.store import MANIFEST, Store
from screening.batch.summary_page import summary_page
from screening.batch.tally import Counts, add, of_part
from screening.batch.verify import compare
from screening.batch.whole_files import file_written, write_json, written_whole
from screening.batch.workers import Workers
from screening.cohort import Cohort
from screening.errors import CaseError, Problem, ScreeningError, UsageError
from screening.intake.case import CASE_FILES, CaseReader
from screening.intake.vocabulary import VISIT, Vocabulary
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.batch.run_model import Manifest, SourceCounts
    from screening.documents import Data

Key = tuple[str, int]
"""The input and the number of a row."""

CASES = "cases"


@dataclass(frozen=True)
class MendedRow:
    """One mended row: where it came from, and its cells as texts."""

    key: Key
    cells: dict[str, str]


@dataclass
class Merge:
    """Takes mended rows into a finished run; ``run`` says how that was done."""

    store: Store
    run: Run
    mended: Path

    def into(self) -> Manifest:
        """Do it; give the new manifest.

        Raises:
            ScreeningError: if nothing can be merged, with what to do; the run stays as it was then.

        """
        with self.store.mending() as ready:
            file = find([self.mended]).sources[0].files[0]
            if ready:
                self.store.publish()
            before = self.store.manifest()
            merged = before.get("merged", [])
            if ready and merged and merged[-1]["digest"] == file.digest:
                return before
            self._stage(before, file)
            self.store.publish()
        return self.store.manifest()

    def _stage(self, before: Manifest, file: File) -> None:
        """Make everything that changes, aside."""
        self._refuse_damaged(before)
        refused = {(e["input"], e["row"]) for e in entries(self.store.folder / REFUSED)}
        rows = list(mended_rows(self.mended, self.run.base.vocabulary, self.run.others.read))
        taken = [row for row in rows if row.key in refused and any(row.cells.values())]
        self._refuse_nothing(rows, taken)
        dones = list(self._work(taken, before))
        total = self._rows_and_counts(dones, before)
        name = f"merged-{len(before.get('merged', [])) + 1}.jsonl"
        accepted = self._keep(name, dones, taken)
        self._refused(dones, accepted, total)
        summary = summary_of(total, self.run.base)
        write_json(self.store.stage / SUMMARY, summary)
        manifest: Manifest = {
            **before,
            "counts": run_counts(total),
            "sources": _recounted(before["sources"], accepted),
            "merged": [
                *before.get("merged", []),
                {
                    "path": str(file.path),
                    "digest": file.digest,
                    "bytes": file.size,
                    "rows": len(rows),
                    "screened": len(accepted),
                    "refused": len(taken) - len(accepted),
                    "left_alone": len(rows) - len(taken),
                    "part": name,
                    "merged": datetime.now(UTC).isoformat(timespec="seconds"),
                },
            ],
        }
        with written_whole(self.store.stage / PAGE) as draft:
            draft.write_text(summary_page(summary, self.run.base, manifest), encoding="utf-8")
        written_ = sorted(path.name for path in self.store.stage.iterdir())
        digests = {each: file_written(self.store.stage / each) for each in written_}
        kept = {k: v for k, v in before["outputs"].items() if k != "refused.xlsx"}
        manifest["outputs"] = kept | digests
        write_json(self.store.stage / MANIFEST, manifest)

    def _refuse_damaged(self, before: Manifest) -> None:
        """Refuse a run of which a file is no longer what it was; refused rows are mended in it."""
        folder, rows = self.store.folder, f"screenings.{before['plan']['row_format']}"
        for name in (rows, SUMMARY):
            self.store.written(name)
        for entry in entries(folder / REFUSED):
            if not isinstance(entry, dict) or not {"input", "row"} <= entry.keys():
                raise _changed(folder / REFUSED)

    def _refuse_nothing(self, rows: list[MendedRow], taken: list[MendedRow]) -> None:
        if taken:
            twice = [key for key, times in Counter(r.key for r in taken).items() if times > 1]
            if not twice:
                return
            what = f"row {twice[0][1]} of {twice[0][0]} is there twice."
            todo = "Keep one of the two: which one is meant cannot be known."
            raise UsageError(Problem(str(self.mended), what, "", todo))
        what = f"none of its {len(rows):,} rows was refused by this run."
        why = "Only rows that the run refused are merged; input and row number say which they are."
        todo = f"Mend {self.store.folder}/refused.xlsx or {REFUSED}, and name that."
        raise UsageError(Problem(str(self.mended), what, why, todo))

    def _work(self, taken: list[MendedRow], before: Manifest) -> Iterator[Done]:
        """Screen the mended rows, those of each input on their own, and some of them twice."""
        run, seen = self.run, Seen()
        cohort = Cohort(run.base, verbose=run.options.verbose)
        seen.add(hashes(self._ids(before)))
        with Workers(cohort, run.rules) as workers:
            forward = run.options.engine == "forward"
            reading, other = (workers, cohort) if forward else (cohort, workers)
            for part in _parts(taken, before["sources"]):
                done = work(part, run.columns, seen.twice, reading.screen)
                few = min(run.options.verify, done.accepted.height)
                if few:
                    again = other.screen(done.accepted[:few])
                    compare(done.screenings[: 2 * few], again)
                yield done

    def _ids(self, before: Manifest) -> pl.Series:
        kind = before["plan"]["row_format"]
        path = self.store.folder / f"screenings.{kind}"
        found = scan(path, kind).select(CASE_ID, VISIT).collect().gather_every(2)
        plain = pl.all().cast(pl.String).str.replace(r"^'([=+\-@\t\r])", "$1")
        return keys(found.select(plain))

    def _rows_and_counts(self, dones: list[Done], before: Manifest) -> Counts:
        """Write the rows of the run and the new part after them; give the new counts."""
        kind = self.run.options.rows
        stage, folder = self.store.stage, self.store.folder
        rows = f"screenings.{kind}"
        parts = [folder / rows]
        for number, done in enumerate(dones):
            parts.append(stage.parent / f"mended-{number:06}.rows")
            with written_whole(parts[-1]) as draft:
                write_rows(done.screenings, kind)(draft)
        with written_whole(stage / rows) as draft:
            put_together(parts, kind, draft)
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        total: Counts = {**before["counts"]}
        few = self.run.options.verify
        for done in dones:
            counts = of_part(done, self.run.columns, self.run.base)
            known = {name: summary[name] for name in counts["summary"] if name in summary}
            summary |= add(known, counts["summary"])
            total["screened"] += done.accepted.height
            total["refused"] -= done.accepted.height
            total["verified"] += min(few, done.accepted.height)
            total["summary"] = {name: summary[name] for name in counts["summary"]}
        return total

    def _keep(self, name: str, dones: list[Done], taken: list[MendedRow]) -> set[Key]:
        """Write the mended rows that were screened, so that each can be explained; give them."""
        accepted = {key for done in dones for key in _accepted(done)}
        with written_whole(self.store.stage / name) as draft, draft.open("w") as file:
            for row in taken:
                if row.key in accepted:
                    entry = {"input": row.key[0], "row": row.key[1], "cells": row.cells}
                    file.write(json.dumps(entry) + "\n")
        return accepted

    def _refused(self, dones: list[Done], accepted: set[Key], total: Counts) -> None:
        """Write the refused rows that are left, those that were mended in vain anew."""
        again = {_key(line): line for done in dones for line in refused_lines(done)}
        reasons: Counter[str] = Counter()
        with written_whole(self.store.stage / REFUSED) as draft, draft.open("w") as file:
            for entry in entries(self.store.folder / REFUSED):
                key = entry["input"], entry["row"]
                if key in accepted:
                    continue
                line = again.get(key) or json.dumps(entry, ensure_ascii=True)
                reasons[json.loads(line)["reason"]] += 1
                file.write(line + "\n")
        total["refused_by_reason"] = dict(reasons)
        if reasons:
            heads = heads_of(self.store.manifest()["sources"])
            write_book(self.store.stage, self.run.columns, heads)


def mended_rows(
    path: Path, vocabulary: Vocabulary, read: CaseReader = CASE_FILES
) -> Iterator[MendedRow]:
    """Read mended rows: the workbook or lines of JSON that a run wrote, or a CSV of them.

    Raises:
        UsageError: if a row does not say of which input and row it is.

    """
    kind = find([path]).sources[0].kind
    if kind == "jsonl":
        yield from _of_lines(path, vocabulary, read)
        return
    if kind not in ("xlsx", "csv"):
        todo = "Name refused.xlsx or refused.jsonl of the run."
        raise UsageError(Problem(str(path), "mended rows are not read from such a file.", "", todo))
    head, lines = tables.rows_of(path, kind, vocabulary, ADDED)
    if missing := [name for name in (INPUT_OF, ROW_OF) if name not in head]:
        what = f"the column {' and '.join(missing)} is missing."
        why = "It says which refused row each one is."
        raise UsageError(Problem(str(path), what, why, "Leave the columns of the file in it."))
    for line in lines:
        if line.cells is None:
            where = f"{path}:{line.line}"
            raise UsageError(Problem(where, line.refusal[1], "", "Mend the row."))
        cells = {name: cell for name, cell in line.cells.items() if name not in ADDED}
        yield MendedRow(_of(line.cells[INPUT_OF], line.cells[ROW_OF], path), cells)


def _of_lines(path: Path, vocabulary: Vocabulary, read: CaseReader) -> Iterator[MendedRow]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            entry = parse_json(text, f"{path}:{number}")
            if not isinstance(entry, dict) or not {"input", "row"} <= entry.keys():
                raise _no_place(f"{path}:{number}")
            if read.foreign(resource := entry.get("resource")):
                entry["cells"] = {**_cells(resource, vocabulary, read)}
            row = refused_row({"reason": "", **entry})
            yield MendedRow(_of(entry["input"], entry["row"], path), row.cells)


def _cells(resource: Data, vocabulary: Vocabulary, read: CaseReader) -> dict[str, str]:
    """Give the cells of a resource; none of one that is still no case, and stays refused."""
    try:
        return of_data(resource, vocabulary, "", read=read)
    except CaseError:
        return {}


def _of(name: object, row: object, path: Path) -> Key:
    try:
        return str(name), int(str(row))
    except ValueError:
        raise _no_place(str(path)) from None


def _no_place(where: str) -> ScreeningError:
    what = "a row does not say which input and row it is."
    todo = "Leave the columns that begin with refused_, or input and row, as they were."
    return UsageError(Problem(where, what, "", todo))


def _parts(rows: list[MendedRow], sources: list[SourceCounts]) -> Iterator[Part]:
    """Give the mended rows of each table, and those of all case files, as parts."""
    tables_ = {source["name"] for source in sources if source["kind"] != CASES}
    groups: dict[str, list[MendedRow]] = {}
    for row in rows:
        groups.setdefault(row.key[0] if row.key[0] in tables_ else "", []).append(row)
    for name, some in groups.items():
        numbers = [row.key[1] for row in some] if name else list(range(1, len(some) + 1))
        names = {} if name else {n: row.key[0] for n, row in zip(numbers, some, strict=True)}
        columns = dict.fromkeys(each for row in some for each, cell in row.cells.items() if cell)
        cells = {
            each: pl.Series([row.cells.get(each) for row in some], dtype=pl.String)
            for each in columns
        }
        yield Part(name or "case files", pl.DataFrame(cells), numbers, names=names)


def _accepted(done: Done) -> Iterator[Key]:
    refused = {refusal.row for refusal in done.refusals}
    for row in done.part.rows:
        if row not in refused:
            own = done.part.names.get(row)
            yield (own, 1) if own else (done.part.source, row)


def _key(line: str) -> Key:
    entry = json.loads(line)
    return entry["input"], entry["row"]


def _recounted(sources: list[SourceCounts], accepted: Iterable[Key]) -> list[SourceCounts]:
    """Count the rows of each source again."""
    names = {source["name"] for source in sources if source["kind"] != CASES}
    gained = Counter(name if name in names else CASES for name, _ in accepted)
    found: list[SourceCounts] = []
    for source in sources:
        key = source["name"] if source["kind"] != CASES else CASES
        more = min(gained[key], source["refused"])
        gained[key] -= more
        screened, refused = source["screened"] + more, source["refused"] - more
        found.append({**source, "screened": screened, "refused": refused})
    return found


def _changed(path: Path) -> UsageError:
    what = "it was changed since the run was finished."
    why = "Nothing is merged: rows could be lost or counted wrongly."
    return UsageError(Problem(str(path), what, why, "Run the batch again."))
