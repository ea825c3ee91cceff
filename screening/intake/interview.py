"""Which question comes next; no terminal in here, and no gate, side or list of words.

Everything is a function of the answers so far, of the form, and of what whoever asks hands in: what
a verdict rests on (``core``), and what screening the answers showed (``watch``): flags that hold,
flags that are still open and what they wait for, tests that may not be done, and doubts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from screening.intake.answers import Answer
from screening.intake.branching import ALWAYS, after_families, asks_of, holds
from screening.intake.case import Case, as_typed
from screening.intake.findings import Findings, gather
from screening.intake.questionnaire import Question, Questionnaire
from screening.intake.thresholds import UNITS
from screening.intake.typed import read
from screening.intake.vocabulary import ASKED_WITH, SIDES, without_side

EXAMINED_BY = "examined_by"
"""The path of who examines: whoever asked the red-flag questions, unless another is named."""


@dataclass(frozen=True)
class Alarm:
    """A red flag that holds, as it is said at once."""

    flag: str
    tier: str
    within: str | None
    title: str
    action: str
    because: str
    to: str
    """Whom to contact; empty where older rules name nobody."""


@dataclass(frozen=True)
class Watched:
    """What screening the answers so far shows."""

    alarms: tuple[Alarm, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Tests that an open or present flag could block, each with the reason."""
    open: frozenset[str] = frozenset()
    """The paths for which flags that may still hold wait."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What is doubtful or contradictory, each with the path that it is about."""
    found: Findings | None = None
    """What is known of the answers, where screening them gathered it."""


@dataclass(frozen=True)
class Core:
    """What a verdict rests on, by full path.

    ``instead`` gives for a reading the other sets of readings any of which does as well.
    """

    paths: frozenset[str] = frozenset()
    instead: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)


@dataclass
class _Seen:
    """What follows from the answers so far; the levels only when somebody asks for them."""

    watched: Watched
    known: Mapping[str, Answer]
    found: Findings
    wanted: frozenset[str]
    """What open flags wait for, and the summaries without which that would never be shown."""
    levels: dict[str, bool] | None = None


