"""The page that says that something is not here, and leads back to its room."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import HTMLResponse

from screening.serve.bench import Bench
from screening.serve.panel import templates
from screening.serve.rooms import rooms_of


async def not_here(bench: Bench, room: str, head: str, said: Iterable[str] = ()) -> HTMLResponse:
    """Answer with that page: what is not here, and what more there is to say of it.

    What is in no ``room`` leads back to the first.
    """
    bar = rooms_of(bench, room)
    back = next((each for each in bar["rooms"] if each[0] == room), bar["rooms"][0])
    page = templates().get_template("not_here.html.j2")
    text = await bench.work(page.render, head=head, said=list(said), back=back, **bar)
    return HTMLResponse(text, 404)
