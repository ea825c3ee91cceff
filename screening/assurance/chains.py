"""What the linter sees only by chaining rules: everything that can never, or must always, be so.

Each finding has a proof (no case at all) or a witness (a case that shows it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from screening.algebra import Word
from screening.assurance.solver import AllCases
from screening.errors import Problem
from screening.inference.durable import MOST_ANTECEDENTS
from screening.inference.formula import Term
from screening.inference.infer import Inferred
from screening.intake.case import Case
from screening.intake.vocabulary import SIDES, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import FALSE, TRUE, Conclusion, Premise, Rule
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import LadderFile

MOST_CONDITIONS = 64
"""The engine gives error 303 when one fact satisfies more conditions than this."""
MOST_ALIKE = 255
"""The engine crashes at 256 rules on one identical condition."""


@dataclass(frozen=True)
class ChainFound:
    """One thing that is wrong with the chain of rules."""

    kind: str
    problem: Problem
    witness: Case | None = None


def lint(base: RuleBase, seconds: float = 10.0) -> Iterator[ChainFound]:
    """Give everything that is wrong with the chain of rules of a rule base."""
    cases = AllCases(base, seconds)
    true: set[str] = set()
    yield from _rules(cases, true)
    yield from _conclusions(cases, true)
    yield from _bands(cases)
    yield from _ladders(cases)
    yield from _gaps(cases)
    yield from limits(base)


def _left(side: str | None) -> bool:
    """Both legs are grounded from one text: what is shown of one leg holds of the other."""
    return side in (None, SIDES[0])


# -- rules and conclusions ------------------------------------------------------------------------


def _rules(cases: AllCases, true: set[str]) -> Iterator[ChainFound]:
    """Give what is wrong with single rules; ``true`` is told which conclusions become true."""
    fires: dict[str, bool] = {}
    needed: dict[str, bool] = {}
    for name, conclusion in cases.base.form.conclusions.items():
        for rule in conclusion.rules:
            id = rule.id
            if id not in cases.base.rule_texts or not _left(rule.side):
                continue
            if needed.get(id) and fires.get(id):
                continue
            superfluous = cases.never(_alone(rule, conclusion, cases))
            # What fires alone fires: only of the others it is asked.
            never = superfluous is not False and cases.never(cases.walk.rule(rule).must)
            needed[id] = needed.get(id, False) or not superfluous
            fires[id] = fires.get(id, False) or not never
            if never is False:
                true.add(name)
    for id, can in fires.items():
        if not can:
            yield from _of_rule("never_fires", id, "it can never fire.", cases.base)
        elif not needed[id]:
            yield from _of_rule(
                "never_needed", id, "whenever it fires, another rule says the same.", cases.base
            )


def _alone(rule: Rule, conclusion: Conclusion, cases: AllCases) -> Term:
    """Give the claim that a rule fires and no other rule says the same."""
    others = [cases.walk.rule(other).must for other in conclusion.rules if other.id != rule.id]
    nobody = cases.algebra.swap(cases.algebra.any(others))
    return cases.algebra.all([cases.walk.rule(rule).must, nobody])


def _of_rule(kind: str, id: str, what: str, base: RuleBase) -> Iterator[ChainFound]:
    _, file = base.rule_texts[id]
    place = ("rules", [rule.id for rule in file.rules].index(id))
    todo = "Remove it, mend it, or say under `meant:` why it stays."
    if id not in file.meant:
        yield ChainFound(kind, Problem(base.where(file.id, place), f"{id}: {what}", "", todo))


def _conclusions(cases: AllCases, true: set[str]) -> Iterator[ChainFound]:
    for name, conclusion in cases.base.form.conclusions.items():
        if not _left(conclusion.side):
            continue
        faces = cases.walk.faces(name)
        can = {TRUE: faces.must, FALSE: cases.algebra.swap(faces.may)}
        if name in true:
            del can[TRUE]
        for word, claim in can.items():
            if cases.never(claim) and not (word == TRUE and not conclusion.rules):
                what = f"{conclusion.id} can never become {word}."
                yield ChainFound(f"never_{word}", Problem(_where(conclusion.id, cases.base), what))


def _where(id: str, base: RuleBase) -> str:
    for candidate in (id, id.rpartition(".")[0], id.partition(".")[2]):
        if candidate in base.files:
            return base.where(candidate)
    return str(base.root)


# -- bands and ladders --------------------------------------------------------------------------


def _bands(cases: AllCases) -> Iterator[ChainFound]:
    for name, band in cases.base.form.derived_by_name.items():
        side, id = without_side(name)
        if not _left(side):
            continue
        for number, instrument in enumerate(band.instruments):
            known = cases.algebra.all(cases.walk.value(read).recorded for read in instrument.reads)
            words = [cases.walk.line(line).must for _, line in instrument.words]
            where = cases.base.where(id, ("instruments", number))
            hole = cases.algebra.all([known, cases.algebra.swap(cases.algebra.any(words))])
            if not cases.never(hole):
                what = f"{id}: a reading of this instrument falls into no word."
                yield ChainFound("hole", Problem(where, what), _witness(hole, cases))
            both = cases.algebra.any(
                cases.algebra.all([a, b]) for i, a in enumerate(words) for b in words[:i]
            )
            if not cases.never(both):
                what = f"{id}: a reading of this instrument falls into two words."
                yield ChainFound("overlap", Problem(where, what), _witness(both, cases))


def _witness(claim: Term, cases: AllCases) -> Case | None:
    return cases.ask(claim, lambda inferred: True).witness


def _ladders(cases: AllCases) -> Iterator[ChainFound]:
    for ladder in cases.base.form.ladders:
        if not _left(ladder.side):
            continue
        for row, wins in zip(ladder.rows, cases.walk.rows(ladder.name), strict=True):
            file = cases.base.files.get(ladder.advice or ladder.id)
            if row.lines == ():
                continue  # a row for which this advice gives no line of its own
            if cases.never(wins) and not (file and "never_wins" in file.meant):
                name = f"advice {ladder.advice}" if ladder.advice else ladder.id
                what = f'{name}: the row "{row.word}" can never win.'
                yield ChainFound(
                    "never_wins", Problem(cases.base.where(ladder.id, ("rows",)), what)
                )


# -- gaps ---------------------------------------------------------------------------------------


def _gaps(cases: AllCases) -> Iterator[ChainFound]:
    """Fully recorded findings that still decide nothing: only where that is meant."""
    for id, file in cases.base.files.items():
        if isinstance(file, LadderFile) and file.gap is not None:
            yield from _gap(id, file, cases)


def _gap(id: str, file: LadderFile, cases: AllCases) -> Iterator[ChainFound]:
    assert file.gap is not None
    side, form, algebra = SIDES[0], cases.base.form, cases.algebra
    ladder = form.ladders_by_name[f"{side}.{id}"]
    wins = zip(ladder.rows, cases.walk.rows(ladder.name), strict=True)
    undecided = algebra.any(win for row, win in wins if row.word == file.gap.word)
    below = form.rests_on([ladder.name])
    full = [cases.walk.value(name).recorded for name in form.recorded if name in below]
    aside = [v.set_aside for n in below if isinstance(v := _value(n, cases), Word)]
    exists = cases.walk.line(ladder.exists).must
    meant = [
        cases.walk.line(line).must
        for texts in file.gap.meant
        for line in ground_line(texts, cases.base.names, side, decision=True)
    ]
    claim = algebra.all(
        [exists, undecided, *full, *map(algebra.swap, aside), *map(algebra.swap, meant)]
    )
    if not cases.never(claim):
        what = f'{id}: everything is recorded, and still it says "{file.gap.word}".'
        answer = cases.ask(claim, lambda inferred: _shows(inferred, ladder.name, file))
        yield ChainFound("gap", Problem(cases.base.where(id, ("gap",)), what), answer.witness)


def _value(name: str, cases: AllCases) -> object:
    form = cases.base.form
    known = name in form.recorded or name in form.derived_by_name
    return cases.walk.value(name) if known else None


def _shows(inferred: Inferred, ladder: str, file: LadderFile) -> bool:
    return file.gap is not None and inferred.rows[ladder].word == file.gap.word


# -- limits of the engine -------------------------------------------------------------------------


def limits(base: RuleBase) -> Iterator[ChainFound]:
    """Give every rule that comes near to what durable-rules can bear."""
    alike: Counter[Premise] = Counter()
    for rule in base.form.rules.values():
        operands = {premise.operand for premise in rule.premises}
        if len(operands) > MOST_ANTECEDENTS:
            what = f"{rule.id} has {len(operands)} premises; the engine reads {MOST_ANTECEDENTS}."
            yield ChainFound("engine_limit", Problem(_where(rule.id, base), what))
        alike.update(premise for premise in set(rule.premises))
    conditions: Counter[str] = Counter()
    for premise in alike:
        conditions[premise.operand] += 1
    for operand, number in conditions.items():
        if number > MOST_CONDITIONS // 2:
            what = f"{operand} is read in {number} ways; the engine bears {MOST_CONDITIONS // 2}."
            yield ChainFound("engine_limit", Problem(str(base.root), what))
    for number in alike.values():
        if number > MOST_ALIKE:
            what = f"{number} rules share one premise; the engine bears {MOST_ALIKE}."
            yield ChainFound("engine_limit", Problem(str(base.root), what))
