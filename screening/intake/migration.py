"""Answers of an older vocabulary in the names of this one: what carries over, what must be asked.

The words of an answer carry over exactly as far as the vocabulary's ``replaces`` says, and an
absent is never made up: where an old answer does not answer the new question, nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screening.intake.answers import NOT_TESTED
from screening.intake.replaces import FIRST, Relation, RelationKind, version
from screening.intake.vocabulary import (
    ABSENT,
    ASKED_WITH,
    PRESENT,
    SIDES,
    Vocabulary,
    without_side,
)

if TYPE_CHECKING:
    from screening.documents import Data

UNSURE = "unsure"


@dataclass
class Migrated:
    """The answers that carried over, by path, and the paths that must be asked again."""

    answers: dict[str, Data] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)


def migrate(answers: Mapping[str, Data], vocabulary: Vocabulary) -> Migrated:
    """Carry the answers of one case over.

    Args:
        answers: by full path, as they were typed; unknown paths are kept as they are.
        vocabulary: the one that says what it replaces.

    """
    found = Migrated()
    old = before(str(answers.get(ASKED_WITH) or ""), vocabulary)
    for path, answer in answers.items():
        if answer is None or answer == NOT_TESTED:
            continue
        if without_side(path)[1] in vocabulary.retired:
            _retired(path, answer, vocabulary, found)
        else:
            # An answer under the new name stands above one under the old.
            found.answers[path] = answer
            found.again += [r.new for r in old if _must_check(r, path, answer)]
    found.again = list(dict.fromkeys(found.again))
    return found


def flat(data: Mapping[str, Data], path: str = "") -> dict[str, Data]:
    """Give the answers of a case file by full path."""
    found: dict[str, Data] = {}
    for key, part in data.items():
        at = f"{path}.{key}" if path else str(key)
        found |= flat(part, at) if isinstance(part, dict) else {at: part}
    return found


def before(asked_with: str, vocabulary: Vocabulary) -> list[Relation]:
    """Give the findings that kept their name and were asked otherwise when a case was asked.

    A case that does not say with which version it was asked comes from before there were others.
    """
    kept = [relation for relation in vocabulary.relations if relation.kept]
    try:
        asked = version(asked_with) if asked_with else FIRST
    except ValueError:
        asked = FIRST
    return [relation for relation in kept if version(relation.since) > asked]


def moved(path: str, vocabulary: Vocabulary) -> Iterator[tuple[RelationKind, str]]:
    """Give for a retired path how its answers relate to those of each new path."""
    side, bare = without_side(path)
    for relation in vocabulary.relations:
        if relation.old == bare:
            yield relation.kind, f"{side}.{relation.new}" if side else relation.new


def carried(kind: RelationKind, answer: Data) -> Data:
    """Give what an old answer says to a new question, or nothing."""
    if kind == "same":
        return answer
    if answer in (PRESENT, UNSURE):
        return PRESENT if kind == "wider" else None
    return ABSENT if answer == ABSENT and kind != "wider" else None


def _retired(path: str, answer: Data, vocabulary: Vocabulary, found: Migrated) -> None:
    for kind, new in moved(path, vocabulary):
        now = carried(kind, answer)
        if now is None:
            found.again.append(new)
        else:
            found.answers.setdefault(new, now)


def _must_check(relation: Relation, path: str, answer: Data) -> bool:
    """Tell whether an answer under a kept name does not answer the question as it is now."""
    if without_side(path)[1] != relation.new:
        return False
    if relation.kind == "wider":
        return answer == ABSENT or answer in SIDES
    return answer in (PRESENT, UNSURE, *SIDES)
