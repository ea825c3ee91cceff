"""The decisions of many cases at once, for tables that are screened by two rule bases."""

from __future__ import annotations

import numpy as np
import polars as pl

from screening.assurance.compare.outcomes import decisions
from screening.cohort.circuit import Circuit, CircuitAlgebra
from screening.cohort.evaluate import Evaluator
from screening.cohort.table import Table
from screening.cohort.texts import Truths
from screening.inference.meaning import Walk
from screening.intake.family_terms import TermLedger
from screening.rulebase.base import RuleBase


class Many:
    """One rule base, laid out to decide many cases."""

    def __init__(self, base: RuleBase) -> None:
        """Lay the decisions out."""
        self.base = base
        circuit = Circuit()
        algebra = CircuitAlgebra(circuit, TermLedger(base.vocabulary, circuit).values())
        self._decisions = decisions(base, Walk(base.form, algebra), algebra)
        gates = (gate for found in self._decisions.values() for gate in found.words.values())
        self._engine = Evaluator(circuit, gates)

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What each decision can say, in the order of the codes that ``decide`` gives."""
        return {name: tuple(found.words) for name, found in self._decisions.items()}

    def decide(self, frame: pl.DataFrame) -> tuple[dict[str, np.ndarray], Truths]:
        """Give for every row and decision the place of its word, and which rows intake accepts.

        Raises:
            UsageError: for columns that are no findings.

        """
        intake = Table(frame.schema, self.base.vocabulary).read(frame)
        values = self._engine.run(intake.rows, intake.given, intake.numbers)
        found = {}
        for name, decision in self._decisions.items():
            codes = np.zeros(intake.rows, np.int16)
            for place, gate in enumerate(decision.words.values()):
                codes[values.truths(gate)] = place
            found[name] = codes
        return found, intake.accepted
