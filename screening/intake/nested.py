"""Names of findings, nested or dotted: ``{"a.b": 1, "a": {"c": 2}}`` is one mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.safe import shortened


def nested(given: Mapping[Any, Any]) -> dict[str, Any]:
    """Give a mapping with each dotted name taken apart.

    Raises:
        ValueError: for what is given twice, or is no name; never with the value.

    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if not isinstance(name, str):
            raise ValueError(f"{shortened(repr(name))} is no name of a finding.")
        *groups, last = name.split(".")
        part = found
        for group in groups:
            part = part.setdefault(group, {})
            if not isinstance(part, dict):
                raise ValueError(
                    f'"{shortened(name)}" and "{shortened(group)}" cannot both be given.'
                )
        inner = nested(value) if isinstance(value, Mapping) else value
        if last not in part:
            part[last] = inner
        elif isinstance(inner, dict) and isinstance(part[last], dict):
            _merge(part[last], inner, name)
        else:
            raise ValueError(f'"{shortened(name)}" is given twice.')
    return found


def _merge(into: dict[str, Any], more: dict[str, Any], name: str) -> None:
    for key, value in more.items():
        if isinstance(into.get(key), dict) and isinstance(value, dict):
            _merge(into[key], value, f"{name}.{key}")
        elif key in into:
            raise ValueError(f'"{shortened(f"{name}.{key}")}" is given twice.')
        else:
            into[key] = value
