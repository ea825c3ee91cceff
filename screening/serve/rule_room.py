"""Rules: the book served, a number moved, a file signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from screening.errors import Problem, UsageError
from screening.inference.meaning import Walk
from screening.intake.vocabulary import without_side
from screening.numbers import hundredths, number
from screening.rulebase import reviews
from screening.rulebase.base import RuleBase, load
from screening.rulebase.grounding import ground_form
from screening.serve.bench import Bench
from screening.serve.not_here import not_here
from screening.serve.posting import Form, Told, posted
from screening.serve.rooms import RoomBar, rooms_of
from screening.serve.rule_book import RuleBook

_DECISIONS = ("triage", "verdict")


def routes(bench: Bench) -> list[BaseRoute]:
    """Give the routes of Rules."""
    room = RuleRoom(bench)

    async def contents(request: Request) -> Response:
        return HTMLResponse(await bench.work(room.contents))

    async def index(request: Request) -> Response:
        text = await bench.work(lambda: room.book.index)
        return Response(text, media_type="text/javascript")

    async def page(request: Request) -> Response:
        id = request.path_params["id"]
        if id not in room.book.parts:
            return await not_here(bench, "rules", "There is no such part of the rules")
        return HTMLResponse(await bench.work(lambda: room.page(id)))

    return [
        Route("/rules/", contents),
        Route("/rules/index.html", contents),
        Route("/rules/index.js", index),
        Route("/rules/move", posted(bench, room.move), methods=["POST"]),
        Route("/rules/sign", posted(bench, room.sign), methods=["POST"]),
        Route("/rules/prove", posted(bench, room.prove, aside=True), methods=["POST"]),
        Route("/rules/{id}.html", page),
    ]


class RuleRoom:
    """Answers what the pages of the rules ask."""

    def __init__(self, bench: Bench) -> None:
        """Work at one bench."""
        self._bench = bench
        self.book = RuleBook(bench.base)

    @property
    def _rooms(self) -> RoomBar:
        return rooms_of(self._bench, "rules")

    def contents(self) -> str:
        """Give the index of all parts."""
        return self.book.contents(self._rooms)

    def page(self, id: str) -> str:
        """Give the page of one part."""
        return self.book.page(id, self._rooms, live=True)

    # -- what if this number were another ---------------------------------------------------------

    def move(self, sent: Form) -> Told:
        """Say which cases of the library change verdict, tier or advice with another number.

        Raises:
            UsageError: if it is no number, or names no threshold.

        """
        id, base = str(sent.get("id")), self._bench.base
        if id not in base.thresholds:
            raise UsageError(Problem("", "there is no such threshold."))
        try:
            value = hundredths(number(str(sent.get("value")).strip().replace(",", ".")))
        except (ArithmeticError, ValueError):
            what = "a plain number is expected, such as 6.5."
            raise UsageError(Problem("", what)) from None
        after = dict(self.book.library.walks(moved(base, id, value)))
        changes = {
            name: told
            for name, was in self._now.items()
            if (told := _told(was, _decided(after[name], base)))
        }
        return {"says": f"{len(changes)} of {len(after)} cases change.", "changes": changes}

    @cached_property
    def _now(self) -> dict[str, dict[str, str]]:
        base = self._bench.base
        return {name: _decided(walk, base) for name, walk in self.book.library.walks(base)}

    # -- proving ----------------------------------------------------------------------------------

    def prove(self, sent: Form) -> Told:
        """Prove one promise for all cases there could ever be; what was found stays on its page.

        Raises:
            UsageError: if there is no such promise, or no solver here.

        """
        id = str(sent.get("id"))
        self.book.proofs.prove(id)
        return {"says": self.book.proofs.said(id)}

    # -- signing ----------------------------------------------------------------------------------

    def sign(self, sent: Form) -> Told:
        """Sign a file as it was shown.

        Raises:
            UsageError: if it was changed since, or cannot be signed so.

        """
        fresh = load(self._bench.base.root, to_mend=True)
        file = str(sent.get("file"))
        ids = {reviews.path_of(fresh, id): id for id in fresh.files}
        if file not in ids or reviews.covered(fresh, ids[file]) != sent.get("digest"):
            what = (
                "the file, or a number or source it names, was changed since this page was shown."
            )
            raise UsageError(
                Problem(file, what, "Nothing was signed.", "Start the workbench again.")
            )
        name, remark = str(sent.get("name", "")), str(sent.get("remark", ""))
        try:
            made = reviews.sign(fresh, file, name, date.today(), remark)
        except OSError as error:
            raise UsageError(Problem(file, f"it could not be written: {error.strerror}.")) from None
        return {"says": f"{made.file}: read by {made.name} on {made.date}."}


def moved(base: RuleBase, id: str, value: int) -> RuleBase:
    """Give the same rules with another value of one threshold, in hundredths."""
    threshold = base.thresholds[id].model_copy(update={"value": value})
    vocabulary = replace(base.vocabulary, thresholds={**base.thresholds, id: threshold})
    form, sources = ground_form(vocabulary, base.files, base.blocks, lambda file, place: "")
    return replace(base, vocabulary=vocabulary, form=form, names=sources.names)


def _decided(walk: Walk[bool], base: RuleBase) -> dict[str, str]:
    """Give what a case comes to: tier, verdicts, and the status of each advice."""
    found = {}
    for ladder in walk.form.ladders:
        if (ladder.id in _DECISIONS or ladder.advice) and walk.line(ladder.exists).must:
            row = ladder.rows[walk.rows(ladder.name).index(True)]
            side = without_side(ladder.name)[0]
            title = base.files[ladder.advice].title if ladder.advice else ladder.id
            found[f"{side} {title}" if side else title] = row.word.replace("_", " ")
    return found


def _told(was: dict[str, str], now: dict[str, str]) -> list[str]:
    return [
        f"{what}: {before} → {now.get(what, 'none')}"
        for what, before in was.items()
        if now.get(what) != before
    ]
