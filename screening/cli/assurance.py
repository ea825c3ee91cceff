"""``screening rules check`` and ``rules prove``: what is said of the rule base itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from screening.assurance.check import check as names_and_texts
from screening.assurance.examples import running
from screening.cli.options import Format, Rules, Witnesses
from screening.documents import write_atomically
from screening.errors import Problem, RuleBaseError, UsageError
from screening.inference.forward import Forward
from screening.intake.case import Case, as_data
from screening.intake.draft import written
from screening.report.as_json import as_json
from screening.report.page import Page
from screening.report.printing import emit
from screening.rulebase.base import RuleBase, load

INSTALL = "Install it with: pip install 'calf-hip-screening[prove]'"
Row = dict[str, Any]


def check(format: Format = "text", rules: Rules = None, witnesses: Witnesses = None) -> int:
    """Read the rule base strictly, lint it and run its examples; end with 1 if something is wrong.

    Example: screening rules check --rules rules
    """
    problems: list[Row] = []
    counts = {"rules": 0, "examples": 0}
    try:
        base = load(rules, examples=True)
        Forward(base.form)
        counts["rules"] = len(base.rule_texts)
        problems += [_row("check", problem) for problem in names_and_texts(base)]
        with running(base) as examples:
            problems += _chains(base, witnesses)
            tried = examples()
        counts["examples"] = len(tried)
        problems += [_row("example", problem) for found in tried for problem in found]
    except RuleBaseError as error:
        problems += [_row("not_readable", problem) for problem in error.problems]
    if format == "json":
        sys.stdout.write(as_json({"ok": not problems, **counts, "problems": problems}))
        return 1 if problems else 0
    done = f"{counts['rules']} rules, {counts['examples']} examples: all as they say."
    return _print(problems, done)


def _chains(base: RuleBase, witnesses: Path | None) -> Iterator[Row]:
    """Give what chaining shows; without the prover this part is left out, and that is said."""
    try:
        from screening.assurance.chains import lint
    except ModuleNotFoundError:
        print(
            f"Left out, for they need the prover: proofs over all cases. {INSTALL}", file=sys.stderr
        )
        return
    for found in lint(base):
        yield _row(found.kind, found.problem, found.witness, base, witnesses)


def prove(
    format: Format = "text",
    only: Annotated[
        str | None, typer.Option("--promise", help="Only this one, such as PRO-001.")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--timeout", help="Seconds for one question; then it is not proved.")
    ] = 10.0,
    witnesses: Witnesses = None,
    rules: Rules = None,
) -> int:
    """Prove every promise for all cases, or show a case that breaks it; end with 1 if one fails.

    Example: screening rules prove --promise PRO-001
    """
    base = load(rules, examples=True)
    try:
        from screening.assurance.prove import prove as run_prover
    except ModuleNotFoundError:
        raise UsageError(Problem("", "the prover is not installed.", "", INSTALL)) from None
    results = []
    for proved in run_prover(base, seconds, only):
        results.append(proved)
        if format == "text":
            print(f"{proved.status.replace('_', ' '):10} {proved.id}  {proved.title}", flush=True)
    problems = [
        _row(p.status, p.problem, p.witness, base, witnesses, p.id)
        for p in results
        if p.problem is not None
    ]
    questions = sum(p.questions for p in results)
    if format == "json":
        promises = [{"id": p.id, "title": p.title, "status": p.status} for p in results]
        found = {"ok": not problems, "promises": promises, "questions": questions}
        sys.stdout.write(as_json({**found, "problems": problems}))
        return 1 if problems else 0
    done = f"{len(results)} promises hold for all cases ({questions} questions)."
    return _print(problems, done)


def _row(
    kind: str,
    problem: Problem,
    witness: Case | None = None,
    base: RuleBase | None = None,
    folder: Path | None = None,
    name: str = "",
) -> Row:
    """Give a problem as data; its witness is a case file if a folder was named."""
    data = as_data(witness, base.vocabulary) if witness and base else None
    row: Row = {"kind": kind, "where": problem.where, "message": str(problem), "witness": data}
    if witness and base and folder:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{name or kind}.yaml"
        write_atomically(place, written(witness, base.vocabulary))
        row["witness_file"] = str(place)
    return row


def _print(problems: Iterable[Row], done: str) -> int:
    page, rows = Page(), list(problems)
    for row in rows:
        page.line(row["message"])
        if "witness_file" in row:
            page.line(f"  A case that shows it: {row['witness_file']}")
        elif row["witness"]:
            page.line(f"  A case that shows it: {_short(row['witness'])}")
    page.line(f"{len(rows)} problems." if rows else done)
    emit(page.text)
    return 1 if rows else 0


def _short(data: Row, path: str = "") -> str:
    parts = []
    for key, value in data.items():
        at = f"{path}.{key}" if path else key
        parts.append(_short(value, at) if isinstance(value, dict) else f"{at}={value}")
    return ", ".join(parts)
