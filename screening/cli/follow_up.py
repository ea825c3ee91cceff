"""``screening follow-up``: the re-test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from screening.cli.case_file import given_case
from screening.cli.options import Codes, Rules, Side
from screening.errors import Problem, UsageError
from screening.exchange.any_case import reader_of
from screening.intake.answers import reader, words_of
from screening.intake.case import Case
from screening.page import Page
from screening.questions.follow_up import follow_up as compare
from screening.questions.follow_up import retest_flags
from screening.report.follow_up_text import follow_up_text, write_flags
from screening.report.printing import emit, emit_json
from screening.report.visits_text import visits_text
from screening.rulebase.base import RuleBase, load


def follow_up(
    first: Annotated[
        str | None, typer.Argument(metavar="[FIRST]", help="The earlier examination.")
    ] = None,
    second: Annotated[str | None, typer.Argument(metavar="[SECOND]", help="The re-test.")] = None,
    run: Annotated[
        Path | None,
        typer.Option("--from", help="Compare the visits of everyone in this batch.", metavar="DIR"),
    ] = None,
    side: Side = None,
    format: Annotated[
        Literal["text", "json", "html"],
        typer.Option("--format", help="How to print; html draws both readings on one scale."),
    ] = "text",
    codes: Codes = None,
    rules: Rules = None,
) -> None:
    """Compare a re-test with the first examination: real change, and what it says of the calf.

    Example: screening follow-up first.yaml second.yaml

    Example: screening follow-up first.yaml second.yaml --format html > retest.html

    Example: screening follow-up --from screened
    """
    base = load(rules)
    if run is not None and format == "html":
        what = "A batch has no drawing of a re-test."
        raise UsageError(Problem("--format", what, "", "Name two examinations."))
    if run is not None and first is None and side is None:
        _all_of(run, format, base)
        return
    if run is not None or first is None or second is None:
        what = "Name two examinations, or a batch with --from and nothing else."
        todo = "For example: screening follow-up first.yaml second.yaml"
        raise UsageError(Problem("", what, "", todo))
    before, after = (given_case(name, base, codes) for name in (first, second))
    after = _with_exercises(after, base)
    try:
        found = compare(before, after, side, base)
    except UsageError:
        # What cannot be compared may still be an emergency.
        page = Page()
        write_flags(page, retest_flags(after, base))
        if page.text.lines:
            print(page.text.plain, file=sys.stderr)
        raise
    if format == "json":
        emit_json(found, base)
        return
    if format == "html":
        from screening.inference.infer import infer
        from screening.report.follow_up_page import follow_up_page

        sys.stdout.write(follow_up_page(found, before, infer(after, base)))
    else:
        emit(follow_up_text(found, base).text, base)


def _all_of(run: Path, format: str, base: RuleBase) -> None:
    """Compare the first visit of each person of a batch with every later one."""
    from screening.batch.visits import follow_ups

    found = follow_ups(run, base, reader_of(base))
    if format == "json":
        emit_json(found, base)
    else:
        emit(visits_text(found).text, base)


def _with_exercises(case: Case, base: RuleBase) -> Case:
    """Ask whether the exercises were done, where a terminal can answer and no file said so."""
    path = base.follow_up.exercises
    if path in case.answers or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return case
    words = words_of(path, base.vocabulary)
    said = (word.replace("_", " ") for word in words)
    numbered = "  ".join(f"{number} = {word}" for number, word in enumerate(said, 1))
    question = base.vocabulary[path].question
    while True:
        print(f"{question} [{numbered}, Enter = not known]: ", end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline().strip()
        if not typed:
            return case
        word = words[int(typed) - 1] if typed in map(str, range(1, len(words) + 1)) else typed
        try:
            answer = reader(path, base.vocabulary)(word)
        except ValueError as error:
            print(f"  {error}", file=sys.stderr)
            continue
        return case.with_answers({path: answer}, base.vocabulary)
