"""How answers to the questions of older vocabularies relate to the answers of this one.

A finding says which older ones it ``replaces``, since which version, and how: the vocabulary is the
only place that knows, and cases, tables and proofs all read it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import StringConstraints

from screening.intake.thresholds import Strict

RelationKind = Literal["same", "split", "narrower", "wider"]
KINDS: tuple[RelationKind, ...] = ("same", "split", "narrower", "wider")

MajorMinor = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")]
Version = tuple[int, int]
FIRST: Version = (1, 0)
"""The version whose questions a case was asked that does not say which."""

NO_VERSION = "a version of the rule base is expected, such as 2.0."
LATER = (
    "the questions are of a later version than these rules: their words may mean something else. "
    "Screen it with the rules of that version."
)
_VERSION = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,4}))?(?:\.[0-9]{1,4})?")


class Relation(NamedTuple):
    """How the answers to an older finding relate to those of a new one (paths without side).

    ``same``: the answers are the same. ``split``: old present is any of the new ones present, old
    absent is all of them absent. ``narrower``: new present means old present, old absent means new
    absent. ``wider``: old present means new present; old absent answers nothing.
    """

    kind: RelationKind
    old: str
    new: str
    since: str

    @property
    def kept(self) -> bool:
        """Whether the finding kept its name and only its question changed."""
        return self.old == self.new


class Replaces(Strict):
    """The older findings, by how their answers relate, and since which version."""

    since: MajorMinor
    same: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()

    def of(self, path: str) -> Iterator[Relation]:
        """Give the relations of the finding that says this."""
        for kind in KINDS:
            for old in getattr(self, kind):
                yield Relation(kind, old, path, self.since)


def version(text: str) -> Version:
    """Give major and minor number of a version, ``2.0.1`` and ``2`` as ``2.0``.

    Raises:
        ValueError: if it is no version.

    """
    found = _VERSION.fullmatch(text)
    if found is None:
        raise ValueError(NO_VERSION)
    return int(found[1]), int(found[2] or 0)


def wrong(relations: tuple[Relation, ...], types: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give what contradicts itself: the new path and what is wrong.

    Args:
        relations: everything that a vocabulary replaces.
        types: the type of every finding of this vocabulary.

    """
    kinds: dict[str, set[str]] = {}
    for relation in relations:
        kinds.setdefault(relation.old, set()).add(relation.kind)
    for kind, old, new, _ in relations:
        if old in types and old != new:
            yield new, f'"{old}" is still asked: only its own entry can say that it changed.'
        if old == new and kind in ("same", "split"):
            yield new, f'a finding that keeps its name is "narrower" or "wider", not "{kind}".'
        if kind != "same" and types[new] not in ("yes_no", "gate"):
            yield new, f'only yes/no findings and gates can be "{kind}".'
        if len(kinds[old]) > 1:
            yield new, f'"{old}" is replaced in different ways: {", ".join(sorted(kinds[old]))}.'
        parts = sum(each.old == old for each in relations)
        if kind == "split" and parts < 2:
            yield new, f'"{old}" is split into one: name it under "same", "narrower" or "wider".'
        if kind == "same" and parts > 1:
            yield new, f'"{old}" is the same as two findings; one of them is not.'
