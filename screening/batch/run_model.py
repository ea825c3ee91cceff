"""The shape of what a run keeps: plan, counts, manifest. Plain dictionaries at run time.

What is read back from a folder was written by us, and is refused where its digest says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from screening.rulebase.base import RulesUsed

if TYPE_CHECKING:
    from screening.batch.formats import RowFormat
    from screening.batch.inputs.sources import Kind
    from screening.batch.plans import OnSpark
    from screening.batch.run import Engine
    from screening.batch.tally import Counts
    from screening.documents import Json


class FileUsed(TypedDict):
    """One file of an input."""

    path: str
    digest: str
    bytes: int


class RunPlan(TypedDict):
    """What a run is: the same plan gives the same results."""

    program: str
    rule_base: str
    rule_base_digest: str
    engine: Engine | OnSpark
    row_format: RowFormat
    verbose_columns: bool
    verified_rows: int
    part_rows: NotRequired[int]
    """Not of a run on a cluster."""
    map_of_columns: dict[str, Json]
    map_of_codes: NotRequired[str]
    inputs: list[FileUsed]


class RowCounts(TypedDict):
    """How many rows were read, and what became of them."""

    rows: int
    screened: int
    refused: int


class RunCounts(RowCounts):
    """The same of a whole run."""

    verified: int
    """So many were screened once more by the other reading."""
    rows_written: int


class PartTally(RowCounts):
    """The same of some rows, and what followed from them."""

    columns: list[str]
    ignored_columns: list[str]
    refused_by_reason: dict[str, int]
    summary: Counts


class PartCounts(PartTally):
    """The same of a finished part."""

    source: int
    """The place of its source among all."""
    verified: int


class SourceCounts(RowCounts):
    """The same of one source, with the columns of a table."""

    name: str
    kind: Kind
    columns: NotRequired[list[str]]
    ignored_columns: NotRequired[list[str]]


class MergedFile(FileUsed):
    """A file of mended rows that was put to the run."""

    rows: int
    screened: int
    refused: int
    left_alone: int
    part: str
    merged: str


class FileWritten(TypedDict, total=False):
    """One file of the results; of a run on a cluster nothing is known of it."""

    sha256: str
    bytes: int


class RunTimes(TypedDict):
    """When the last of possibly several sittings began and ended."""

    started: str
    finished: str
    seconds: float


class Manifest(TypedDict):
    """What was run, what came of it, and what each bit of a bit column means."""

    screened_with: RulesUsed
    plan: RunPlan
    counts: RunCounts
    sources: list[SourceCounts]
    ignored_files: list[str]
    key: dict[str, list[str]]
    outputs: dict[str, FileWritten]
    times: RunTimes
    set_aside: NotRequired[list[dict[str, str]]]
    merged: NotRequired[list[MergedFile]]
