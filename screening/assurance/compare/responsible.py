"""Which changed rules a changed decision comes from."""

from __future__ import annotations

from collections.abc import Iterator

from screening.algebra import Faces
from screening.assurance.compare.witness import Shown
from screening.inference.infer import Inferred
from screening.intake.vocabulary import without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form

_NONE = Faces(False, False)


class Changes:
    """What differs between two forms: rules, derived findings and ladders, by their ground names.

    A threshold, a band or a block that changed is a premise that changed, so it is found here too.
    """

    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        """Compare the forms."""
        self._written = {*old.rule_texts, *new.rule_texts}
        self._old, self._new = old.form, new.form
        self._changed = set(_differing(old.form, new.form))

    def behind(
        self, rests_on: tuple[tuple[str, ...], tuple[str, ...]], shown: Shown
    ) -> tuple[str, ...]:
        """Name what is responsible for a change that two screenings show.

        First the written rules that changed and came out differently; where there are none, changed
        decisions and derived findings; else every written rule that came out differently.
        """
        below = self._old.rests_on(rests_on[0]) | self._new.rests_on(rests_on[1])
        # A rule that fires in only one of them says more than one that only may.
        moved = set(self._moved(below, shown, sure=True)) or set(self._moved(below, shown))
        written = {name for name in moved if _id(name, shown) in self._written}
        changed = written & self._changed or {n for n in below & self._changed if n not in moved}
        return tuple(sorted({_id(name, shown) for name in changed or written}))

    def _moved(self, below: frozenset[str], shown: Shown, sure: bool = False) -> Iterator[str]:
        for name in dict.fromkeys([*self._old.rules, *self._new.rules]):
            rule = self._old.rules.get(name) or self._new.rules[name]
            before, after = _faces(name, shown.old), _faces(name, shown.new)
            differs = before.must != after.must if sure else before != after
            if differs and rule.concludes in below:
                yield name


def _faces(name: str, inferred: Inferred) -> Faces[bool]:
    return inferred.run.rules.get(name, _NONE)


def _id(name: str, shown: Shown) -> str:
    rule = shown.old.form.rules.get(name) or shown.new.form.rules.get(name)
    return rule.id if rule else without_side(name)[1]


def _differing(old: Form, new: Form) -> Iterator[str]:
    for before, after in (
        (old.rules, new.rules),
        (old.derived_by_name, new.derived_by_name),
        (old.ladders_by_name, new.ladders_by_name),
    ):
        for name in {*before, *after}:
            if before.get(name) != after.get(name):
                yield name
