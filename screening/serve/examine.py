"""Examine: the form and its panel, what is saved and opened, the re-test. No patient stays here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from screening.documents import decoded
from screening.errors import Problem, UsageError
from screening.exchange.any_case import read_any
from screening.files import write_atomically
from screening.intake.case import MOST_BYTES, Case
from screening.intake.draft import written
from screening.intake.interview import EXAMINED_BY
from screening.report.filled_in import REPORT_TEMPLATES
from screening.report.scale_drawing import PATTERNS
from screening.serve import panel
from screening.serve.bench import Bench
from screening.serve.filled import Filled, fill, typed_of
from screening.serve.form_view import stations
from screening.serve.look import Look, look, look_ahead, said_aloud
from screening.serve.posting import Form, Told, posted, posted_by_turns, told
from screening.serve.retest import retest
from screening.serve.rooms import rooms_of
from screening.strict_json import read_json
from screening.strict_yaml import read_yaml

UPLOADS = {"/open": MOST_BYTES, "/re-test": MOST_BYTES + 64_000}
"""Paths that take a case file."""


def routes(bench: Bench) -> list[BaseRoute]:
    """Give the routes of Examine."""
    examine = Examine(bench)
    asked: dict[str, Callable[[Form], Told]] = {
        "/change": examine.change,
        "/proof": examine.proof,
        "/save": examine.save,
        "/re-test": examine.retest,
    }
    posts = [
        Route("/rest", posted_by_turns(bench, examine.rest), methods=["POST"]),
        *(Route(path, posted(bench, what), methods=["POST"]) for path, what in asked.items()),
    ]

    async def page(request: Request) -> Response:
        return HTMLResponse(await bench.work(examine.page))

    async def record_css(request: Request) -> Response:
        sheets = [REPORT_TEMPLATES / "screening.css", REPORT_TEMPLATES / "page.css"]
        return Response("\n".join(sheet.read_text() for sheet in sheets), media_type="text/css")

    async def opened(request: Request) -> Response:
        name, raw = unquote(request.headers.get("x-name", "case")), await request.body()
        return await told(bench.work(examine.open, name, raw))

    return [
        Route("/", page),
        Route("/record.css", record_css),
        Route("/open", opened, methods=["POST"]),
        *posts,
    ]


class Examine:
    """Answers what the page asks; each question brings the whole form with it."""

    def __init__(self, bench: Bench) -> None:
        """Work at one bench."""
        self._bench = bench

    def page(self) -> str:
        """Give the page: empty, or with the case that was named when the server began.

        Raises:
            ScreeningError: if that case cannot be read.

        """
        case, today, empty = self._case(), self._bench.today(), self._bench.empty
        if case is not None:
            return self._page(case)
        if today not in empty:
            empty.clear()
            empty[today] = self._page(None)
        return empty[today]

    def _page(self, case: Case | None) -> str:
        form, today = self._bench.form, self._bench.today()
        typed = typed_of(case, form) if case else self._blank()
        found = look(fill(typed, form, today), self._bench)
        return (
            panel.templates()
            .get_template("examine.html.j2")
            .render(
                stations=stations(form),
                typed=typed,
                blank=self._blank(),
                asked=found.questions(),
                usual=self._usual(),
                today=str(today),
                panel=Markup(panel.panel(found)),
                said=said_aloud(found.record),
                patterns=Markup(PATTERNS),
                file=str(self._bench.case or ""),
                state=self._state(),
                **rooms_of(self._bench, "examine"),
            )
        )

    def _blank(self) -> dict[str, str]:
        """Give what a new case says by itself: which questions are asked, when, and by whom."""
        known = {path: str(answer) for path, answer in self._bench.base.asked_today.items()}
        known["examined_on"] = str(self._bench.today())
        by = self._bench.profile.examined_by
        return {**known, EXAMINED_BY: by} if by else known

    def _usual(self) -> dict[str, str]:
        """Give what is filled in beside a sweep: today, or who examines."""
        form = self._bench.form
        needs = {need for question in form.questions for need in question.needs}
        return {
            path: str(self._bench.today()) if form[path].kind == "date" else f"={EXAMINED_BY}"
            for path in needs
        }

    # -- what changes -----------------------------------------------------------------------------

    def _filled(self, sent: Form) -> Filled:
        return fill(sent.get("typed"), self._bench.form, self._bench.today())

    def _look(self, sent: Form) -> Look:
        return look(self._filled(sent), self._bench)

    def change(self, sent: Form) -> Told:
        """Give the panel and how every question stands; the number of the change comes back."""
        found = self._look(sent)
        return {
            "number": sent.get("number"),
            "panel": panel.panel(found),
            "said": said_aloud(found.record),
            "questions": found.questions(),
            "drawings": found.drawings(),
            "alarms": [f"{a.flag}.{a.tier}" for a in found.alarms if a.tier != "none"],
        }

    def rest(self, sent: Form) -> Iterator[Told | None]:
        """Give what to record next, and what would be printed, after nothing for each piece."""
        found = self._look(sent)
        yield None
        next, rows = look_ahead(found), []
        yield None
        for row in next.rows():
            rows.append(row)
            yield None
        paper = panel.paper(found)
        yield {"number": sent.get("number"), "ahead": panel.ahead(found, rows), "paper": paper}

    def proof(self, sent: Form) -> Told:
        """Give the proof of what a reason rests on."""
        found = self._look(sent)
        return {"number": sent.get("number"), "proof": panel.proofs(found, str(sent.get("names")))}

    # -- files ------------------------------------------------------------------------------------

    def save(self, sent: Form) -> Told:
        """Give the case as the file that ``screen`` reads; with a case named, write it there.

        Raises:
            UsageError: if something typed cannot be an answer, or the file was changed meanwhile.

        """
        form = self._bench.form
        filled = self._filled(sent)
        if filled.wrong:
            raise UsageError(
                Problem("", f"{form[path].title}: {what}", "Nothing was saved.", "", path)
                for path, what in filled.wrong.items()
            )
        text = written(filled.case(form), form.vocabulary)
        if self._bench.case is None or sent.get("aside"):
            return {"text": text, "name": f"{_file_name(filled.case(form).case_id)}.yaml"}
        return self._write(self._bench.case, text, str(sent.get("state", "")))

    def _write(self, path: Path, text: str, state: str) -> Told:
        if state != self._state():
            what = "the file was changed since this page was opened, perhaps by another tab."
            todo = "Nothing was saved. Reload the page to see what is there now."
            raise UsageError(Problem(str(path), what, "", todo))
        try:
            write_atomically(path, text)
        except OSError as error:
            what = f"it could not be written: {error.strerror}."
            raise UsageError(Problem(str(path), what, "The file there is as it was.")) from None
        return {"saved": str(path), "state": self._state()}

    def _state(self) -> str:
        """Give what the named file holds by now, as a digest."""
        path = self._bench.case
        if path is None or not path.exists():
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _case(self) -> Case | None:
        path = self._bench.case
        if path is None or not path.exists():
            return None
        return self._read(path.name, path.read_bytes())

    def _read(self, name: str, raw: bytes) -> Case:
        text = decoded(raw, name)
        is_json = name.endswith(".json") or text.lstrip().startswith("{")
        document = read_json(text, name) if is_json else read_yaml(text, name)
        return read_any(document, self._bench.base, Path(name).stem)

    def open(self, name: str, raw: bytes) -> Told:
        """Read a case that was handed over, strictly: a case file, or a resource of FHIR.

        Raises:
            ScreeningError: with every problem, each with its line and its question.

        """
        case = self._read(name, raw)
        remarks = [{"field": "", "says": said} for said in case.remarks]
        return {"typed": typed_of(case, self._bench.form), "remarks": remarks}

    def retest(self, sent: Form) -> Told:
        """Compare the form with a first examination that was handed over.

        Raises:
            ScreeningError: if it cannot be read, or the two cannot be compared.

        """
        second = self._look(sent)
        first = self._read(str(sent.get("name", "first")), str(sent.get("first")).encode())
        return {"number": sent.get("number"), "retest": retest(first, second)}


def _file_name(case_id: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in case_id)
    return kept.strip("._")[:60] or "case"
