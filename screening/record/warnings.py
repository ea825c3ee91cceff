"""What is doubtful in a case: kept or set aside, and always said."""

from __future__ import annotations

from collections.abc import Iterator

from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.record.model import WarningRecord
from screening.record.wording import Wording
from screening.rulebase.premises import ground_line
from screening.rulebase.shapes import BandFile, MeasureFile


def warnings(inferred: Inferred, wording: Wording) -> Iterator[WarningRecord]:
    """Give every doubt of one case, each with the path that it is about."""
    for warned in inferred.findings.warnings:
        yield {"path": warned.path, "message": warned.message}
    for name in sorted(inferred.run.set_aside):
        for text in _set_aside(name, inferred, wording):
            yield {"path": name, "message": text}
    for name, reading in inferred.known.items():
        file = inferred.base.files.get(without_side(name)[1])
        if isinstance(file, MeasureFile) and isinstance(reading, tuple):
            for how, threshold in file.plausible.items():
                line = next(
                    ground_line(
                        (f"{file.id} {how} {threshold}",),
                        inferred.base.names,
                        without_side(name)[0],
                    )
                )
                if inferred.holds(line):
                    yield {
                        "path": name,
                        "message": wording.fill(file.warning, without_side(name)[0]),
                    }
    for ladder in inferred.form.ladders:
        for premise in ladder.exists:
            if ladder.advice is None and premise.operand not in inferred.known:
                message = inferred.base.evidence.statements["pain_not_recorded"]
                yield {"path": premise.operand, "message": message}


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
