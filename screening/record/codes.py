"""Codes of other systems for what was found: exported with their side, never a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.thresholds import Code
from screening.intake.vocabulary import PRESENT, SIDES
from screening.rulebase.shapes import ConclusionFile

if TYPE_CHECKING:
    from screening.record.model import CodeRecord


def codes(inferred: Inferred) -> list[CodeRecord]:
    """Give the codes of the findings that are present and of the conclusions that are true."""
    return [*_of_findings(inferred), *_of_conclusions(inferred)]


def _of_findings(inferred: Inferred) -> Iterator[CodeRecord]:
    for path, entry in inferred.base.vocabulary.entries.items():
        for code in entry.codes:
            for side in SIDES if entry.of == "leg" else (None,):
                name = ".".join(part for part in (side, path, code.word) if part)
                if inferred.known.get(name) == frozenset((PRESENT,)):
                    yield from _entries(path, side, (code,))


def _of_conclusions(inferred: Inferred) -> Iterator[CodeRecord]:
    for file in inferred.base.files.values():
        if isinstance(file, ConclusionFile) and file.codes:
            for side in _sides(file, inferred):
                yield from _entries(file.id, side, file.codes)


def _sides(file: ConclusionFile, inferred: Inferred) -> Iterator[str | None]:
    """Give the legs of which it is true; of a person, the legs that its rules speak of."""
    if file.of == "leg":
        yield from (side for side in SIDES if inferred.value(f"{side}.{file.id}"))
    elif inferred.value(file.id):
        fired = {inferred.form.rules[name].side for name in _fired(file, inferred)}
        yield from sorted(side for side in fired if side) or (None,)


def _fired(file: ConclusionFile, inferred: Inferred) -> Iterator[str]:
    ids = {rule.id for rule in file.rules}
    yield from (
        rule.name
        for rule in inferred.form.rules.values()
        if rule.id in ids and inferred.run.rules[rule.name].must
    )


def _entries(of: str, side: str | None, found: Iterable[Code]) -> Iterator[CodeRecord]:
    for code in found:
        if code.side in (None, side):
            yield {
                "of": of,
                "side": side,
                "system": code.system,
                "code": code.code,
                "checked": code.checked,
            }
