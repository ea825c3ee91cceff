"""``screening report``: the pages of all cases of a tier of a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from screening.batch.case_pages import LIST, write_case_pages
from screening.cli.options import Rules, Tier, to_folder
from screening.exchange.any_case import reader_of
from screening.report.printing import warn
from screening.rulebase.base import load
from screening.safe import on_a_line


def report(
    run: Annotated[Path, typer.Option("--from", help="The folder of a batch.", metavar="DIR")],
    tier: Annotated[Tier, typer.Option("--tier", help="Cases of which tier.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            callback=to_folder,
            help="A new or empty folder for the pages.",
            metavar="PAGES",
        ),
    ],
    rules: Rules = None,
) -> None:
    """Write the page of every case of one tier of a batch, and a list that leads to each.

    Example: screening report --from screened --tier urgent --out pages
    """
    base = load(rules)
    warn(base)
    pages = write_case_pages(run, tier, out, base, reader_of(base))
    many = "1 page" if len(pages) == 1 else f"{len(pages):,} pages"
    print(f"{many} and a list: {on_a_line(out / LIST)}")
