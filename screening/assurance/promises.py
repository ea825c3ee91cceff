"""Promises as formulas: each kind says what must never be true of any case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from screening.algebra import Faces
from screening.assurance.solver import AllCases
from screening.errors import Problem
from screening.inference.infer import Inferred
from screening.inference.meaning import Walk
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Ladder, Line
from screening.rulebase.levels import ALL, TIERS, tier_of
from screening.rulebase.premises import PremiseError, ground_line
from screening.rulebase.shapes import PromiseText

EVERY_ADVICE = "every_advice"
ADVISED, SUSPENDED = "advised", "suspended"

Term = Any


@dataclass(frozen=True)
class PromiseClaim:
    """Something that a promise says is never true, and how a screened case shows it."""

    what: str
    term: Term
    shown: Callable[[Inferred], bool]


def claims(id: str, promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    """Give everything that a promise says must never be true.

    Raises:
        PremiseError: for a premise that cannot be read.

    """
    yield from _KINDS[promise.kind](promise, cases)


# -- never -------------------------------------------------------------------------------------


def _never(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    texts = [*([promise.whenever] if promise.whenever else []), *promise.any_of]
    limits = _readings(promise, cases)
    for target in _targets(promise, cases.base):
        for text in texts:
            filled = tuple(part.replace(".* ", f".{target} ") for part in text)
            for side in SIDES if _is_of_leg(filled, cases.base) else (None,):
                for line in ground_line(filled, cases.base.names, side, decision=True):
                    yield _line(line, ", ".join(filled), limits, cases)


def _targets(promise: PromiseText, base: RuleBase) -> list[str]:
    if not promise.for_each:
        return [""]
    known = [file.id for file in base.advice]
    if promise.for_each == (EVERY_ADVICE,):
        return known
    named = base.blocks.expand(promise.for_each)
    unknown = [name for name in named if name not in known and "." not in name]
    if unknown:
        raise PremiseError(f'"{unknown[0]}" is no advice and no group of blocks.')
    return [name for name in named if name in known]


def _is_of_leg(texts: Iterable[str], base: RuleBase) -> bool:
    for text in texts:
        name = text.split()[0]
        quantifier = name.partition(".")[0]
        if quantifier in ("either", "both") or name in base.names.groups:
            continue
        if base.names.operand(name).leg:
            return True
    return False


def _line(line: Line, what: str, limits: Term, cases: AllCases) -> PromiseClaim:
    whole = _with_ladders(line, cases.walk)
    must = cases.walk.line(whole).must
    return PromiseClaim(
        what, cases.algebra.all([must, limits]), lambda inferred: inferred.holds(whole) is True
    )


def _with_ladders(line: Line, walk: Walk[Term]) -> Line:
    """Add what must hold for a ladder to be reported at all."""
    ladders = walk.form.ladders_by_name
    exists = [p for each in line if each.operand in ladders for p in ladders[each.operand].exists]
    return tuple(dict.fromkeys([*line, *exists]))


def _readings(promise: PromiseText, cases: AllCases) -> Term:
    """Say that of some findings there are only these readings, and none of their kind."""
    form, parts = cases.base.form, []
    groups = {path.partition(".")[0] for path in promise.readings}
    measured = form.rests_on(form.derived_by_name)
    for name in form.recorded:
        bare = without_side(name)[1]
        if bare.partition(".")[0] not in groups or name not in measured:
            continue
        value = cases.walk.value(name)
        among = [value.low == number for number in promise.readings.get(bare, ())]  # type: ignore[union-attr]
        absent = cases.algebra.swap(value.recorded)
        parts.append(cases.algebra.any([absent, *among]))
    return cases.algebra.all(parts)


def _at_most(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    """Count, on each leg, the targets of which a line holds."""
    import z3

    for side in SIDES:
        grounded = [
            _with_ladders(line, cases.walk)
            for target in _targets(promise, cases.base)
            for line in ground_line(
                tuple(part.replace(".* ", f".{target} ") for part in promise.whenever),
                cases.base.names,
                side,
                decision=True,
            )
        ]
        terms = [(cases.walk.line(line).must, 1) for line in grounded]
        too_many = z3.PbGe(terms, promise.most + 1) if len(terms) > promise.most else False
        yield PromiseClaim(
            f"more than {promise.most} with {', '.join(promise.whenever)} on the {side}",
            too_many,
            partial(_too_many, grounded, promise.most),
        )


def _too_many(lines: list[Line], most: int, inferred: Inferred) -> bool:
    return sum(inferred.holds(line) is True for line in lines) > most


# -- about ladders -------------------------------------------------------------------------------


def _ladders(names: Iterable[str], cases: AllCases) -> list[Ladder]:
    return [ladder for ladder in cases.base.form.ladders if ladder.id in set(names)]


def _one_row_wins(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    every, some, swap = cases.algebra.all, cases.algebra.any, cases.algebra.swap
    for ladder in _ladders(promise.of, cases):
        wins = cases.walk.rows(ladder.name)
        none = swap(some(wins))
        two = some(every([a, b]) for i, a in enumerate(wins) for b in wins[:i])
        yield PromiseClaim(
            f"{ladder.name}: no row, or two", some([none, two]), lambda inferred: False
        )


def _named_tiers(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    base, every = cases.base, cases.algebra.all
    for ladder in _ladders(promise.of, cases):
        for row, wins in zip(ladder.rows, cases.walk.rows(ladder.name), strict=True):
            levels = [
                f"{f.id}.{level}"
                for f in base.flags
                for level in f.levels
                if tier_of(level) == row.word
            ]
            if row.lines is None:
                continue
            unnamed = [cases.algebra.swap(cases.walk.faces(level).must) for level in levels]
            shown = partial(_unnamed, ladder.name, row.word, levels)
            yield PromiseClaim(f"{row.word} without a flag", every([wins, *unnamed]), shown)


def _unnamed(ladder: str, word: str, levels: list[str], inferred: Inferred) -> bool:
    held = any(inferred.faces(level).must for level in levels)
    return inferred.rows[ladder].word == word and not held


# -- about flags and blocks ------------------------------------------------------------------------


def _blocks_hold(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    base = cases.base
    for file in base.flags:
        for tier, level in file.levels.items():
            names = [ALL, *level.blocks] if tier == TIERS[0] else level.blocks
            yield from _holds_for(f"{file.id}.{tier}", names, cases)
    for gate, text in base.blocks.by_gate.items():
        leg = base.names.operand(gate).leg
        for name in [f"{side}.{gate}" for side in SIDES] if leg else [gate]:
            yield from _holds_for(name, text.blocks, cases)


def _holds_for(source: str, names: Iterable[str], cases: AllCases) -> Iterator[PromiseClaim]:
    every, swap, found = cases.algebra.all, cases.algebra.swap, cases.walk.faces(source)
    for blocked in cases.base.blocks.expand(names):
        for side in SIDES:
            target = f"{side}.blocked.{blocked}"
            faces = cases.walk.faces(target)
            loose = cases.algebra.any(
                [every([found.must, swap(faces.must)]), every([found.may, swap(faces.may)])]
            )
            yield PromiseClaim(
                f"{source} does not block {blocked}", loose, partial(_loose, source, target)
            )


def _loose(source: str, target: str, inferred: Inferred) -> bool:
    flag, block = inferred.faces(source), inferred.faces(target)
    return (flag.must and not block.must) or (flag.may and not block.may)


def _rising_flags(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    """Compare two worlds that differ in one level of one flag, every other flag held."""
    form, algebra = cases.base.form, cases.algebra
    levels = [f"{file.id}.{tier}" for file in cases.base.flags for tier in file.levels]
    held = Walk(form, algebra, conclusions={name: _free(name, cases) for name in levels})
    for name in levels:
        absent, present = (held.again({}, {name: Faces(here, here)}) for here in (False, True))
        worse = algebra.any(_worse(absent, present, cases))
        yield PromiseClaim(f"{name} more and something less", worse, lambda inferred: False)


def _free(name: str, cases: AllCases) -> Faces[Term]:
    """Give a flag that may be true, false or unknown, whatever was recorded."""
    import z3

    must = z3.Bool(f"{name} must")
    return Faces(must, z3.Or(must, z3.Bool(f"{name} may")))


def _worse(absent: Walk[Term], present: Walk[Term], cases: AllCases) -> Iterator[Term]:
    every, swap = cases.algebra.all, cases.algebra.swap
    for ladder in cases.base.form.ladders:
        before, after = absent.rows(ladder.name), present.rows(ladder.name)
        words = [row.word for row in ladder.rows]
        if ladder.advice:
            place = words.index(ADVISED)
            yield every([after[place], swap(before[place])])
        elif SUSPENDED in words:
            place = words.index(SUSPENDED)
            yield every([before[place], swap(after[place])])
        elif set(words) <= set(TIERS):
            for i, tier in enumerate(words):
                for j, other in enumerate(words):
                    if TIERS.index(other) > TIERS.index(tier):
                        yield every([before[i], after[j]])


def _independent(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    """Nothing that decides a tier or a block rests on these findings."""
    form = cases.base.form
    decides = [ladder.name for ladder in form.ladders if ladder.side is None]
    decides += [n for n, c in form.conclusions.items() if c.id.partition(".")[0] == "blocked"]
    below = {without_side(name)[1] for name in form.rests_on(decides)}
    for path in promise.of:
        cases.base.names.operand(path)
        yield PromiseClaim(f"{path} is read", path in below, lambda inferred: True)


# -- about texts -----------------------------------------------------------------------------------


def _attestation(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    entries = cases.base.vocabulary.entries
    for path, entry in entries.items():
        alone = [name for name in entry.answers if entries[name].one_by_one]
        yield PromiseClaim(f"{path} answers {', '.join(alone)}", bool(alone), lambda inferred: True)


def _complete_texts(promise: PromiseText, cases: AllCases) -> Iterator[PromiseClaim]:
    for file in cases.base.advice:
        empty = not (file.dose.strip() and file.stop_rules)
        yield PromiseClaim(f"{file.id} has no dose or no stop rule", empty, lambda inferred: True)
    for flag in cases.base.flags:
        for tier, level in flag.levels.items():
            silent = not level.action.strip() or not all(rule.because for rule in flag.rules)
            late = level.within is None and tier != TIERS[-1]
            yield PromiseClaim(
                f"{flag.id}.{tier} says too little", silent or late, lambda inferred: True
            )


_KINDS: dict[str, Callable[[PromiseText, AllCases], Iterator[PromiseClaim]]] = {
    "never": _never,
    "one_row_wins": _one_row_wins,
    "named_tiers": _named_tiers,
    "at_most": _at_most,
    "blocks_hold": _blocks_hold,
    "rising_flags": _rising_flags,
    "independent": _independent,
    "attestation": _attestation,
    "complete_texts": _complete_texts,
}


def where(id: str, base: RuleBase) -> str:
    """Give the file and line of a promise."""
    document = base.documents.get(f"promises:{id}")
    return document.where((id,)) if document else str(base.root)


def unreadable(id: str, error: PremiseError, base: RuleBase) -> Problem:
    """Give the problem of a promise that names something that is not there."""
    return Problem(where(id, base), f"{id}: {error.what}", "It could not be proved.", error.todo)
