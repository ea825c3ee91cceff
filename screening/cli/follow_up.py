"""``screening follow-up``: the re-test."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from screening.cli.case_file import given_case
from screening.cli.options import Codes, Format, Rules, Side
from screening.intake.answers import reader, words_of
from screening.intake.case import Case
from screening.questions.follow_up import follow_up as compare
from screening.report.follow_up_text import follow_up_text
from screening.report.printing import emit, emit_json
from screening.rulebase.base import RuleBase, load


def follow_up(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="The earlier examination.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The re-test.")],
    side: Side = None,
    format: Format = "text",
    codes: Codes = None,
    rules: Rules = None,
) -> None:
    """Compare a re-test with the first examination: real change, and what it says of the calf.

    Example: screening follow-up first.yaml second.yaml
    """
    base = load(rules)
    before, after = (given_case(name, base, codes) for name in (first, second))
    found = compare(before, _with_exercises(after, base), side, base)
    if format == "json":
        emit_json(found, base)
    else:
        emit(follow_up_text(found, base).text, base)


def _with_exercises(case: Case, base: RuleBase) -> Case:
    """Ask whether the exercises were done, where a terminal can answer and no file said so."""
    path = base.follow_up.exercises
    if path in case.answers or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return case
    words = words_of(path, base.vocabulary)
    numbered = "  ".join(f"{number} {word}" for number, word in enumerate(words, 1))
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
