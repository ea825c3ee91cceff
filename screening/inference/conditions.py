"""What is said to the engine: facts, and the conditions by which premises ask for them.

There is one fact for each finding, with what it can still be. Of a conclusion each face is a fact
of its own, told when it is derived; that it was not derived is told at the end of its stratum
(``never``: not even may; ``unproven``: not must). Of a ladder is told, once a row won, which of its
words stands.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache, partial

from screening.algebra import COMPARISONS
from screening.errors import Problem, RuleBaseError
from screening.inference.durable import MOST_ANTECEDENTS, Antecedent, Condition, Engine, Fact, Told
from screening.intake.findings import Reading
from screening.rulebase.form import TRUE, Form, Line, Premise

MUST, MAY, NEVER, UNPROVEN = "must", "may", "never", "unproven"
_FAR = 10**9

_COMPARE = {"below": "$lt", "at_most": "$lte", "at_least": "$gte", "above": "$gt"}

About = tuple[str, str]
"""One fact: what it is about, and which of the facts about that."""
Asked = tuple[tuple[About, list[Condition]], ...]
"""Facts with the conditions that each must satisfy."""


@cache
def key(name: str, what: str) -> str:
    """Give the property under which something is told."""
    return f"{name}.{what}".replace(".", "_").replace("-", "_").replace("#", "_").replace(" ", "_")


def won(ladder: str) -> str:
    """Give what the fact about the row that won is about."""
    return f"{ladder} row"


def wins(ladder: str, place: int) -> str:
    """Give the property under which it is derived that a row wins."""
    return key(ladder, str(place))


class Conditions:
    """Turns lines of premises into antecedents and readings into facts."""

    def __init__(self, form: Form, engine: Engine) -> None:
        """Take a form and the engine that is spoken to."""
        self._form, self._engine = form, engine
        self._set_aside = {derived.name for derived in form.derived if derived.words}
        self._words = _words(form)
        self._wins = {
            wins(ladder.name, place): (ladder.name, row.word)
            for ladder in form.ladders
            for place, row in enumerate(ladder.rows)
        }
        self._standing: dict[str, Fact] = {}
        self._alternatives: dict[tuple[int, str], list[Asked]] = {}
        self.findings: set[str] = set()
        """The findings that are asked for."""
        self.read: set[str] = set()
        """The properties of conclusions and rows that are asked for."""
        self.ladders: set[str] = set()
        """The ladders whose words are asked for."""

    # -- what is asked ----------------------------------------------------------------------------

    def of(self, line: Line, face: str, where: str) -> Iterator[list[Antecedent]]:
        """Give premises that must all hold as antecedents; alternatives are given one by one.

        Raises:
            RuleBaseError: if there are more antecedents than the engine reads.

        """
        choices = [self._known(premise, face) for premise in line]
        for choice in itertools.product(*choices):
            # One fact cannot satisfy two antecedents, so premises on one fact are one antecedent.
            by_fact: dict[About, list[Condition]] = {}
            for about, conditions in itertools.chain(*choice):
                by_fact.setdefault(about, []).extend(conditions)
            if len(by_fact) > MOST_ANTECEDENTS:
                raise _too_many(where, len(by_fact))
            yield [self._engine.antecedent(about[0], found) for about, found in by_fact.items()]

    def _known(self, premise: Premise, face: str) -> list[Asked]:
        # Equal premises are one object in a form, and many rules share one.
        found = self._alternatives.get((id(premise), face))
        if found is None:
            found = self._alternatives[id(premise), face] = list(self._asked(premise, face))
        return found

    def _asked(self, premise: Premise, face: str) -> Iterator[Asked]:
        name = premise.operand
        if name in self._form.conclusions:
            yield tuple(self._told(name, name, what) for what in _faces_asked(premise, face))
        elif name in self._form.ladders_by_name:
            self.ladders.add(name)
            yield (((won(name), ""), self._of_ladder(premise)),)
        else:
            self.findings.add(name)
            for conditions in self._of_finding(premise, face):
                yield (((name, ""), conditions),)

    def _told(self, name: str, about: str, what: str) -> tuple[About, list[Condition]]:
        self.read.add(key(name, what))
        return (about, what), [("$eq", key(name, what), 1)]

    def _of_ladder(self, premise: Premise) -> list[Condition]:
        """Ask for the one word of a ladder; of several words, that it is none of the others."""
        inside = set(premise.words)
        if len(inside) == 1:
            return [("$eq", key(premise.operand, f"is_{word}"), 1) for word in inside]
        outside = [word for word in self._words_of(premise.operand) if word not in inside]
        return [("$eq", key(premise.operand, f"is_{word}"), 0) for word in outside]

    def _words_of(self, ladder: str) -> tuple[str, ...]:
        rows = self._form.ladders_by_name[ladder].rows
        return tuple(dict.fromkeys(row.word for row in rows))

    def _of_finding(self, premise: Premise, face: str) -> Iterator[list[Condition]]:
        name = premise.operand
        if premise.comparison == "unknown":
            yield [("$eq", key(name, "recorded"), 0)]
        elif premise.comparison == "set_aside":
            yield [("$eq", key(name, "set_aside"), 1)]
        elif name not in self._words:
            upwards = COMPARISONS[premise.comparison].upwards
            end = "low" if upwards == (face == MUST) else "high"
            yield [(_COMPARE[premise.comparison], key(name, end), premise.number)]
        elif face == MAY:
            for word in premise.words:
                yield [("$eq", key(name, f"can_{word}"), 1)]
        else:
            outside = [word for word in self._words[name] if word not in premise.words]
            none_outside = [("$eq", key(name, f"can_{word}"), 0) for word in outside]
            yield [("$eq", key(name, "recorded"), 1), *none_outside]

    # -- what is told -----------------------------------------------------------------------------

    def fact(self, name: str, reading: Reading | None, set_aside: bool) -> Fact:
        """Write what is known of a finding; all that it could be if it is not recorded."""
        told = {key(name, "recorded"): int(reading is not None)}
        words = self._words.get(name)
        if words is None:
            low, high = (-_FAR, _FAR) if reading is None else reading
            assert isinstance(low, int)
            assert isinstance(high, int)
            return self._engine.fact(name, {**told, key(name, "low"): low, key(name, "high"): high})
        if name in self._set_aside:
            told[key(name, "set_aside")] = int(set_aside)
        can = {key(name, f"can_{word}"): int(reading is None or word in reading) for word in words}
        return self._engine.fact(name, told | can)

    def follows(self, about: str, property: str) -> Told | None:
        """Give what writes the fact that is told once a property is derived, if a rule asks."""
        if property in self._wins:
            return (
                partial(self._stands, property) if self._wins[property][0] in self.ladders else None
            )
        return partial(self._engine.true_fact, about, property) if property in self.read else None

    def _stands(self, property: str) -> Fact:
        """Write which word of a ladder stands once it is derived that a row wins."""
        fact = self._standing.get(property)
        if fact is None:
            ladder, stands = self._wins[property]
            words = self._words_of(ladder)
            told = {key(ladder, f"is_{word}"): int(word == stands) for word in words}
            fact = self._standing[property] = self._engine.fact(won(ladder), told)
        return fact


def _faces_asked(premise: Premise, face: str) -> tuple[str, ...]:
    """Give the facts about a conclusion that a premise asks for."""
    if premise.comparison == "unknown":
        return MAY, UNPROVEN
    if premise.value == (TRUE,):
        return (face,)
    return (NEVER if face == MUST else UNPROVEN,)


def _too_many(where: str, antecedents: int) -> RuleBaseError:
    return RuleBaseError(
        Problem(
            where,
            f"it has {antecedents} premises; the engine reads {MOST_ANTECEDENTS}.",
            "The rule would never fire.",
            "Conclude a part of it first, in a rule of its own.",
        )
    )


def _words(form: Form) -> dict[str, tuple[str, ...]]:
    found = {name: operand.words for name, operand in form.recorded.items() if operand.words}
    return found | {each.name: each.words for each in form.derived if each.words}
