"""Which changed rules a changed decision comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from screening.algebra import Faces
from screening.assurance.compare.witness import Shown
from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form, Rule

_NONE = Faces(False, False)


class Moved(NamedTuple):
    """The rules that came out differently: that fired in one screening only, or only may have."""

    surely: set[str]
    perhaps: set[str]


class Changes:
    """What differs between two forms: rules, derived findings and ladders, by their ground names.

    A threshold, a band or a block that changed is a premise that changed, so it is found here too.
    """

    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        """Compare the forms."""
        self._written = {*old.rule_texts, *new.rule_texts}
        self._old, self._new = old.form, new.form
        self._changed = set(_differing(old.form, new.form))
        self._found_below: dict[tuple[tuple[str, ...], tuple[str, ...]], frozenset[str]] = {}

    def moved(self, shown: Shown) -> Moved:
        """Give the rules that came out differently in two screenings of one patient."""
        surely, perhaps = set(), set()
        for name in dict.fromkeys([*self._old.rules, *self._new.rules]):
            before, after = _faces(name, shown.old), _faces(name, shown.new)
            if before.must != after.must:
                surely.add(name)
            if before != after:
                perhaps.add(name)
        return Moved(surely, perhaps)

    def behind(
        self, rests_on: tuple[tuple[str, ...], tuple[str, ...]], moved: Moved
    ) -> tuple[str, ...]:
        """Name what is responsible for a change that two screenings show.

        First the written rules that changed and came out differently; where there are none, changed
        decisions and derived findings; else every written rule that came out differently.
        """
        below = self._below(rests_on)
        # A rule that fires in only one of them says more than one that only may.
        here = self._of(moved.surely, below) or self._of(moved.perhaps, below)
        written = {name for name in here if self._id(name) in self._written}
        changed = written & self._changed or {n for n in below & self._changed if n not in here}
        return tuple(sorted({self._id(name) for name in changed or written}))

    def _below(self, rests_on: tuple[tuple[str, ...], tuple[str, ...]]) -> frozenset[str]:
        found = self._found_below.get(rests_on)
        if found is None:
            found = self._old.rests_on(rests_on[0]) | self._new.rests_on(rests_on[1])
            self._found_below[rests_on] = found
        return found

    def _of(self, names: set[str], below: frozenset[str]) -> set[str]:
        return {name for name in names if self._rule(name).concludes in below}

    def _rule(self, name: str) -> Rule:
        return self._old.rules.get(name) or self._new.rules[name]

    def _id(self, name: str) -> str:
        known = name in self._old.rules or name in self._new.rules
        return self._rule(name).id if known else without_side(name)[1]


def _faces(name: str, inferred: Inferred) -> Faces[bool]:
    return inferred.run.rules.get(name, _NONE)


def _differing(old: Form, new: Form) -> Iterator[str]:
    for before, after in (
        (old.rules, new.rules),
        (old.derived_by_name, new.derived_by_name),
        (old.ladders_by_name, new.ladders_by_name),
    ):
        for name in {*before, *after}:
            if before.get(name) != after.get(name):
                yield name
