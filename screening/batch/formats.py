"""The rows of a run as Parquet, CSV or JSONL: written part by part, then put together."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import polars as pl

RowFormat = Literal["parquet", "csv", "jsonl", "ndjson"]
LINES: RowFormat = "ndjson"
"""Not rows of columns, but one line of JSON for each case, as another program wants it."""

_RUN_AS_FORMULA = r"^[=+\-@\t\r]"


def write_rows(frame: pl.DataFrame, kind: RowFormat) -> Callable[[Path], None]:
    """Give what writes the rows of one part."""
    if kind == "parquet":
        return lambda draft: frame.write_parquet(draft, compression="zstd", statistics=False)
    if kind == "csv":
        return lambda draft: harmless(frame).write_csv(draft)
    return lambda draft: frame.write_ndjson(draft)


def write_lines(lines: Iterable[str]) -> Callable[[Path], None]:
    """Give what writes one part as lines."""

    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    return write


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run as a formula."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(_RUN_AS_FORMULA)).then("'" + text).otherwise(text).name.keep()
    )


def put_together(parts: list[Path], kind: RowFormat, draft: Path) -> None:
    """Write all parts as one file, in their order; memory holds some of a part at a time."""
    if kind == "parquet":
        if len(parts) == 1:
            shutil.copyfile(parts[0], draft)
        else:
            whole = pl.scan_parquet(parts, glob=False)
            whole.sink_parquet(draft, compression="zstd", statistics=False)
        return
    with draft.open("wb") as written:
        for number, part in enumerate(parts):
            with part.open("rb") as file:
                if number and kind == "csv":
                    file.readline()
                shutil.copyfileobj(file, written, 1 << 20)


def scan(path: Path, kind: RowFormat) -> pl.LazyFrame:
    """Read the rows of a finished run back."""
    if kind == "parquet":
        # A cluster leaves a folder of them, with files of its own between.
        parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        return pl.scan_parquet(parts, glob=False)
    if kind == "csv":
        return pl.scan_csv(path, infer_schema=False, glob=False)
    return pl.scan_ndjson(glob.escape(str(path)))
