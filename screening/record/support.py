"""What an unknown conclusion still waits for: the findings that are not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.inference.infer import Inferred
from screening.intake.vocabulary import Vocabulary, without_side
from screening.rulebase.form import Line, Premise
from screening.rulebase.kinds.kind import Instrument


class Support:
    """Walks from a conclusion down to the findings that it rests on."""

    def __init__(self, inferred: Inferred) -> None:
        """Look at one case."""
        self.inferred = inferred
        self.form = inferred.form
        self.vocabulary = inferred.base.vocabulary

    def waits_for(self, conclusions: Iterable[str]) -> list[str]:
        """Give the paths whose answers could still settle these conclusions.

        A gate that is not answered stands for its details: they matter only once it is present.
        """
        found = dict.fromkeys(
            path for name in conclusions for path in self._conclusion(name, frozenset())
        )
        return sorted(found, key=self._position)

    def _position(self, path: str) -> tuple[int, str]:
        return self.vocabulary.position(path), path

    def _conclusion(self, name: str, seen: frozenset[str]) -> Iterator[str]:
        faces = self.inferred.faces(name)
        if faces.must or not faces.may or name in seen:
            return
        for rule in self.form.conclusions[name].rules:
            rule_faces = self.inferred.run.rules[rule.name]
            if rule_faces.may and not rule_faces.must:
                yield from self.line(rule.premises, seen | {name})

    def line(self, line: Line, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """Give the paths for which the premises of a line wait."""
        unknown = [premise for premise in line if self._unknown(premise)]
        gates = [premise for premise in unknown if self._is_gate(premise.operand)]
        for premise in gates or unknown:
            yield from self._operand(premise.operand, seen)

    def _unknown(self, premise: Premise) -> bool:
        faces = self.inferred.walk.premise(premise)
        return faces.may and not faces.must

    def _is_gate(self, name: str) -> bool:
        path = self.form.recorded[name].path if name in self.form.recorded else name
        return path in self.vocabulary and self.vocabulary[path].type == "gate"

    def _operand(self, name: str, seen: frozenset[str]) -> Iterator[str]:
        if name in self.form.conclusions:
            yield from self._conclusion(name, seen)
        elif name in self.form.recorded:
            if name not in self.inferred.known:
                yield self.form.recorded[name].path
        elif name in self.form.derived_by_name:
            yield from self._derived(name, seen)

    def _derived(self, name: str, seen: frozenset[str]) -> Iterator[str]:
        derived = self.form.derived_by_name[name]
        if derived.words and name in self.inferred.run.set_aside:
            return
        if derived.instruments:
            # Any instrument would do: name the one that takes fewest readings, of these the first.
            # A second leg to measure costs more than a slower instrument, and a band names the
            # instrument that tells most before those that stand in for it.
            yield from min((self._instrument(i, seen) for i in derived.instruments), key=len)
            return
        for operand in derived.reads:
            yield from self._operand(operand, seen)
        for line in derived.awaited:
            yield from self.line(line, seen)

    def _instrument(self, instrument: Instrument, seen: frozenset[str]) -> list[str]:
        return [path for name in instrument.reads for path in self._operand(name, seen)]


def testable(path: str, inferred: Inferred, vocabulary: Vocabulary) -> bool:
    """Tell whether a finding may be asked for: no open or present flag could block it."""
    side, bare = without_side(path)
    conclusion = f"{side}.blocked.{bare}"
    return conclusion not in inferred.form.conclusions or not inferred.faces(conclusion).may
