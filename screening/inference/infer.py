"""One case through both readings, and whether the readings agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from screening.algebra import Faces, Number, Value, Word
from screening.garbage import building
from screening.inference.forward import Forward, ForwardRun
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra, Readings
from screening.inference.sets import Known
from screening.intake.case import Case
from screening.intake.findings import Findings, gather
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form, Line, Row


@dataclass(frozen=True)
class Inferred:
    """Everything that follows from one case, as the forward reading derived it."""

    base: RuleBase
    case: Case
    findings: Findings
    run: ForwardRun
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
    def rows(self) -> dict[str, Row]:
        """The row of each ladder that stands."""
        return self.run.rows

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
        return self.run.exists[line]


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
    with building():
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
    walk = as_derived(form, readings, run) if disagreements else reference
    return Inferred(base, case, findings, run, disagreements, walk)


def as_derived(form: Form, readings: Readings, run: ForwardRun) -> Walk[bool]:
    """Give a walk that takes everything as the forward reading derived it."""
    values = {name: value_of(form, name, run) for name in form.derived_by_name}
    rows = {
        ladder.name: tuple(row is run.rows[ladder.name] for row in ladder.rows)
        for ladder in form.ladders
    }
    return Walk(form, PlainAlgebra(form, readings), values, run.conclusions, rows)


def value_of(form: Form, name: str, run: ForwardRun) -> Value[bool]:
    """Give a derived finding as the forward reading derived it."""
    reading = run.known.get(name)
    words = form.derived_by_name[name].words
    if not words:
        low, high = reading if isinstance(reading, tuple) else (0, 0)
        return Number(reading is not None, low, high)
    can = {word: reading is None or word in reading for word in words}
    return Word(reading is not None, can, name in run.set_aside)


def differences(form: Form, run: ForwardRun, reference: Walk[bool]) -> tuple[str, ...]:
    """Name everything on which the readings differ.

    That is every rule, conclusion, derived finding and ladder, and what exists in one of the
    readings only.
    """
    rules = [n for n, rule in form.rules.items() if run.rules[n] != reference.rule(rule)]
    conclusions = [n for n in form.conclusions if run.conclusions[n] != reference.faces(n)]
    derived = [
        name
        for name in form.derived_by_name
        if not _same(reference.value(name), value_of(form, name, run))
    ]
    ladders = [
        ladder.name
        for ladder in form.ladders
        if ladder.rows[reference.rows(ladder.name).index(True)] is not run.rows[ladder.name]
    ]
    unlike = {line for line, found in run.exists.items() if found != reference.line(line).must}
    existing = [name for name, line in form.existing.items() if line in unlike]
    return tuple(dict.fromkeys([*rules, *conclusions, *derived, *ladders, *existing]))


def _same(first: Value[bool], second: Value[bool]) -> bool:
    if first.recorded != second.recorded:
        return False
    if isinstance(first, Word) and isinstance(second, Word):
        return first == second
    return not first.recorded or first == second
