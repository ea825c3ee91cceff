"""The workbench as a clinician meets it: a real server, a browser, a keyboard; and bare HTTP."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from screening.intake.branching import AllOf, AnyOf, Condition
from screening.intake.case import Case, as_typed
from screening.intake.interview import EXAMINED_BY
from screening.intake.questionnaire import NONE_OF_THESE, Question, Questionnaire
from tests.conftest import ROOT
from tests.node import modules

_COOKIE = re.compile(r"screening=([\w-]+)")
_SECONDS = 60

RULE_PAGES = [
    "index",
    "flag.dvt",
    "verdict",
    "ankle.bent_band",
    "knee_to_wall_restricted",
    "stretch_gastrocnemius",
    "PRO-001",
    "lagas_2021",
    "red_flags.chest",
]
"""One page of Rules of each kind: contents, rules, ladder, band, number, advice, promise, source,
finding."""


class Served:
    """One workbench that runs, and what it printed."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]+)", address)
        assert found, address
        self.port, self.token = int(found[1]), found[2]
        self._cookie = ""

    @property
    def cookie(self) -> str:
        """The cookie that the address of the terminal gives, once."""
        if not self._cookie:
            reply = self.ask("GET", f"/?token={self.token}", {"cookie": ""})
            found = _COOKIE.search(reply.headers["set-cookie"])
            assert reply.status == 303
            assert found
            self._cookie = found[1]
        return self._cookie

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Send one request as the page would; ``headers`` replace or add."""
        own = {"host": f"127.0.0.1:{self.port}", **(headers or {})}
        if "cookie" not in own:
            own["cookie"] = f"screening={self.cookie}"
        if method == "POST" and "origin" not in own:
            own["origin"] = f"http://127.0.0.1:{self.port}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            line.request(method, path, body, own)
            got = line.getresponse()
            return Reply(got.status, {n.lower(): v for n, v in got.getheaders()}, got.read())
        finally:
            line.close()


class Reply:
    """What the server answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode()


