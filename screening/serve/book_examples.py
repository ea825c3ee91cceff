"""The examples of the rules as their pages show them: run, with what was met and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from screening.assurance.examples import Tried, examples, shown
from screening.inference.infer import Inferred, infer
from screening.intake.case import read_case
from screening.record.proof import Proof
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Rule
from screening.rulebase.sourced import RuleText


@dataclass(frozen=True)
class BookExample:
    """One example that was run: its story, and whether each claim of it is as it says."""

    story: str
    as_said: bool
    proofs: list[dict[str, object]]
    """For each rule whether it fires, and its premises."""
    derived: list[tuple[str, str]]
    """Findings that were worked out, each with what it came to."""


class BookExamples:
    """Runs the examples of one rule base, each once for all pages that show it."""

    def __init__(self, base: RuleBase) -> None:
        """Look at one rule base."""
        self._base = base
        self._known: dict[tuple[str, int], tuple[Inferred, list[dict[str, object]]]] = {}

    def of(self, part: object, id: str) -> Iterator[BookExample]:
        """Show the examples of a rule or of a file."""
        one = isinstance(part, RuleText)
        file = self._base.rule_texts[id][1].id if one else id
        rules = [id] if one else [rule.id for rule in getattr(part, "rules", ())]
        for tried in self._tried.get(file, ()):
            inferred, ran = self._ran(tried)
            proofs = [proof for proof in ran if proof["rule"] in rules]
            derived = [] if one else list(shown(tried.example, inferred.run, inferred.form))
            if proofs or derived:
                right = all(proof["fires"] == proof["wanted"] for proof in proofs)
                right = right and all(said == expected for _, said, expected in derived)
                come_to = [(name, said) for name, said, _ in derived]
                yield BookExample(tried.example.story, right, proofs, come_to)

    def _ran(self, tried: Tried) -> tuple[Inferred, list[dict[str, object]]]:
        key = tried.file.id, tried.number
        if key not in self._known:
            case = read_case(tried.document(self._base), self._base.vocabulary)
            inferred = infer(case, self._base)
            claims = {**dict.fromkeys(tried.example.fires, True)}
            claims |= dict.fromkeys(tried.example.does_not_fire, False)
            said = [self._proof(id, wanted, inferred) for id, wanted in claims.items()]
            self._known[key] = inferred, said
        return self._known[key]

    def _proof(self, id: str, wanted: bool, inferred: Inferred) -> dict[str, object]:
        """Show a rule on the leg where it fires, or on the first; where it says nothing, why."""
        proof = Proof(inferred)
        rules = [rule for rule in inferred.form.rules.values() if rule.id == id]
        rule = next((each for each in rules if fires(each, inferred)), rules[0])
        line = dict.fromkeys([*inferred.form.conclusions[rule.concludes].exists, *rule.premises])
        premises = [proof.premise(premise) for premise in line]
        return {"rule": id, "fires": fires(rule, inferred), "wanted": wanted, "premises": premises}

    @cached_property
    def _tried(self) -> dict[str, list[Tried]]:
        found: dict[str, list[Tried]] = {}
        for tried in examples(self._base):
            found.setdefault(tried.file.id, []).append(tried)
        return found


def fires(rule: Rule, inferred: Inferred) -> bool:
    """Tell whether a rule fires where what it concludes is said at all."""
    exists = inferred.form.conclusions[rule.concludes].exists
    return inferred.run.rules[rule.name].must and inferred.exists(exists)
