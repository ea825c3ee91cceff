"""Puts the parts of a run together: rows, refused rows, summary, and the manifest last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from screening.batch.formats import RowFormat, put_together
from screening.batch.inputs.column_map import kept_map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import Inputs, Kind
from screening.batch.refused_book import write_refused_book
from screening.batch.store import MANIFEST, ChangedError, Store
from screening.batch.summary_page import summary_page
from screening.batch.tally import Counts, add
from screening.batch.whole_files import StoreError, file_written, write_json, written_whole
from screening.cohort import key
from screening.cohort.writing import WORD
from screening.errors import EngineError, Problem
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.batch.run_model import (
        Manifest,
        PartCounts,
        RunCounts,
        RunPlan,
        RunTimes,
        SourceCounts,
    )

_HEADED_BY_PATHS = ("cases", "jsonl")
BOOK = "refused.xlsx"
REFUSED, SUMMARY, PAGE = "refused.jsonl", "summary.json", "summary.html"
_NOTHING_YET = "Nothing was published."
_RESUME = "Run the same command with --resume: that part is done again."
_AFRESH = "Leave it alone, and run the same command again."
MOST_REASONS = 1_000
"""A summary lists so many different reasons; the rest are counted together."""


def finish(
    store: Store,
    plan: RunPlan,
    inputs: Inputs,
    base: RuleBase,
    kind: RowFormat,
    begun: tuple[datetime, float],
) -> None:
    """Write the results of a run; its folder holds no part of them before, and all after.

    Raises:
        StoreError: if they cannot be written.
        EngineError: if the counts do not add up.

    """
    sources = [(source.name, source.kind) for source in inputs.sources]
    refuse_changed(inputs)
    parts = list(store.parts.counts())
    if len(parts) != len(store.parts.files("rows")):
        what = "a finished part is not what it was when it was written."
        raise StoreError(Problem(str(store.folder), what, _NOTHING_YET, _RESUME))
    counts, by_source = gathered(parts, sources)
    rows = f"screenings.{kind}"
    names = {rows: "rows", REFUSED: "refused"}
    writers: dict[str, Callable[[list[Path], Path], None]] = {
        rows: lambda parts, draft: put_together(parts, kind, draft),
        REFUSED: lambda parts, draft: put_together(parts, "jsonl", draft),
    }
    for name, write in writers.items():
        with written_whole(store.folder / name) as draft:
            write(store.parts.files(names[name]), draft)
    books = [BOOK] if counts["refused"] else []
    for _ in books:
        columns = Columns(base.vocabulary, kept_map(plan["map_of_columns"]))
        write_book(store.folder, columns, heads_of(by_source))
    summary = summary_of(counts, base)
    write_json(store.folder / SUMMARY, summary)
    manifest = manifest_of(plan, counts, by_source, base, inputs.ignored, begun)
    manifest["set_aside"] = [asdict(each) for each in inputs.set_aside]
    with written_whole(store.folder / PAGE) as draft:
        draft.write_text(summary_page(summary, base, manifest), encoding="utf-8")
    manifest["outputs"] = {
        n: file_written(store.folder / n) for n in (*names, *books, SUMMARY, PAGE)
    }
    write_json(store.folder / MANIFEST, manifest)
    store.clear()


def heads_of(sources: Iterable[SourceCounts]) -> dict[str, list[str]]:
    """Give the columns of each table of a run by its name."""
    return {source["name"]: source.get("columns", []) for source in sources}


def write_book(folder: Path, columns: Columns, heads: dict[str, list[str]]) -> None:
    """Write the refused rows of a folder as a workbook beside them."""
    with written_whole(folder / BOOK) as draft:
        write_refused_book(folder / REFUSED, draft, columns, heads)


def refuse_changed(inputs: Inputs) -> None:
    """Refuse inputs that are not what they were when the run began.

    Raises:
        ChangedError: with the name of each.

    """
    problems = [
        Problem(str(file.path), "it changed while it was screened.", _NOTHING_YET, _AFRESH)
        for source in inputs.sources
        for file in source.files
        if file.has_changed()
    ]
    if problems:
        raise ChangedError(problems)


def gathered(
    parts: Iterable[PartCounts], sources: Sequence[tuple[str, Kind]]
) -> tuple[Counts, list[SourceCounts]]:
    """Add up the counts of all parts, for the run and for each source (its name and kind).

    Raises:
        EngineError: if rows were lost.

    """
    total: Counts = {"rows": 0, "screened": 0, "refused": 0, "verified": 0}
    total |= {"refused_by_reason": {}, "summary": {}}
    by_source: list[SourceCounts] = [
        {"name": name, "kind": kind, "rows": 0, "screened": 0, "refused": 0}
        for name, kind in sources
    ]
    for counts in parts:
        source = by_source[counts["source"]]
        if source["kind"] not in _HEADED_BY_PATHS:
            source["columns"] = counts["columns"]
        if counts["ignored_columns"]:
            source["ignored_columns"] = counts["ignored_columns"]
        source["rows"] += counts["rows"]
        source["screened"] += counts["screened"]
        source["refused"] += counts["refused"]
        total = add(total, {name: value for name, value in counts.items() if name in total})
    _add_up(total)
    return total, by_source


def manifest_of(
    plan: RunPlan,
    counts: Counts,
    by_source: list[SourceCounts],
    base: RuleBase,
    ignored: Iterable[str],
    begun: tuple[datetime, float],
) -> Manifest:
    """Say what was run, what came of it, and what each bit of a bit column means.

    Digests of the outputs are put into it once they are written.
    """
    return {
        "screened_with": base.screened_with,
        "plan": plan,
        "counts": run_counts(counts),
        "sources": by_source,
        "ignored_files": list(ignored),
        "key": _key(base),
        "outputs": {},
        "times": _times(begun),
    }


def run_counts(counts: Counts) -> RunCounts:
    """Give how many rows were read, and what became of them, from the counts of a run."""
    return {
        "rows": counts["rows"],
        "screened": counts["screened"],
        "refused": counts["refused"],
        "verified": counts["verified"],
        "rows_written": 2 * counts["screened"],
    }


def _add_up(counts: Counts) -> None:
    """Every row is in exactly one of the two: screened or refused."""
    if counts["rows"] != counts["screened"] + counts["refused"]:
        what = "rows were lost: those read are not those screened and refused together."
        todo = "Nothing was published. This is a fault of the program; please report it."
        raise EngineError(Problem("", what, "", todo))


def summary_of(counts: Counts, base: RuleBase) -> Counts:
    """Give what a service lead looks at; rare reasons of refusal are counted together."""
    by_reason = sorted(counts["refused_by_reason"].items(), key=lambda item: (-item[1], item[0]))
    reasons = dict(by_reason[:MOST_REASONS])
    if by_reason[MOST_REASONS:]:
        reasons["other reasons"] = sum(count for _, count in by_reason[MOST_REASONS:])
    return {
        "rule_base": base.version,
        "rule_base_digest": base.digest,
        "screened_with": base.screened_with,
        "rows": counts["rows"],
        "screened": counts["screened"],
        "refused": counts["refused"],
        "refused_by_reason": reasons,
        **counts["summary"],
    }


def _key(base: RuleBase) -> dict[str, list[str]]:
    """Give for every column of bits what they mean, the lowest first."""
    bits = key(base)
    kinds = {
        "fired": list(bits.fired),
        "missing": list(bits.missing),
        "flags_present": list(bits.flags),
        "flags_open": list(bits.flags),
        "warnings": list(bits.warnings),
        "blocked_by": list(bits.blocked_by),
    }
    return {
        f"{kind}_{start // WORD}": names[start : start + WORD]
        for kind, names in kinds.items()
        for start in range(0, max(len(names), 1), WORD)
    }


def _times(begun: tuple[datetime, float]) -> RunTimes:
    """Give when the last of possibly several sittings began and ended."""
    started, clock = begun
    return {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - clock, 1),
    }
