"""What cases should show of a rule base: every rule, premise, threshold, derived finding and row.

A goal can be reached in several ways (on either leg, by any ground rule), and a way is a list of
wants that must all be met by one inferred case. Coverage asks whether some case meets them, and
``suggest`` searches a case that does: both read the same list, made from the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from screening.inference.infer import Inferred
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import FALSE, TRUE, Form, Ladder, Line, Premise, Rule

Outcome = Literal["met", "not met", "false"]
"""A premise must hold; does not have to hold (false or unknown); cannot hold."""


@dataclass(frozen=True, slots=True)
class Holds:
    """A premise comes out as wanted."""

    premise: Premise
    outcome: Outcome = "met"

    def met(self, inferred: Inferred) -> bool:
        """Tell whether a case shows it."""
        faces = inferred.walk.premise(self.premise)
        if self.outcome == "false":
            return not faces.may
        return faces.must == (self.outcome == "met")


@dataclass(frozen=True, slots=True)
class Lies:
    """A number is recorded, or derived for certain, and lies between two ends."""

    operand: str
    low: int
    high: int

    def met(self, inferred: Inferred) -> bool:
        """Tell whether a case shows it."""
        reading = inferred.known.get(self.operand)
        if not isinstance(reading, tuple):
            return False
        return self.low <= reading[0] == reading[1] <= self.high


@dataclass(frozen=True, slots=True)
class Wins:
    """A row of a ladder is the first that is established."""

    ladder: Ladder
    row: int

    def met(self, inferred: Inferred) -> bool:
        """Tell whether a case shows it."""
        exists = inferred.exists(self.ladder.exists)
        return exists and inferred.rows[self.ladder.name] is self.ladder.rows[self.row]


Want = Holds | Lies | Wins
Way = tuple[Want, ...]


@dataclass(frozen=True)
class Goal:
    """One thing that some case should show; ``kind`` groups goals for counting."""

    kind: str
    name: str
    where: str
    lacks: str
    """What a case is still missing for, as a sentence."""
    ways: tuple[Way, ...]

    @property
    def key(self) -> str:
        """A name that no other goal has."""
        return f"{self.kind}: {self.name}"

    def met(self, inferred: Inferred) -> bool:
        """Tell whether a case shows it in any way."""
        return any(all(want.met(inferred) for want in way) for way in self.ways)


def goals(base: RuleBase) -> Iterator[Goal]:
    """Give everything that the cases of a rule base should show."""
    yield from _of_rules(base)
    yield from _of_conclusions(base)
    yield from _of_thresholds(base)
    yield from _of_derived(base)
    yield from _of_ladders(base)


def _all_met(line: Line) -> Way:
    return tuple(Holds(premise) for premise in line)


# -- rules and their premises -----------------------------------------------------------------


def _of_rules(base: RuleBase) -> Iterator[Goal]:
    ground: dict[str, list[Rule]] = {id: [] for id in base.rule_texts}
    for rule in base.form.rules.values():
        if rule.id in ground:
            ground[rule.id].append(rule)
    for id, rules in sorted(ground.items()):
        if rules:
            _, file = base.rule_texts[id]
            position = [rule.id for rule in file.rules].index(id)
            yield from _of_rule(id, rules, base.where(file.id, ("rules", position)), base.form)


def _of_rule(id: str, rules: list[Rule], where: str, form: Form) -> Iterator[Goal]:
    exists = [_all_met(form.conclusions[rule.concludes].exists) for rule in rules]
    fires = tuple(
        (*there, *_all_met(rule.premises)) for there, rule in zip(exists, rules, strict=True)
    )
    yield Goal("rules", id, where, f"No case shows {id} firing.", fires)
    for i in range(len(rules[0].premises)):
        written = as_written(rules[0].premises[i])
        ones = [(there, r.premises) for there, r in zip(exists, rules, strict=True)]
        shown: dict[str, tuple[Way, ...]] = {
            "true": tuple((*there, Holds(line[i])) for there, line in ones),
            "false": tuple((*there, Holds(line[i], "false")) for there, line in ones),
            "deciding": tuple(
                (*there, *_all_met(line[:i] + line[i + 1 :]), Holds(line[i], "not met"))
                for there, line in ones
            ),
        }
        for what, ways in shown.items():
            lacks = f'No case shows "{written}" {what}.'
            if what == "deciding":
                lacks = f'No case lacks only "{written}" for {id} to fire.'
            yield Goal(f"premises {what}", f"{id} premise {i + 1}", where, lacks, ways)


def as_written(premise: Premise) -> str:
    """Give a ground premise as a rule file writes it, without its side."""
    _, name = without_side(premise.operand)
    if premise.threshold:
        return f"{name} {premise.comparison} {premise.threshold}"
    if premise.comparison != "one_of":
        return f"{name} is {premise.comparison}"
    how = "is" if len(premise.words) == 1 else "one_of"
    return f"{name} {how} {', '.join(premise.words)}"


def _of_conclusions(base: RuleBase) -> Iterator[Goal]:
    """Flag levels, blocks of groups and the like: each true in a case, and each false in one."""
    of: dict[str, list[str]] = {}
    for name, conclusion in base.form.conclusions.items():
        if conclusion.rules:
            of.setdefault(conclusion.id, []).append(name)
    for id, names in of.items():
        where = base.where(id) if id in base.documents else id
        for word in (TRUE, FALSE):
            ways = tuple(
                (*_all_met(base.form.conclusions[n].exists), Holds(Premise(n, "one_of", (word,))))
                for n in names
            )
            yield Goal(f"conclusions {word}", id, where, f"No case shows {id} {word}.", ways)


# -- thresholds ---------------------------------------------------------------------------------


def _of_thresholds(base: RuleBase) -> Iterator[Goal]:
    compared: dict[tuple[str, str], list[str]] = {}
    for operand, threshold in _comparisons(base):
        found = compared.setdefault((without_side(operand)[1], threshold), [])
        if operand not in found:
            found.append(operand)
    for (bare, threshold), operands in sorted(compared.items()):
        yield from _of_threshold(base, bare, threshold, operands)


def _of_threshold(base: RuleBase, bare: str, threshold: str, operands: list[str]) -> Iterator[Goal]:
    at = base.thresholds[threshold].value
    low, high = base.form.limits_of(operands[0])
    near = nearness(base, operands[0], threshold)
    for word, begin, end in (
        ("on", at, at),
        ("just below", at - near, at - 1),
        ("just above", at + 1, at + near),
    ):
        begin, end = max(begin, low), min(end, high)
        if begin <= end:  # no value exists beyond the last one that can be recorded
            yield Goal(
                f"thresholds {word}",
                f"{bare} {word} {threshold}",
                f"thresholds.yaml: {threshold}",
                f"No case has {bare} {word} {threshold} ({base.thresholds[threshold].text}).",
                tuple((Lies(operand, begin, end),) for operand in operands),
            )


def _comparisons(base: RuleBase) -> Iterator[tuple[str, str]]:
    """Give every operand with each threshold that something compares it with."""
    for premise in base.names.premises:
        if premise.threshold:
            yield premise.operand, premise.threshold
    for bare, entry in base.vocabulary.entries.items():
        by_intake = [entry.positive, *entry.implies.values()]
        for threshold in (name for compared in by_intake for name in compared.values()):
            for path in base.vocabulary.paths(bare):
                yield path, threshold


def nearness(base: RuleBase, operand: str, threshold: str) -> int:
    """Give how near is "just": one measurement error, one whole step, or a tenth of the range."""
    form, derived = base.form, base.form.derived_by_name.get(operand)
    if derived is not None and derived.in_steps(form):
        return 100
    recorded = form.recorded.get(operand)
    if recorded and base.vocabulary[recorded.path].whole:
        return 100
    error = base.thresholds[threshold].mdc or (recorded.mdc if recorded else None)
    low, high = form.limits_of(operand)
    return error or (high - low) // 10


# -- derived findings and ladders ------------------------------------------------------------------


def _of_derived(base: RuleBase) -> Iterator[Goal]:
    for name, derived in base.form.derived_by_name.items():
        side, id = without_side(name)
        if side == SIDES[1]:
            continue
        twins = [
            derived,
            *(d for d in [base.form.derived_by_name.get(_mirror(name))] if side and d),
        ]
        where = base.where(id)
        for parts in zip(*(twin.to_show() for twin in twins), strict=True):
            ways = tuple(
                (Lies(twin.name, *twin.limits(base.form)),)
                if part.line is None
                else _all_met(part.line)
                for twin, part in zip(twins, parts, strict=True)
            )
            first = parts[0]
            yield Goal(first.kind, f"{id}{first.part}", where, first.lacks.format(id), ways)


def _mirror(name: str) -> str:
    return f"{SIDES[1]}.{without_side(name)[1]}"


def _of_ladders(base: RuleBase) -> Iterator[Goal]:
    alike: dict[str, list[Ladder]] = {}
    for ladder in base.form.ladders:
        alike.setdefault(ladder.id, []).append(ladder)
    for id, ladders in alike.items():
        for i, row in enumerate(ladders[0].rows):
            word = f"{row.word} ({row.reason})" if row.reason else row.word
            ways = tuple((Wins(ladder, i),) for ladder in ladders)
            where = base.where(id, ("rows", i))
            yield Goal("ladder rows", f"{id} {word}", where, f"No case ends as {id} {word}.", ways)
