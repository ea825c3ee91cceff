"""What strict loading cannot see: names that nothing uses, rules without examples, dead sources."""

from __future__ import annotations

from collections.abc import Iterator

from screening.errors import Problem
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Line, operands_of
from screening.rulebase.reviews import path_of
from screening.rulebase.seal import REVIEWS
from screening.rulebase.shapes import (
    AdviceFile,
    BandFile,
    ConclusionFile,
    MeasureFile,
    ScoreFile,
)
from screening.rulebase.whole import cited


def check(base: RuleBase) -> list[Problem]:
    """Give every problem of a rule base that could be loaded."""
    return [
        *of_each_file(base),
        *_unused_findings(base),
        *_unread_conclusions(base),
        *_references(base),
        *_thresholds(base),
        *_promised_claims(base),
        *_signatures(base),
    ]


def of_each_file(base: RuleBase) -> list[Problem]:
    """Give what can be said of each file by itself, whatever is wrong with the others."""
    return list(_examples(base))


def _all_lines(base: RuleBase) -> Iterator[Line]:
    for conclusion in base.form.conclusions.values():
        yield conclusion.exists
        for rule in conclusion.rules:
            yield rule.premises
    for ladder in base.form.ladders:
        yield ladder.exists
        for row in ladder.rows:
            yield from row.lines or ()


def _read_names(base: RuleBase) -> set[str]:
    names = {premise.operand for line in _all_lines(base) for premise in line}
    for derived in base.form.derived:
        names.update(operands_of(derived))
        names.update(premise.operand for premise in getattr(derived, "exists", ()))
    return names


def _unused_findings(base: RuleBase) -> Iterator[Problem]:
    read = {base.form.recorded[n].path for n in _read_names(base) if n in base.form.recorded}
    read |= {without_side(path)[1] for path in read}
    retest = (base.follow_up.exercises, base.follow_up.pain) if base.has_follow_up else ()
    for path, entry in base.vocabulary.entries.items():
        shown = (
            path in base.vocabulary.about_the_case
            or path in base.names.used_operands
            or path in retest
        )
        answers = entry.type == "sweep" or entry.implies or entry.positive or entry.family
        if path not in read and not shown and not answers:
            what = f'no rule uses the finding "{path}".'
            where = base.where_of("vocabulary", path)
            yield Problem(where, what, "It would be asked for nothing.")


def _unread_conclusions(base: RuleBase) -> Iterator[Problem]:
    """A conclusion must be read by a rule, a ladder or a report."""
    read = {without_side(name)[1] for name in _read_names(base)}
    for file in base.files.values():
        reported = not isinstance(file, ConclusionFile) or (
            file.kind in ("explanation", "flag", "verdict") or file.reported
        )
        if isinstance(file, ConclusionFile) and file.id not in read and not reported:
            what = f'no rule, ladder or report reads "{file.id}".'
            yield Problem(base.where(file.id), what, "It would be concluded for nothing.")
        if isinstance(file, BandFile | MeasureFile | ScoreFile) and file.id not in read:
            says = isinstance(file, ScoreFile) or (isinstance(file, MeasureFile) and file.plausible)
            if not says:
                yield Problem(base.where(file.id), f'nothing reads "{file.id}".')


def _references(base: RuleBase) -> Iterator[Problem]:
    for key, source in base.references.items():
        if source.checked and not (source.read_at and source.says):
            yield Problem(
                base.where_of("references", key),
                f"{key} is checked, but where it was read (read_at) or what it says is missing.",
                "Nobody could look it up again.",
                "Give both, or set checked: false.",
            )


def _promised_claims(base: RuleBase) -> Iterator[Problem]:
    """Every claim of the source article keeps a place: a finding, a rule or an advice cites it."""
    places = {reference for _, reference in cited(base)}
    for key, source in base.references.items():
        for claim in source.claims:
            if f"{key} {claim}" not in places:
                where = base.where_of("references", key, ("claims", claim))
                yield Problem(where, f"no finding, rule or advice cites {key} {claim}.")


def _thresholds(base: RuleBase) -> Iterator[Problem]:
    used = set(base.names.used_thresholds)
    for entry in base.vocabulary.entries.values():
        used.update(entry.positive.values())
        used.update(name for compared in entry.implies.values() for name in compared.values())
        used.update([entry.mdc] if entry.mdc else [])
    for name in base.thresholds:
        if name not in used and not _quoted(name, base):
            yield Problem(
                base.where_of("thresholds", name), f'nothing uses the threshold "{name}".'
            )


def _quoted(name: str, base: RuleBase) -> bool:
    documents = {id(document): document for document in base.documents.values()}
    return any(f"{{{name}}}" in str(document.data) for document in documents.values())


def _signatures(base: RuleBase) -> Iterator[Problem]:
    """A signature is of a file that is there."""
    paths = {path_of(base, id) for id in (*base.files, *base.retired)}
    for i, each in enumerate(base.reviews.reviews):
        if each.file not in paths:
            where = base.where(REVIEWS, ("reviews", i))
            yield Problem(where, f'"{each.file}" is signed, and there is no such file.')


def _examples(base: RuleBase) -> Iterator[Problem]:
    for file in base.files.values():
        if not isinstance(file, ConclusionFile | AdviceFile):
            continue
        fires = {id for example in file.examples for id in example.fires}
        if bool(file.given) != any(example.but is not None for example in file.examples):
            what = '"given" and the "but" of an example go together: one is missing.'
            yield Problem(base.where(file.id, ("given",)), what)
        if not any(example.does_not_fire for example in file.examples):
            yield Problem(base.where(file.id), "no example shows a near miss.")
        for i, rule in enumerate(file.rules):
            if rule.id not in fires:
                yield Problem(
                    base.where(file.id, ("rules", i)), f"no example shows {rule.id} firing."
                )
