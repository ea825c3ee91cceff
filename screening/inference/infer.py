"""One case through both readings, the ladders, and whether the readings agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Protocol

from screening.inference.forward import Forward, ForwardRun
from screening.inference.meaning import Faces, Number, Value, Walk, Word
from screening.inference.reference import PlainAlgebra, Readings
from screening.inference.sets import Known
from screening.intake.case import Case
from screening.intake.findings import Findings, gather
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form, Line, Row, Rule


@dataclass(frozen=True)
class Inferred:
    """Everything that follows from one case, as the forward reading derived it."""

    base: RuleBase
    case: Case
    findings: Findings
    run: ForwardRun
    rows: dict[str, Row]
    disagreements: tuple[str, ...]
    walk: Walk[bool]

    @property
    def form(self) -> Form:
        """The form that was read."""
        return self.base.form

    @property
    def known(self) -> Known:
        """All readings, recorded and derived."""
        return self.run.known

    @property
    def agree(self) -> bool:
        """Whether both readings came to the same."""
        return not self.disagreements

    def faces(self, conclusion: str) -> Faces[bool]:
        """Give both faces of a conclusion."""
        return self.run.conclusions[conclusion]

    def value(self, conclusion: str) -> bool | None:
        """Give a conclusion as true, false or None (unknown)."""
        return truth(self.faces(conclusion))

    def holds(self, line: Line) -> bool | None:
        """Give premises that must all hold as true, false or None (unknown)."""
        return truth(self.walk.line(line))

    def exists(self, line: Line) -> bool:
        """Tell whether something that exists only under these premises does exist."""
        return self.holds(line) is True


def truth(faces: Faces[bool]) -> bool | None:
    """Give two faces as one of three values."""
    if faces.must:
        return True
    return None if faces.may else False


_building = Lock()


def forward(base: RuleBase) -> Forward:
    """Give the forward reading of a rule base; it is built once, whichever thread asks first."""
    with _building:
        return _forward(base)


@lru_cache(maxsize=8)
def _forward(base: RuleBase) -> Forward:
    return Forward(base.form)


def infer(case: Case, base: RuleBase) -> Inferred:
    """Screen one case with both readings; several threads may do so at once.

    Raises:
        EngineError: if the forward engine failed; then nothing is concluded.

    """
    return infer_from(case, gather(case, base.vocabulary), base)


def infer_from(
    case: Case, findings: Findings, base: RuleBase, reference: Walk[bool] | None = None
) -> Inferred:
    """Screen findings that were already gathered, and perhaps read by the reference reading."""
    form, readings = base.form, findings.readings
    run = forward(base).run(readings)
    reference = reference or Walk(form, PlainAlgebra(form, readings))
    disagreements = differences(form, run, reference)
    # Where both came to the same in everything, the ladders are read from what is worked out.
    walk = decided(form, readings, run) if disagreements else reference
    rows = {ladder.name: ladder.rows[walk.rows(ladder.name).index(True)] for ladder in form.ladders}
    return Inferred(base, case, findings, run, rows, disagreements, walk)


def decided(form: Form, readings: Readings, run: ForwardRun) -> Walk[bool]:
    """Give a walk that takes what the forward reading derived: only the ladders are left."""
    derived = {name: _value(form, name, run) for name in form.derived_by_name}
    return Walk(form, PlainAlgebra(form, readings), derived, run.conclusions)


def _value(form: Form, name: str, run: ForwardRun) -> Value[bool]:
    reading = run.known.get(name)
    words = getattr(form.derived_by_name[name], "words", None)
    if words is None:
        low, high = reading if isinstance(reading, tuple) else (0, 0)
        return Number(reading is not None, low, high)
    can = {word: reading is None or word in reading for word in words}
    return Word(reading is not None, can, name in run.set_aside)


class Reference(Protocol):
    """The reference reading of one case."""

    def faces(self, name: str, /) -> Faces[bool]:
        """Both faces of a conclusion."""

    def rule(self, rule: Rule, /) -> Faces[bool]:
        """Both faces of a rule."""

    def value(self, name: str, /) -> Value[bool]:
        """A derived finding."""


def differences(form: Form, run: ForwardRun, reference: Reference) -> tuple[str, ...]:
    """Name the rules, conclusions and derived findings on which the readings differ."""
    rules = [n for n, rule in form.rules.items() if run.rules[n] != reference.rule(rule)]
    conclusions = [n for n in form.conclusions if run.conclusions[n] != reference.faces(n)]
    derived = [
        name
        for name in form.derived_by_name
        if not _same(reference.value(name), _value(form, name, run))
    ]
    return tuple(dict.fromkeys([*rules, *conclusions, *derived]))


def _same(first: Value[bool], second: Value[bool]) -> bool:
    if first.recorded != second.recorded:
        return False
    if isinstance(first, Word) and isinstance(second, Word):
        return first == second
    return not first.recorded or first == second
