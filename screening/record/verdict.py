"""One leg with hip pain: the verdict on the movement pattern, what speaks for and against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.record.because import Because
from screening.record.deciding import deciding
from screening.record.firmness import firmness
from screening.record.reasons import each_way
from screening.record.said import Sayings, told, truth_of, word
from screening.record.support import Support
from screening.record.wording import Wording
from screening.rulebase.form import Conclusion, Line
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import ConclusionFile
from screening.rulebase.sourced import STRENGTHS, RuleText

if TYPE_CHECKING:
    from screening.record.model import Consideration, LegRecord, PainlessLeg
    from screening.record.proof_model import LegVerdict

VERDICT = "verdict"
WAITS = "not_recorded"
"""The reason of a verdict that a missing finding would settle."""


def verdict(side: str, inferred: Inferred, wording: Wording, support: Support) -> LegRecord | None:
    """Give the verdict of a leg, or None for a leg without hip pain."""
    name = f"{side}.{VERDICT}"
    ladder = next(found for found in inferred.form.ladders if found.name == name)
    if not inferred.exists(ladder.exists):
        return None
    said, row = Sayings(inferred.base, inferred.walk), inferred.rows[name]
    file = inferred.base.ladder(VERDICT)
    text = file.rows[ladder.rows.index(row)].because
    reasons = each_way(side, inferred, wording)
    evidence = list(_evidence(row.word, "against", inferred, wording))
    return {
        "verdict": told(said, "movement_pattern_verdict", side),
        "reason": word(said, "reason", side),
        "settled": truth_of(said, "settled", side),
        "because": wording.fill(text, side),
        "because_lines": Because(inferred, wording).lines(row, text, side),
        "decides": deciding(side, inferred, wording, support) if row.reason == WAITS else None,
        "missing": _missing(side, inferred, support),
        "firmness": list(firmness(side, inferred, wording)),
        "restriction": told(said, "restriction", side),
        "pattern": told(said, "pattern", side),
        "for": reasons["for"],
        "against": reasons["against"],
        "neither": reasons["neither"],
        "evidence_against": [text for text, _ in evidence],
        "evidence_in_short": [short for _, short in evidence],
        "evidence_for": [text for text, _ in _evidence(row.word, "for", inferred, wording)],
        "explanations_to_consider": _explanations(side, inferred, wording),
    }


def _missing(side: str, inferred: Inferred, support: Support) -> list[str]:
    names = [
        n
        for n, c in inferred.form.conclusions.items()
        if c.side == side and c.id.startswith("verdict.")
    ]
    return support.waits_for(names)


def _evidence(
    word: str, direction: str, inferred: Inferred, wording: Wording
) -> Iterator[tuple[str, str]]:
    """Give what the literature says of a verdict, whole and as a page says it."""
    for item in inferred.base.evidence.items:
        if item.direction == direction and word in item.shown_for:
            text = f"{item.text.strip()} ({wording.cited_in_brackets(item.references)})"
            yield text, item.short or text


def _explanations(side: str, inferred: Inferred, wording: Wording) -> list[Consideration]:
    """Give the explanations to consider: a met cluster, then tests, findings, and mere place."""
    found = []
    for file in inferred.base.files.values():
        if isinstance(file, ConclusionFile) and file.kind == "explanation":
            fired = _fired(file, side, inferred)
            if fired:
                found.append((_rank(fired), _explanation(file, fired, side, inferred, wording)))
    return [entry for _, entry in sorted(found, key=lambda ranked: ranked[0])]


def _fired(file: ConclusionFile, side: str, inferred: Inferred) -> list[RuleText]:
    """Give the rules of an explanation that hold, or lack only what they leave open."""
    exists = inferred.form.conclusions[f"{side}.{file.id}"].exists
    if not inferred.exists(exists):
        return []
    return [rule for rule in file.rules if _listed(rule, side, inferred)]


def _listed(rule: RuleText, side: str, inferred: Inferred) -> bool:
    name = f"{side}.{rule.id}"
    if inferred.run.rules[name].must or not inferred.run.rules[name].may:
        return inferred.run.rules[name].must
    left_open = {p for text in rule.open for p in _grounded(text, side, inferred)}
    premises = inferred.form.rules[name].premises
    return bool(left_open) and all(
        inferred.walk.premise(premise).must for premise in premises if premise not in left_open
    )


def _grounded(text: str, side: str, inferred: Inferred) -> Line:
    return next(iter(ground_line((text,), inferred.base.names, side)))


def _rank(fired: list[RuleText]) -> tuple[int, bool]:
    strengths = [STRENGTHS.index(rule.strength or STRENGTHS[-1]) for rule in fired]
    return min(strengths), not any(rule.cluster for rule in fired)


def _explanation(
    file: ConclusionFile, fired: list[RuleText], side: str, inferred: Inferred, wording: Wording
) -> Consideration:
    return {
        "id": file.id.removeprefix("explanation."),
        "title": file.title,
        "strength": STRENGTHS[_rank(fired)[0]],
        "certainty": file.certainty,
        "because": [wording.because(rule.id, side) for rule in fired],
        "open": list(dict.fromkeys(_open(fired, side, inferred))),
        "rules": [rule.id for rule in fired],
    }


def _open(fired: list[RuleText], side: str, inferred: Inferred) -> Iterator[str]:
    """Name what was not answered and would end the explanation if it failed."""
    for premise in (
        p for rule in fired for text in rule.open for p in _grounded(text, side, inferred)
    ):
        if not inferred.walk.premise(premise).must:
            yield premise.operand


def painless_leg(side: str, inferred: Inferred, wording: Wording) -> PainlessLeg | None:
    """Give what is tight on a leg without hip pain: listed, with no claim across legs."""
    restriction = inferred.rows[f"{side}.restriction"].word
    if restriction == "unknown":
        return None
    statements = inferred.base.evidence.statements
    rows = [f for f in inferred.base.ladder("restriction").rows if f.word == restriction]
    return {
        "side": side,
        "restriction": restriction,
        "pattern": inferred.rows[f"{side}.pattern"].word,
        "text": f"{rows[0].says or restriction}. {statements['no_claim_across_legs']}",
        "readings": list(_bands(side, inferred, wording)),
    }


def _bands(side: str, inferred: Inferred, wording: Wording) -> Iterator[str]:
    """Say the bands of a leg that are read from findings, not those that merge other bands."""
    bands = inferred.form.bands
    merged = {name for band in bands for found in band.instruments for name in found.reads}
    for band in bands:
        if (
            band.name.startswith(f"{side}.")
            and band.name not in merged
            and band.name in inferred.known
        ):
            yield wording.say(band.name)


def verdict_of_leg(inferred: Inferred, conclusion: Conclusion) -> LegVerdict | None:
    """Give the verdict of the leg, where a line of the verdict is asked about; else None."""
    if not conclusion.id.startswith(f"{VERDICT}."):
        return None
    name = f"{conclusion.side}.{VERDICT}"
    row = inferred.rows[name]
    place = inferred.form.ladders_by_name[name].rows.index(row)
    return {"word": row.word, "says": inferred.base.ladder(VERDICT).rows[place].says}
