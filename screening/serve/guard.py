"""The door of the workbench: who may ask, from where, how much, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from screening.serve.keys import COOKIE, Keys

MOST_BYTES = 64_000
"""A form is refused above this size; a full one has about 10 kB."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""What every answer carries, refusals too."""


@dataclass(frozen=True)
class Annex:
    """Paths for another program: no cookie is asked, only certain pages may ask, or none."""

    prefix: str
    origins: frozenset[str]
    most_bytes: int


class Guard:
    """Lets a request through to the pages, or answers it itself with one sentence."""

    def __init__(
        self,
        app: ASGIApp,
        keys: Keys,
        port: int,
        most_bytes: Mapping[str, int] | None = None,
        annexes: Iterable[Annex] = (),
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        """Stand before an app.

        Args:
            app: The pages.
            keys: Who may come in.
            port: Where the server listens; other names of the host are refused.
            most_bytes: Paths that take more than a form, each with how much.
            annexes: Paths with rules of their own.
            failed: Is told what nobody foresaw; the answer says no more than that.

        """
        self._app, self._keys, self._failed = app, keys, failed
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._most = dict(most_bytes or {})
        self._annexes = tuple(annexes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        asked = _Asked(scope)
        annex = next((a for a in self._annexes if asked.path.startswith(a.prefix)), None)
        refusal = self._refusal(asked, annex)
        if refusal is not None:
            await _say(send, *refusal)
            return
        if annex is None and "token" in asked.query:
            await self._let_in(asked.query["token"][0], send)
            return
        most = annex.most_bytes if annex else self._most.get(asked.path, MOST_BYTES)
        body = await _body(receive, most)
        if body is None:
            await _say(send, 413, f"More than {most // 1000} kB were sent; nothing was read.")
            return
        await self._pass_on(scope, body, receive, send)

    def _refusal(self, asked: _Asked, annex: Annex | None) -> tuple[int, str] | None:
        """Give the status and the sentence for whoever may not ask."""
        if asked.header("host") not in self._hosts:
            return 421, "This server answers to 127.0.0.1 and localhost only."
        origin = asked.header("origin")
        if annex is not None:
            foreign = origin and origin not in annex.origins
            return (403, "Pages of this origin may not ask here.") if foreign else None
        own = f"http://{asked.header('host')}"
        if (origin or asked.writes) and origin != own:
            return 403, "Only the page of this server itself may ask here."
        if asked.header("sec-fetch-site") not in ("", "same-origin", "none") and asked.writes:
            return 403, "Only the page of this server itself may ask here."
        if "token" in asked.query and not asked.writes:
            return None
        if not self._keys.fits(asked.cookie):
            return 403, "Open the address that the terminal shows."
        return None

    async def _let_in(self, token: str, send: Send) -> None:
        cookie = self._keys.spend(token)
        if cookie is None:
            await _say(send, 403, "This address was used already: the terminal shows another one.")
            return
        kept = f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict"
        await _say(send, 303, "", {"location": "/", "set-cookie": kept})

    async def _pass_on(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        begun, handed_on = False, False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": _with(message["headers"])}
            await send(message)

        async def given() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await self._app(scope, given, answer)
        except Exception as error:
            self._failed(error)
            if not begun:
                await _say(send, 500, "This failed in a way that nobody foresaw; see the terminal.")


class _Asked:
    """What the door looks at."""

    def __init__(self, scope: Scope) -> None:
        self.path: str = scope["path"]
        self.writes: bool = scope["method"] not in ("GET", "HEAD")
        self.query = parse_qs(scope["query_string"].decode("latin-1"))
        self._headers: dict[str, str] = {
            name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]
        }

    def header(self, name: str) -> str:
        return self._headers.get(name, "")

    @property
    def cookie(self) -> str:
        kept = SimpleCookie()
        with suppress(CookieError):
            kept.load(self.header("cookie"))
        found = kept.get(COOKIE)
        return found.value if found is not None else ""


async def _body(receive: Receive, most: int) -> bytes | None:
    """Read what was sent; None if it is more than that, of which no more is read."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _with(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = [(name.encode(), text.encode()) for name, text in HEADERS.items()]
    return [*(pair for pair in headers if pair[0].decode("latin-1") not in HEADERS), *own]


async def _say(
    send: Send, status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> None:
    body = sentence.encode()
    said = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
    pairs = [(n.encode(), text.encode()) for n, text in {**said, **(headers or {})}.items()]
    await send({"type": "http.response.start", "status": status, "headers": _with(pairs)})
    await send({"type": "http.response.body", "body": body})
