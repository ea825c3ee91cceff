"""The case read again under other answers: what does not rest on them is not worked out again."""

from __future__ import annotations

from collections.abc import Mapping

from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.answers import Answer
from screening.intake.findings import Findings, gather

Answers = Mapping[str, Answer | None]
"""Other answers by path; None is "not recorded"."""


class Rereading:
    """Reads one case under other answers; what was asked once is kept."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self._inferred = inferred
        self._known: dict[frozenset[tuple[str, Answer | None]], tuple[Findings, Walk[bool]]] = {}

    def of(self, answers: Answers) -> tuple[Findings, Walk[bool]]:
        """Give what the case would hold, and what would follow."""
        key = frozenset(answers.items())
        if key not in self._known:
            self._known[key] = self._read(answers)
        return self._known[key]

    def _read(self, answers: Answers) -> tuple[Findings, Walk[bool]]:
        form, vocabulary = self._inferred.form, self._inferred.base.vocabulary
        before = self._inferred.findings.readings
        findings = gather(self._inferred.case.with_answers(answers, vocabulary), vocabulary)
        algebra = PlainAlgebra(form, findings.readings)
        changes = {
            name: algebra.recorded(name)
            for name in form.recorded
            if findings.readings.get(name) != before.get(name)
        }
        return findings, self._inferred.walk.again(changes)
