"""The one door to durable-rules; it turns every silence of the engine into a named error.

What was seen of durable-rules 2.0.28, and how this module stands on it:

* working memory is found by a 32-bit hash of the session id: one constant id, one case at a time;
* one unmatched fact raises and leaves the rest of a batch behind: a sink matches every fact. Its
  ``count`` is never reached, so it costs no action; a start rule fires once a case, because
  deleting a state for which no action ever ran crashes the process;
* an action that raises is swallowed: actions append and assert, and keep what they caught;
* facts can be lost without a word: the facts held are compared with the facts told;
* its threads are unsafe: the host is quiet. Its messages hold whole facts: none is passed on.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import durable.engine

from screening.errors import EngineError, Problem

Fact = dict[str, int]
Condition = dict[str, Any]

_RULESET, _SESSION, _KEY = "screening", "0", "k"
_NEVER_REACHED = 1_000_000
_names = itertools.count()

MOST_ANTECEDENTS = 16
"""The engine reads at most this many antecedents of a rule."""


def failed(what: str) -> EngineError:
    """Give the error for a case that the engine failed; it names no finding."""
    return EngineError(
        Problem(
            "forward engine",
            what,
            "Nothing is advised for this case.",
            "Screen it again; if it happens again, report it with `screening rules check`.",
        )
    )


class _QuietHost(durable.engine.Host):  # type: ignore[misc]
    def _run(self) -> None:
        """Start no threads: they use memory after it was freed."""


class Engine:
    """Rules of flat conditions, each with the fact that it derives."""

    def __init__(self) -> None:
        """Begin an engine without rules."""
        self._definition: dict[str, Any] = {}
        self._host: Any = None
        self._name = f"{_RULESET}{next(_names)}"
        self._fired: list[str] = []
        self._derived: set[str] = set()
        self._caught: list[str] = []
        self._told = 0

    def add(self, name: str, antecedents: list[list[Condition]], derives: str, told: bool) -> None:
        """Add a rule; ``told`` says whether another rule reads what it derives."""
        matches = [
            {f"m_{i}": {"$and": conditions} if len(conditions) > 1 else conditions[0]}
            for i, conditions in enumerate(antecedents)
        ]
        self._definition[name] = {"all": matches, "run": self._action(name, derives, told)}

    def _action(self, name: str, derives: str, told: bool) -> Callable[[Any], None]:
        def run(closure: Any) -> None:
            try:
                self._fired.append(name)
                if derives not in self._derived:
                    self._derived.add(derives)
                    if told:
                        self._told += 1
                        closure.assert_fact({_KEY: 1, derives: 1})
            except BaseException as error:
                self._caught.append(type(error).__name__)

        return run

    def start(self) -> None:
        """Build the engine once all rules are added."""
        durable.engine._unix_now = time.time
        logging.getLogger("durable").disabled = True
        self._definition["sink"] = {
            "all": [{"m_0": {"$ex": {_KEY: 1}}}],
            "count": _NEVER_REACHED,
            "run": lambda closure: None,
        }
        self._definition["start"] = {
            "all": [{"m_0": {"$eq": {"start": 1}}}],
            "run": lambda closure: None,
        }
        self._host = _QuietHost({self._name: self._definition})

    def begin(self, facts: Iterable[Fact]) -> None:
        """Begin a case with its facts."""
        self._fired, self._derived, self._caught, self._told = [], set(), [], 0
        self.tell([{"start": 1}, *facts])

    def tell(self, facts: list[Fact]) -> None:
        """Tell the engine facts; what follows from them has fired when this returns."""
        if not facts:
            return
        self._told += len(facts)
        try:
            self._host.assert_facts(
                self._name, [{"sid": _SESSION, _KEY: 1, **fact} for fact in facts]
            )
        except Exception as error:
            raise failed(f"it refused a fact ({type(error).__name__}).") from None

    @property
    def derived(self) -> frozenset[str]:
        """What has been derived so far."""
        return frozenset(self._derived)

    @property
    def fired(self) -> tuple[str, ...]:
        """The rules that fired, in order."""
        return tuple(self._fired)

    def check(self) -> None:
        """Compare what the engine holds with what it was told.

        Raises:
            EngineError: if a fact was lost or an action failed.

        """
        held = len(self._host.get_facts(self._name, _SESSION))
        if self._caught or (self._host.get_state(self._name, _SESSION) or {}).get("exception"):
            raise failed("an action failed.")
        if held != self._told:
            raise failed(f"it holds {held} facts of {self._told} that it was told.")

    def forget(self) -> None:
        """Clear the case, also after an error."""
        if self._host is not None and self._told:
            self._host.delete_state(self._name, _SESSION)
            self._told = 0
