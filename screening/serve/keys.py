"""Who may come in: an address with a word that works once, then a cookie until the server ends."""

from __future__ import annotations

from collections.abc import Callable
from secrets import compare_digest, token_urlsafe

COOKIE = "screening"


class Keys:
    """The words of one server; none is ever written anywhere but to the terminal."""

    def __init__(self, announce: Callable[[str], None] = lambda token: None) -> None:
        """Begin; ``announce`` is told every word that opens the door once."""
        self._session = token_urlsafe(32)
        self._spent: set[str] = set()
        self._announce = announce
        self.token = ""
        self._next()

    def _next(self) -> None:
        self.token = token_urlsafe(24)
        self._announce(self.token)

    def spend(self, token: str) -> str | None:
        """Give the cookie for a word that was not used before, else None.

        A word that was used announces another one: whoever reads the terminal may come in again.
        """
        if compare_digest(token.encode(), self.token.encode()):
            self._spent.add(token)
            self.token = ""
            return self._session
        if token in self._spent and not self.token:
            self._next()
        return None

    def fits(self, cookie: str) -> bool:
        """Tell whether a cookie is the one of this server."""
        return compare_digest(cookie.encode(), self._session.encode())
