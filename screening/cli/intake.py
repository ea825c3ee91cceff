"""``screening intake``: the interview in a terminal."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from screening.cli.ending import finish, say_alarm
from screening.cli.options import Rules, to_file
from screening.cli.terminal import BOLD, DIM, KEPT, NOTE, Quit, Terminal
from screening.errors import Problem, UsageError
from screening.intake import draft
from screening.intake.interview import EXAMINED_BY, Interview
from screening.intake.profile import Profile, load_profile
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.thresholds import UNITS
from screening.intake.typed import YES, keys, looks_like_a_name
from screening.intake.vocabulary import ASKED_WITH, VISIT
from screening.record.watch import watch
from screening.report.printing import warn
from screening.rulebase.base import RuleBase, load
from screening.rulebase.core import core
from screening.safe import on_a_line

_BACK, _HELP, _NONE, _GO_ON, _ALIKE = "b", "?", "-", "c", "="
_HEAD = "Enter = not tested; ? = help"
_BOTH = f"{_ALIKE} behind an answer: the same for RIGHT"
_HELP_LINES = (
    "y = yes, n = no, u = unsure; a word or its number; l, r = the left or the right leg",
    "Enter = not tested, or keep what stands there; - = not tested after all",
    "LEFT, with = behind the answer: the same for RIGHT, where both are asked (y=, 6.5=)",
    "b = back one question; q = stop: nothing is saved, the draft is kept",
)


def intake(
    out: Annotated[
        Path | None, typer.Option("--out", callback=to_file, help="Write the case here.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(
            "--profile",
            metavar="FILE",
            help="Your clinic: instruments used, who examines. What is not used is not asked.",
        ),
    ] = None,
    visit: Annotated[
        str,
        typer.Option(
            "--visit", metavar="NAME", help="A re-test: which visit it is. Its questions are asked."
        ),
    ] = "",
    rules: Rules = None,
) -> None:
    """Ask the way through a case: red flags first, then talk, stand, walk and couch.

    Example: screening intake --out case.yaml

    Example: screening intake --visit 2 --out case_2.yaml

    Example: screening intake --profile clinic.yaml
    """
    if not sys.stdin.isatty():
        todo = "Run it in a terminal, or write a case file: `screening example` prints one."
        raise UsageError(Problem("", "The interview needs a terminal.", "", todo))
    base = load(rules)
    warn(base)
    clinic = load_profile(profile, base.vocabulary) if profile else Profile()
    session = Session(_interview(base, clinic), base, Terminal())
    try:
        session.resume()
        session.is_visit(visit)
        session.ask_all()
        finish(session.interview, base, session.terminal, out, session.place)
    except (Quit, KeyboardInterrupt):
        session.stop()
        raise SystemExit(1) from None


def _interview(base: RuleBase, clinic: Profile) -> Interview:
    interview = Interview(
        form=Questionnaire(base.vocabulary),
        core=core(base.form),
        watch=lambda case: watch(case, base),
        today=date.today(),
        instruments=clinic.instruments,
    )
    if ASKED_WITH in base.vocabulary:
        interview.answers[ASKED_WITH] = base.asked_with
    if clinic.examined_by:
        interview.answers[EXAMINED_BY] = clinic.examined_by
        interview.asked.append(EXAMINED_BY)
    return interview


class Session:
    """One interview: what was said already, and where its draft is."""

    def __init__(self, interview: Interview, base: RuleBase, terminal: Terminal) -> None:
        """Begin; nothing is written before the first answer."""
        self.interview, self.base, self.terminal = interview, base, terminal
        self.place: Path | None = None
        self._alarmed: set[tuple[str, str]] = set()
        self._forbidden: set[str] = set()
        self._reasons: set[str] = set()
        self._noted: set[str] = set()
        self._told_of_both = False

    # -- drafts -----------------------------------------------------------------------------------

    def resume(self) -> None:
        """Offer the unfinished interviews, each with case, age and time; none is ever mixed in."""
        drafts = draft.kept(self.base.vocabulary)
        if not drafts:
            return
        for number, each in enumerate(drafts, 1):
            years = each.case.answers.get("age_years")
            age = f", {years // 100} years" if isinstance(years, int) else ""
            when = f"{each.kept:%d %b %Y, %H:%M}"
            self.terminal.say(
                f"{number} unfinished: case {on_a_line(each.case.case_id)}{age}, {when}"
            )
        what = "Continue? y = the first, or a number; d 1 = delete 1; Enter = another patient"
        while typed := self.terminal.choose(what):
            number = 1 if typed in YES else _number(typed.removeprefix("d"))
            if typed == "n":
                return
            if not 1 <= number <= len(drafts):
                continue
            if typed.startswith("d"):
                draft.forget(drafts[number - 1].path)
                self.terminal.say(f"Deleted: case {on_a_line(drafts[number - 1].case.case_id)}.")
                continue
            chosen = drafts[number - 1]
            self.place = chosen.path
            self.interview.answers = dict(chosen.case.answers)
            self.interview.asked = list(chosen.asked)
            return

    def is_visit(self, name: str) -> None:
        """Take which visit it is, so that what belongs to a re-test is asked.

        Raises:
            UsageError: if it cannot be one, or the rules know of no visits.

        """
        if not name:
            return
        question = self.interview.form.by_path.get(VISIT)
        try:
            if question is None:
                raise ValueError("these rules know of no visits.")
            self.interview.answer(question, name)
        except ValueError as error:
            raise UsageError(Problem("--visit", str(error), "", "Leave it out.")) from None

    def _keep(self) -> None:
        self.place = self.place or draft.new_path()
        interview = self.interview
        draft.keep(self.place, interview.case, interview.asked, self.base.vocabulary)

    def stop(self) -> None:
        """Say that nothing was saved, and where the answers are."""
        kept = "" if self.place is None else " The draft is kept: `screening intake` offers it."
        self.terminal.say(f"\nStopped. Nothing was saved.{kept}")

    # -- asking -----------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Ask what matters, then the further tests if they are wanted."""
        self.terminal.say(_HEAD, DIM)
        if self._ask() and self._further():
            self.interview.further = True
            self.interview.look_again()
            self._ask()

    def _further(self) -> bool:
        typed = self.terminal.choose("Further tests? [y/n]")
        if typed == _HELP:
            self.terminal.say("Further hip and gait tests: they do not move the verdict.", DIM)
            return self._further()
        return typed in YES

    def _ask(self) -> bool:
        """Ask until nothing is left; False if a flag stopped it."""
        while True:
            if self._alarm():
                return False
            question = self.interview.next()
            self._say_forbidden(question)
            if question is None:
                return True
            self._one(question)

    def _one(self, question: Question) -> None:
        self._read_out(question)
        self._tell_of_both(question)
        while True:
            typed = self._prompt(question)
            if typed == _HELP:
                self._explain(question)
                continue
            if typed.lower() == _BACK:
                self.interview.back()
                return
            if question.path == "case_id" and not self._is_no_name(typed):
                continue
            try:
                self._answer(question, typed)
            except ValueError as error:
                self.terminal.say(f"  {error}", NOTE)
                continue
            self._keep()
            self._note()
            return

    def _answer(self, question: Question, typed: str) -> None:
        """Record what was typed, of both legs where it says so; nothing is alike unless said."""
        alike = question.side is not None and typed.endswith(_ALIKE)
        typed = typed.removesuffix(_ALIKE).strip() if alike else typed
        if alike and self.interview.other_leg(question) is None:
            raise ValueError(f"{_ALIKE} answers both legs; here only this one is asked.")
        self._record(question, typed)
        # The first answer may have made the second question needless.
        second = self.interview.other_leg(question) if alike else None
        if second is not None:
            self._record(second, typed)

    def _record(self, question: Question, typed: str) -> None:
        if typed == _NONE:
            self.interview.record(question, None)
        else:
            self.interview.answer(question, typed)

    def _tell_of_both(self, question: Question) -> None:
        """Say once, where both legs hurt, how one answer is given for both."""
        if not self._told_of_both and self.interview.of_both(question):
            self._told_of_both = True
            self.terminal.say(_BOTH, DIM)

    def _prompt(self, question: Question) -> str:
        interview = self.interview
        done, all_of_them = interview.progress(question)
        leg = f"{question.side.upper()} " if question.side else ""
        asked = question.said_briefly(interview.bare_blocked)
        if question.kind == "gate":
            asked = question.asked(interview.bare_blocked)
        text = f"{question.position} {done}/{all_of_them}  {leg}{asked}{answers_shown(question)}"
        if question.path in interview.answers:
            said = interview.said(question.path).partition(": ")[2]
            self.terminal.say(f"  now: {said} (Enter keeps it)", DIM)
            return self.terminal.ask(text)
        return self.terminal.ask(text, interview.usual(question))

    def _read_out(self, question: Question) -> None:
        for line in self.interview.sweep_asks(question) if question.answers else ():
            self.terminal.say(f" - {line}")

    def _explain(self, question: Question) -> None:
        for line in filter(None, (question.asked(self.interview.bare_blocked), question.help)):
            self.terminal.say(f"  {line}", DIM)
        for number, (word, said) in enumerate(question.words.items(), 1):
            self.terminal.say(f"  {number} {word.replace('_', ' ')}: {said}", DIM)
        for line in _HELP_LINES:
            self.terminal.say(f"  {line}", DIM)

    def _is_no_name(self, typed: str) -> bool:
        if not looks_like_a_name(typed):
            return True
        what = f'"{typed}" looks like a name. y = it is none; Enter = type another'
        return self.terminal.choose(what, NOTE) in YES

    # -- what must be said ------------------------------------------------------------------------

    def _alarm(self) -> bool:
        """Say in red each flag that holds by now; True if the clinician stops there."""
        new = [
            alarm
            for alarm in self.interview.watched.alarms
            if (alarm.flag, alarm.tier) not in self._alarmed
        ]
        if not new:
            return False
        for alarm in new:
            self._alarmed.add((alarm.flag, alarm.tier))
            say_alarm(alarm, self.terminal)
        what = f"Enter = write the note and stop; {_GO_ON} = go on asking"
        while (typed := self.terminal.choose(what, BOLD)) not in ("", _GO_ON):
            self.terminal.say(f"  {typed}: Enter or {_GO_ON} is expected.", NOTE)
        return typed == ""

    def _say_forbidden(self, before: Question | None) -> None:
        for reason, questions in self.interview.not_to_be_tested(before).items():
            new = [q for q in questions if q.path not in self._forbidden]
            self._forbidden.update(q.path for q in new)
            titles = "; ".join(dict.fromkeys(q.title for q in new))
            if titles:
                why = "for the same reason" if reason in self._reasons else reason
                self._reasons.add(reason)
                self.terminal.say(f"Not to be tested ({why}): {titles}", NOTE)

    def _note(self) -> None:
        for message in self.interview.doubts():
            if message not in self._noted:
                self._noted.add(message)
                self.terminal.say(f"  Note: {message} (b goes back)", NOTE)


def answers_shown(question: Question) -> str:
    """Say in brackets what may be typed."""
    short = [key for key, word in keys(question).items() if word or question.kind == "sweep"]
    if "y" in short:
        return f" [{'/'.join(key for key in short if key != 'u' or keys(question)['u'])}]"
    if question.words:
        words = enumerate(question.words, 1)
        choices = (
            f"{number} = {word}".replace("_", " ").replace(" ", KEPT) for number, word in words
        )
        return "  " + "  ".join(choices)
    unit = UNITS.get(question.unit, f" {question.unit}").strip()
    named = unit in question.brief.rstrip("?").split()  # "For how many weeks?"
    return f" [{unit}]" if unit and not named else ""


def _number(typed: str) -> int:
    return int(typed.strip()) if typed.strip().isdigit() else 0
