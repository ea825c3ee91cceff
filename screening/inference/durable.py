"""The one door to durable-rules; it turns every silence of the engine into a named error.

What was seen of durable-rules 2.0.28, and how this module stands on it:

* working memory is found by a 32-bit hash of the session id: one constant id, one case at a time;
* one unmatched fact raises and leaves the rest of a batch behind: a sink matches every fact. Its
  ``count`` is never reached, so it costs no action; a start rule fires once a case, because
  deleting a state for which no action ever ran crashes the process;
* its Host starts threads that use freed memory, swallows what an action raises, and writes the
  state as JSON around every action: no Host is made. The agenda is taken from the C engine here,
  one action at a time, and an error ends the case;
* a node of its network looks through all its properties one after the other, and building hangs
  above 512: operands are dealt onto branches and twigs, and every condition asks for those first;
* facts can be lost without a word: the facts held are compared with the facts told;
* two threads in it at once end the process: whoever builds an engine or screens a case holds the
  one lock of the process, from the first fact of a case to its last.
* Its messages hold whole facts: none is passed on.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from typing import Any, NamedTuple

from screening.errors import EngineError, Problem
from screening.inference.native import IN_USE, load, make_room

Condition = tuple[str, str, int]
"""How the engine compares a property with a number: ``("$eq", "left_hip_pain_recorded", 1)``."""
Antecedent = tuple[Condition, ...]
"""Conditions on the one fact about an operand or conclusion."""


Fact = str
"""What is told of one operand or conclusion, as the JSON that the engine reads."""
Told = Callable[[], Fact]
"""Writes a fact when it is first told: most facts never are."""


_RULESET, _SESSION, _KEY, _BRANCH, _TWIG = "screening", "0", "k", "b", "t"
_ON_A_BRANCH = 6
_START = "start"
_NEVER_REACHED = 1_000_000
_numbers = itertools.count()

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


class _Derives(NamedTuple):
    """What follows when a rule fires, and what is told of it, if another rule reads it."""

    rule: str
    property: str
    told: Told | None


def _all(antecedent: Antecedent) -> dict[str, Any]:
    """Write an antecedent as the engine reads it."""
    return {"$and": [{compares: {name: number}} for compares, name, number in antecedent]}


class Engine:
    """Rules of flat conditions, each with the fact that it derives."""

    def __init__(self) -> None:
        """Begin an engine without rules."""
        self._definition: dict[str, dict[str, Any]] = {}
        self._rules: Any = None
        self._c: Any = None
        self._asking: dict[tuple[Antecedent, ...], str] = {}
        self._derives: dict[str, list[_Derives]] = {}
        self._ways: dict[str, tuple[str, str]] = {}
        self._texts: dict[str, Fact] = {}
        self._fired: list[str] = []
        self._derived: set[str] = set()
        self._told = 0

    def antecedent(self, about: str, conditions: Iterable[Condition]) -> Antecedent:
        """Give conditions on the fact about an operand or conclusion, for ``add``."""
        branch, twig = self._way(about)
        return ("$eq", branch, 1), ("$eq", twig, 1), *conditions

    def true_fact(self, about: str, name: str) -> Fact:
        """Write that a property is true; it is the same for every case."""
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = self.fact(about, {name: 1})
        return text

    def add(
        self, name: str, antecedents: Iterable[Antecedent], derives: str, told: Told | None
    ) -> None:
        """Add a rule that derives a property; ``told`` writes its fact, if another rule reads it.

        Rules that ask for the same are one rule of the engine with several results: whatever it
        knows of a rule is made anew for every case.
        """
        asked = tuple(antecedents)
        first = self._asking.setdefault(asked, name)
        if first == name:
            self._define(name, {"all": [{f"m_{i}": _all(each)} for i, each in enumerate(asked)]})
        self._derives.setdefault(first, []).append(_Derives(name, derives, told))

    def _way(self, about: str) -> tuple[str, str]:
        """Give the properties that lead to what is asked about an operand or conclusion."""
        way = self._ways.get(about)
        if way is None:
            number = len(self._ways) // _ON_A_BRANCH
            way = f"{_BRANCH}{number // _ON_A_BRANCH}", f"{_TWIG}{number}"
            self._ways[about] = way
        return way

    def fact(self, about: str, properties: dict[str, int]) -> Fact:
        """Write what is told of an operand or conclusion; the same may be told of many cases."""
        way = dict.fromkeys(self._way(about), 1)
        return json.dumps({"sid": _SESSION, _KEY: 1, **way, **properties})

    def _define(self, name: str, rule: dict[str, Any]) -> None:
        self._definition[name] = rule

    def start(self) -> None:
        """Build the engine once all rules are added.

        Raises:
            EngineError: if the engine cannot be loaded or refuses the rules.
        """
        self._define("sink", {"all": [{"m_0": {"$ex": {_KEY: 1}}}], "count": _NEVER_REACHED})
        self._define(_START, {"all": [{"m_0": {"$eq": {_START: 1}}}]})
        with IN_USE:
            native = load()
            # The action of every rule; what a firing does is said in ``_fire``.
            nothing = native.python.Promise(lambda closure: None)
            rules = {name: {**rule, "run": nothing} for name, rule in self._definition.items()}
            self._c = native.c
            try:
                self._rules = native.python.Ruleset(f"{_RULESET}{next(_numbers)}", None, rules)
            except native.c.error:
                what = "it cannot hold this rule base."
                todo = "`screening rules check` names the limits that it passes."
                raise EngineError(Problem("forward engine", what, "", todo)) from None
        # The engine has it all now; megabytes that nobody reads again.
        self._definition, self._asking = {}, {}

    @contextmanager
    def case(self, facts: Iterable[Fact]) -> Iterator[None]:
        """Hold a case with its facts; other threads wait until it is forgotten.

        Raises:
            EngineError: if the engine refused a fact.
            MemoryError: if there is not enough memory for a case.
        """
        with IN_USE:
            self._fired, self._derived, self._told = [], set(), 0
            make_room()
            try:
                self.tell([self.fact(_START, {_START: 1}), *facts])
                yield
            finally:
                self._forget()

    def tell(self, facts: list[Fact]) -> None:
        """Tell the engine facts; what follows from them has fired when this returns.

        Raises:
            EngineError: if the engine refused a fact.
        """
        if not facts:
            return
        self._told += len(facts)
        try:
            told = self._c.assert_facts(self._rules._handle, f"[{','.join(facts)}]")
            self._drain(self._rules._handle_result(told, None))
        except Exception as error:
            raise failed(f"it refused a fact ({type(error).__name__}).") from None

    def _drain(self, state: Any) -> None:
        """Take every action from the agenda of this case until none is left."""
        handle = self._rules._handle
        begun = self._c.start_action_for_state(handle, state)
        message = begun[1] if begun else None
        while message:
            try:
                # {"rule": {...matched facts...}}: only the name is read.
                self._fire(message[2 : message.index('"', 2)])
            except BaseException:
                self._c.abandon_action(handle, state)
                raise
            message = self._c.complete_and_start_action(handle, state)

    def _fire(self, name: str) -> None:
        for rule, derives, told in self._derives.get(name, ()):
            self._fired.append(rule)
            if derives not in self._derived:
                self._derived.add(derives)
                if told:
                    self._told += 1
                    found = self._c.assert_fact(self._rules._handle, told())
                    self._rules._handle_result(found, None)

    @property
    def derived(self) -> Set[str]:
        """What has been derived so far, in this case."""
        return self._derived

    @property
    def fired(self) -> tuple[str, ...]:
        """The rules that fired, in order."""
        return tuple(self._fired)

    def check(self) -> None:
        """Compare what the engine holds with what it was told.

        Raises:
            EngineError: if a fact was lost.
        """
        # Every fact is written with the one key; reading all of them would take a millisecond.
        held = self._c.get_facts(self._rules._handle, _SESSION).count(f'"{_KEY}":')
        if held != self._told:
            raise failed(f"it holds {held} facts of {self._told} that it was told.")

    def _forget(self) -> None:
        if self._told:
            self._rules.delete_state(_SESSION)
            self._told = 0
