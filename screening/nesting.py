"""How deep a text is nested, told before it is read: what reads it goes down as deep as it goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from yaml import BaseLoader
    from yaml.cyaml import CBaseLoader

MOST_DEEP = 200
"""A case is nested four levels deep and a rule base eight."""

_INDENT = " \t?-"
_JSON = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}\n]', re.DOTALL)


def deep_yaml(text: str, loader: type[BaseLoader | CBaseLoader]) -> int | None:
    """Give the line at which YAML is nested too deeply, or None.

    Raises:
        YAMLError: for what is not YAML.

    """
    lines = text.splitlines()  # also at the other signs that end a line of YAML
    indent = max((len(line) - len(line.lstrip(_INDENT)) for line in lines), default=0)
    if _opens(text) + 2 * indent <= MOST_DEEP:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEEP:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def deep_json(text: str) -> int | None:
    """Give the line at which JSON is nested too deeply, or None."""
    if _opens(text) <= MOST_DEEP:
        return None
    depth, line = 0, 1
    for found in _JSON.finditer(text):
        token = found.group()
        if token in "[{":
            depth += 1
            if depth > MOST_DEEP:
                return line
        elif token in "]}":
            depth -= 1
        else:
            line += token.count("\n")
    return None


def _opens(text: str) -> int:
    return text.count("[") + text.count("{")
