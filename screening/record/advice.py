"""Advice for one leg with hip pain: advised, blocked or withheld, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.record.said import Sayings, chosen
from screening.record.support import Support
from screening.record.wording import Wording
from screening.rulebase.advice_shapes import AdviceFile, Variant
from screening.rulebase.form import Ladder
from screening.rulebase.premises import ground_line

if TYPE_CHECKING:
    from screening.record.model import AdviceRecord, PatientWords


def advice(inferred: Inferred, wording: Wording, support: Support) -> Iterator[AdviceRecord]:
    """Give every advice that is advised, blocked or withheld; none if the readings disagree."""
    if not inferred.agree:
        return
    files = {file.id: file for file in inferred.base.advice}
    for ladder, status in Sayings(inferred.base, inferred.walk).advice():
        if word := chosen(status):
            yield _entry(files[ladder.advice or ""], ladder, word, inferred, wording, support)


def _entry(
    file: AdviceFile,
    ladder: Ladder,
    status: str,
    inferred: Inferred,
    wording: Wording,
    support: Support,
) -> AdviceRecord:
    side = ladder.side
    assert side is not None, "advice is for a leg"
    blocked = f"{side}.blocked.{file.id}"
    indicated = inferred.form.conclusions[f"{side}.indicated.{file.id}"].rules
    fired = [rule for rule in indicated if inferred.run.rules[rule.name].must]
    stops, look_now = _stop_rules(file, side, inferred)
    variants = list(_variants(file, side, inferred))
    return {
        "id": file.id,
        "side": side,
        "status": status,
        "part": _part(file, side, inferred),
        "title": file.title,
        "short": file.short or file.title,
        "heading": file.heading,
        "dose": wording.fill(file.dose, side),
        "how": [wording.fill(step, side) for step in file.how],
        "variants": [wording.fill(each.text, side) for each in variants],
        "replaced": any(each.replaced for each in variants),
        "stop_rules": [f"{do}: {sign}" for do, sign in stops],
        "look_now": look_now,
        "blocked_by": _blocked_by(ladder, inferred),
        "withheld_for": support.waits_for([blocked]) if status == "withheld" else [],
        "because": [wording.because(rule.id, side) for rule in fired],
        "expected_change": file.expected_change,
        "retest": file.retest,
        "notes": list(file.notes),
        "for_patient": _for_patient(file, variants, side, wording),
        "certainty": file.certainty,
        "rules": [rule.id for rule in fired],
        "references": list(file.references),
    }


def _part(file: AdviceFile, side: str | None, inferred: Inferred) -> str | None:
    """Give the part of the plan in which an advice stands."""
    row = inferred.rows.get(f"{side}.part.{file.id}")
    return row.word if row else None


def _blocked_by(ladder: Ladder, inferred: Inferred) -> list[str]:
    if not inferred.faces(f"{ladder.side}.blocked.{ladder.advice}").must:
        return []
    blockers = Sayings(inferred.base, inferred.walk).blockers(ladder)
    return list(dict.fromkeys(name for name, blocks in blockers if blocks))


def _variants(file: AdviceFile, side: str | None, inferred: Inferred) -> Iterator[Variant]:
    for variant in file.variants:
        lines = ground_line(variant.when, inferred.base.names, side, decision=True)
        if any(inferred.holds(line) for line in lines):
            yield variant


def _for_patient(
    file: AdviceFile, variants: Iterable[Variant], side: str | None, wording: Wording
) -> PatientWords | None:
    """Give the patient's words, some replaced by variants; none where it is the clinician's."""
    if file.for_patient is None:
        return None
    texts = [each.for_patient for each in variants if each.for_patient]
    words = file.for_patient.model_dump(exclude={"also"})
    for text in texts:
        words |= text.model_dump(exclude={"also"}, exclude_defaults=True)
    also = [step for text in (file.for_patient, *texts) for step in text.also]
    return {
        "title": words["title"],
        "drawing": words["drawing"],
        "dose": words["dose"],
        "how": [wording.fill(step, side) for step in (*words["how"], *also)],
        "come_back": wording.fill(words["come_back"], side),
    }


def _stop_rules(
    file: AdviceFile, side: str | None, inferred: Inferred
) -> tuple[list[tuple[str, str]], list[str]]:
    """Give what stops an exercise, and which of these signs are there already.

    A sign that is recorded is nothing to wait for: it is a reason to look now.
    """
    stops: list[tuple[str, str]] = []
    look_now: list[str] = []
    for do, sign in inferred.base.blocks.stops(file.stop_rules):
        lines = (
            line for each in sign.recorded for line in ground_line(each, inferred.base.names, side)
        )
        if any(inferred.holds(line) for line in lines):
            look_now.append(sign.says)
        else:
            stops.append((do, sign.says))
    return stops, look_now
