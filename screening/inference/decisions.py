"""Decisions in the engine: every ladder, first hit included, and what exists at all.

For each row there is a rule for each of its lines, which derives that the row is established. When
nothing more can follow, the adapter tells of each ladder which rows were and which were not. Then
one rule for each row derives that it wins: it is established, and no row before it is. The last row
wins when none is. Ladders that read the words of others are decided after them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from screening.inference.conditions import MUST, Conditions, key, wins, won
from screening.inference.durable import Antecedent, Condition, Engine, Fact, failed
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
            ladder.name: [key(ladder.name, f"established_{i}") for i in range(len(ladder.rows))]
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
                self._rules(name, line, _rows(ladder), self._established[ladder.name][place])

    def _win(self, ladder: Ladder) -> None:
        rows = self._established[ladder.name]
        for place, row in enumerate(ladder.rows):
            asked: list[Condition] = [("$eq", each, 0) for each in rows[:place]]
            asked.append(("$eq", rows[place], int(row.lines is not None)))
            antecedent = self._engine.antecedent(_rows(ladder), asked)
            name, derives = ladder.name, wins(ladder.name, place)
            self._add(f"{name} row {place}", [antecedent], won(name), derives)

    # -- running ----------------------------------------------------------------------------------

    def established(self, level: tuple[Ladder, ...], derived: Derived) -> Iterator[Fact]:
        """Tell of each ladder of a level which rows are established and which are not."""
        for ladder in level:
            rows = self._established[ladder.name]
            holds = tuple(int(row in derived) for row in rows)
            fact = self._facts.get((ladder.name, holds))
            if fact is None:
                told = dict(zip(rows, holds, strict=True))
                fact = self._facts[ladder.name, holds] = self._engine.fact(_rows(ladder), told)
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


def _rows(ladder: Ladder) -> str:
    """Give what the fact with all rows of a ladder is about."""
    return f"{ladder.name} rows"
