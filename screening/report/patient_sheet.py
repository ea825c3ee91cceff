"""The sheet that the patient takes home: exercises, when to stop, when to come back; no verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screening.report.advice_contents import stop_rules
from screening.report.on_a_page import parts_of, steps_of

if TYPE_CHECKING:
    from screening.record.model import Record

_DRAWINGS = Path(__file__).parent / "drawings"


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise in the patient's words; ``drawing`` is SVG, or empty."""

    title: str
    where: str
    dose: str
    how: list[str]
    drawing: str


@dataclass(frozen=True, slots=True)
class PatientSheet:
    """What stands on the patient's sheet."""

    leg: str
    parts: dict[str, list[Exercise]]
    stops: dict[str, list[str]]
    come_back: list[str]


def sheet_of(record: Record) -> PatientSheet | None:
    """Give the sheet; none where no exercise is advised, or where the readings differ."""
    steps = steps_of(record) if record["screened_with"]["readings_agree"] else []
    parts = {
        part: [
            Exercise(said["title"], step.where, said["dose"], said["how"], _drawn(said["drawing"]))
            for step in found
            if (said := step.entry["for_patient"]) and said["title"]
        ]
        for part, found in parts_of(steps).items()
    }
    if not any(parts.values()):
        return None
    entries = [step.entry for step in steps]
    come_back = [entry["for_patient"]["come_back"] for entry in entries if entry["for_patient"]]
    painful = [side for side, leg in record["sides"].items() if leg]
    return PatientSheet(
        "both legs" if len(painful) > 1 else f"{painful[0]} leg",
        parts,
        stop_rules([entry for entry in record["advice"] if entry["status"] == "advised"]),
        sorted(dict.fromkeys(filter(None, come_back)), key=_number),
    )


def _drawn(name: str | None) -> str:
    return (_DRAWINGS / f"{name}.svg").read_text(encoding="utf-8") if name else ""


def _number(text: str) -> int:
    """Give the first number of a text: appointments are read in the order of their weeks."""
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0
