"""The options and arguments that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from screening.errors import Problem, UsageError

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
Tier = Literal["emergency", "urgent", "referral", "none"]
Witnesses = Annotated[
    Path | None,
    typer.Option("--witnesses", help="Write the cases that show a problem here.", metavar="DIR"),
]
