"""The forward reading: the form compiled to durable-rules, both faces of every rule, every ladder.

``ANK-001`` becomes ``ANK-001.must`` and ``ANK-001.may``, so that "false" too is the engine's own
result. At the end of a stratum the adapter only turns what was not derived into positive facts
(faces, for the premises "is false"; rows, for the first hit); it takes no value from the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from screening.algebra import FACES, Faces
from screening.inference.conditions import MAY, MUST, NEVER, UNPROVEN, Conditions, key
from screening.inference.decisions import Decisions
from screening.inference.durable import Antecedent, Engine, Fact, failed
from screening.inference.sets import Known, derive
from screening.intake.findings import Reading
from screening.rulebase.form import Conclusion, Form, Line, Row, Rule

_MOST_TOLD = 50_000
"""Facts that are kept as text; recorded numbers differ from case to case."""


class Firing(NamedTuple):
    """One face of one rule that fired, in the order of firing."""

    rule: str
    face: str


@dataclass(frozen=True)
class ForwardRun:
    """What the engine derived of one case.

    ``rows`` has the row of each ladder that won; ``exists`` says of each line of existence premises
    whether it holds.
    """

    known: Known
    set_aside: frozenset[str]
    rules: dict[str, Faces[bool]]
    conclusions: dict[str, Faces[bool]]
    rows: dict[str, Row]
    exists: dict[Line, bool]
    trace: tuple[Firing, ...]


class Forward:
    """A compiled form; one case at a time, also when several threads ask."""

    def __init__(self, form: Form) -> None:
        """Compile a form.

        Raises:
            RuleBaseError: if a rule has more antecedents than the engine reads.

        """
        self.form = form
        self._firings: dict[str, Firing] = {}
        self._told: dict[tuple[str, Reading | None, bool], Fact] = {}
        self._engine = Engine()
        self._conditions = Conditions(form, self._engine)
        self._compiled: list[tuple[str, list[Antecedent], str, str]] = []
        for rule in form.rules.values():
            for face in (MUST, MAY):
                self._compile(rule, face)
        self._decisions = Decisions(form, self._conditions, self._engine, self._add)
        for name, antecedents, about, derives in self._compiled:
            told = self._conditions.follows(about, derives)
            self._engine.add(name, antecedents, derives, told)
        self._absences = [list(self._absences_of(stratum)) for stratum in form.strata]
        self._engine.start()
        self._compiled.clear()

    # -- compiling --------------------------------------------------------------------------------

    def _add(self, name: str, antecedents: list[Antecedent], about: str, derives: str) -> None:
        # What another rule reads is known only once all of them are compiled.
        self._compiled.append((name, antecedents, about, derives))

    def _compile(self, rule: Rule, face: str) -> None:
        derives = key(rule.concludes, face)
        found = self._conditions.of(rule.premises, face, rule.id)
        for number, antecedents in enumerate(found):
            name = f"{rule.name}.{face}.{number}"
            self._firings[name] = Firing(rule.name, face)
            self._add(name, antecedents, rule.concludes, derives)

    def _absences_of(self, stratum: Iterable[Conclusion]) -> Iterator[tuple[str, Fact]]:
        """Give each face of a stratum that some rule asks not to be, and how that is told."""
        for conclusion in stratum:
            name = conclusion.name
            for face, absent in ((MAY, NEVER), (MUST, UNPROVEN)):
                if key(name, absent) in self._conditions.read:
                    yield key(name, face), self._engine.true_fact(name, key(name, absent))

    # -- running ----------------------------------------------------------------------------------

    def _facts(self, known: Known, aside: frozenset[str] = frozenset()) -> Iterator[Fact]:
        for name in self._operands:
            told = name, known.get(name), name in aside
            fact = self._told.get(told)
            if fact is None:
                if len(self._told) > _MOST_TOLD:
                    self._told.clear()
                fact = self._told[told] = self._conditions.fact(*told)
            yield fact

    @cached_property
    def _faces(self) -> dict[str, tuple[str, str]]:
        """Give how both faces of each conclusion are told."""
        return {name: (key(name, MUST), key(name, MAY)) for name in self.form.conclusions}

    @cached_property
    def _operands(self) -> tuple[str, ...]:
        names = (*self.form.recorded, *(derived.name for derived in self.form.derived))
        return tuple(name for name in names if name in self._conditions.findings)

    def run(
        self, readings: Mapping[str, Reading], order: Iterable[int] | None = None
    ) -> ForwardRun:
        """Work one case out; ``order`` shuffles the facts, which must change nothing.

        Raises:
            EngineError: if the engine failed or lost a fact.

        """
        known, aside = derive(self.form, readings)
        facts = list(self._facts(known, aside))
        if order is not None:
            facts = [facts[i] for i in order]
        engine = self._engine
        with engine.case(facts):
            for absences in self._absences:
                derived = engine.derived
                engine.tell([fact for property, fact in absences if property not in derived])
            for level in self.form.ladder_levels:
                engine.tell(list(self._decisions.established(level, engine.derived)))
            engine.check()
            return self._outcome(known, aside)

    def _outcome(self, known: Known, aside: frozenset[str]) -> ForwardRun:
        derived = self._engine.derived
        trace = tuple(
            dict.fromkeys(
                self._firings[name] for name in self._engine.fired if name in self._firings
            )
        )
        must = {firing.rule for firing in trace if firing.face == MUST}
        may = {firing.rule for firing in trace if firing.face == MAY}
        rules = {name: FACES[name in must, name in may] for name in self.form.rules}
        conclusions = {
            name: FACES[proven in derived, possible in derived]
            for name, (proven, possible) in self._faces.items()
        }
        if FACES[True, False] in conclusions.values():
            raise failed("it derived a conclusion that it also excludes.")
        rows, exists = self._decisions.rows(derived), self._decisions.exists(derived)
        return ForwardRun(known, aside, rules, conclusions, rows, exists, trace)
