"""What differs between two rule bases as they are written: by id, old and new side by side."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.base import RuleBase
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.shapes import ConclusionFile, LadderFile
from screening.rulebase.sourced import Sourced

Row = dict[str, object]
Parts = Mapping[str, BaseModel]

_NOT_COMPARED = {"examples", "status"}
"""What screens nobody: examples are run by `check`, and no file says of itself that it is good."""


def in_words(old: RuleBase, new: RuleBase) -> dict[str, Row]:
    """Give for each kind of thing what was added, what was removed and what changed."""
    before, after = _kinds(old), _kinds(new)
    return {kind: _difference(before[kind], after[kind]) for kind in before}


def _kinds(base: RuleBase) -> dict[str, Parts]:
    files = base.files.items()

    def of(*kinds: type[Sourced]) -> Parts:
        return {id: file for id, file in files if isinstance(file, kinds)}

    groups = {f"group {name}": group for name, group in base.blocks.groups.items()}
    gates = {f"gate {name}": gate for name, gate in base.blocks.by_gate.items()}
    return {
        "rules": {id: text for id, (text, _) in base.rule_texts.items()},
        "findings": base.vocabulary.entries,
        "thresholds": base.thresholds,
        "derived": of(DerivedFile),
        "conclusions": of(ConclusionFile),
        "ladders": of(LadderFile),
        "advice": of(AdviceFile),
        "blocks": {**groups, **gates},
        "sources": base.references,
        "evidence": {item.id: item for item in base.evidence.items},
    }


def _difference(old: Parts, new: Parts) -> Row:
    changed = []
    for id in old:
        if id in new and old[id] != new[id]:
            keys = _keys(_data(old[id]), _data(new[id]))
            if keys:
                changed.append({"id": id, "keys": keys})
    return {
        "added": [id for id in new if id not in old],
        "removed": [id for id in old if id not in new],
        "changed": changed,
    }


def _data(part: BaseModel) -> Row:
    # The rules of a file are compared by their own ids.
    not_compared = _NOT_COMPARED | ({"rules"} if isinstance(part, Sourced) else set())
    return part.model_dump(mode="json", exclude=not_compared)


def _keys(old: Row, new: Row) -> list[Row]:
    return [
        {"key": key, "old": old.get(key), "new": new.get(key)}
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
