"""Is the rule base whole? Every name leads somewhere, and nothing that something speaks of is gone.

These are errors of loading, sealed or not: a rule base that has lost a part must not screen as if
it never had it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from screening.documents import Place
from screening.errors import Problem, did_you_mean
from screening.intake.vocabulary import Entry, without_side
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.levels import TIERS, tier_of
from screening.rulebase.older import says_to_whom
from screening.rulebase.premises import QUANTIFIERS, PremiseError, take_apart
from screening.rulebase.shapes import ConclusionFile, FollowUpFile

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.rulebase.base import RuleBase

EVERY_ADVICE = "every_advice"
_TEMPLATE = re.compile(r"\{([a-z0-9_.]+)\}")
_LOST = "A part of the rules would be missed."


class Whole:
    """Looks through a rule base that could be read; what a broken file would give is not missed."""

    def __init__(self, base: RuleBase, broken: frozenset[str]) -> None:
        """Look through one rule base."""
        self._base, self._broken = base, broken

    def problems(self) -> Iterator[Problem]:
        """Give everything that leads nowhere, with its file and line."""
        yield from self._rule_ids()
        yield from self._flags()
        yield from self._gates()
        yield from self._named_flags()
        yield from self._groups()
        yield from self._blocks()
        yield from self._cited()
        yield from self._promises()
        yield from self._templates()
        yield from self._retest()

    def _problem(self, id: str, place: Place, what: str, todo: str = "", why: str = "") -> Problem:
        return Problem(self._base.where(id, place), what, why, todo)

    def _unknown(self, name: str, known: Iterable[str]) -> bool:
        return name not in known and name not in self._broken

    # -- rules and flags -----------------------------------------------------------------------

    def _rule_ids(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for file in (*self._base.files.values(), *self._base.retired.values()):
            if not isinstance(file, ConclusionFile | AdviceFile):
                continue
            for i, rule in enumerate(file.rules):
                if rule.id in seen:
                    what = f"{rule.id} is used twice: here and in {seen[rule.id]}."
                    todo = "Give the new rule a new id."
                    yield self._problem(file.id, ("rules", i), what, todo)
                seen[rule.id] = file.id

    def _flags(self) -> Iterator[Problem]:
        for file in self._base.files.values():
            if not isinstance(file, ConclusionFile):
                continue
            is_flag = file.kind == "flag"
            if is_flag and not file.levels:
                yield self._problem(file.id, (), "a red flag without levels stops nobody.")
            if not is_flag and file.levels:
                yield self._problem(file.id, ("levels",), "only a red flag has levels.")
            if is_flag and (file.of != "person" or not file.id.startswith("flag.")):
                yield self._problem(
                    file.id, (), 'a red flag is "of: person", and its id begins with "flag.".'
                )
            told = {rule.level for rule in file.rules}
            for level in file.levels:
                if level not in told:
                    what = f'no rule has the level "{level}": it could never be reached.'
                    yield self._problem(file.id, ("levels", level), what, "", _LOST)
                if tier_of(level) != TIERS[-1] and file.levels[level].within is None:
                    what = "a tier above none says within what time."
                    yield self._problem(file.id, ("levels", level), what)
                if says_to_whom(self._base.head) and not file.levels[level].to:
                    what = "a level says to whom the patient goes with it."
                    todo = 'Add "to: the GP", or whoever it is.'
                    yield self._problem(file.id, ("levels", level), what, todo)
            for i, rule in enumerate(file.rules):
                if rule.level not in (file.levels or (None,)):
                    named = f'the level "{rule.level}"' if rule.level else "no level"
                    what = f"{rule.id} has {named}, which is none of the flag's."
                    yield self._problem(file.id, ("rules", i), what, "", _LOST)

    def _gates(self) -> Iterator[Problem]:
        """Every gate must be read by a rule that can raise something."""
        read = {
            without_side(premise.operand)[1]
            for rule in self._base.form.rules.values()
            for premise in rule.premises
            if not without_side(rule.concludes)[1].startswith("gate.")
        }
        own = any(id.startswith("gate.") for id in self._base.files)
        for gate in self._base.vocabulary.gates:
            short = f"gate.{gate.partition('.')[2]}"
            if not {gate, short} & (read | self._broken):
                what = f'no rule reads the gate "{gate}": its answer would be asked for nothing.'
                yield self._of("vocabulary", gate, (), what, "", _LOST)
            if own and self._unknown(short, self._base.files):
                what = f'no file says when "{short}" holds.'
                yield self._of("vocabulary", gate, (), what, f"Add {short} to red_flags/gates/.")

    def _named_flags(self) -> Iterator[Problem]:
        """A finding says which flags it leads to; a flag whose file is gone is noticed there."""
        flags = {file.id for file in self._base.flags}
        named: set[str] = set()
        for path, entry in self._base.vocabulary.entries.items():
            for i, short in enumerate(entry.flags):
                id = f"flag.{short}"
                named.add(id)
                if self._unknown(id, flags):
                    what = f'there is no red flag "{short}", to which this finding leads.'
                    todo = did_you_mean(short, [each.partition(".")[2] for each in flags])
                    yield self._of("vocabulary", path, ("flags", i), what, todo, _LOST)
                elif id in flags and path not in self._findings_of(id):
                    what = f'the red flag "{short}" does not rest on this finding.'
                    yield self._of("vocabulary", path, ("flags", i), what)
        for id in sorted(flags - named if named else ()):
            todo = "Name it under `flags` of the gate, or of the finding, that leads to it."
            yield self._problem(id, (), "no finding of the vocabulary names this red flag.", todo)

    def _findings_of(self, id: str) -> set[str]:
        form = self._base.form
        below = form.rests_on([id])
        return {without_side(o.path)[1] for name, o in form.recorded.items() if name in below}

    # -- blocks --------------------------------------------------------------------------------

    @property
    def _blockable(self) -> set[str]:
        return {*(file.id for file in self._base.advice), *self._base.vocabulary.entries}

    def _groups(self) -> Iterator[Problem]:
        blocks = self._base.blocks
        named = {name for group in blocks.groups.values() for name in group.groups}
        named |= {n for f in self._base.flags for level in f.levels.values() for n in level.blocks}
        named |= {name for gate in blocks.by_gate.values() for name in gate.blocks}
        for id, group in blocks.groups.items():
            place = ("groups", id)
            if id not in named and not self._broken:
                what = f'no flag, gate or group names the group "{id}".'
                yield self._problem("blocks", place, what, "", _LOST)
            if not group.holds and not group.groups:
                yield self._problem("blocks", place, f'the group "{id}" holds nothing.', "", _LOST)
            for name in group.holds:
                if self._unknown(name, self._blockable):
                    what = f'"{name}" is neither advice nor a test.'
                    todo = did_you_mean(name, self._blockable)
                    yield self._problem("blocks", (*place, "holds"), what, todo, _LOST)
            for name in group.groups:
                if name not in blocks.groups:
                    what = f'"{name}" is no group.'
                    todo = did_you_mean(name, blocks.groups)
                    yield self._problem("blocks", (*place, "groups"), what, todo, _LOST)

    def _blocks(self) -> Iterator[Problem]:
        if "blocks" in self._broken:
            return
        known = {*self._base.blocks.groups, *self._blockable}
        for file in self._base.flags:
            for level, row in file.levels.items():
                for name in row.blocks:
                    if self._unknown(name, known):
                        what = f'"{name}" is no group of blocks, advice or test.'
                        place = ("levels", level, "blocks")
                        yield self._problem(file.id, place, what, did_you_mean(name, known), _LOST)
        for gate, by in self._base.blocks.by_gate.items():
            for name in by.blocks:
                if self._unknown(name, known):
                    what = f'"{name}" is no group of blocks, advice or test.'
                    yield self._problem("blocks", ("by_gate", gate, "blocks"), what, "", _LOST)

    # -- sources, promises, texts ----------------------------------------------------------------

    def _cited(self) -> Iterator[Problem]:
        for document, place, reference in cited(self._base):
            key, _, claim = reference.partition(" ")
            source = self._base.references.get(key)
            if source is None:
                if key not in self._broken and "references" not in self._broken:
                    todo = did_you_mean(key, self._base.references)
                    yield self._problem(document, place, f'"{key}" is no reference.', todo)
            elif claim and claim not in source.claims:
                yield self._problem(document, place, f'"{key}" has no claim "{claim}".')

    def _promises(self) -> Iterator[Problem]:
        """What a promise speaks of must be there, or it would be kept for want of it."""
        names = self._base.names
        for id, promise in self._base.promises.items():
            targets = self._base.blocks.expand(promise.for_each) or [""]
            if promise.for_each == (EVERY_ADVICE,):
                targets = [file.id for file in self._base.advice]
            advice = {file.id for file in self._base.advice}
            example = next((name for name in targets if name in advice), targets[0])
            for target in targets:
                if target and self._unknown(target, self._blockable):
                    what = f'"{target}" is no advice and no group of blocks.'
                    yield self._of("promises", id, ("for_each",), what, "", _LOST)
            for text in (*promise.whenever, *(text for line in promise.any_of for text in line)):
                filled = text.replace(".* ", f".{example} ")
                try:
                    name = take_apart(filled).name
                    if name not in names.groups:
                        names.operand(name)
                except PremiseError as error:
                    if not self._broken:
                        yield self._of("promises", id, (), error.what, error.todo, _LOST)

    def _templates(self) -> Iterator[Problem]:
        """Every name in braces must stand for something, or a report would say "not recorded"."""
        base = self._base
        known = {*base.names.operands, *base.thresholds, *base.vocabulary.entries}
        for file in base.files.values():
            said = texts(base.documents[file.id].data, but=("examples", "given"))
            for place, text in said:
                for name in _TEMPLATE.findall(text):
                    first, _, rest = name.partition(".")
                    named = rest if first in QUANTIFIERS and rest in known else name
                    if self._unknown(named, known):
                        what = f'"{{{name}}}" in a text is no finding, threshold or conclusion.'
                        yield self._problem(file.id, place, what, did_you_mean(name, known))

    def _retest(self) -> Iterator[Problem]:
        file = self._base.retest
        if file is None:
            return
        known = {*self._base.vocabulary.entries, *self._base.thresholds}
        for key in ("painful", "pain", "pain_points", "pain_percent", "exercises", "not_before"):
            name = getattr(file, key)
            if self._unknown(name, known):
                what = f'"{name}" is no finding and no threshold.'
                yield self._problem("follow_up.yaml", (key,), what, did_you_mean(name, known))
        yield from self._exercises(file)

    def _exercises(self, file: FollowUpFile) -> Iterator[Problem]:
        """What counts as exercised enough is some of the words that can be answered, not all."""
        asked = self._base.vocabulary.entries.get(file.exercises)
        if asked is None:
            return
        for i, word in enumerate(file.exercises_enough):
            if word not in asked.words:
                what = f'"{word}" is no word of {file.exercises}.'
                todo = did_you_mean(word, asked.words)
                yield self._problem("follow_up.yaml", ("exercises_enough", i), what, todo, _LOST)
        if not file.exercises_enough or asked.words.keys() <= {*file.exercises_enough}:
            what = f"some words of {file.exercises} say that enough was done, and others not."
            yield self._problem("follow_up.yaml", ("exercises_enough",), what, "", _LOST)

    def _of(
        self, kind: str, name: str, place: Place, what: str, todo: str = "", why: str = ""
    ) -> Problem:
        return Problem(self._base.where_of(kind, name, place), what, why, todo)


def cited(base: RuleBase) -> Iterator[tuple[str, Place, str]]:
    """Give every reference that is cited, with the document and the place that cite it."""
    for file in base.files.values():
        for place, reference in _references(base.documents[file.id].data, ()):
            yield file.id, place, reference
    for kind, parts in (
        ("thresholds", base.thresholds),
        ("vocabulary", base.vocabulary.entries),
        ("promises", base.promises),
    ):
        for name, part in parts.items():
            norms = part.norms if isinstance(part, Entry) else ()
            for each in (part, *norms):
                for reference in each.references:
                    yield f"{kind}:{name}", (name, "references"), reference
    for i, item in enumerate(base.evidence.items):
        for reference in item.references:
            yield "evidence", ("items", i), reference
    for reference in base.retest.references if base.retest else ():
        yield "follow_up.yaml", ("references",), reference


def _references(data: Data, place: Place) -> Iterator[tuple[Place, str]]:
    items: Iterable[tuple[str | int, Data]] = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, tuple):
        items = enumerate(data)
    for key, part in items:
        if key == "references" and isinstance(part, tuple):
            yield from (((*place, key, i), str(each)) for i, each in enumerate(part))
        elif key not in ("examples", "given"):
            yield from _references(part, (*place, key))


def texts(data: Data, place: Place = (), but: Collection[str] = ()) -> Iterator[tuple[Place, str]]:
    """Give every text of plain data with its place, but for those under some keys."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, part in data.items():
            if key not in but:
                yield from texts(part, (*place, key), but)
    elif isinstance(data, tuple | list):
        for i, part in enumerate(data):
            yield from texts(part, (*place, i), but)
