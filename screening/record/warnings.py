"""What is doubtful in a case: kept or set aside, and always said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.record.said import Sayings
from screening.record.wording import Wording
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.premises import ground_line

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
    if not isinstance(file, DerivedFile):
        yield wording.fill(inferred.base.evidence.statements["pain_not_recorded"], side)
    elif file.word_titles:
        yield from _set_aside(name, file, inferred, wording)
    else:
        yield wording.fill(file.doubt, side)


def _set_aside(name: str, file: DerivedFile, inferred: Inferred, wording: Wording) -> Iterator[str]:
    side, _ = without_side(name)
    said = False
    for text in file.contradictions:
        if any(inferred.holds(line) for line in ground_line(text.when, inferred.base.names, side)):
            said = True
            yield wording.fill(text.because, side)
    if not said:
        statement = inferred.base.evidence.statements["instruments_differ"]
        yield f"{file.title}: {wording.say_after(file.title, name)}. {statement}"
