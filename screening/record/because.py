"""Because: the first level of the proof of the row that won, each finding said once.

A line for each premise of the rule that holds. Premises that rest on the same findings share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.record.reasons import facts_of
from screening.record.wording import Wording, lower
from screening.rulebase.form import FALSE, TRUE, Conclusion, Line, Premise, Row, Rule
from screening.rulebase.shapes import ConclusionFile

FLAG = "flag."

Told = tuple[str, frozenset[str]]
"""What is said, and the operands that it tells."""


@dataclass
class _Said:
    """One line: what its premises say, and the findings under them."""

    heads: list[str]
    facts: list[str]
    tells: set[str] = field(default_factory=set)
    proved_by: list[str] = field(default_factory=list)
    """The conclusions that its premises ask for, by name."""
    flag: set[str] = field(default_factory=set)
    """Of a line that names a flag: the findings that the flag rests on."""

    @property
    def text(self) -> str:
        head = " and ".join([*self.heads[:1], *map(lower, self.heads[1:])])
        text = ": ".join(part for part in (head, "; ".join(self.facts)) if part)
        return text[:1].upper() + text[1:]


class Because:
    """Says why a row of a ladder won, for one case."""

    def __init__(self, inferred: Inferred, wording: Wording) -> None:
        """Look at one case."""
        self._inferred, self._wording = inferred, wording

    def lines(self, row: Row, text: str, side: str) -> list[str]:
        """Give the lines for a row; a row that no rule concludes says its own sentence."""
        return [said for said, _ in self.proved(row, text, side)]

    def proved(self, row: Row, text: str, side: str) -> list[tuple[str, list[str]]]:
        """Give the same lines, each with the names of the conclusions whose proof is under it."""
        won = next((line for line in row.lines or () if self._inferred.holds(line)), ())
        asked = list(_asked(won))
        # A row that asks for a flag says its own sentence: why the flag holds stands in the triage.
        rules = [r for name in asked if FLAG not in name for r in self._fired(name)]
        if not rules:
            return [(self._wording.fill(text, side), asked)]
        return [(said.text, said.proved_by or asked) for said in self._said(rules)]

    def _fired(self, conclusion: str) -> list[Rule]:
        found = self._inferred.form.conclusions.get(conclusion)
        rules = found.rules if found else ()
        return [rule for rule in rules if self._inferred.run.rules[rule.name].must]

    def _said(self, rules: Iterable[Rule]) -> list[_Said]:
        """Give the lines of the rules that hold, the one that tells most first.

        A flag whose findings are told is not said again.
        """
        lines: list[_Said] = []
        ranked = sorted(rules, key=lambda rule: -len(facts_of(rule, self._inferred)))
        for rule in ranked:
            bare = _Said([], [])
            for premise in rule.premises:
                concluded = self._inferred.form.conclusions.get(premise.operand)
                if concluded is None:
                    self._add([self._leaf(premise, alone=True)], bare, lines)
                    if bare.facts and bare not in lines:
                        lines.append(bare)
                else:
                    self._conclude(concluded, premise, lines)
        told = set().union(*(line.tells for line in lines if not line.flag))
        return [line for line in lines if not (line.flag and line.flag <= told)]

    def _conclude(self, concluded: Conclusion, premise: Premise, lines: list[_Said]) -> None:
        file = self._inferred.base.files.get(concluded.id)
        if premise.words == (FALSE,):
            if isinstance(file, ConclusionFile):
                text = file.short_when_false or file.when_false or f"not: {file.title}"
                said = _Said([self._wording.fill(text, concluded.side)], [])
                said.proved_by.append(concluded.name)
                lines.append(said)
            return
        if concluded.id.startswith(FLAG):
            # The triage says why; here it counts that it stands first.
            # Two levels of one flag are one line.
            flag = _Said([self._wording.title(concluded.name)], [])
            said = next((each for each in lines if each.heads == flag.heads), flag)
            if said is flag:
                lines.append(flag)
            if concluded.name not in said.proved_by:
                said.proved_by.append(concluded.name)
            for rule in self._fired(concluded.name):
                said.flag |= facts_of(rule, self._inferred)
            return
        inner = [each for rule in self._fired(concluded.name) for each in rule.premises]
        if inner and all(self._inferred.form.conclusions.get(each.operand) for each in inner):
            for each in inner:
                self._conclude(self._inferred.form.conclusions[each.operand], each, lines)
            return
        head = getattr(file, "short", "") or self._wording.title(concluded.name)
        told = list(self._told(concluded))
        said = _Said([head], [], proved_by=[concluded.name])
        self._add(told, said, lines)
        if said.facts or not told:
            lines.append(said)
            return
        known = {operand for _, operands in told for operand in operands}
        of = next((line for line in lines if line.tells & known), None)
        if of is not None and of.heads and head not in of.heads:
            of.heads.append(head)
            of.proved_by.append(concluded.name)

    def _add(self, told: Iterable[Told], said: _Said, lines: list[_Said]) -> None:
        """Add what no line tells yet."""
        for text, operands in told:
            known = said.tells.union(*(line.tells for line in lines))
            if not operands <= known:
                said.facts.append(text)
                said.tells |= operands

    def _told(self, concluded: Conclusion) -> Iterator[Told]:
        """Give what the rules of a conclusion that hold say, down to the findings."""
        rules = self._fired(concluded.name)
        read = {rule.name: _of_a_leg(facts_of(rule, self._inferred)) for rule in rules}
        for rule in rules:
            mine = read[rule.name]
            if any(mine < other for other in read.values()):
                continue  # another rule tells this leg's readings and more
            written = self._inferred.base.rule_texts.get(rule.id)
            if written and written[0].short:
                text = self._wording.fill(written[0].short, rule.side)
                yield text, facts_of(rule, self._inferred)
                continue
            for premise in rule.premises:
                inner = self._inferred.form.conclusions.get(premise.operand)
                if inner is not None and premise.words == (TRUE,):
                    if inner.rules:
                        yield from self._told(inner)
                else:
                    yield self._leaf(premise)
            if not rule.premises:
                yield self._wording.because(rule.id, rule.side), frozenset({rule.name})

    def _leaf(self, premise: Premise, alone: bool = False) -> Told:
        return self._wording.fact(premise, alone), frozenset({premise.operand})


def _asked(line: Line) -> Iterator[str]:
    """Give the conclusions that a line asks to be true."""
    for premise in line:
        if premise.words == (TRUE,):
            yield premise.operand


def _of_a_leg(operands: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in operands if without_side(name)[0])