@dataclass
class Interview:
    """The answers so far, what was passed over, and the question that comes next."""

    form: Questionnaire
    core: Core
    watch: Callable[[Case], Watched]
    today: date
    instruments: frozenset[str] | None = None
    """What this clinic measures with; a test that needs another is not asked."""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    further: bool = False
    _seen: _Seen | None = None

    @property
    def case(self) -> Case:
        """The case as answered so far."""
        name = str(self.answers.get("case_id", "case"))
        return Case(name, {}).with_answers(self.answers, self.form.vocabulary)

    @property
    def watched(self) -> Watched:
        """What the answers so far show."""
        return self._look().watched

    @property
    def plan(self) -> list[Question]:
        """Every question that matters for the answers so far, in the order of asking."""
        levels = self.levels
        return [
            question
            for question in self.form.questions
            if question.path in levels and (self.further or not levels[question.path])
        ]

    def _look(self) -> _Seen:
        if self._seen is None:
            case = self.case
            watched = self.watch(case)
            found = watched.found or gather(case, self.form.vocabulary)
            known = after_families(self.answers, found, self.form.vocabulary)
            self._seen = _Seen(watched, known, found, frozenset(self._openers(watched.open)))
        return self._seen

    @property
    def known(self) -> Mapping[str, Answer]:
        """The answers with those that sweeps and families add."""
        return self._look().known

    @property
    def levels(self) -> dict[str, bool]:
        """Every question that could be asked now, each with whether it is a further test only."""
        seen = self._look()
        if seen.levels is None:
            seen.levels = {
                q.path: not self._is_at_once(q, seen.wanted)
                for q in self.form.questions
                if self._matters(q, seen)
            }
        return seen.levels

    def next(self) -> Question | None:
        """Give the next question, or None when all are asked."""
        blocked = self.watched.blocked
        ahead = (q for q in self.plan if q.path not in self.asked and q.path not in blocked)
        return next(ahead, None)

    def not_to_be_tested(self, before: Question | None) -> dict[str, list[Question]]:
        """Give the tests that a flag forbids and that would have come before, by the reason."""
        found: dict[str, list[Question]] = {}
        for question in self.plan:
            if before is not None and question.path == before.path:
                break
            reason = self.watched.blocked.get(question.path)
            if reason is not None and question.path not in self.answers:
                found.setdefault(reason, []).append(question)
        return found

    def progress(self, question: Question) -> tuple[int, int]:
        """Tell which of how many questions this is, in its position; the first never falls.

        What was asked counts even where a later answer made it needless.
        """
        seen = [path for path in self.asked if path != question.path]
        done = sum(q.position == question.position for q in map(self.form.by_path.get, seen) if q)
        ahead = [
            q
            for q in self.plan
            if q.position == question.position
            and q.path not in self.watched.blocked
            and q.path not in seen
        ]
        return done + 1, done + len(ahead)

    def look_again(self) -> None:
        """Work everything out anew: something but an answer has changed."""
        self._seen = None

    def doubts(self) -> list[str]:
        """Give what is doubtful, once nothing that is still to be asked could take it away."""
        ahead = {question.path for question in self.plan} - set(self.asked)
        found = [
            message
            for message, path in self.watched.notes.items()
            if path not in ahead
            and (path not in self.form.by_path or ahead.isdisjoint(self.form[path].needs))
        ]
        return [*found, *self._too_old()]

    def _too_old(self) -> Iterator[str]:
        """Say of a day that vouches for others that it lies before the day it is held against."""
        for path, answer in self.answers.items():
            against = self.form.vocabulary[path].not_after
            limit = self.answers.get(against)
            if isinstance(answer, date) and isinstance(limit, date) and answer < limit:
                days = (limit - answer).days
                yield (
                    f"{self.form[path].title}: {days} {'day' if days == 1 else 'days'} before "
                    f'"{self.form[against].title}". Much can change in between: ask again.'
                )

    # -- answers ----------------------------------------------------------------------------------

    def answer(self, question: Question, typed: str) -> None:
        """Record what was typed; an empty answer keeps what stood there, else it is "not tested".

        Raises:
            ValueError: in a clinician's words, if it cannot be the answer.

        """
        if typed.strip() or question.path not in self.answers:
            value = read(question, typed, self.form.vocabulary, self.today)
            self.record(question, value)
        if question.path not in self.asked:
            self.asked.append(question.path)
        self._seen = None

    def record(self, question: Question, value: Answer | None) -> None:
        """Record an answer; None takes it away: not tested."""
        if value is None:
            self.answers.pop(question.path, None)
        else:
            self.answers[question.path] = value
        if question.path not in self.asked:
            self.asked.append(question.path)
        self._seen = None

    def other_leg(self, question: Question) -> Question | None:
        """Give the same question of the second leg, where it is still to be asked as well."""
        side, bare = without_side(question.path)
        if side != SIDES[0]:
            return None
        path = f"{SIDES[1]}.{bare}"
        ahead = (q for q in self.plan if q.path == path)
        due = path not in self.asked and path not in self.watched.blocked
        return next(ahead, None) if due else None

    def of_both(self, question: Question) -> bool:
        """Tell whether a question is asked of both legs for what was said of each: both hurt."""
        return question.shown_when != ALWAYS and self.other_leg(question) is not None

    def back(self) -> bool:
        """Go back to the question that was asked last; its answer stays until another is given."""
        if not self.asked:
            return False
        self.asked.pop()
        self._seen = None
        return True

    def usual(self, question: Question) -> str:
        """Give what Enter answers where nothing was answered yet: today, or who examined."""
        if question.kind == "date":
            return self.today.isoformat()
        needs = {need for each in self.form.questions for need in each.needs}
        if question.kind == "text" and question.path in needs:
            return str(self.answers.get(EXAMINED_BY, ""))
        return ""

    # -- what is due ------------------------------------------------------------------------------

    def _matters(self, question: Question, seen: _Seen) -> bool:
        """Tell whether a question can be asked and is not answered by others."""
        if question.path == ASKED_WITH or not holds(question.shown_when, seen.known):
            return False
        if question.path in self.asked or question.path in self.answers:
            return True
        answered = question.path in seen.known or question.path in seen.found.readings
        if answered or self._said(question):
            return False
        if self.instruments is not None and not self.instruments.issuperset(question.equipment):
            return False
        return question.kind != "sweep" or self._can_sweep(question, seen.known)

    def _is_at_once(self, question: Question, wanted: frozenset[str]) -> bool:
        """Tell whether a question is asked before the further tests, or was asked already."""
        done = question.path in self.asked or question.path in self.answers
        return done or question.kind == "sweep" or self._is_wanted(question, wanted)

    def _said(self, question: Question) -> bool:
        """Tell whether the same was asked under another name."""
        others = self.form.vocabulary.asked_elsewhere.get(question.path, ())
        return any(path in self.answers for path in others)

    def _can_sweep(self, sweep: Question, known: Mapping[str, Answer]) -> bool:
        """Tell whether a sweep still answers something, and nothing speaks against it."""
        against = any(known.get(path, word) != word for path, word in sweep.answers.items())
        return not against and any(path not in self.asked for path in sweep.answers)

    def _is_wanted(self, question: Question, wanted: frozenset[str]) -> bool:
        if question.further:
            return False
        of_the_case = self.form.vocabulary.about_the_case
        # What a visit or an age calls for is asked with them, not with the further tests.
        called_for = any(path in of_the_case for path in asks_of(question.shown_when))
        about = question.path in of_the_case or bool(question.heading) or called_for
        detail = any(
            self.form[o].kind == "gate" or self.form[o].side is None for o in question.owners
        )
        if question.kind == "gate" or about or detail:
            return True
        if question.path in wanted:
            return True
        return question.path in self.core.paths and not any(
            all(path in self.answers for path in others)
            for others in self.core.instead.get(question.path, ())
        )

    def _openers(self, wanted: frozenset[str]) -> Iterator[str]:
        """Give some paths, and the summaries without which they would never be shown."""
        for path in wanted:
            if path in self.form.by_path:
                yield path
                yield from self._openers(frozenset(self.form[path].owners))

    # -- in words ---------------------------------------------------------------------------------

    def sweep_asks(self, sweep: Question) -> list[str]:
        """Give what is read out before a sweep is answered: every question it answers."""
        return [
            asked.asked() if sweep.side is None else asked.said_briefly(self.bare_blocked)
            for path in sweep.answers
            if path not in self.answers and path not in self.asked
            for asked in (self.form[path],)
        ]

    @property
    def bare_blocked(self) -> frozenset[str]:
        """The tests that may not be done."""
        return frozenset(self.watched.blocked)

    @property
    def to_read_over(self) -> list[str]:
        """The paths of what was asked and answered, in the order of asking."""
        return [
            question.path
            for question in self.form.questions
            if question.path in self.answers and question.path in self.asked
        ]

    def said(self, path: str) -> str:
        """Say the answer to a question: the leg in capitals, words as a report says them."""
        question = self.form[path]
        value = as_typed(path, self.answers[path], self.form.vocabulary)
        words = value if isinstance(value, list) else [str(value)]
        told = ", ".join(question.words.get(word, word) for word in words) or "none of these"
        unit = UNITS.get(question.unit, f" {question.unit}") if question.kind == "number" else ""
        leg = f"{question.side.upper()} " if question.side else ""
        return f"{leg}{question.title}: {told}{unit}"
