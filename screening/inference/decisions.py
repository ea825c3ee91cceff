"""Decisions in the engine: every ladder, first hit included, and what exists at all.

For each row there is a rule for each of its lines, which derives that the row is established. When
nothing more can follow, the adapter tells which rows were not: they are open. Then one rule for
each row derives that it wins: it is established, and each row before it is open. The last row wins
when all are open. Ladders that read the words of others are decided after them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from screening.inference.conditions import MUST, Conditions, key, wins, won
from screening.inference.durable import Antecedent, Engine, Fact, failed
from screening.rulebase.form import Form, Ladder, Line, Row

Add = Callable[[str, list[Antecedent], str, str], None]
"""Adds a rule to the engine: its name, antecedents, and what it derives about what."""

Derived = Collection[str]
"""The properties that the engine has derived."""

_EXISTS = "exists"


class Decisions:
    """The ladders and the existence premises of a form, as rules of the engine."""

    def __init__(self, form: Form, conditions: Conditions, engine: Engine, add: Add) -> None:
        """Add the rules.

        Raises:
            RuleBaseError: if a line has more premises than the engine reads.

        """
        self._conditions, self._engine, self._add = conditions, engine, add
        self._facts: dict[tuple[str, tuple[int, ...]], Fact] = {}
        self._established = {
            ladder.name: [_established(ladder, place)[1] for place in range(len(ladder.rows))]
            for ladder in form.ladders
        }
        self._winners = {
            ladder.name: {wins(ladder.name, place): row for place, row in enumerate(ladder.rows)}
            for ladder in form.ladders
        }
        for ladder in form.ladders:
            self._establish(ladder)
            self._win(ladder)
        self._existing = {
            line: key(_EXISTS, str(number))
            for number, line in enumerate(dict.fromkeys(form.existing.values()))
        }
        for line, property in self._existing.items():
            self._rules(property, line, _EXISTS, property)

    # -- compiling --------------------------------------------------------------------------------

    def _rules(self, name: str, line: Line, about: str, derives: str) -> None:
        for number, antecedents in enumerate(self._conditions.of(line, MUST, name)):
            self._add(f"{name}.{number}", antecedents, about, derives)

    def _establish(self, ladder: Ladder) -> None:
        for place, row in enumerate(ladder.rows):
            for number, line in enumerate(row.lines or ()):
                name = f"{ladder.name} row {place} line {number}"
                self._rules(name, line, *_established(ladder, place))

    def _win(self, ladder: Ladder) -> None:
        for place, row in enumerate(ladder.rows):
            antecedents, before = [], list(range(place))
            if row.lines is None:
                before.append(place)
            else:
                about, property = _established(ladder, place)
                self._conditions.read.add(property)
                antecedents.append(self._engine.antecedent(about, [("$eq", property, 1)]))
            if before:
                open_still = [("$eq", _open(ladder, each), 1) for each in before]
                antecedents.append(self._engine.antecedent(_rows(ladder), open_still))
            name, derives = ladder.name, wins(ladder.name, place)
            self._add(f"{name} row {place}", antecedents, won(name), derives)

    # -- running ----------------------------------------------------------------------------------

    def open(self, level: tuple[Ladder, ...], derived: Derived) -> Iterator[Fact]:
        """Tell of each ladder of a level which rows are not established."""
        for ladder in level:
            rows = self._established[ladder.name]
            places = tuple(i for i, row in enumerate(rows) if row not in derived)
            fact = self._facts.get((ladder.name, places))
            if fact is None:
                told = {_open(ladder, place): 1 for place in places}
                fact = self._engine.fact(_rows(ladder), told)
                self._facts[ladder.name, places] = fact
            yield fact

    def rows(self, derived: Derived) -> dict[str, Row]:
        """Give the row of each ladder that won.

        Raises:
            EngineError: if of some ladder not exactly one row won.

        """
        return {name: _winner(rows, derived) for name, rows in self._winners.items()}

    def exists(self, derived: Derived) -> dict[Line, bool]:
        """Tell for each line of existence premises whether it holds; no premises always do."""
        return {(): True} | {line: each in derived for line, each in self._existing.items()}


def _winner(rows: Mapping[str, Row], derived: Derived) -> Row:
    found = [row for property, row in rows.items() if property in derived]
    if len(found) != 1:
        raise failed(f"it decided for {len(found)} rows of a ladder.")
    return found[0]


def _established(ladder: Ladder, place: int) -> tuple[str, str]:
    """Give what the fact that a row is established is about, and its property."""
    return f"{ladder.name} established", key(ladder.name, f"established_{place}")


def _rows(ladder: Ladder) -> str:
    """Give what the fact with all open rows is about."""
    return f"{ladder.name} open"


def _open(ladder: Ladder, place: int) -> str:
    return key(ladder.name, f"open_{place}")
