"""``screening what-if`` and ``screening replay``: the same case again, changed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.case_file import given_case
from screening.cli.options import CaseFile, Codes, Format, Rules
from screening.documents import Document, DocumentError
from screening.errors import CaseError, Problem, UsageError
from screening.inference.infer import infer
from screening.intake.answers import Answer
from screening.intake.case import read_case
from screening.intake.vocabulary import Vocabulary, without_side
from screening.page import Page
from screening.questions.replay import load_record
from screening.questions.replay import replay as run_again
from screening.questions.what_if import difference
from screening.questions.why_not import said
from screening.record.screening import screening
from screening.record.wording import lower
from screening.report.difference_text import difference_text, replay_text
from screening.report.printing import emit, emit_json
from screening.rulebase.base import load
from screening.safe import shortened
from screening.strict_yaml import plain_value, read_yaml

if TYPE_CHECKING:
    from screening.documents import Data

DIFFERS = 1
_PATH = re.compile(r"[\w.]+")
"""What stands before = and is no name may be a value, and is not repeated."""


def what_if(
    case: CaseFile,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another answer; may be repeated.", metavar="PATH=VALUE"),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", help="Leave an answer out; may be repeated.", metavar="PATH"),
    ] = None,
    format: Format = "text",
    codes: Codes = None,
    rules: Rules = None,
) -> None:
    """Screen a case as it is and with other answers, and say what changes and why.

    Example: screening what-if case.yaml --set right.ankle.lunge_bent_cm=9.5
    """
    base = load(rules)
    set_, unset = set_ or [], unset or []
    if not set_ and not unset:
        todo = "Add --set PATH=VALUE or --unset PATH, such as --set right.ankle.lunge_bent_cm=9.5."
        raise UsageError(Problem("", "nothing is changed: there is no what-if.", "", todo))
    given = given_case(case, base, codes)
    changes: dict[str, Answer | None] = {}
    for text in set_:
        path, answer = set_answer(text, base.vocabulary)
        changes[path] = answer
    for path in unset:
        changes[_known(path, base.vocabulary)] = None
    before = screening(infer(given, base))
    after = screening(infer(given.with_answers(changes, base.vocabulary), base))
    changed = difference(before, after, base.form)
    if format == "json":
        emit_json({"before": before, "after": after, "changed": changed}, base)
    else:
        title = f"WHAT IF   {'; '.join(_changes(changes, base.vocabulary))}"
        emit(difference_text(title, changed, base).text, base)


def _changes(changes: dict[str, Answer | None], vocabulary: Vocabulary) -> Iterator[str]:
    """Say the answers that are changed, each with its leg."""
    for path, answer in changes.items():
        side, entry = without_side(path)[0], vocabulary[path]
        leg = f"{side.upper()} leg, " if side else ""
        title = lower(entry.title) if leg else entry.title
        yield f"{leg}{title}: {said(answer, entry) if answer is not None else 'not recorded'}"


def _known(path: str, vocabulary: Vocabulary) -> str:
    if path not in vocabulary:
        hint = vocabulary.meant(path)
        todo = f"{hint} `screening rules vocabulary` lists them all.".strip()
        raise UsageError(
            Problem("", f'"{shortened(path)}" is no finding that can be recorded.', "", todo)
        )
    return path


def set_answer(text: str, vocabulary: Vocabulary) -> tuple[str, Answer | None]:
    """Read PATH=VALUE as a case file would read it; the whole of VALUE is one answer."""
    path, sign, value = text.partition("=")
    if not sign or not _PATH.fullmatch(path):
        todo = "Write PATH=VALUE, such as right.ankle.lunge_bent_cm=9.5."
        raise UsageError(Problem("--set", "this sets nothing.", "", todo))
    _known(path, vocabulary)
    try:
        read = Document("--set", {path: _read(value.strip())})
        return path, read_case(read, vocabulary).answers.get(path)
    except (CaseError, DocumentError) as error:
        raise UsageError(error.problems) from None


def _read(value: str) -> Data:
    if value[:1] in ("[", '"', "'"):
        return read_yaml(value, "--set").data
    try:
        return plain_value(value)
    except ValueError as error:
        todo = "Write it as in a case file."
        raise UsageError(Problem("--set", f"a number here {error}.", "", todo)) from None


def replay(
    record: Annotated[
        Path, typer.Argument(metavar="RECORD", help="A file of `screen CASE --record FILE`.")
    ],
    format: Format = "text",
    rules: Rules = None,
) -> int:
    """Screen a recorded case again: the same, or what differs and through which rules.

    Example: screening replay record.json
    """
    base = load(rules)
    found = run_again(load_record(record), base)
    if format == "json":
        emit_json(found, base)
        return 0 if found["same"] else DIFFERS
    title = "REPLAY   same rule base" if found["same_rule_base"] else "REPLAY   another rule base"
    if found["same"]:
        page = Page()
        page.line(f"{title}: the screening is the same.")
        emit(page.text, base)
        return 0
    emit(replay_text(f"{title}: the screening differs", found, base).text, base)
    return DIFFERS
