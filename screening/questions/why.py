"""Why something is concluded: which conclusion is meant, and why the verdicts are what they are.

A conclusion is named by its id, a rule's id, a finding, or words of a title. Without one, the
verdict of each leg that hurts is explained: the row that won, then the proof of what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.errors import Problem, UsageError, did_you_mean
from screening.inference.infer import Inferred
from screening.intake.vocabulary import PRESENT, SIDES, without_side
from screening.record.proof import Proof
from screening.record.support import Support
from screening.record.verdict import VERDICT, verdict, verdict_of_leg
from screening.record.wording import Wording
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Conclusion, Ladder, Row
from screening.rulebase.shapes import ConclusionFile

if TYPE_CHECKING:
    from screening.questions.answer_model import VerdictProof, VerdictProofs
    from screening.record.model import LegRecord
    from screening.record.proof_model import ConclusionProof

_MOST = 12
"""So many matches are listed."""


def find(inferred: Inferred, said: str, side: str | None) -> Conclusion:
    """Give the conclusion that was asked for.

    Without a side, a conclusion of a leg is that of the only leg with hip pain.

    Raises:
        UsageError: if nothing is meant, several could be, or it does not exist for this side.

    """
    conclusions = inferred.form.conclusions
    given, bare = without_side(said)
    side = side or given
    id = _id(inferred.base, bare)
    if id in conclusions:
        return conclusions[id]
    sides = [each for each in SIDES if inferred.exists(conclusions[f"{each}.{id}"].exists)]
    painful = [
        each for each in sides if inferred.known.get(f"{each}.hip.pain") == frozenset({PRESENT})
    ]
    choice = [side] if side else painful if len(painful) == 1 else sides
    if not choice:
        what = f'"{id}" exists only for a leg with hip pain, and no hip is recorded as painful.'
        raise UsageError(Problem("", what, "", "Record hip.pain of the leg that hurts."))
    if len(choice) > 1:
        todo = "Add --side left or --side right."
        raise UsageError(Problem("", f'"{id}" is concluded for each leg.', "", todo))
    if choice[0] not in sides:
        what = (
            f'"{id}" exists only for a leg with hip pain; '
            f"the {choice[0]} hip is not recorded as painful."
        )
        raise UsageError(Problem("", what, "", "Ask for the other side, or record hip.pain."))
    return conclusions[f"{choice[0]}.{id}"]


def verdicts(inferred: Inferred, side: str | None = None) -> VerdictProofs:
    """Explain the verdict of every leg with hip pain, or of the one that is named.

    Raises:
        UsageError: if no such leg is recorded as painful.

    """
    wording, support, proof = Wording(inferred), Support(inferred), Proof(inferred)
    found = []
    for each in (side,) if side else SIDES:
        said = verdict(each, inferred, wording, support)
        if said is not None:
            found.append(_verdict(each, said, inferred, proof))
    if not found:
        leg = f"the {side} hip" if side else "no hip"
        what = (
            f"There is no verdict to explain: {leg} is{' not' if side else ''} recorded as painful."
        )
        raise UsageError(Problem("", what, "", "Record hip.pain of the leg that hurts."))
    return {"verdicts": found}


def why(inferred: Inferred, conclusion: Conclusion) -> ConclusionProof:
    """Prove a conclusion; a line of the verdict says which verdict the leg has."""
    found = Proof(inferred).of(conclusion)
    return {**found, "verdict": verdict_of_leg(inferred, conclusion)}


def _verdict(side: str, said: LegRecord, inferred: Inferred, proof: Proof) -> VerdictProof:
    ladder = inferred.form.ladders_by_name[f"{side}.{VERDICT}"]
    row = inferred.rows[ladder.name]
    text = inferred.base.ladder(VERDICT)
    return {
        "conclusion": VERDICT,
        "side": side,
        "title": text.title,
        "value": said["verdict"],
        "reason": said["reason"],
        "says": text.rows[ladder.rows.index(row)].says,
        "because": said["because"],
        "because_lines": said["because_lines"],
        "decides": said["decides"],
        "proofs": [proof.of(each) for each in _behind(row, ladder, inferred)],
    }


def _behind(row: Row, ladder: Ladder, inferred: Inferred) -> list[Conclusion]:
    """Give the conclusions that the winning row rests on.

    A row that rests on nothing known gives what the rows above it wait for, or else lack.
    """
    conclusions = inferred.form.conclusions
    won = [line for line in row.lines or () if inferred.holds(line)]
    lines = won or [
        line for each in ladder.rows[: ladder.rows.index(row)] for line in each.lines or ()
    ]
    names = dict.fromkeys(p.operand for line in lines for p in line if p.operand in conclusions)
    found = [conclusions[name] for name in names if conclusions[name].rules]
    waiting = [each for each in found if inferred.value(each.name) is None]
    return found if won else waiting or found


def _id(base: RuleBase, said: str) -> str:
    """Give the id of the one conclusion that is meant."""
    ids = {conclusion.id for conclusion in base.form.conclusions.values()}
    if said in ids:
        return said
    meant = list(dict.fromkeys(_meant(base, said)))
    if len(meant) == 1:
        return meant[0]
    if meant:
        titles = _titles(base)
        listed = [f"  {id}{f'  {titles[id]}' if id in titles else ''}" for id in meant[:_MOST]]
        if len(meant) > _MOST:
            listed.append(f"  and {len(meant) - _MOST} more")
        what = f'"{said}" could mean {len(meant)} conclusions; name one of them:'
        raise UsageError(Problem("", "\n".join([what, *listed])))
    hint = did_you_mean(said, ids) or "`screening rules search WORD` looks for a word."
    raise UsageError(Problem("", f'"{said}" is no conclusion of this rule base.', "", hint))


def _meant(base: RuleBase, said: str) -> Iterator[str]:
    """Give the conclusions of a rule, those that read a finding, or those with such a title."""
    rules = base.form.rules.values()
    conclusions = base.form.conclusions
    if said in base.rule_texts:
        yield from (conclusions[rule.concludes].id for rule in rules if rule.id == said)
        return
    if said in base.vocabulary.entries or said in base.files:
        yield from _that_read(base, said)
        return
    words = said.lower().replace("_", " ").split()
    for id, title in _titles(base).items():
        if words and all(word in title.lower() for word in words):
            yield id


def _that_read(base: RuleBase, name: str) -> Iterator[str]:
    """Give the conclusions with a premise on a finding, or on what is derived from it."""
    form = base.form
    starts = [n for n in form.recorded if without_side(form.recorded[n].path)[1] == name]
    starts += [n for n in form.derived_by_name if without_side(n)[1] == name]
    derived = {n for start in starts for n in form.readers_of(start) if n in form.derived_by_name}
    wanted = {*starts, *derived}
    for rule in form.rules.values():
        if any(premise.operand in wanted for premise in rule.premises):
            yield form.conclusions[rule.concludes].id


def _titles(base: RuleBase) -> dict[str, str]:
    """Give the titles of the written conclusions, those of a flag once for all its levels."""
    ids = {conclusion.id for conclusion in base.form.conclusions.values()}
    found = {}
    for file in base.files.values():
        indicated = f"indicated.{file.id}"
        if isinstance(file, ConclusionFile) and file.id in ids:
            found[file.id] = file.title
        elif indicated in ids:
            found[indicated] = file.title
    return found
