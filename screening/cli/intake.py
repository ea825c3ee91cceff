"""``screening intake``: the interview in a terminal."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from screening.cli.options import Rules
from screening.documents import write_atomically
from screening.errors import Problem, UsageError
from screening.explanation.warnings import warnings
from screening.explanation.wording import Wording
from screening.inference.infer import Inferred, infer
from screening.intake import draft
from screening.intake.interview import Interview
from screening.intake.vocabulary import ASKED_WITH, SIDES
from screening.report.printing import warn
from screening.rulebase.base import RuleBase, load
from screening.rulebase.form import Form

_BACK, _QUIT, _NONE = "b", "q", "-"
_FURTHER = "Further hip and gait tests as well? They do not move the verdict. [y / Enter = no]"


def intake(
    out: Annotated[Path | None, typer.Option("--out", help="Write the case here.")] = None,
    rules: Rules = None,
) -> None:
    """Ask the way through a case: red flags first, then pain, then both legs.

    Example: screening intake --out case.yaml
    """
    if not sys.stdin.isatty():
        todo = "Run it in a terminal, or write a case file: `screening example` prints one."
        raise UsageError(Problem("", "The interview needs a terminal.", "", todo))
    base = load(rules)
    warn(base)
    interview = Interview(base.vocabulary, core(base.form), lambda case: blocked(infer(case, base)))
    interview.answers.update(base.asked_today)
    _resume(interview)
    try:
        _ask_all(interview, base)
        _save(interview, out, base)
    except KeyboardInterrupt:
        _say("Stopped. What was answered is kept: `screening intake` offers it next time.")
        raise SystemExit(1) from None


def core(form: Form) -> frozenset[str]:
    """Give the recorded operands on which a verdict rests, red flags included."""
    verdicts = [name for name, c in form.conclusions.items() if c.id.startswith("verdict.")]
    below = form.rests_on(verdicts)
    return frozenset(name for name in form.recorded if name in below)


def blocked(inferred: Inferred) -> frozenset[str]:
    """Give the tests that an open or present flag could block."""
    groups = inferred.base.blocks.groups.values()
    tests = [name for group in groups for name in group.holds if "." in name]
    return frozenset(
        f"{side}.{test}"
        for side in SIDES
        for test in tests
        if inferred.faces(f"{side}.blocked.{test}").may
    )


def _notes(interview: Interview, base: RuleBase) -> dict[str, str]:
    """Give what is doubtful or contradictory in what was answered, by its message."""
    inferred = infer(interview.case, base)
    said = warnings(inferred, Wording(inferred))
    return {
        doubt["message"]: doubt["path"] for doubt in said if interview.is_settled(doubt["path"])
    }


def _prompt(message: str, default: str = "") -> str:
    """Ask one line on stderr; Enter takes the default, the end of input stops the interview."""
    print(f"{message}{f' [Enter = {default}]' if default else ''}: ", end="", file=sys.stderr)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.rstrip("\n") or default


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _resume(interview: Interview) -> None:
    answers = draft.kept(interview.vocabulary)
    if not answers:
        return
    typed = _prompt(
        "There is an unfinished interview. Continue with it? [Enter = yes, n = start afresh]"
    )
    if typed.strip().lower().startswith("n"):
        draft.forget()
        return
    interview.answers = dict(answers)
    interview.asked = [path for path in answers if path != ASKED_WITH]


def _ask_all(interview: Interview, base: RuleBase) -> None:
    _say("Enter = not tested, b = back one question, q = stop and keep the draft, - = no date.")
    _questions(interview, base)
    if _prompt(_FURTHER).strip().lower().startswith("y"):
        interview.further = True
        _questions(interview, base)


def _questions(interview: Interview, base: RuleBase) -> None:
    known = _notes(interview, base)
    while (path := interview.next()) is not None:
        for line in interview.introduction(path):
            _say(f"   - {line}")
        default = date.today().isoformat() if interview.vocabulary[path].type == "date" else ""
        typed = _prompt(interview.prompt(path), default)
        if typed.strip().lower() == _QUIT:
            raise KeyboardInterrupt
        if typed.strip().lower() == _BACK:
            interview.back()
            continue
        try:
            interview.answer(path, "" if typed.strip() == _NONE else typed)
        except ValueError as error:
            _say(f"  {error}")
            continue
        draft.keep(interview.case, interview.vocabulary)
        for message in (notes := _notes(interview, base)):
            if message not in known:
                _say(f"  Note: {message} (b goes back)")
        known = notes


def _save(interview: Interview, out: Path | None, base: RuleBase) -> None:
    _review(interview, base)
    name = str(interview.answers.get("case_id", "case"))
    target = out or Path(_prompt("Save as", f"{name}.yaml"))
    while target.exists():
        typed = _prompt(f"{target} exists. Write over it? [y / another name]")
        if typed.strip().lower() == "y":
            break
        target = Path(typed or target)
    try:
        write_atomically(target, draft.written(interview.case, interview.vocabulary))
    except OSError as error:
        what = f"it could not be written: {error.strerror}. The draft is kept."
        raise UsageError(Problem(str(target), what, "", "Name another place with --out.")) from None
    draft.forget()
    _say(f"Saved. Now: screening screen {target}")


def _review(interview: Interview, base: RuleBase) -> None:
    """Show all answers; a number changes one of them, Enter goes on."""
    while True:
        paths = list(interview.case.answers)
        for number, path in enumerate(paths, 1):
            _say(f"{number:3} {interview.said(path)}")
        for message in _notes(interview, base):
            _say(f"  Note: {message}")
        typed = _prompt("Change which? [number / Enter = save]").strip()
        if not typed.isdigit() or not 1 <= int(typed) <= len(paths):
            return
        path = paths[int(typed) - 1]
        try:
            interview.answer(path, _prompt(interview.prompt(path)))
        except ValueError as error:
            _say(f"  {error}")
