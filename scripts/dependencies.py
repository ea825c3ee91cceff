"""Write the locked versions into ``docs/dependencies.md``; ``make lock`` runs it.

Everything else on the page is written by people.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK, PAGE = ROOT / "constraints.txt", ROOT / "docs" / "dependencies.md"
_LOCKED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
_ROW = re.compile(r"^\| ([\w.-]+) \| (\d[^ |]*) \|", re.MULTILINE)


def normal(name: str) -> str:
    """Give the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, str]:
    """Give the packages of a lock with their versions."""
    return {normal(name): version for name, version in _LOCKED.findall(text)}


def named(page: str) -> dict[str, str]:
    """Give the packages that have a row on the page, with their versions."""
    return {normal(name): version for name, version in _ROW.findall(page)}


def renewed(page: str, versions: dict[str, str]) -> str:
    """Give the page with the versions of the lock."""

    def row(found: re.Match[str]) -> str:
        name, version = found.groups()
        return f"| {name} | {versions.get(normal(name), version)} |"

    return _ROW.sub(row, page)


if __name__ == "__main__":
    versions = locked(LOCK.read_text())
    page = renewed(PAGE.read_text(), versions)
    PAGE.write_text(page)
    for name in sorted(versions.keys() - named(page).keys()):
        print(f"{PAGE.name} has no row for {name} yet.")
