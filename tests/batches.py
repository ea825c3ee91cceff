"""What tests of batches share: tables to screen, and what a run left."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from screening.intake.case import Case, as_data
from screening.intake.vocabulary import SIDES, Vocabulary

SECRET = "Q7SECRET"
MANY, FEWER = 200, 100
"""So many generated cases stand in the tables, and so many in ``make test``."""

NARROW = (
    *("case_id", "age_years", "red_flags.chest"),
    *(f"{side}.{name}" for side in SIDES for name in ("hip.pain", "ankle.lunge_bent_cm")),
)
"""Few columns: whom and what a verdict asks for first."""


def rows(folder: Path) -> pl.DataFrame:
    """Give the rows of a run."""
    return pl.read_parquet(folder / "screenings.parquet")


def refused(folder: Path) -> list[dict[str, Any]]:
    """Give the refused rows of a run."""
    return [json.loads(line) for line in (folder / "refused.jsonl").read_text().splitlines()]


def manifest(folder: Path) -> dict[str, Any]:
    """Give the manifest of a run."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def same(first: Path, second: Path) -> None:
    """Compare two folders of runs, but for the times."""
    for path in first.iterdir():
        if path.name == "manifest.json":
            one, two = manifest(first), manifest(second)
            assert one.pop("times")
            assert two.pop("times")
            assert one == two
        else:
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    assert {p.name for p in first.iterdir()} == {p.name for p in second.iterdir()}


def written(frame: pl.DataFrame, folder: Path, kind: str) -> Path:
    """Write a table as one kind of file."""
    path = folder / f"cases.{kind}"
    if kind == "csv":
        frame.write_csv(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    else:
        frame.write_excel(path)
    return path


def as_jsonl(cases: Iterable[Case], vocabulary: Vocabulary, path: Path) -> Path:
    """Write cases as lines of nested JSON."""
    lines = (json.dumps({**as_data(c, vocabulary), "case_id": c.case_id}) for c in cases)
    path.write_text("\n".join(lines) + "\n")
    return path


def bad_table(path: Path) -> Path:
    """Write a table in which most rows are bad, each in its own way."""
    lines = [
        "case_id,age_years,left.hip.pain,left.ankle.lunge_bent_cm",
        "good,40,present,6.5",
        f"{SECRET}1,{SECRET},present,6.5",
        f"{SECRET}2,40,{SECRET},{SECRET}",
        f"{SECRET}3,40,present",
        f"{SECRET}4,40,present,65",
        "good,40,present,6.5",
        f'{SECRET}5,"4"0,present,6.5',
        ",41,absent,",
    ]
    raw = "\n".join(lines).encode() + b"\n\xff\xfe,40,present,6.5\n"
    path.write_bytes(raw)
    return path
