"""How an interview ends: the review, the case that is written, and the note of a flag."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from screening.cli.terminal import DIM, NOTE, RED, Terminal
from screening.errors import Problem, UsageError
from screening.files import write_atomically
from screening.inference.infer import infer
from screening.intake import draft
from screening.intake.interview import Alarm, Interview
from screening.intake.typed import YES
from screening.record.screening import screening
from screening.report.note import note
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase

_PRIVATE = 0o600
_READ_OVER, _NONE = "r", "-"
_PATH = re.compile(r"[^\w.-]+")


def say_alarm(alarm: Alarm, terminal: Terminal, again: bool = False) -> None:
    """Say in red what a flag asks for; why, only the first time."""
    terminal.say(f"{soon({'tier': alarm.tier, 'within': alarm.within})}: {alarm.title}", RED)
    terminal.say(alarm.action, RED)
    if alarm.to:
        terminal.say(f"Contact: {alarm.to}.", RED)
    if not again:
        terminal.say(f"Why: {alarm.because}")


def finish(
    interview: Interview, base: RuleBase, terminal: Terminal, out: Path | None, place: Path | None
) -> None:
    """Review, then write the case and, where a flag holds, its note beside it.

    Raises:
        Quit: if the clinician stops; then nothing is written.
        UsageError: if the case cannot be written; the draft is kept.

    """
    _review(interview, terminal)
    target = _target(interview, terminal, out)
    _write(target, draft.written(interview.case, base.vocabulary))
    if place is not None:
        draft.forget(place)
    if not interview.watched.alarms:
        terminal.say("Saved. Now:")
        terminal.say_command(f"screening screen {shlex.quote(str(target))}")
        return
    text = note(screening(infer(interview.case, base)), base)
    beside = target.with_suffix(".note.txt")
    _write(beside, text)
    terminal.say(f"Saved: {target}. The note: {beside}")
    for alarm in interview.watched.alarms:
        say_alarm(alarm, terminal, again=True)
    terminal.say()
    terminal.say(text)


def _review(interview: Interview, terminal: Terminal) -> None:
    """Say what holds and what is doubtful; on request the answers, each changed by its number."""
    while True:
        for alarm in interview.watched.alarms:
            say_alarm(alarm, terminal, again=True)
        for message in interview.doubts():
            terminal.say(f"  Note: {message}", NOTE)
        paths = interview.to_read_over
        typed = terminal.choose(f"Enter = save; {_READ_OVER} = read over")
        if typed == "" or typed in YES:
            return
        if typed.isdigit() and 1 <= int(typed) <= len(paths):
            _change(paths[int(typed) - 1], interview, terminal)
            continue
        terminal.say("A number changes an answer; q = stop, nothing is saved.", DIM)
        for number, path in enumerate(paths, 1):
            terminal.say(f"{number:3} {interview.said(path)}")


def _change(path: str, interview: Interview, terminal: Terminal) -> None:
    question = interview.form[path]
    terminal.say(f"  {question.question} Enter keeps it; {_NONE} = not tested", DIM)
    typed = terminal.ask(interview.said(path))
    try:
        if typed == _NONE:
            interview.record(question, None)
        else:
            interview.answer(question, typed)
    except ValueError as error:
        terminal.say(f"  {error}", NOTE)


def _target(interview: Interview, terminal: Terminal, out: Path | None) -> Path:
    name = _PATH.sub("_", str(interview.answers.get("case_id", "case")))
    target = out or Path(terminal.ask("Save as", f"{name}.yaml"))
    while target.exists():
        typed = terminal.ask(f"{target} exists. y = write over it; or another name")
        if typed.lower() in YES:
            break
        target = Path(typed) if typed and typed.lower() != "n" else target
    return target


def _write(target: Path, text: str) -> None:
    try:
        write_atomically(target, text, _PRIVATE)
    except OSError as error:
        what = f"it could not be written: {error.strerror}. The draft is kept."
        raise UsageError(Problem(str(target), what, "", "Name another place with --out.")) from None
