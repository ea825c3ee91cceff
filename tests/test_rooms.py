"""The rooms of the program: each imports only from those before it, and a name means one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import screening

ROOT = Path(screening.__file__).parent

ROUTE = (
    "intake",
    "rulebase",
    "inference",
    "record",
    "questions",
    "read_aloud",
    "report",
    "cohort",
    "batch",
    "assurance",
    "exchange",
    "serve",
    "api",
    "cli",
)
"""The stations in the order of the route; last the two faces, for programs and for people."""


@cache
def modules() -> list[tuple[str, Path, ast.Module]]:
    paths = [(path, path.relative_to(ROOT)) for path in sorted(ROOT.rglob("*.py"))]
    return [
        (inside.parts[0].removesuffix(".py"), inside, ast.parse(path.read_text("utf-8")))
        for path, inside in paths
    ]


@cache
def imported(tree: ast.Module) -> list[str]:
    """Give the rooms a module imports from, inside functions and for types alone included."""
    return list(_imported(tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("screening."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "screening":
            yield from (each.name for each in node.names)


def test_every_folder_is_a_station_of_the_route() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders <= set(ROUTE)


def test_each_room_imports_only_from_those_before_it() -> None:
    place = {room: i for i, room in enumerate(ROUTE)}
    backward = [
        f"{path} imports from {other}"
        for room, path, tree in modules()
        for other in imported(tree)
        if room in place and place.get(other, -1) > place[room]
    ]
    assert backward == []


def test_what_stands_before_the_rooms_imports_from_none_of_them() -> None:
    """What every room uses: numbers, files, errors, pages, the algebra."""
    backward = [
        f"{path} imports from {other}"
        for room, path, tree in modules()
        for other in imported(tree)
        if room not in (*ROUTE, "__init__", "__main__") and other in ROUTE
    ]
    assert backward == []


def test_no_two_modules_and_no_two_types_share_a_name() -> None:
    """Commands are named as what they call; nothing else has a name twice."""
    named, typed = defaultdict(list), defaultdict(list)
    for room, path, tree in modules():
        if room != "cli" and path.name != "__init__.py":
            named[path.stem].append(str(path))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                typed[node.name].append(str(path))
    assert {name: where for name, where in named.items() if len(where) > 1} == {}
    assert {name: where for name, where in typed.items() if len(where) > 1} == {}