@contextmanager
def served(*words: str) -> Iterator[Served]:
    """Run ``screening serve`` on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "screening", "serve", "--port", "0", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(_SECONDS)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


_STATE = """path => {
  const cell = cellOf[path], row = cell.closest('.row');
  if (cell.classList.contains('off') || row.hidden) return 'hidden';
  return 'there';
}"""


_UNTIL = """new Promise((done) => {
  const holds = () => %s, end = performance.now() + 1000 * %d;
  const look = () => {
    const now = holds();
    if (now || performance.now() > end) done(Boolean(now)); else setTimeout(look, 10);
  };
  look();
})"""


_TO = """path => {
  const cell = cellOf[path], station = cell.closest('.station');
  if ($('go')) $('go').click();
  if (cell.classList.contains('further') && !station.classList.contains('all'))
    station.querySelector('.more').click();
  if (cell.classList.contains('barred')) cell.querySelector('.anyway').click();
  (cell.querySelector('input:checked') || cell.querySelector('input')).focus();
  const hidden = cell.classList.contains('off') || !cell.checkVisibility();
  return [hidden ? 'hidden' : 'ready', value(cell)];
}"""
"""Goes to a question by the buttons that a clinician has, and tells how it stands."""


class Desk:
    """The page, and the hands at it."""

    def __init__(self, page: Any, form: Questionnaire) -> None:
        self.page, self.form = page, form
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))

    def wait(self) -> None:
        """Wait until the panel shows what was typed last."""
        self.until("asked === number && !busy")

    def until(self, true: str) -> None:
        """Wait until something holds in the page, which looks for it by itself."""
        assert self.page.evaluate(_UNTIL % (true, _SECONDS)), f"never: {true}"

    def state(self, path: str) -> str:
        """Tell whether a question is hidden, or there."""
        return str(self.page.evaluate(_STATE, path))

    def value(self, path: str) -> str:
        """Give what stands in a question."""
        return str(self.page.evaluate("path => value(cellOf[path])", path))

    def press(self, path: str, text: str, now: str) -> None:
        """Answer the question that has the focus, with the keyboard; nothing is "not tested"."""
        for key in keys_for(self.form[path], text, now):
            self.page.keyboard.press(key)

    def answer(self, path: str, text: str) -> None:
        """Answer a question as a clinician would who unfolds and goes on where that is needed."""
        state, now = self.page.evaluate(_TO, path)
        if state != "ready":
            self.wait()
            state, now = self.page.evaluate(_TO, path)
        assert state == "ready", f"{path}: {state}"
        self.press(path, text, now)

    def type(self, case: Case) -> None:
        """Type a whole case: sweeps last, then who attests; what is not shown is made to show."""
        wanted = {path: typed(self.form[path], case, self.form) for path in case.answers}
        for path in list(self.page.evaluate("Object.keys(typed())")):
            if path not in wanted and path != "asked_with":
                self.answer(path, "")
        needed = {path for q in self.form.questions for path in q.needs}
        order = sorted(
            self.form.questions, key=lambda q: 2 * (q.path in needed) + (q.kind == "sweep")
        )
        for question in order:
            if question.path in wanted and question.path != "asked_with":
                if question.kind == "sweep":
                    self._make_room(question, list(wanted))
                self._reveal(question)
                self.answer(question.path, wanted[question.path])
        self.wait()
        now = self.page.evaluate("typed()")
        for path in [q.path for q in order]:
            if path != "asked_with" and now.get(path, "") != wanted.get(path, ""):
                self.answer(path, wanted.get(path, ""))
        self.wait()

    def _make_room(self, sweep: Question, paths: list[str]) -> None:
        """Take answers of its leg back, the last first, while one of them speaks against a sweep.

        They are typed again at the end: the page then holds both, as the case does.
        """
        self.wait()
        family = sweep.path.rpartition(".")[0]
        for path in reversed([p for p in paths if p.rpartition(".")[0] == family]):
            if self.state(sweep.path) != "hidden":
                return
            if path != sweep.path and self.value(path):
                self.answer(path, "")
                self.wait()

    def _reveal(self, question: Question) -> None:
        if self.state(question.path) == "hidden":
            self.wait()
        if self.state(question.path) != "hidden":
            return
        twins = [q for q in self.form.questions if question.path in (q.path, q.same_as)]
        for twin in [t.same_as or t.path for t in twins]:
            if twin != question.path and self.value(twin):
                self.answer(twin, "")
        for path, word in _meeting(question.shown_when):
            self._reveal(self.form[path])
            self.answer(path, word)
        self.wait()


SECONDS_A_KEY, SECONDS_A_WORD = 0.28, 0.3

_HERE = """() => {
  const cell = document.activeElement.closest('fieldset.cell');
  if (!cell) return null;
  const row = cell.closest('.row'), station = cell.closest('.station');
  const before = [...form.querySelectorAll('.row.given .ask')];
  const swept = [...station.querySelectorAll('.row.gate')].filter(each => row.matches('.sweep') &&
    cell.dataset.needs && row.compareDocumentPosition(each) & 4).map(e => e.querySelector('.ask'));
  const words = [station.querySelector('header'), ...before, row.querySelector('.ask'), cell,
    ...swept];
  const legs = [...row.querySelectorAll('.cell:not(.off) .which')];
  const other = legs.length && (legs.length < 2 || legs[0].closest('.cell') !== cell) ? 1 : 0;
  const mate = [...row.querySelectorAll('.cell:not(.off)')].find(each => each !== cell);
  return {path: cell.dataset.path, other, now: value(cell), said: $('said').textContent,
    mate: mate ? mate.dataset.path : '',
    text: words.map(each => each.innerText)};
}"""


class Typist:
    """A scripted clinician at the keyboard alone: Enter from question to question, and answers.

    A key takes 0.28 s and each word that is shown anew 0.3 s: the heading of a station, every
    question that Enter leads to, with its answers and notes (before a sweep, all that it answers),
    what was filled in by itself, and of the line that says tier and verdicts what changes. What
    stood there before is not read again; of a question for the other leg, the leg is. The
    examination is of today: its days stand there already.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk, self.keys, self.words = desk, 0, 0
        self._read = {"LEFT", "RIGHT"}
        self._said = ""

    def type(self, case: Case) -> None:
        """Fill the form from the question that has the focus to the last one."""
        form = self.desk.form
        wanted = {
            path: typed(form[path], case, form)
            for path in case.answers
            if form[path].kind != "date" and path != "attested_by"
        }
        wanted[EXAMINED_BY] = str(case.answers["attested_by"])
        for path, question in form.by_path.items():
            swept = question.answers.items()
            if swept and all(case.answers.get(p) == w for p, w in swept):
                wanted[path] = next(iter(question.words))
        seen: list[str] = []
        while (here := self.desk.page.evaluate(_HERE)) is not None:
            for text in here["text"]:
                self._look(text)
            self.words += here["other"]
            path = here["path"]
            given = path not in seen and wanted.get(path, here["now"]) != here["now"]
            if given:
                self._press(*self._keys(here, wanted))
                self.desk.wait()
                self._glance(self.desk.page.evaluate(_HERE)["said"])
            if path in seen:
                break
            seen.append(path)
            mate = here["mate"]
            skips = not given and not here["now"] and mate not in seen and mate in wanted
            self._press("Tab" if skips else "Enter")
        self.keys += 2  # Ctrl and S

    def _keys(self, here: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
        """Give the keys for a question; one key where one leg has it and the other has not."""
        path, mate = here["path"], here["mate"]
        question = self.desk.form[path]
        legs = {wanted.get(each): each for each in (path, mate)}
        if question.kind == "yes_no" and set(legs) == {"present", "absent"}:
            return [legs["present"][0]]
        return keys_for(question, wanted[path], here["now"])

    def _press(self, *keys: str) -> None:
        for key in keys:
            self.desk.page.keyboard.press(key)
            self.keys += 1

    def _glance(self, said: str) -> None:
        self.words += len(set(said.split()) - set(self._said.split()))
        self._said = said

    def _look(self, text: str) -> None:
        for line in text.splitlines():
            if line.strip() and line not in self._read:
                self._read.add(line)
                self.words += sum(any(letter.isalpha() for letter in w) for w in line.split())

    @property
    def seconds(self) -> float:
        """How long reading and typing took."""
        return self.keys * SECONDS_A_KEY + self.words * SECONDS_A_WORD

    @property
    def report(self) -> str:
        """The figures in a line."""
        return f"{self.keys} keys, {self.words} words, {self.seconds:.0f} s to read and type"


def _meeting(condition: Condition) -> Iterator[tuple[str, str]]:
    """Give answers with which a condition holds."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _meeting(part)
    elif isinstance(condition, AnyOf):
        yield from _meeting(condition.parts[0])
    elif condition.limits:
        (_, limit), *_ = condition.limits
        yield condition.path, str(limit / 100)
    else:
        yield condition.path, condition.words[0] if condition.words else "present"


def typed(question: Question, case: Case, form: Questionnaire) -> str:
    """Give an answer of a case as it stands in the form."""
    value = as_typed(question.path, case.answers[question.path], form.vocabulary)
    return (" ".join(value) or NONE_OF_THESE) if isinstance(value, list) else str(value)


def keys_for(question: Question, text: str, now: str = "") -> list[str]:
    """Give the keys that answer a question whose answer is another one now."""
    letters = {"present": "y", "absent": "n", "unsure": "u", "left": "l", "right": "r"}
    if question.kind == "list":
        places = {word: str(place) for place, word in enumerate(question.words, 1)}
        picked = [(places | {NONE_OF_THESE: "n"})[word] for word in text.split()]
        return ["Backspace", *picked] if now or not picked else picked
    if question.words:
        if not text:
            return ["Backspace"]
        if question.kind == "sweep":
            return ["y"]
        return [letters.get(text) or str(list(question.words).index(text) + 1)]
    if question.kind == "date":
        # Month, day, year: the order of this browser's date field.
        year, month, day = text.split("-") if text else ("", "", "")
        return [*month, *day, *year] if text else ["Delete", "Tab", "Delete", "Tab", "Delete"]
    return [*(["Control+a", "Delete"] if now else []), *text]


_ONLY_SHOWN = """() => {
  for (const each of document.querySelectorAll('body *'))
    if (!each.checkVisibility() && !each.matches('script, style, svg *')) each.remove();
}"""


def serious(page: Any, whole: bool) -> list[str]:
    """Give what axe-core calls serious or critical: contrast, names, order and roles.

    Unless the whole page is meant, what is not shown is taken out of it before, and the page is of
    no more use: axe says nothing of it, but looks through it for most of its time.
    """
    page.evaluate((modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    if not whole:
        page.evaluate(_ONLY_SHOWN)
    # What passes is not described: for a long page that is most of the work.
    asked = "{resultTypes: ['violations']}"
    found = page.evaluate(f"axe.run(document, {asked}).then(done => done.violations)")
    return [each["id"] for each in found if each["impact"] in ("serious", "critical")]


def saved(path: Path) -> str:
    """Read a file that was saved."""
    return path.read_text(encoding="utf-8")
