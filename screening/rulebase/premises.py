"""Premises as they are written: ``ankle.bent_band one_of restricted, borderline``.

A scope says which words and numbers exist; grounding turns a written line into lines of the one
form, with every side, quantifier and threshold resolved.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from screening.algebra import COMPARISONS
from screening.errors import Problem, did_you_mean
from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import SIDES, other
from screening.rulebase.form import FALSE, TRUE, Line, Premise

QUANTIFIERS = ("other", "either", "both")


class PremiseError(ValueError):
    """A premise cannot be understood; ``what`` and ``todo`` are said with the file and line."""

    def __init__(self, what: str, todo: str = "") -> None:
        """Hold what is wrong and what to do."""
        super().__init__(what)
        self.what, self.todo = what, todo

    def at(self, where: str) -> Problem:
        """Give the problem with its place."""
        return Problem(where, self.what, "The rule could never be read as meant.", self.todo)


class BrokenNameError(PremiseError):
    """A name that a file with problems of its own would have given: nothing more is to be said."""


@dataclass(frozen=True, slots=True)
class Operand:
    """What a rule may name: of a leg or the person; a number with its unit, or words."""

    leg: bool
    words: tuple[str, ...] = ()
    unit: str = ""
    conclusion: bool = False
    kind: Literal["finding", "derived", "conclusion", "ladder"] = "finding"
    ordered: bool = False


@dataclass
class Names:
    """Every name that rules may use; ``groups`` are the pseudo-names such as ``any_gate``."""

    operands: dict[str, Operand]
    thresholds: Mapping[str, Threshold]
    broken: frozenset[str] = frozenset()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used_thresholds: set[str] = field(default_factory=set)
    used_operands: set[str] = field(default_factory=set)
    premises: dict[Premise, Premise] = field(default_factory=dict)
    """Equal premises are one object, so that a reading works each out once."""
    grounded: dict[tuple[str, str | None, bool], tuple[Line, ...]] = field(default_factory=dict)
    lines: dict[tuple[tuple[str, ...], str | None, bool], tuple[Line, ...]] = field(
        default_factory=dict
    )
    """What written lines stand for: a screening asks for the same ones as the one before."""

    def operand(self, name: str) -> Operand:
        """Give what a bare name stands for.

        Raises:
            PremiseError: if no such finding, derived finding or conclusion exists.

        """
        found = self.operands.get(name)
        if found is None and self._is_broken(name):
            raise BrokenNameError(name)
        if found is None:
            raise PremiseError(
                f'"{name}" is no finding, derived finding or conclusion.',
                f"{did_you_mean(name, [*self.operands, *self.groups])} "
                "`screening rules vocabulary` lists the findings.".strip(),
            )
        self.used_operands.add(name)
        return found

    def _is_broken(self, name: str) -> bool:
        """Tell whether a file that has problems would have given a name, or part of it."""
        if name.startswith(("blocked.", "block.")) and "blocks" in self.broken:
            return True
        parts = name.split(".")
        pieces = (parts[i:j] for i in range(len(parts)) for j in range(i + 1, len(parts) + 1))
        return any(".".join(piece) in self.broken for piece in pieces)

    def number(self, name: str, unit: str) -> int:
        """Give a threshold in hundredths; its unit must be that of the operand."""
        threshold = self.thresholds.get(name)
        if threshold is None and name in self.broken:
            raise BrokenNameError(name)
        if threshold is None:
            raise PremiseError(
                f'"{name}" is no threshold.',
                did_you_mean(name, self.thresholds) or "Add it to rules/thresholds.yaml.",
            )
        if threshold.unit != unit:
            raise PremiseError(
                f'the threshold "{name}" is in "{threshold.unit}", the finding in "{unit}".',
                "Units are never converted: name a threshold in the unit of the finding.",
            )
        self.used_thresholds.add(name)
        return threshold.value


@dataclass(frozen=True, slots=True)
class Written:
    """A premise taken apart, before its side is known."""

    quantifier: str | None
    name: str
    comparison: str
    value: str


def take_apart(text: str) -> Written:
    """Split a written premise into quantifier, name, comparison and value.

    Raises:
        PremiseError: if it is not ``NAME COMPARISON VALUE``.

    """
    parts = text.split(maxsplit=2)
    if len(parts) != 3:
        raise PremiseError(f'"{text}" is not a premise.', "Write NAME COMPARISON VALUE.")
    name, comparison, value = parts
    quantifier, _, rest = name.partition(".")
    if quantifier in QUANTIFIERS and rest:
        return Written(quantifier, rest, comparison, value)
    return Written(None, name, comparison, value)


def _compare(
    written: Written, operand: Operand, names: Names, decision: bool
) -> tuple[str, object]:
    how, value = written.comparison, written.value
    if decision and how == "is" and value in ("unknown", "set_aside"):
        if value == "set_aside" and not (operand.kind == "derived" and operand.words):
            raise PremiseError(f'"{written.name}" is no band: only a band is set aside.')
        return value, ()
    if how in COMPARISONS:
        if operand.words:
            raise PremiseError(f'"{written.name}" is answered in words, not in numbers.', "Use is.")
        return how, names.number(value, operand.unit)
    if how not in ("is", "one_of"):
        known = (*COMPARISONS, "is", "one_of")
        raise PremiseError(f'"{how}" is no comparison.', f"Use one of {', '.join(known)}.")
    words = tuple(word.strip() for word in value.split(",")) if how == "one_of" else (value,)
    for word in words:
        if word not in operand.words:
            allowed = ", ".join(operand.words) or "a number"
            raise PremiseError(
                f'"{written.name}" is never "{word}"; it is one of: {allowed}.',
                did_you_mean(word, operand.words),
            )
    return "one_of", words


def ground(text: str, names: Names, side: str | None, decision: bool = False) -> tuple[Line, ...]:
    """Give the alternatives of one written premise on one side (several only for "either").

    Many rules share a premise: each is read once.

    Raises:
        PremiseError: for unknown names, words, thresholds and comparisons, and for a leg
            finding without a leg.

    """
    known = names.grounded.get((text, side, decision))
    if known is None:
        known = names.grounded[text, side, decision] = _ground(text, names, side, decision)
    return known


def _ground(text: str, names: Names, side: str | None, decision: bool) -> tuple[Line, ...]:
    written = take_apart(text)
    if written.name in names.groups:
        members = names.groups[written.name]
        return tuple(
            line
            for name in members
            for line in ground(
                f"{name} {written.comparison} {written.value}", names, side, decision
            )
        )
    operand = names.operand(written.name)
    comparison, value = _compare(written, operand, names, decision)
    if comparison == "one_of" and operand.conclusion and len(value) != 1:  # type: ignore[arg-type]
        raise PremiseError(f'"{text}" is always so.', f"Ask for {TRUE} or {FALSE}.")
    threshold = written.value if comparison in COMPARISONS else None

    def premise(name: str) -> Premise:
        made = Premise(name, comparison, value, threshold)  # type: ignore[arg-type]
        return names.premises.setdefault(made, made)

    return _place(written, operand, side, premise)


def _place(written: Written, operand: Operand, side: str | None, premise) -> tuple[Line, ...]:  # type: ignore[no-untyped-def]
    name, quantifier = written.name, written.quantifier
    if not operand.leg:
        if quantifier:
            raise PremiseError(f'"{name}" is of the person, not of a leg.', f"Drop {quantifier}.")
        return ((premise(name),),)
    if quantifier == "both":
        return (tuple(premise(f"{each}.{name}") for each in SIDES),)
    if quantifier == "either":
        return tuple((premise(f"{each}.{name}"),) for each in SIDES)
    if side is None:
        raise PremiseError(
            f'"{name}" is of a leg, but the rule does not say of which.',
            f"Write either.{name} or both.{name}, or `each: leg` at the rule.",
        )
    return ((premise(f"{other(side) if quantifier else side}.{name}"),),)


def ground_line(
    texts: tuple[str, ...], names: Names, side: str | None, decision: bool = False
) -> tuple[Line, ...]:
    """Give the flat lines that a written line stands for on one side.

    Raises:
        PremiseError: for a premise that cannot be read, or one that is written twice.

    """
    known = names.lines.get((texts, side, decision))
    if known is None:
        known = names.lines[texts, side, decision] = tuple(_lines(texts, names, side, decision))
    return known


def _lines(
    texts: tuple[str, ...], names: Names, side: str | None, decision: bool
) -> Iterator[Line]:
    alternatives = [ground(text, names, side, decision) for text in texts]
    for choice in itertools.product(*alternatives):
        line = tuple(premise for part in choice for premise in part)
        if len(set(line)) != len(line):
            raise PremiseError("the same premise is written twice.", "Drop one of them.")
        yield line
