"""The forward reading: the form compiled to durable-rules, both faces of every rule.

``ANK-001`` becomes ``ANK-001.must`` and ``ANK-001.may``, so that "false" too is the engine's own
result. At the end of a stratum the adapter only turns faces that were not derived into positive
facts, for the premises "is false" of later strata; it takes no value from the reference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from screening.errors import Problem, RuleBaseError
from screening.inference.engine import (
    MOST_ANTECEDENTS,
    Antecedent,
    Condition,
    Engine,
    Fact,
    failed,
)
from screening.inference.meaning import FACES, Faces
from screening.inference.sets import Known, Reading, derive
from screening.rulebase.form import TRUE, Band, Form, Premise, Rule

_MUST, _MAY, _NEVER, _UNPROVEN = "must", "may", "never", "unproven"
_FAR = 10**9
_MOST_TOLD = 50_000
"""Facts that are kept as text; recorded numbers differ from case to case."""

_COMPARE = {"below": "$lt", "at_most": "$lte", "at_least": "$gte", "above": "$gt"}


class Firing(NamedTuple):
    """One face of one rule that fired, in the order of firing."""

    rule: str
    face: str


@dataclass(frozen=True)
class ForwardRun:
    """What the engine derived of one case."""

    known: Known
    set_aside: frozenset[str]
    rules: dict[str, Faces[bool]]
    conclusions: dict[str, Faces[bool]]
    trace: tuple[Firing, ...]


@cache
def _key(name: str, face: str) -> str:
    return f"{name}.{face}".replace(".", "_").replace("-", "_").replace("#", "_")


class Forward:
    """A compiled form; one case at a time, also when several threads ask."""

    def __init__(self, form: Form) -> None:
        """Compile a form.

        Raises:
            RuleBaseError: if a rule has more antecedents than the engine reads.

        """
        self.form = form
        self._words = _words(form)
        self._read = {p.operand for rule in form.rules.values() for p in rule.premises}
        self._negated = {
            p.operand
            for rule in form.rules.values()
            for p in rule.premises
            if p.operand in form.conclusions and p.value != (TRUE,)
        }
        self._firings: dict[str, Firing] = {}
        self._made: dict[tuple[object, ...], list[Antecedent]] = {}
        self._told: dict[tuple[str, Reading | None], Fact] = {}
        self._engine = Engine()
        for rule in form.rules.values():
            for face in (_MUST, _MAY):
                self._compile(rule, face)
        self._engine.start()

    # -- compiling --------------------------------------------------------------------------------

    def _compile(self, rule: Rule, face: str) -> None:
        # One fact cannot satisfy two antecedents, so premises on one fact are one antecedent.
        by_operand: dict[str, tuple[Premise, ...]] = {}
        for premise in rule.premises:
            fact = self._fact_of(premise)
            by_operand[fact] = (*by_operand.get(fact, ()), premise)
        if len(by_operand) > MOST_ANTECEDENTS:
            raise RuleBaseError(
                Problem(
                    rule.id,
                    f"it has {len(by_operand)} premises; the engine reads {MOST_ANTECEDENTS}.",
                    "The rule would never fire.",
                    "Conclude a part of it first, in a rule of its own.",
                )
            )
        choices = [self._antecedents(premises, face) for premises in by_operand.values()]
        derives = _key(rule.concludes, face)
        told = rule.concludes in self._read
        for number, antecedents in enumerate(itertools.product(*choices)):
            name = f"{rule.name}.{face}.{number}"
            self._firings[name] = Firing(rule.name, face)
            self._engine.add(name, antecedents, rule.concludes, derives, told)

    def _fact_of(self, premise: Premise) -> str:
        # That a conclusion is true and that it is false are told by two facts.
        is_false = premise.operand in self.form.conclusions and premise.value != (TRUE,)
        return f"not {premise.operand}" if is_false else premise.operand

    def _antecedents(self, premises: tuple[Premise, ...], face: str) -> list[Antecedent]:
        """Give the alternative antecedents for the premises on one operand."""
        # Equal premises are one object in a form, and many rules share one.
        key = (*map(id, premises), face)
        known = self._made.get(key)
        if known is None:
            alternatives = [self._conditions(premise, face) for premise in premises]
            known = self._made[key] = [
                self._engine.antecedent(premises[0].operand, itertools.chain(*choice))
                for choice in itertools.product(*alternatives)
            ]
        return known

    def _conditions(self, premise: Premise, face: str) -> Iterator[list[Condition]]:
        name = premise.operand
        if name in self.form.conclusions:
            if premise.value == (TRUE,):
                yield [{"$eq": {_key(name, face): 1}}]
            else:
                yield [{"$eq": {_key(name, _NEVER if face == _MUST else _UNPROVEN): 1}}]
        elif name in self._words:
            yield from self._word_conditions(premise, face)
        else:
            upwards = premise.comparison in ("at_least", "above")
            end = "low" if upwards == (face == _MUST) else "high"
            yield [{_COMPARE[premise.comparison]: {_key(name, end): premise.number}}]

    def _word_conditions(self, premise: Premise, face: str) -> Iterator[list[Condition]]:
        name = premise.operand
        if face == _MAY:
            for word in premise.words:
                yield [{"$eq": {_key(name, f"can_{word}"): 1}}]
            return
        outside = [word for word in self._words[name] if word not in premise.words]
        none_outside = [{"$eq": {_key(name, f"can_{word}"): 0}} for word in outside]
        yield [{"$eq": {_key(name, "recorded"): 1}}, *none_outside]

    # -- running ----------------------------------------------------------------------------------

    def _fact(self, name: str, reading: Reading | None) -> Fact:
        words = self._words.get(name)
        if words is None:
            low, high = (-_FAR, _FAR) if reading is None else reading
            assert isinstance(low, int)
            assert isinstance(high, int)
            return self._engine.fact(name, {_key(name, "low"): low, _key(name, "high"): high})
        can = {_key(name, f"can_{word}"): int(reading is None or word in reading) for word in words}
        recorded = {_key(name, "recorded"): int(reading is not None)}
        return self._engine.fact(name, recorded | can)

    def _facts(self, known: Known) -> Iterator[Fact]:
        for name in self._operands:
            reading = known.get(name)
            fact = self._told.get((name, reading))
            if fact is None:
                if len(self._told) > _MOST_TOLD:
                    self._told.clear()
                fact = self._told[name, reading] = self._fact(name, reading)
            yield fact

    @cached_property
    def _faces(self) -> dict[str, tuple[str, str]]:
        """Give how both faces of each conclusion are told."""
        return {name: (_key(name, _MUST), _key(name, _MAY)) for name in self.form.conclusions}

    @cached_property
    def _operands(self) -> tuple[str, ...]:
        names = (*self.form.recorded, *(derived.name for derived in self.form.derived))
        return tuple(name for name in names if name in self._read)

    def run(
        self, readings: Mapping[str, Reading], order: Iterable[int] | None = None
    ) -> ForwardRun:
        """Work one case out; ``order`` shuffles the facts, which must change nothing.

        Raises:
            EngineError: if the engine failed or lost a fact.

        """
        known, aside = derive(self.form, readings)
        facts = list(self._facts(known))
        if order is not None:
            facts = [facts[i] for i in order]
        engine = self._engine
        with engine.case(facts):
            for stratum in self.form.strata:
                names = [found.name for found in stratum if found.name in self._negated]
                engine.tell(list(self._absent(names)))
            engine.check()
            return self._outcome(known, aside)

    def _absent(self, names: Iterable[str]) -> Iterator[Fact]:
        derived = self._engine.derived
        for name in names:
            if _key(name, _MAY) not in derived:
                yield self._engine.true_fact(name, _key(name, _NEVER))
            if _key(name, _MUST) not in derived:
                yield self._engine.true_fact(name, _key(name, _UNPROVEN))

    def _outcome(self, known: Known, aside: frozenset[str]) -> ForwardRun:
        derived = self._engine.derived
        trace = tuple(dict.fromkeys(self._firings[name] for name in self._engine.fired))
        must = {firing.rule for firing in trace if firing.face == _MUST}
        may = {firing.rule for firing in trace if firing.face == _MAY}
        rules = {name: FACES[name in must, name in may] for name in self.form.rules}
        conclusions = {
            name: FACES[proven in derived, possible in derived]
            for name, (proven, possible) in self._faces.items()
        }
        if FACES[True, False] in conclusions.values():
            raise failed("it derived a conclusion that it also excludes.")
        return ForwardRun(known, aside, rules, conclusions, trace)


def _words(form: Form) -> dict[str, tuple[str, ...]]:
    found = {name: operand.words for name, operand in form.recorded.items() if operand.words}
    return found | {b.name: b.words for b in form.derived if isinstance(b, Band)}
