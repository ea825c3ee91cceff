"""The app of the workbench: its routes behind one door, and the server that runs it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from screening.errors import Problem, UsageError
from screening.serve import examine, rule_room, run_room
from screening.serve.bench import Bench
from screening.serve.guard import Annex, Guard
from screening.serve.keys import Keys
from screening.serve.not_here import not_here

STATIC = Path(__file__).parent / "static"


def workbench(
    bench: Bench,
    keys: Keys,
    port: int,
    failed: Callable[[BaseException], None] = lambda error: None,
    more: Iterable[BaseRoute] = (),
    annexes: Iterable[Annex] = (),
) -> ASGIApp:
    """Give the app.

    Args:
        bench: What the pages work with.
        keys: Who may come in.
        port: Where the server will listen.
        failed: Is told what nobody foresaw.
        more: Routes beside those of the pages.
        annexes: Which of them are for other programs, and how these may ask.

    """
    pages = [room.routes(bench) for room in (examine, rule_room, run_room)]
    static = Mount("/static", StaticFiles(directory=STATIC))
    routes = [*(route for each in pages for route in each), *more, static]
    most: Mapping[str, int] = examine.UPLOADS

    async def nothing_here(request: Request, error: Exception) -> Response:
        return await not_here(bench, "", "There is no such page")

    app = Starlette(routes=routes, exception_handlers={404: nothing_here})
    return Guard(app, keys, port, most, annexes, failed)


def listening(port: int) -> socket.socket:
    """Take a port of this machine, which no other machine reaches; 0 takes any that is free.

    Raises:
        UsageError: if it is in use, or not allowed.

    """
    # Of a socket that does not name TCP, asyncio does not know that it may send at once: an answer
    # whose head and body go one after the other then waits 40 ms for the other side.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("127.0.0.1", port))
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        said = error.strerror if isinstance(error, OSError) else "there is no such port"
        what = f"port {port} cannot be used: {said}."
        todo = "Is a workbench running already? Name another port, or 0 for any that is free."
        raise UsageError(Problem("--port", what, "", todo)) from None
    return found


def run(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until Ctrl-C; nothing is logged."""
    settings = uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(settings).run(sockets=[listener])
