"""Which rule base a single file belongs to, and what the rule base calls it."""

from __future__ import annotations

from pathlib import Path

from screening.errors import Problem, UsageError
from screening.rulebase.base import RuleBase
from screening.rulebase.seal import HEAD


def base_of(file: Path) -> Path:
    """Give the rule base of a file: the nearest folder above it with a ``rulebase.yaml``.

    Raises:
        UsageError: if the file is not there, or lies in no rule base.

    """
    place = file.resolve()
    if not place.is_file():
        raise UsageError(Problem(str(file), "there is no such file.", "", "Check its name."))
    for folder in place.parents:
        if (folder / HEAD).is_file():
            return folder
    what, todo = f"no folder above it holds a {HEAD}.", "Name the rule base with --rules DIR."
    raise UsageError(Problem(str(file), what, "So it belongs to no rule base.", todo))


def source_of(file: Path, base: RuleBase) -> str:
    """Give the name under which a problem of this file is reported.

    Raises:
        UsageError: if the file does not lie in this rule base.

    """
    place, root = file.resolve(), base.root.resolve()
    if not place.is_relative_to(root):
        what = f"it does not lie in {base.root}."
        raise UsageError(Problem(str(file), what, "", "Leave --rules out, or name its own folder."))
    return f"{base.root.name}/{place.relative_to(root).as_posix()}"
