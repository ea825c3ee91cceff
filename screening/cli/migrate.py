"""``screening migrate``: cases, tables and maps of an older vocabulary in the names of this one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from screening.batch.migrate import Rewritten, rewrite
from screening.cli.options import Format, Rules
from screening.page import Page
from screening.report.printing import emit, emit_json
from screening.rulebase.base import RuleBase, load

SOMETHING_REFUSED = 1


def migrate(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A case, a folder, a table or a map of columns.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where to write; it must not exist yet.")],
    format: Format = "text",
    rules: Rules = None,
) -> int:
    """Rewrite older cases and tables in the names of today; list what must be asked again.

    Nothing is made up: an old answer that does not answer a new question is left out.

    Example: screening migrate old_cases --out new_cases
    """
    base = load(rules)
    done = list(rewrite(source, out, base.vocabulary))
    again: Counter[str] = sum((each.again for each in done), Counter())
    refused = [problem for each in done for problem in each.refused]
    if format == "json":
        files = [
            {"from": str(each.source), "to": str(each.out), "cases": each.cases} for each in done
        ]
        problems = [str(problem) for problem in refused]
        emit_json({"files": files, "ask_again": dict(again), "refused": problems}, base)
    else:
        emit(_page(done, again, base).text, base)
    return SOMETHING_REFUSED if refused else 0


def _page(done: list[Rewritten], again: Counter[str], base: RuleBase) -> Page:
    page = Page()
    cases = sum(each.cases for each in done)
    files = "1 file" if len(done) == 1 else f"{len(done):,} files"
    page.line(f"{files}, {'1 case' if cases == 1 else f'{cases:,} cases'} rewritten.")
    if again:
        page.line("To be asked again, and in how many cases:")
        for path, count in again.most_common():
            entry = base.vocabulary[path]
            page.items([f"{count:,}: {path}: {entry.question or entry.title}"])
    refused = [problem for each in done for problem in each.refused]
    if refused:
        page.line("Not rewritten:")
        page.items(str(problem) for problem in refused)
    return page
