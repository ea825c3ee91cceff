"""The meaning of the form, written once as a walk over its strata.

Every premise has two faces, each a plain Boolean: it **must** hold and it **may** hold. True is
must, false is not may, unknown is may without must. A reading supplies the Booleans: Python's own
(reference), columns (cohort) or terms of a solver (proof). A finding that is not recorded may
satisfy any premise and must satisfy none: not recorded is never "normal" and never "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic

from screening.algebra import COMPARISONS, Algebra, B, Faces, Number, Value, Word
from screening.rulebase.form import FALSE, TRUE, Form, Ladder, Line, Premise, Rule
from screening.rulebase.kinds.kind import Derived


@dataclass(frozen=True, slots=True)
class Meaning(Generic[B]):
    """What a walk gives: values of operands, faces of rules and conclusions, rows of ladders."""

    values: dict[str, Value[B]]
    rules: dict[str, Faces[B]]
    conclusions: dict[str, Faces[B]]
    ladders: dict[str, tuple[B, ...]]


class Walk(Generic[B]):
    """Works a form out in one algebra; everything is worked out once, when it is first asked for.

    Nothing rests on itself (loading refuses that), so asking goes down to the findings and ends.
    """

    def __init__(
        self,
        form: Form,
        algebra: Algebra[B],
        values: Mapping[str, Value[B]] | None = None,
        conclusions: Mapping[str, Faces[B]] | None = None,
        ladders: Mapping[str, tuple[B, ...]] | None = None,
    ) -> None:
        """Prepare a walk; what another reading has derived already is taken as it is."""
        self.form, self.algebra = form, algebra
        self._values: dict[str, Value[B]] = dict(values or {})
        self._rules: dict[str, Faces[B]] = {}
        self._conclusions: dict[str, Faces[B]] = dict(conclusions or {})
        self._ladders: dict[str, tuple[B, ...]] = dict(ladders or {})
        self._premises: dict[int, Faces[B]] = {}
        # A premise is found by its identity, which must not pass to another one.
        self._kept: list[Premise] = []
        self._before: Walk[B] | None = None
        self._changed: frozenset[str] = frozenset()

    def walk(self) -> Meaning[B]:
        """Work everything out: derived findings, then every stratum, then the ladders."""
        form = self.form
        values = {name: self.value(name) for name in (*form.recorded, *form.derived_by_name)}
        conclusions = {name: self.faces(name) for name in form.conclusions}
        rules = {name: self.rule(rule) for name, rule in form.rules.items()}
        ladders = {name: self.rows(name) for name in form.ladders_by_name}
        return Meaning(values, rules, conclusions, ladders)

    def again(
        self,
        changes: Mapping[str, Value[B]],
        conclusions: Mapping[str, Faces[B]] | None = None,
    ) -> Walk[B]:
        """Give the same walk with other values of some operands: the rest is not redone."""
        walk = Walk(self.form, self.algebra, changes, conclusions)
        names = [*changes, *(conclusions or ())]
        walk._before = self
        walk._changed = frozenset(names).union(*map(self.form.readers_of, names))
        return walk

    # -- what can be asked for ---------------------------------------------------------------

    def value(self, name: str) -> Value[B]:
        """Give the value of a recorded or derived finding, or the word of a ladder."""
        found = self._values.get(name)
        if found is None:
            if self._before is not None and name not in self._changed:
                return self._before.value(name)
            found = self._values[name] = self._work_out(name)
        return found

    def faces(self, name: str) -> Faces[B]:
        """Give both faces of a conclusion."""
        found = self._conclusions.get(name)
        if found is None:
            if self._before is not None and name not in self._changed:
                return self._before.faces(name)
            rules = self.form.conclusions[name].rules
            found = self._conclusions[name] = self._either([*map(self.rule, rules)])
        return found

    def rule(self, rule: Rule) -> Faces[B]:
        """Give both faces of a rule."""
        found = self._rules.get(rule.name)
        if found is None:
            if self._before is not None and rule.concludes not in self._changed:
                return self._before.rule(rule)
            found = self._rules[rule.name] = self.line(rule.premises)
        return found

    def rows(self, name: str) -> tuple[B, ...]:
        """Tell for each row of a ladder whether it wins: the first that is established."""
        found = self._ladders.get(name)
        if found is None:
            if self._before is not None and name not in self._changed:
                return self._before.rows(name)
            found = self._ladders[name] = self._decide(self.form.ladders_by_name[name])
        return found

    def _work_out(self, name: str) -> Value[B]:
        if name in self.form.recorded:
            return self.algebra.recorded(name)
        derived = self.form.derived_by_name.get(name)
        return self._derive(derived) if derived else self._word(self.form.ladders_by_name[name])

    # -- derived findings ------------------------------------------------------------------

    def _derive(self, derived: Derived) -> Value[B]:
        value = derived.value(self)
        if isinstance(value, Number):
            return value
        every, some, swap = self.algebra.all, self.algebra.any, self.algebra.swap
        recorded = every([value.recorded, swap(value.set_aside)])
        can = {word: some([swap(recorded), each]) for word, each in value.can.items()}
        return Word(recorded, can, value.set_aside)

    def ends(self, name: str) -> Number[B]:
        """Give both ends of a number; of an ordered word those of its position."""
        value = self.value(name)
        if isinstance(value, Number):
            return value
        step = self.algebra.step
        return Number(value.recorded, step(value.can, True), step(value.can, False))

    def recorded(self, names: Iterable[str]) -> B:
        """Tell whether all of some operands are recorded."""
        return self.algebra.all([self.value(name).recorded for name in names])

    # -- premises, rules, conclusions -------------------------------------------------------

    def premise(self, premise: Premise) -> Faces[B]:
        """Give the two faces of a premise."""
        known = self._premises.get(id(premise))
        if known is None:
            if self._before is not None and premise.operand not in self._changed:
                return self._before.premise(premise)
            known = self._premises[id(premise)] = self._faces(premise)
            self._kept.append(premise)
        return known

    def _faces(self, premise: Premise) -> Faces[B]:
        if premise.comparison == "unknown":
            unknown = self.algebra.swap(self.known(premise.operand))
            return Faces(unknown, unknown)
        if premise.operand in self.form.conclusions:
            return self._of_conclusion(self.faces(premise.operand), premise.words[0])
        value = self.value(premise.operand)
        if isinstance(value, Word):
            if premise.comparison == "set_aside":
                return Faces(value.set_aside, value.set_aside)
            return self._of_word(value, premise.words)
        return self._of_number(value, premise)

    def known(self, operand: str) -> B:
        """Tell whether a conclusion is true or false, or a finding recorded."""
        if operand not in self.form.conclusions:
            return self.value(operand).recorded
        faces = self.faces(operand)
        return self.algebra.any([faces.must, self.algebra.swap(faces.may)])

    def _of_conclusion(self, faces: Faces[B], word: str) -> Faces[B]:
        if word == TRUE:
            return faces
        assert word == FALSE
        return Faces(self.algebra.swap(faces.may), self.algebra.swap(faces.must))

    def _of_word(self, value: Word[B], words: tuple[str, ...]) -> Faces[B]:
        inside = self.algebra.any([value.can[word] for word in words])
        if value.recorded is self.algebra.false:
            return Faces(value.recorded, inside)
        outside = self.algebra.any([can for word, can in value.can.items() if word not in words])
        return Faces(self.algebra.all([value.recorded, self.algebra.swap(outside)]), inside)

    def _of_number(self, value: Number[B], premise: Premise) -> Faces[B]:
        compare, how, threshold = self.algebra.compare, premise.comparison, premise.number
        upwards = COMPARISONS[how].upwards
        sure, possible = (value.low, value.high) if upwards else (value.high, value.low)
        must = self.algebra.all([value.recorded, compare(sure, how, threshold)])
        may = compare(possible, how, threshold)
        return Faces(must, self.algebra.any([self.algebra.swap(value.recorded), may]))

    def line(self, line: Line) -> Faces[B]:
        """Give the faces of premises that must all hold."""
        if len(line) == 1:
            return self.premise(line[0])
        every, false, faces = self.algebra.all, self.algebra.false, []
        for premise in line:
            found = self.premise(premise)
            if found.may is false:
                return Faces(false, false)  # whatever the others are
            faces.append(found)
        return Faces(every([f.must for f in faces]), every([f.may for f in faces]))

    def lines(self, lines: Iterable[Line]) -> Faces[B]:
        """Give the faces of lines of which one must hold."""
        return self._either([self.line(line) for line in lines])

    def _either(self, faces: list[Faces[B]]) -> Faces[B]:
        if len(faces) == 1:
            return faces[0]
        some = self.algebra.any
        return Faces(some([f.must for f in faces]), some([f.may for f in faces]))

    # -- ladders ----------------------------------------------------------------------------

    def _decide(self, ladder: Ladder) -> tuple[B, ...]:
        every, some, swap = self.algebra.all, self.algebra.any, self.algebra.swap
        open_still, wins = self.algebra.true, []
        for row in ladder.rows:
            if open_still is self.algebra.false:
                wins.append(open_still)  # a row above it has won in every case there is
                continue
            established = self.algebra.true
            if row.lines is not None:
                established = some(self.line(line).must for line in row.lines)
            wins.append(every([open_still, established]))
            open_still = every([open_still, swap(established)])
        return tuple(wins)

    def _word(self, ladder: Ladder) -> Word[B]:
        words: dict[str, list[B]] = {}
        for row, win in zip(ladder.rows, self.rows(ladder.name), strict=True):
            words.setdefault(row.word, []).append(win)
        can = {word: self.algebra.any(found) for word, found in words.items()}
        return Word(self.algebra.true, can, self.algebra.false)
