"""What is doubtful in a case: kept or set aside, and always said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.record.said import Sayings
from screening.record.wording import Wording
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import BandFile, MeasureFile

if TYPE_CHECKING:
    from screening.record.model import WarningRecord


def warnings(inferred: Inferred, wording: Wording) -> Iterator[WarningRecord]:
    """Give every doubt of one case, each with the path that it is about."""
    for warned in inferred.findings.warnings:
        yield {"path": warned.path, "message": warned.message}
    for name, holds in Sayings(inferred.base, inferred.walk).doubts():
        for message in _messages(name, inferred, wording) if holds else ():
            yield {"path": name, "message": message}


def _messages(name: str, inferred: Inferred, wording: Wording) -> Iterator[str]:
    side, id = without_side(name)
    file = inferred.base.files.get(id)
    if isinstance(file, BandFile):
        yield from _set_aside(name, inferred, wording)
    elif isinstance(file, MeasureFile):
        yield wording.fill(file.warning, side)
    else:
        yield inferred.base.evidence.statements["pain_not_recorded"]


def _set_aside(name: str, inferred: Inferred, wording: Wording) -> Iterator[str]:
    side, id = without_side(name)
    file = inferred.base.files[id]
    assert isinstance(file, BandFile)
    said = False
    for text in file.set_aside:
        if any(inferred.holds(line) for line in ground_line(text.when, inferred.base.names, side)):
            said = True
            yield wording.fill(text.because, side)
    if not said:
        statement = inferred.base.evidence.statements["instruments_differ"]
        yield f"{file.title}: {wording.say(name)}. {statement}"
