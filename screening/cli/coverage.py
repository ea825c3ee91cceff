"""``screening rules coverage``: what the cases show of the rules, and the cases still to write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from screening.assurance.coverage import Coverage, covered
from screening.assurance.goals import Goal
from screening.assurance.suggest import suggest, write
from screening.cli.options import Format, Rules, to_folder
from screening.page import Page
from screening.report.printing import emit, emit_json
from screening.rulebase.base import RuleBase, load

SUGGESTED = Path("suggested_cases")


def coverage(
    cases: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CASES...]", help="Case files or folders; else all of cases/."),
    ] = None,
    wanted: Annotated[
        bool, typer.Option("--suggest", help="Write cases that show what is missing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", callback=to_folder, help="The folder for suggested cases.", metavar="DIR"
        ),
    ] = None,
    format: Format = "text",
    rules: Rules = None,
) -> int:
    """Say which rules, premises and thresholds no case shows; end with 1 if any.

    Example: screening rules coverage cases --suggest --out suggested_cases
    """
    base = load(rules)
    found = covered(base, cases or _of_the_checkout(base))
    written: dict[str, Path] = {}
    if wanted:
        made = suggest(base, list(found.missing))
        written = write(made, base, out or SUGGESTED)
    if format == "json":
        emit_json(_record(found, written), base)
    else:
        emit(_page(found, written).text, base)
    return 1 if any(found.missing) else 0


def _of_the_checkout(base: RuleBase) -> list[Path]:
    """Give the cases that stand beside the rules; an installed program has none."""
    beside = base.root.parent / "cases"
    return [beside] if beside.is_dir() else []


def _record(found: Coverage, written: dict[str, Path]) -> dict[str, object]:
    problems = [
        {
            "kind": goal.kind,
            "where": goal.where,
            "message": goal.lacks,
            "witness": str(written[goal.key]) if goal.key in written else None,
        }
        for goal in found.missing
    ]
    return {
        "ok": not problems,
        "cases": found.cases,
        "counts": found.counts,
        "never": [{"what": name, "because": why} for name, why in found.never.items()],
        "problems": problems,
    }


def _page(found: Coverage, written: dict[str, Path]) -> Page:
    page = Page()
    page.line(f"{found.cases} cases and rule examples show:")
    for kind, count in found.counts.items():
        percent = 100 * count["shown"] // count["of"]
        page.line(f"  {kind:20} {percent:3} %  {count['shown']} of {count['of']}")
    if found.never:
        page.line(f"{len(found.never)} more that no case can ever show, each with its reason:")
        page.items(f"{name}: {why}" for name, why in found.never.items())
    missing = list(found.missing)
    if missing:
        page.line(f"{len(missing)} cases to write:")
        page.items(_missing(goal, written) for goal in missing)
    return page


def _missing(goal: Goal, written: dict[str, Path]) -> str:
    shown_by = f" Suggested: {written[goal.key]}" if goal.key in written else ""
    return f"{goal.where}: {goal.lacks}{shown_by}"
