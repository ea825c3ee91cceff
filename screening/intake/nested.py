"""Names of findings, nested or dotted: ``{"a.b": 1, "a": {"c": 2}}`` is one mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from screening.safe import shortened

T = TypeVar("T")

if TYPE_CHECKING:
    from typing import TypeAlias

    from screening.documents import Data

    Tree: TypeAlias = dict[str, "T | Tree[T]"]
    """What stands under paths, nested by their parts."""


def planted(found: Iterable[tuple[str, T]]) -> Tree[T]:
    """Give what stands under dotted paths as a tree; no path may lead on from another's end."""
    tree: Tree[T] = {}
    for path, leaf in found:
        *groups, last = path.split(".")
        part = tree
        for group in groups:
            part = cast("Tree[T]", part.setdefault(group, {}))
        part[last] = leaf
    return tree


def nested(given: Mapping[str, Data]) -> dict[str, Data]:
    """Give a mapping with each dotted name taken apart.

    Raises:
        ValueError: for what is given twice, or is no name; never with the value.

    """
    found: dict[str, Data] = {}
    for name, value in given.items():
        if not isinstance(name, str):
            raise ValueError(f"{shortened(repr(name))} is no name of a finding.")
        *groups, last = name.split(".")
        part = found
        for group in groups:
            below = part.setdefault(group, {})
            if not isinstance(below, dict):
                raise ValueError(
                    f'"{shortened(name)}" and "{shortened(group)}" cannot both be given.'
                )
            part = below
        inner = nested(value) if isinstance(value, Mapping) else value
        if last not in part:
            part[last] = inner
        elif isinstance(inner, dict) and isinstance(before := part[last], dict):
            _merge(before, inner, name)
        else:
            raise ValueError(f'"{shortened(name)}" is given twice.')
    return found


def _merge(into: dict[str, Data], more: dict[str, Data], name: str) -> None:
    for key, value in more.items():
        below = into.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value, f"{name}.{key}")
        elif key in into:
            raise ValueError(f'"{shortened(f"{name}.{key}")}" is given twice.')
        else:
            into[key] = value
