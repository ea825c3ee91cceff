"""What was proved of the promises of a book, and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.assurance.prove import Proved  # it needs the solver, which need not be there

_SECONDS = 30.0
"""So long may the solver think about one question of a promise."""


class BookProofs:
    """Proves promises when asked to, and keeps what was found."""

    def __init__(self, base: RuleBase) -> None:
        """Begin with nothing proved."""
        self._base = base
        self._found: dict[str, Proved] = {}

    def prove(self, only: str | None = None) -> None:
        """Prove every promise, or one, for all cases there could ever be.

        Raises:
            UsageError: if there is no such promise, or no solver here.

        """
        try:
            from screening.assurance.prove import prove
        except ModuleNotFoundError:
            what, todo = "the solver is not installed.", "pip install 'calf-hip-screening[prove]'"
            raise UsageError(Problem("", what, "", f"Install it with: {todo}")) from None
        for found in prove(self._base, _SECONDS, [only] if only else []):
            self._found[found.id] = found

    def in_short(self, id: str) -> str:
        """Say in few words what was proved of a promise."""
        found = self._found.get(id)
        return found.status.replace("_", " ") if found else "not proved here yet"

    def said(self, id: str) -> str:
        """Say what was proved of a promise; nothing of any other part."""
        if id not in self._base.promises:
            return ""
        found = self._found.get(id)
        if found is None:
            return f"Not proved on this page yet. The command: screening rules prove --promise {id}"
        if found.problem is None:
            asked = f"{found.questions} questions" if found.questions != 1 else "one question"
            return f"Proved for all cases there could ever be ({asked} to the solver)."
        return f"{found.status.replace('_', ' ').upper()}: {found.problem}"
