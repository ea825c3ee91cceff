"""The routes of CDS Hooks: for record systems, without a token, for named origins only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from screening.documents import decoded
from screening.errors import ScreeningError
from screening.exchange.cds.asked import RequestError, read_request
from screening.exchange.cds.cards import answer
from screening.exchange.cds.discovery import SERVICE, services
from screening.exchange.cds.feedback import heard
from screening.files import append
from screening.intake.case import MOST_BYTES
from screening.report.as_json import plain_json
from screening.serve.bench import Bench
from screening.serve.guard import Annex
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.exchange.cds.feedback import Heard

PREFIX = "/cds-services"
_CALL = f"{PREFIX}/{SERVICE}"


@dataclass(frozen=True)
class Hooks:
    """What a server of CDS Hooks needs."""

    bench: Bench
    form: str
    """Where the form can be filled."""
    origins: frozenset[str] = frozenset()
    """The pages that may ask from a browser; programs need none."""
    feedback: Path | None = None
    """Where feedback is kept, if it is."""

    def annex(self) -> Annex:
        """Give how these paths may be asked."""
        return Annex(PREFIX, self.origins, MOST_BYTES)

    def routes(self) -> list[BaseRoute]:
        """Give discovery, the call, its feedback, and what browsers ask before them."""
        posts: dict[str, Callable[[Data], object]] = {
            _CALL: self.call,
            f"{_CALL}/feedback": self.keep,
        }
        routes: list[BaseRoute] = [
            Route(PREFIX, self._answering(lambda _: services(self.bench.base)), methods=["GET"])
        ]
        for path, what in posts.items():
            routes.append(Route(path, self._answering(what), methods=["POST"]))
        paths = [PREFIX, *posts]
        return [*routes, *(Route(path, self._allowed, methods=["OPTIONS"]) for path in paths)]

    def call(self, data: Data) -> object:
        """Give the cards of one call."""
        return answer(read_request(data), self.bench.base, self.form)

    def keep(self, data: Data) -> object:
        """Check feedback, and keep it where a file was named."""
        lines = heard(data)
        if self.feedback is not None:
            _keep(self.feedback, lines)
        return {}

    def _answering(
        self, what: Callable[[Data], object]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def route(request: Request) -> Response:
            raw = await request.body()
            return self._said(request, *await self.bench.work(partial(_answered, what, raw)))

        return route

    async def _allowed(self, request: Request) -> Response:
        """Answer what a browser asks before it asks."""
        found = self._said(request, 204, None)
        found.headers["access-control-allow-methods"] = "GET, POST, OPTIONS"
        found.headers["access-control-allow-headers"] = "authorization, content-type"
        return found

    def _said(self, request: Request, status: int, data: object) -> Response:
        body = b"" if data is None else json.dumps(data, default=plain_json).encode()
        found = Response(body, status, media_type="application/json")
        if (origin := request.headers.get("origin")) in self.origins and origin is not None:
            found.headers["access-control-allow-origin"] = origin
            found.headers["vary"] = "Origin"
        return found


def _answered(what: Callable[[Data], object], raw: bytes) -> tuple[int, object]:
    """Give status and answer; what is wrong is said without any value."""
    try:
        data = parse_json(decoded(raw, "request"), "request") if raw else None
        return 200, what(data)
    except RequestError as error:
        return error.status, {"error": str(error)}
    except ScreeningError as error:
        return 400, {"error": str(error.problems[0])}


def _keep(path: Path, lines: Iterable[Heard]) -> None:
    try:
        append(path, "".join(f"{json.dumps(line)}\n" for line in lines))
    except OSError:
        raise RequestError(500, "The feedback could not be kept.") from None
