"""Damage to a rule base, one file at a time, and what is lost by it if it still loads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from screening.documents import Document, decoded
from screening.errors import RuleBaseError
from screening.rulebase import seal
from screening.rulebase.base import RuleBase, read
from screening.rulebase.loader import Loader
from screening.strict_yaml import read_yaml
from tests.conftest import ROOT

RULES = ROOT / "rules"
PLACES = 8
Atom = tuple[str, str]


@dataclass(frozen=True)
class Damage:
    """One file deleted (no content), cut off, or with a line dropped or a sign changed."""

    file: str
    how: str
    content: bytes | None


@cache
def files() -> dict[str, bytes]:
    """Give every file of the rules that are checked out."""
    found = sorted(RULES.rglob("*.yaml"))
    return {path.relative_to(RULES).as_posix(): path.read_bytes() for path in found}


def damages(seed: int = 0) -> Iterator[Damage]:
    """Give every damage: each file deleted, cut at eight places, a line less, a sign changed."""
    random = Random(seed)
    for name, raw in files().items():
        yield Damage(name, "deleted", None)
        for place in range(PLACES):
            yield Damage(name, f"cut at {place}", raw[: len(raw) * place // PLACES])
        lines = raw.splitlines(keepends=True)
        drawn = random.randrange(len(lines))
        yield Damage(name, "line dropped", b"".join(lines[:drawn] + lines[drawn + 1 :]))
        at = random.randrange(len(raw))
        yield Damage(name, "sign changed", raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])


class Damaged(Loader):
    """Reads the rules from memory, one file damaged."""

    def __init__(self, damage: Damage | None = None) -> None:
        super().__init__(RULES)
        self._damage = damage

    def names(self) -> list[str]:
        gone = self._damage.file if self._damage and self._damage.content is None else ""
        return [name for name in super().names() if name != gone]

    def raw(self, path: Path) -> bytes:
        assert self._damage is not None
        if self._damage.content is None:
            raise FileNotFoundError(2, "it is gone")
        return self._damage.content

    def read(self, path: Path) -> Document:
        name = path.relative_to(self.root).as_posix()
        if self._damage is not None and self._damage.file == name:
            return super().read(path)
        self.digests[name] = seal.digest(files()[name])
        return _document(name)


@cache
def _document(name: str) -> Document:
    source = f"{RULES.name}/{name}"
    return read_yaml(decoded(files()[name], source), source)


@cache
def whole() -> tuple[RuleBase, Counter[str]]:
    """Give the rules as they are, and how many parts of each kind they hold."""
    base, problems = read(loader=Damaged())
    assert not problems, problems
    return base, held(base)


def lost(damage: Damage) -> set[str]:
    """Give the kinds of which there are fewer and nobody was told, sealed anew."""
    try:
        base, problems = read(loader=Damaged(damage))
    except RuleBaseError:
        return set()
    return set() if problems or base.lost else {*(whole()[1] - held(base))}


def held(base: RuleBase) -> Counter[str]:
    """Count the parts of a rule base by their kinds."""
    return Counter(kind for kind, _ in {*_held(base)})


def _held(base: RuleBase) -> Iterator[Atom]:
    form = base.form
    for name, rule in form.rules.items():
        yield "rule", name.partition("#")[0]
        yield from (("premise", f"{name} {premise}") for premise in rule.premises)
    yield from (("conclusion", name) for name in form.conclusions)
    for conclusion in form.conclusions.values():
        yield from (("premise", f"{conclusion.name} exists {p}") for p in conclusion.exists)
    for name, derived in form.derived_by_name.items():
        yield "derived", name
        yield "reading", f"{name} {derived}"
    for name, ladder in form.ladders_by_name.items():
        yield "ladder", name
        yield from (("row", f"{name} {row}") for row in ladder.rows)
    for file in base.flags:
        for level, row in file.levels.items():
            yield "level", f"{file.id}.{level}"
            yield from (("blocks", f"{file.id}.{level} {name}") for name in row.blocks)
            yield from (("suspends", f"{file.id}.{level}") for _ in (1,) if row.suspends)
    yield from (("advice", file.id) for file in base.advice)
    for id, group in base.blocks.groups.items():
        yield "group", id
        yield from (("blocks", f"{id} {name}") for name in (*group.holds, *group.groups))
    yield from (("blocks", f"{gate} {by.blocks}") for gate, by in base.blocks.by_gate.items())
    for path, entry in base.vocabulary.entries.items():
        yield "finding", path
        for key, value in entry.model_dump(exclude_defaults=True).items():
            each = value if isinstance(value, tuple | dict) else (value,)
            yield from (("asking", f"{path} {key} {item}") for item in each)
    for name, threshold in base.thresholds.items():
        yield "threshold", name
        yield from (("number", f"{name} {n}") for n in (threshold.mdc,) if n is not None)
    yield from (("promise", f"{id} {promise}") for id, promise in base.promises.items())
    yield from (("reference", f"{id} {source}") for id, source in base.references.items())
    yield from (("evidence", f"{item}") for item in base.evidence.items)
    yield from (("evidence", f"{name} {text}") for name, text in base.evidence.statements.items())
    yield "retest", f"{base.retest}"
    for file in base.files.values():
        yield from _of_file(file.id, file)


def _of_file(id: str, file: Any) -> Iterator[Atom]:
    yield from (("example", f"{id} {each}") for each in file.examples)
    yield from (("example", f"{id} {each}") for each in file.given.items())
    for key, value in file.model_dump(exclude_defaults=True).items():
        each = value if isinstance(value, tuple | dict) else (value,)
        if key not in ("examples", "given"):
            yield from (("text", f"{id} {key} {item}") for item in each)


def main() -> None:
    """Print what still loads, sealed anew, and holds fewer parts."""
    for damage in damages():
        gone = lost(damage)
        if gone:
            print(f"{damage.file}, {damage.how}: {', '.join(sorted(gone))}", flush=True)


if __name__ == "__main__":
    main()
