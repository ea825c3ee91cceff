"""Strict YAML: what was typed is what is read, and every value knows its line.

Plain YAML would turn ``no`` into false, ``1:30`` into 90 and ``010`` into 8, keep the last of two
equal keys and follow aliases. None of that may happen to a patient's findings or to a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from screening.documents import (
    Document,
    Place,
    decoded,
    refusal,
    refuse_odd,
    too_deep,
)
from screening.errors import Problem, UsageError
from screening.nesting import deep_yaml
from screening.numbers import number
from screening.safe import shortened

if TYPE_CHECKING:
    from yaml.nodes import Node

    from screening.documents import Data

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_BEGINS_NUMBER = frozenset("-0123456789")
_FIGURES = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_MAYBE_ANCHOR = re.compile(r"(?:^|[\s\[{,])[&*][^\s,\]}]")
_NOTHING = {"", "~", "null"}
_TRUTH = {"true": True, "false": False}
_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!", None}


class NodeLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Composes nodes without guessing what a value might be: ``_plain`` says that, exactly."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        """Give the tag of a node that has none of its own."""
        return "!"


def read_yaml(text: str, source: str) -> Document:
    """Read one YAML document.

    Raises:
        DocumentError: for syntax errors, duplicate keys, anchors, aliases, tags and several
            documents in one file.

    """
    refuse_odd(text, source)
    try:
        if (line := deep_yaml(text, NodeLoader)) is not None:
            raise too_deep(source, line)
        _refuse_anchors(text, source)
        node = yaml.compose(text, Loader=NodeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refusal(
            source,
            mark.line + 1 if mark else None,
            f"This is not YAML: {error.problem or error.context}.",
            "Check the indentation and the colons on this line and the one above.",
        ) from None
    except yaml.YAMLError:
        raise refusal(
            source, None, "This is not YAML text.", "Save the file as UTF-8 text."
        ) from None
    if node is None:
        return Document(source, None)
    return Document(source, _build(node, source), lines_of(text))


def _refuse_anchors(text: str, source: str) -> None:
    # Few texts have either sign; looking for what begins with one takes a hundred times as long.
    if not ("&" in text or "*" in text) or not _MAYBE_ANCHOR.search(text):
        return
    for event in yaml.parse(text, Loader=NodeLoader):
        if getattr(event, "anchor", None):
            raise refusal(
                source,
                event.start_mark.line + 1 if event.start_mark else None,
                "Anchors (&name) and aliases (*name) are not read.",
                "Write the values out, or put the text in quotation marks.",
            )


def lines_of(text: str) -> Mapping[Place, int]:
    """Give the line of every value of a text; it is read for them only when somebody asks."""
    return _LinesOnDemand(text)


class _LinesOnDemand(Mapping[Place, int]):
    """The line of every value of a text, found only when somebody asks.

    The nodes of the rules, which know their lines, take twenty times the memory of their text.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _found(self) -> dict[Place, int]:
        try:
            node = yaml.compose(self._text, Loader=NodeLoader)
        except yaml.YAMLError:  # JSON is only nearly YAML
            return {}
        return dict(_placed(node, ())) if node is not None else {}

    def __getitem__(self, place: Place) -> int:
        return self._found[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _placed(node: Node, place: Place) -> Iterator[tuple[Place, int]]:
    """Give each place in a tree and its line: of a value with a name, the line of the name."""
    if not place or isinstance(place[-1], int):
        yield place, node.start_mark.line + 1
    if isinstance(node, SequenceNode):
        for i, item in enumerate(node.value):
            yield from _placed(item, (*place, i))
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield (*place, str(key.value)), key.start_mark.line + 1
            yield from _placed(value, (*place, str(key.value)))


def _build(node: Node, source: str) -> Data:
    if node.tag not in _PLAIN_TAGS:
        raise refusal(source, node.start_mark.line + 1, "A tag (!name) is not read.", "Remove it.")
    if isinstance(node, ScalarNode):
        try:
            return node.value if node.style else plain_value(node.value)
        except ValueError as error:
            line = node.start_mark.line + 1
            raise refusal(source, line, f"A number here {error}.", "Mend it.") from None
    if isinstance(node, SequenceNode):
        return tuple(_build(item, source) for item in node.value)
    assert isinstance(node, MappingNode)
    if (line := _decimal_comma(node)) is not None:
        what = "A comma parts a number in two here: within braces it parts entries."
        raise refusal(source, line, what, "6,5: write 6.5.")
    mapping: dict[str, Data] = {}
    for key_node, value_node in node.value:
        key = _key(key_node, source)
        if key in mapping:
            raise refusal(
                source,
                key_node.start_mark.line + 1,
                f'"{shortened(key)}" is written twice in the same place.',
                "Keep one of the two: which one is meant cannot be known.",
            )
        mapping[key] = _build(value_node, source)
    return mapping


def _decimal_comma(node: MappingNode) -> int | None:
    """Give the line of ``name: 6,5`` within braces: after it comes an entry 5 without a value."""
    before: Node | None = None
    for key, value in node.value if node.flow_style else ():
        if _is_number(before) and _is_number(key) and getattr(value, "value", None) == "":
            return int(key.start_mark.line) + 1
        before = value
    return None


def _is_number(node: Node | None) -> bool:
    if not isinstance(node, ScalarNode) or node.style:
        return False
    return _FIGURES.fullmatch(node.value) is not None


def _key(node: Node, source: str) -> str:
    if isinstance(node, ScalarNode):
        return str(node.value)
    raise refusal(
        source, node.start_mark.line + 1, "A name must be plain text.", "Write name: value."
    )


def plain_value(text: str) -> Data:
    """Give what an unquoted text stands for: nothing, yes or no, a number, or itself.

    Raises:
        ValueError: for a number that no computer holds.

    """
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if text[0] in _BEGINS_NUMBER and _NUMBER.fullmatch(text):
        return number(text)
    return text


def read_settings(path: Path, what: str, most: int) -> Document:
    """Read a small YAML file that a person wrote, such as a profile or a map.

    Args:
        path: the file.
        what: how it is called in an error: ``the profile``.
        most: so many bytes it may have: a file that is cut might still be read as a whole one.

    Raises:
        UsageError: if it cannot be read or is too long.
        DocumentError: if it is not YAML.

    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        said = f"{what} cannot be read: {error.strerror}."
        raise UsageError(Problem(str(path), said, "", "Check its name.")) from None
    if len(raw) > most:
        said = f"{what} is larger than {most // 1_000:,} kB."
        why = "Such a file has some kilobytes; nothing of it is used."
        raise UsageError(Problem(str(path), said, why, "Name the right file, or shorten it."))
    return read_yaml(decoded(raw, str(path)), str(path))
