"""Skeletons of rule files: complete but for what only their author knows, marked by one word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Template

from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase

TODO = "TODO"
"""What stands where something is to be written; ``rules check`` names each place."""

SKELETONS = Path(__file__).with_name("skeletons")
SKELETON_KINDS = tuple(sorted(path.stem for path in SKELETONS.glob("*.yaml")))

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_RULE = re.compile(r"([A-Z]+)-(\d+)")


def skeleton(base: RuleBase, kind: str, name: str) -> tuple[Path, str]:
    """Give where a new rule file of this kind belongs, below the folder of the rules, and its text.

    Folder, beginning of the id and number of the rule are as its neighbours have them: the files of
    its kind whose ids begin alike.

    Raises:
        UsageError: for a name that no file could have, or that one has already.

    """
    if not _ID.fullmatch(name):
        what = f'"{name}" cannot be the name of a part of the rules.'
        raise UsageError(Problem("", what, "", "Use small letters, digits, _ and dots."))
    same = [file.id for file in base.files.values() if file.kind == kind]
    begin = _begin(name, sorted({_beginning(id) for id in same}))
    neighbours = [id for id in same if _beginning(id) == begin]
    id = begin + name.rpartition(".")[2]
    if id in base.files:
        where = base.where(id)
        raise UsageError(Problem(where, f'there is "{id}" already.', "", "Choose another name."))
    text = (SKELETONS / f"{kind}.yaml").read_text(encoding="utf-8")
    path = (
        Path(_commonest(_folder(base, each) for each in neighbours))
        / f"{name.rpartition('.')[2]}.yaml"
    )
    return path, Template(text).safe_substitute(id=id, rule=_next_rule(base, neighbours))


def _beginning(id: str) -> str:
    """Give all of an id but its last word: ``flag.``."""
    return id[: id.rfind(".") + 1]


def _begin(name: str, known: list[str]) -> str:
    """Give how the id begins: as it was typed, or as all files of the kind do."""
    begin = _beginning(name) or (known[0] if len(known) == 1 else "")
    if begin not in known:
        ways = ", ".join(f"{each}{name.rpartition('.')[2]}" for each in known)
        raise UsageError(
            Problem("", f'"{name}" does not say of what it is.', "", f"One of: {ways}.")
        )
    return begin


def _folder(base: RuleBase, id: str) -> str:
    """Give the folder of a file, below that of the rules."""
    return Path(base.where(id).rpartition(":")[0]).parent.relative_to(base.root.name).as_posix()


def _next_rule(base: RuleBase, same: list[str]) -> str:
    """Give the next rule id of the commonest letters of a kind; no id is ever used again."""
    ids = [rule.id for id in same for rule in getattr(base.files[id], "rules", ())]
    letters = _commonest(found[1] for found in map(_RULE.fullmatch, ids) if found)
    taken = [found for found in map(_RULE.fullmatch, base.rule_texts) if found]
    numbers = [int(found[2]) for found in taken if found[1] == letters]
    return f"{letters}-{max(numbers, default=0) + 1:03d}"


def _commonest(words: Iterator[str]) -> str:
    found = Counter(words).most_common(1)
    return found[0][0] if found else ""
