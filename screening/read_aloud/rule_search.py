"""Where a word stands in the rule base: in an id, a title, or any of its sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from screening.read_aloud.rule_text import kind_of, parts
from screening.rulebase.base import RuleBase

_QUOTED = 40
"""So many letters before and after a word are quoted."""


class Hit(NamedTuple):
    """One part of the rule base in which all words stand."""

    id: str
    kind: str
    title: str
    where: str
    """The sentence around the word; empty if it stands in the id or the title."""


def search(base: RuleBase, text: str) -> list[Hit]:
    """Give every part in which all the words stand: ids first, then titles, then sentences."""
    words = text.lower().split()
    ranked = []
    for id, part in parts(base).items():
        title = _title(part)
        said = [sentence for sentence in _sentences(part)]
        whole = " ".join([id, title, *said]).lower()
        if not words or not all(word in whole for word in words):
            continue
        rank = 0 if words[0] in id.lower() else 1 if words[0] in title.lower() else 2
        where = _quoted(said, words[0]) if rank == 2 else ""
        ranked.append((rank, Hit(id, kind_of(part), title, where)))
    return [hit for _, hit in sorted(ranked, key=lambda found: found[0])]


def _title(part: object) -> str:
    for key in ("title", "short", "text"):
        found = getattr(part, key, "")
        if found:
            return " ".join(str(found).split())
    return ""


def _sentences(part: object) -> Iterator[str]:
    """Give every text of a part, those of its rows, items and rules as well."""
    if isinstance(part, str):
        yield " ".join(part.split())
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            if name not in ("examples", "id", "title", "kind"):
                yield from _sentences(getattr(part, name))
    elif isinstance(part, dict):
        for each in part.values():
            yield from _sentences(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _sentences(each)


def _quoted(sentences: list[str], word: str) -> str:
    for sentence in sentences:
        at = sentence.lower().find(word)
        if at >= 0:
            start, end = max(0, at - _QUOTED), at + len(word) + _QUOTED
            before = "..." if start else ""
            after = "..." if end < len(sentence) else ""
            return f"{before}{sentence[start:end].strip()}{after}"
    return ""
