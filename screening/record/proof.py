"""The proof of a conclusion: its rules, their premises, down to the recorded findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from screening.inference.infer import Inferred, truth
from screening.intake.vocabulary import PRESENT, without_side
from screening.record.wording import Wording
from screening.rulebase.form import FALSE, Conclusion, Premise

if TYPE_CHECKING:
    from screening.record.proof_model import (
        ConclusionProof,
        FindingProof,
        PremiseProof,
        RuleProof,
        ThresholdProof,
    )

Source = Literal[
    "recorded",
    "attested",
    "from_gate",
    "from_sign",
    "from_summary",
    "from_number",
    "unsure",
    "mirrored",
]
"""Where a fact comes from: only ``recorded`` was recorded by itself."""

_SOURCES: dict[str, Source] = {
    "sweep": "attested",
    "implied": "from_number",
    "mirrored": "mirrored",
}
_ORIGIN: dict[Source | None, str] = {
    "recorded": "recorded",
    "attested": "answered together: {}",
    "from_gate": "follows from the answer to: {}",
    "from_sign": "follows from: {}",
    "from_summary": "follows from the answer to: {}",
    "from_number": "follows from: {}",
    "unsure": "answered unsure, which counts as present",
    "mirrored": "follows from the other leg",
}

STATUS: dict[bool | None, Literal["met", "not_met", "unknown"]] = {
    True: "met",
    False: "not_met",
    None: "unknown",
}


class Proof:
    """Builds proofs of one case."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self.inferred = inferred
        self.wording = Wording(inferred)

    def of(self, conclusion: Conclusion) -> ConclusionProof:
        """Give a conclusion with its value and every rule that decides it."""
        return {
            "conclusion": conclusion.id,
            "side": conclusion.side,
            "title": self.wording.concluded(conclusion.name),
            "value": self.inferred.value(conclusion.name),
            "proofs": list(self._proofs(conclusion)),
        }

    def _proofs(self, conclusion: Conclusion) -> Iterator[RuleProof]:
        """Give the rules that carry the value: those that hold, else those still open, else all."""
        value = self.inferred.value(conclusion.name)
        for rule in conclusion.rules:
            if truth(self.inferred.run.rules[rule.name]) is not value:
                continue
            written = self.inferred.base.rule_texts.get(rule.id)
            text, file = written or (None, None)
            sources = (text.references or file.references) if text and file else ()
            certainty = (text.certainty or file.certainty) if text and file else None
            yield {
                "rule": rule.id,
                "side": rule.side,
                "title": text.title if text else self.wording.title(rule.id),
                "because": self.wording.because(rule.id, rule.side) if value and text else "",
                "certainty": certainty,
                "references": [self.wording.citation(source) for source in sources],
                "premises": [self.premise(premise) for premise in rule.premises],
            }

    def premise(self, premise: Premise) -> PremiseProof:
        """Give a premise with its status and what it rests on."""
        status = STATUS[truth(self.inferred.walk.premise(premise))]
        conclusion = self.inferred.form.conclusions.get(premise.operand)
        if conclusion is not None:
            return {
                "text": self.wording.premise(premise),
                "conclusion": conclusion.id,
                "side": conclusion.side,
                "wanted": premise.words != (FALSE,),
                "value": self.inferred.value(conclusion.name),
                "status": status,
                "proofs": list(self._proofs(conclusion)),
            }
        recorded = self.inferred.form.recorded.get(premise.operand)
        return {
            "text": self.wording.premise(premise),
            "path": recorded.path if recorded else premise.operand,
            "value": self.wording.say(premise.operand),
            "status": status,
            "threshold": self._threshold(premise),
            "source": self.source(premise.operand),
            "origin": self._origin(premise.operand),
            "findings": self._findings(premise.operand),
            "proofs": [],
        }

    def _threshold(self, premise: Premise) -> ThresholdProof | None:
        if premise.threshold is None:
            return None
        threshold = self.inferred.base.thresholds[premise.threshold]
        return {
            "name": premise.threshold,
            "text": threshold.text,
            "certainty": threshold.certainty,
            "references": [self.wording.citation(source) for source in threshold.references],
        }

    def _origin(self, operand: str) -> str:
        """Say where an answer comes from that was not recorded by itself."""
        said = _ORIGIN.get(self.source(operand), "")
        source = self.inferred.findings.origins.get(operand, ("", ""))[1]
        title = "; ".join(self.wording.titles([source])) if source else ""
        return said.format(title)

    def source(self, operand: str) -> Source | None:
        """Give where the answer of a recorded operand comes from; None for what is worked out."""
        findings, vocabulary = self.inferred.findings, self.inferred.base.vocabulary
        if operand not in findings.origins:
            return None
        kind, source = findings.origins[operand]
        if kind == "recorded":
            return "unsure" if self.inferred.case.answers.get(source) == "unsure" else "recorded"
        if kind == "family":
            owner = without_side(operand)[1]
            if owner in vocabulary.owners:
                positive = findings.readings[operand] == frozenset({PRESENT})
                return "from_sign" if positive else "from_summary"
            return "from_gate" if without_side(source)[1] in vocabulary.gates else "from_summary"
        return _SOURCES[kind]

    def _findings(self, operand: str) -> list[FindingProof]:
        """Give the recorded findings under a derived one."""
        names = (
            dict.fromkeys(self._leaves(operand))
            if operand in self.inferred.form.derived_by_name
            else {}
        )
        return [
            {
                "path": self.inferred.form.recorded[name].path,
                "title": self.wording.titles([name])[0],
                "value": self.wording.say(name),
                "source": self.source(name),
                "origin": self._origin(name),
            }
            for name in names
            if name in self.inferred.known
        ]

    def _leaves(self, name: str) -> Iterator[str]:
        derived = self.inferred.form.derived_by_name.get(name)
        if derived is None:
            yield name
        else:
            premises = [premise.operand for line in derived.awaited for premise in line]
            for operand in (*derived.reads, *premises):
                yield from self._leaves(operand)
