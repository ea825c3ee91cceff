"""The options and arguments that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Rules = Annotated[
    Path | None, typer.Option("--rules", help="Use the rule base in this folder.", metavar="DIR")
]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to print.")]
CaseFile = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file (.yaml, .json), or - for standard input.")
]
Side = Annotated[Literal["left", "right"] | None, typer.Option("--side", help="Which leg.")]
Tier = Literal["emergency", "urgent", "referral", "none"]
Witnesses = Annotated[
    Path | None,
    typer.Option("--witnesses", help="Write the cases that show a problem here.", metavar="DIR"),
]
