"""The options and arguments that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from screening.errors import Problem, UsageError
from screening.files import refuse_other, refuse_unwritable, why_no_folder

Rules = Annotated[
    Path | None, typer.Option("--rules", help="Use the rule base in this folder.", metavar="DIR")
]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to print.")]
CaseFile = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="A case file (.yaml, .json), a FHIR R4 QuestionnaireResponse or Bundle of "
        "Observations (.json), or - for standard input.",
    ),
]
Codes = Annotated[
    Path | None,
    typer.Option(
        "--codes", help="FHIR: what codes of other systems stand for.", metavar="MAP.yaml"
    ),
]
Side = Annotated[Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")]
_A_DAY = 86_400.0


def _seconds(seconds: float) -> float:
    # No number is neither too small nor too large.
    if not 0 < seconds <= _A_DAY:
        what = "a time is more than 0 seconds and at most a day."
        raise UsageError(Problem("--timeout", what, "", "Write --timeout 60."))
    return seconds


Seconds = Annotated[
    float,
    typer.Option(
        "--timeout", callback=_seconds, help="Seconds for one question; then it is left open."
    ),
]


def to_folder(folder: Path | None) -> Path | None:
    """Refuse a folder that cannot be written to before the work for it is done."""
    try:
        if folder is not None:
            refuse_unwritable(folder)
    except OSError as error:
        what = f"the folder cannot be written: {why_no_folder(error)}."
        todo = "Name a folder you may write to."
        raise UsageError(Problem(str(folder), what, "Nothing was done.", todo)) from None
    return folder


def to_file(file: Path | None) -> Path | None:
    """Refuse a file that cannot be written before the work for it is done."""
    try:
        if file is not None:
            refuse_other(file)
            refuse_unwritable(file.parent)
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}."
        raise UsageError(Problem(str(file), what, "Nothing was done.", "Name another.")) from None
    return file


Tier = Literal["emergency", "urgent", "referral", "none"]
Witnesses = Annotated[
    Path | None,
    typer.Option(
        "--witnesses",
        callback=to_folder,
        help="Write the cases that show a problem here.",
        metavar="DIR",
    ),
]
