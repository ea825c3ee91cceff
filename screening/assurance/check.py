"""What strict loading cannot see: names that nothing uses, rules without examples, dead sources.

A class for each check; a new one is written here and named in ``CHECKS``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from screening.errors import Problem
from screening.intake.vocabulary import without_side
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Line
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.reviews import path_of
from screening.rulebase.seal import REVIEWS
from screening.rulebase.shapes import ConclusionFile
from screening.rulebase.skeleton import TODO
from screening.rulebase.whole import cited, texts


class Check(ABC):
    """One thing to be looked for in a rule base that could be loaded."""

    of_a_file: ClassVar[bool] = False
    """Whether it can be said of each file by itself, whatever is wrong with the others."""

    def __init__(self, base: RuleBase) -> None:
        """Look at one rule base."""
        self.base = base

    @abstractmethod
    def problems(self) -> Iterator[Problem]:
        """Give what is wrong."""


class UnusedFindings(Check):
    """A finding that no rule uses would be asked for nothing."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        read = {
            self.base.form.recorded[n].path
            for n in _read_names(self.base)
            if n in self.base.form.recorded
        }
        read |= {without_side(path)[1] for path in read}
        retest = (
            (self.base.follow_up.exercises, self.base.follow_up.pain)
            if self.base.has_follow_up
            else ()
        )
        for path, entry in self.base.vocabulary.entries.items():
            shown = (
                path in self.base.vocabulary.about_the_case
                or path in self.base.names.used_operands
                or path in retest
            )
            answers = entry.type == "sweep" or entry.implies or entry.positive or entry.family
            if path not in read and not shown and not answers:
                what = f'no rule uses the finding "{path}".'
                where = self.base.where_of("vocabulary", path)
                yield Problem(where, what, "It would be asked for nothing.")


class UnreadConclusions(Check):
    """A conclusion must be read by a rule, a ladder or a report."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        read = {without_side(name)[1] for name in _read_names(self.base)}
        for file in self.base.files.values():
            reported = not isinstance(file, ConclusionFile) or (
                file.kind in ("explanation", "flag", "verdict") or file.reported
            )
            if isinstance(file, ConclusionFile) and file.id not in read and not reported:
                what = f'no rule, ladder or report reads "{file.id}".'
                yield Problem(self.base.where(file.id), what, "It would be concluded for nothing.")
            if isinstance(file, DerivedFile) and file.id not in read and not file.speaks:
                yield Problem(self.base.where(file.id), f'nothing reads "{file.id}".')


class UnreadableSources(Check):
    """A source that counts as checked says where it was read, and what it says."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        for key, source in self.base.references.items():
            if source.checked and not (source.read_at and source.says):
                what = f"{key} is checked, but read_at (where it was read) or says is missing."
                why, todo = "Nobody could look it up again.", "Give both, or set checked: false."
                yield Problem(self.base.where_of("references", key), what, why, todo)


class UntitledSources(Check):
    """A source has a title, or says why it has none."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        for key, source in self.base.references.items():
            if bool(source.title.strip()) == bool(source.untitled.strip()):
                both = "both a title and why it has none" if source.title else "no title"
                what, why = f"{key} has {both}.", "Nobody could tell what to look up."
                todo = "Give its title, or say under untitled why there is none."
                yield Problem(self.base.where_of("references", key), what, why, todo)


class UncitedSources(Check):
    """A source that nothing cites supports nothing."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        cites = {reference.partition(" ")[0] for *_, reference in cited(self.base)}
        for key in self.base.references:
            if key not in cites:
                what, todo = (
                    f'nothing cites the source "{key}".',
                    "Cite it where it speaks, or drop it.",
                )
                yield Problem(self.base.where_of("references", key), what, "", todo)


class LostClaims(Check):
    """Every claim of the source article keeps a place: a finding, a rule or an advice cites it."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        places = {reference for *_, reference in cited(self.base)}
        for key, source in self.base.references.items():
            for claim in source.claims:
                if f"{key} {claim}" not in places:
                    where = self.base.where_of("references", key, ("claims", claim))
                    yield Problem(where, f"no finding, rule or advice cites {key} {claim}.")


class UnusedThresholds(Check):
    """A number that nothing uses."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        used = set(self.base.names.used_thresholds)
        for entry in self.base.vocabulary.entries.values():
            used.update(entry.positive.values())
            used.update(name for compared in entry.implies.values() for name in compared.values())
            used.update([entry.mdc] if entry.mdc else [])
        for name in self.base.thresholds:
            if name not in used and not _quoted(name, self.base):
                yield Problem(
                    self.base.where_of("thresholds", name), f'nothing uses the threshold "{name}".'
                )


class SignaturesOfNothing(Check):
    """A signature is of a file that is there."""

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        paths = {path_of(self.base, id) for id in (*self.base.files, *self.base.retired)}
        for i, each in enumerate(self.base.reviews.reviews):
            if each.file not in paths:
                where = self.base.where(REVIEWS, ("reviews", i))
                yield Problem(where, f'"{each.file}" is signed, and there is no such file.')


class Examples(Check):
    """Every rule is shown firing, and every file a near miss."""

    of_a_file = True

    def problems(self) -> Iterator[Problem]:
        """Give them."""
        for file in self.base.files.values():
            if bool(file.given) != any(example.but is not None for example in file.examples):
                what = '"given" and the "but" of an example go together: one is missing.'
                yield Problem(self.base.where(file.id, ("given",)), what)
            if not isinstance(file, ConclusionFile | AdviceFile):
                continue
            fires = {id for example in file.examples for id in example.fires}
            if not any(example.does_not_fire for example in file.examples):
                yield Problem(self.base.where(file.id), "no example shows a near miss.")
            for i, rule in enumerate(file.rules):
                if rule.id not in fires:
                    yield Problem(
                        self.base.where(file.id, ("rules", i)),
                        f"no example shows {rule.id} firing.",
                    )


class Placeholders(Check):
    """What a skeleton leaves to be written: ``rules new`` puts a word there that stands out."""

    of_a_file = True

    def problems(self) -> Iterator[Problem]:
        """Give each place of a rule file where the word still stands."""
        for file in self.base.files.values():
            for place, text in texts(self.base.documents[file.id].data):
                if TODO not in text:
                    continue
                what = f"{TODO} still stands here."
                yield Problem(self.base.where(file.id, place), what, "", "Write what is meant.")


CHECKS: tuple[type[Check], ...] = (
    Examples,
    Placeholders,
    UnusedFindings,
    UnreadConclusions,
    UnreadableSources,
    UntitledSources,
    UncitedSources,
    UnusedThresholds,
    LostClaims,
    SignaturesOfNothing,
)


def check(base: RuleBase) -> list[Problem]:
    """Give every problem of a rule base that could be loaded."""
    return [problem for kind in CHECKS for problem in kind(base).problems()]


def of_each_file(base: RuleBase) -> list[Problem]:
    """Give what can be said of each file by itself, whatever is wrong with the others."""
    found = (kind(base).problems() for kind in CHECKS if kind.of_a_file)
    return [problem for problems in found for problem in problems]


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
        names.update(derived.operands)
        names.update(premise.operand for premise in derived.exists)
    return names


def _quoted(name: str, base: RuleBase) -> bool:
    documents = {id(document): document for document in base.documents.values()}
    return any(f"{{{name}}}" in str(document.data) for document in documents.values())
