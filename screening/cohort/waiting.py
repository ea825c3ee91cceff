"""What an unknown verdict waits for: findings that are not recorded and could still settle it.

The way down is that of ``record.support`` for one case, from a conclusion through its unknown
rules to the findings, each conclusion once and the last one first. Of the instruments of a band all
are named, where a report names the one that takes least.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.algebra import Faces
from screening.cohort.circuit import FALSE, TRUE, Bits
from screening.inference.meaning import Walk
from screening.intake.vocabulary import Vocabulary
from screening.rulebase.form import Line, Premise
from screening.rulebase.kinds.kind import Derived


class Waiting:
    """Lays out which paths a set of conclusions waits for."""

    def __init__(self, walk: Walk[Bits], vocabulary: Vocabulary) -> None:
        """Look at a walk."""
        self.algebra, self.walk, self.form = walk.algebra, walk, walk.form
        self.vocabulary = vocabulary
        self._wanted: dict[str, list[Bits]] = {}

    def waits_for(self, conclusions: Iterable[str]) -> Iterator[tuple[str, Bits]]:
        """Give the paths that these conclusions can wait for, each with when they do."""
        self._wanted = {name: [TRUE] for name in conclusions}
        for conclusion in reversed(self.form.conclusions.values()):
            faces = self.walk.faces(conclusion.name)
            wanted = self._asked(conclusion.name, self._unknown(faces))
            if wanted != FALSE:
                for rule in conclusion.rules:
                    open_ = self._unknown(self.walk.rule(rule))
                    self._line(rule.premises, self.algebra.all([wanted, open_]))
        for derived in reversed(self.form.derived):
            self._derived(derived, self._asked(derived.name))
        for name, operand in self.form.recorded.items():
            missing = self.algebra.swap(self.walk.value(name).recorded)
            waits = self._asked(name, missing)
            if waits != FALSE:
                yield operand.path, waits

    def _unknown(self, faces: Faces[Bits]) -> Bits:
        return self.algebra.all([faces.may, self.algebra.swap(faces.must)])

    def _asked(self, name: str, *also: Bits) -> Bits:
        return self.algebra.all([self.algebra.any(self._wanted.get(name, ())), *also])

    def _line(self, line: Line, when: Bits) -> None:
        """Want what a line waits for; a gate that is open stands for its details."""
        if when == FALSE:
            return
        unknown = {premise: self._unknown(self.walk.premise(premise)) for premise in line}
        gates = [premise for premise in line if self._is_gate(premise)]
        no_gate = self.algebra.swap(self.algebra.any(unknown[gate] for gate in gates))
        for premise, open_ in unknown.items():
            alone = TRUE if premise in gates else no_gate
            self._want(premise.operand, self.algebra.all([when, open_, alone]))

    def _want(self, name: str, when: Bits) -> None:
        if when != FALSE:
            self._wanted.setdefault(name, []).append(when)

    def _is_gate(self, premise: Premise) -> bool:
        operand = self.form.recorded.get(premise.operand)
        path = operand.path if operand else premise.operand
        return path in self.vocabulary and self.vocabulary[path].type == "gate"

    def _derived(self, derived: Derived, when: Bits) -> None:
        for name in derived.reads:
            self._want(name, when)
        for line in derived.awaited:
            self._line(line, when)
