"""Answering what a page posts: in the one thread, with what was found or what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screening.documents import decoded
from screening.errors import Problem, ScreeningError, UsageError
from screening.serve.bench import Bench
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.documents import Data

Told = dict[str, object]
Form = dict[str, "Data"]
"""What a page posts, by name."""


def posted(
    bench: Bench, what: Callable[[Form], Told], aside: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """Give the endpoint that hands what was posted to a function, as plain data.

    What takes minutes and does not need the bench's own thread is worked out ``aside`` of it.
    """
    work = bench.work_aside if aside else bench.work

    async def answer(request: Request) -> Response:
        raw = await request.body()
        return await told(work(lambda: what(_form(raw))))

    return answer


def posted_by_turns(
    bench: Bench, what: Callable[[Form], Iterator[Told | None]]
) -> Callable[[Request], Awaitable[Response]]:
    """Give the same for what gives way, piece by piece, to whatever else is posted."""

    async def answer(request: Request) -> Response:
        raw = await request.body()
        return await told(bench.work_by_turns(lambda: what(_form(raw))))

    return answer


def _form(raw: bytes) -> Form:
    sent = parse_json(decoded(raw, "form"), "form")
    if not isinstance(sent, dict):
        raise UsageError(Problem("", "this is no form."))
    return sent


async def told(working: Awaitable[Told]) -> Response:
    """Answer with what was found, or with what is wrong and where."""
    try:
        return JSONResponse(await working)
    except ScreeningError as error:
        problems = [{"field": each.field, "says": str(each)} for each in error.problems]
        return JSONResponse({"problems": problems}, 422)
