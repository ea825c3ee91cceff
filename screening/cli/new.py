"""``screening rules new``: a rule file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from screening.cli.options import Rules
from screening.errors import Problem, UsageError
from screening.files import PUBLIC, write_atomically
from screening.rulebase.base import default_rules, is_installed, read
from screening.rulebase.skeleton import SKELETON_KINDS, TODO, skeleton
from screening.safe import on_a_line


def new(
    kind: Annotated[str, typer.Argument(help=f"What it is: {', '.join(SKELETON_KINDS)}.")],
    id: Annotated[str, typer.Argument(metavar="ID", help="Its name, as lateral_pinch.")],
    rules: Rules = None,
) -> None:
    """Write a rule file to begin with, into the folder where its kind belongs.

    It is complete but for what only its author knows; each such place says TODO, and rules check
    names it.

    Example: screening rules new explanation lateral_pinch --rules my_rules
    """
    if kind not in SKELETON_KINDS:
        raise UsageError(
            Problem("", f'there is no kind "{kind}".', "", f"One of: {', '.join(SKELETON_KINDS)}.")
        )
    root = Path(rules) if rules else default_rules()
    if is_installed(root):
        what = "the rules that came with the program are sealed."
        raise UsageError(Problem("", what, "", "Copy them, and name the copy with --rules DIR."))
    base, _ = read(root)
    path, text = skeleton(base, kind, id)
    place = root / path
    if place.exists():
        raise UsageError(Problem(str(place), "there is such a file already.", "", "Rename it."))
    write_atomically(place, text, PUBLIC)
    told = f"{place}: write what is marked {TODO}, then screening rules check {place}"
    typer.echo(on_a_line(told))
