"""``screening rules check`` and ``rules prove``: what is said of the rule base itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from screening.assurance.check import check as names_and_texts
from screening.assurance.check import of_each_file
from screening.assurance.examples import examples, run, running
from screening.assurance.one_file import base_of, source_of
from screening.cli.options import Format, Rules, Seconds, Witnesses
from screening.errors import Problem, RuleBaseError, UsageError
from screening.files import write_atomically
from screening.inference.forward import Forward
from screening.intake.case import Case, as_data
from screening.intake.draft import written
from screening.page import Page
from screening.report.printing import emit, emit_json
from screening.rulebase.base import RuleBase, is_installed, load, read
from screening.rulebase.seal import HEAD, Standing, write

INSTALL = "Install it with: pip install 'calf-hip-screening[prove]'"
Row = dict[str, Any]


def check(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Only this file, in a second or two; else all."),
    ] = None,
    format: Format = "text",
    rules: Rules = None,
    witnesses: Witnesses = None,
) -> int:
    """Read the rule base strictly, lint it and run its examples; end with 1 if something is wrong.

    Of one file: what reading and its own examples say, without the proofs over all cases.

    Example: screening rules check --rules rules

    Example: screening rules check rules/red_flags/dvt.yaml
    """
    if file is not None:
        return _check_file(file, format, rules)
    base, unread = read(rules)
    unread += base.lost
    problems = [_row("not_readable", problem) for problem in unread]
    counts = {"rules": len(base.rule_texts), "examples": 0}
    if unread:
        problems += [_row("check", problem) for problem in of_each_file(base)]
    else:
        found, counts["examples"] = checked(base, witnesses)
        problems += found
    if base.standing.said:
        todo = "`screening rules seal` seals them anew, once all else is well."
        at = f"{base.root.name}/{HEAD}"
        problems.append(_row("not_sealed", Problem(at, base.standing.said, "", todo)))
    done = f"{counts['rules']} rules, {counts['examples']} examples: all as they say."
    return _said(counts, problems, done, base, format)


def _check_file(file: Path, format: str, rules: Path | None) -> int:
    base, unread = read(rules or base_of(file))
    source = source_of(file, base)
    unread += base.lost
    problems = [_row("not_readable", problem) for problem in unread if _is_in(problem, source)]
    tried = [each for each in examples(base) if base.documents[each.file.id].source == source]
    if not unread:
        found = [problem for problem in names_and_texts(base) if _is_in(problem, source)]
        problems += [_row("check", problem) for problem in found]
        problems += [_row("example", problem) for each in run(tried, base) for problem in each]
    elif not problems:
        what = "another file cannot be read, so its examples were not run."
        problems.append(_row("not_run", Problem(source, what, "", "Run `screening rules check`.")))
    counts = {"examples": len(tried)}
    return _said(counts, problems, f"{source}: {len(tried)} examples, as they say.", base, format)


def _is_in(problem: Problem, source: str) -> bool:
    return problem.where.partition(":")[0] == source


def checked(base: RuleBase, witnesses: Path | None = None) -> tuple[list[Row], int]:
    """Give what is wrong with a rule base that could be read, and how many examples it shows."""
    try:
        Forward(base.form)
    except RuleBaseError as error:
        return [_row("not_readable", problem) for problem in error.problems], 0
    problems = [_row("check", problem) for problem in names_and_texts(base)]
    with running(base) as all_examples:
        problems += _chains(base, witnesses)
        tried = all_examples()
    problems += [_row("example", problem) for found in tried for problem in found]
    return problems, len(tried)


def seal(format: Format = "text", rules: Rules = None) -> int:
    """Check the rules, then write the digest of every file into rulebase.yaml.

    From then on a file that is changed, added or missing is said at the head of every output.

    Example: screening rules seal --rules rules
    """
    base = load(rules, to_mend=True)
    if is_installed(base.root):
        what = "these rules belong to an installation."
        todo = "Seal the folder that you edit: screening rules seal --rules DIR."
        raise UsageError(Problem(str(base.root), what, "", todo))
    problems, _ = checked(base)
    if problems:
        print("Nothing was sealed: rules are sealed when nothing is wrong.", file=sys.stderr)
        return _said({}, problems, "", base, format)
    try:
        whole = write(base.root, base.head, base.digests)
    except OSError as error:
        what = f"the seal could not be written: {error.strerror}."
        raise UsageError(Problem(str(base.root / HEAD), what)) from None
    sealed = replace(base, standing=Standing(known=True))
    done = f"Sealed: {len(base.digests)} files, rule base {base.version}, {whole}"
    return _said({"digest": whole, "files": len(base.digests)}, [], done, sealed, format)


def _said(
    found: dict[str, Any], problems: list[Row], done: str, base: RuleBase, format: str
) -> int:
    if format == "json":
        emit_json({"ok": not problems, **found, "problems": problems}, base)
        return 1 if problems else 0
    return _print(problems, done, base)


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
    seconds: Seconds = 10.0,
    witnesses: Witnesses = None,
    rules: Rules = None,
) -> int:
    """Prove every promise for all cases, or show a case that breaks it; end with 1 if one fails.

    Example: screening rules prove --promise PRO-001
    """
    base = load(rules)
    try:
        from screening.assurance.prove import prove as run_prover
    except ModuleNotFoundError:
        raise UsageError(Problem("", "the prover is not installed.", "", INSTALL)) from None
    results = []
    for proved in run_prover(base, seconds, [only] if only else []):
        results.append(proved)
        if format == "text":
            print(f"{proved.status.replace('_', ' '):10} {proved.id}  {proved.title}", flush=True)
    problems = [
        _row(p.status, p.problem, p.witness, base, witnesses, p.id)
        for p in results
        if p.problem is not None
    ]
    questions = sum(p.questions for p in results)
    promises = [{"id": p.id, "title": p.title, "status": p.status} for p in results]
    done = f"{len(results)} promises hold for all cases ({questions} questions)."
    found = {"promises": promises, "questions": questions}
    return _said(found, problems, done, base, format)


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


def _print(problems: Iterable[Row], done: str, base: RuleBase) -> int:
    page, rows = Page(), list(problems)
    for row in rows:
        page.line(row["message"])
        if "witness_file" in row:
            page.line(f"  A case that shows it: {row['witness_file']}")
        elif row["witness"]:
            page.line(f"  A case that shows it: {_short(row['witness'])}")
    page.line(f"{len(rows)} problems." if rows else done)
    emit(page.text, base)
    return 1 if rows else 0


def _short(data: Row, path: str = "") -> str:
    parts = []
    for key, value in data.items():
        at = f"{path}.{key}" if path else key
        parts.append(_short(value, at) if isinstance(value, dict) else f"{at}={value}")
    return ", ".join(parts)
