"""``screening rules export``: the rules for other engines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from screening.cli.options import Rules, to_folder
from screening.exchange.cql.elm import TRANSLATOR, translator
from screening.rulebase.base import load
from screening.safe import on_a_line


def export(
    to: Annotated[Literal["cql"], typer.Option("--to", help="In which language.")],
    out: Annotated[
        Path,
        typer.Option("--out", callback=to_folder, help="Write into this folder.", metavar="DIR"),
    ],
    packages: Annotated[
        Path,
        typer.Option(help="A folder whose node_modules hold HL7's translator.", metavar="DIR"),
    ] = Path(),
    rules: Rules = None,
) -> None:
    """Write the rules for other engines: CQL, FHIR resources, and cases to check an engine with.

    Example: screening rules export --to cql --out build/cql
    """
    from screening.exchange.cql.export import export as write

    modules = translator(packages)
    found = write(load(rules), out, modules)
    sys.stderr.write(f"{len(found)} files written into {on_a_line(out)}.\n")
    if modules is None:
        sys.stderr.write(
            f"No ELM: node or {TRANSLATOR} is not there. Engines that read {to.upper()} need none; "
            f"for the others: npm install {TRANSLATOR}@5.3.0, then again from that folder.\n"
        )
