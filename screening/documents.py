"""Strict YAML and JSON: what was typed is what is read, and every value knows its line.

Plain YAML would turn ``no`` into false, ``1:30`` into 90 and ``010`` into 8, keep the last of two
equal keys and follow aliases. None of that may happen to a patient's findings or to a rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from screening.errors import Problem, ScreeningError, UsageError
from screening.files import PRIVATE, whole_file
from screening.nesting import MOST_DEEP, deep_json, deep_yaml
from screening.numbers import number
from screening.safe import shortened

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from typing import NoReturn, TypeAlias

    from yaml.nodes import MappingNode, Node

    Data: TypeAlias = (
        None
        | bool
        | int
        | float
        | Decimal
        | str
        | date
        | list["Data"]
        | tuple["Data", ...]
        | dict[str, "Data"]
    )
    """What was read from outside, before anything is known of it: told apart where it is used."""

    Json: TypeAlias = (
        None | bool | int | float | Decimal | str | date | Sequence["Json"] | Mapping[str, "Json"]
    )
    """What is written to the outside, made by whoever writes it."""

Place = tuple[str | int, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_FIGURES = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_MAYBE_ANCHOR = re.compile(r"(?:^|[\s\[{,])[&*][^\s,\]}]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
_NOTHING = {"", "~", "null"}
_TRUTH = {"true": True, "false": False}
_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!", None}


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Composes nodes without guessing what a value might be: ``_plain`` says that, exactly."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        """Give the tag of a node that has none of its own."""
        return "!"


@dataclass(frozen=True)
class Document:
    """One file as plain data, with the line of every value."""

    source: str
    data: Data
    lines: Mapping[Place, int] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Data]:
        """What it holds by name; nothing, if it is another kind of data."""
        return self.data if isinstance(self.data, dict) else {}

    def where(self, place: Place = ()) -> str:
        """Give ``file:line`` of a value, or of the nearest value around it."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line:
                return f"{self.source}:{line}"
        return self.source


def overlaid(data: Mapping[str, Data], change: Mapping[str, Data]) -> dict[str, Data]:
    """Give nested data with a change laid over it, key by key; neither is altered."""
    found = dict(data)
    for key, part in change.items():
        below = found.get(key)
        found[key] = (
            overlaid(below, part) if isinstance(below, dict) and isinstance(part, dict) else part
        )
    return found


class DocumentError(ScreeningError):
    """A file is not the strict YAML or JSON that is read here."""


def _refuse(source: str, line: int | None, what: str, todo: str) -> DocumentError:
    where = f"{source}:{line}" if line else source
    return DocumentError(Problem(where, what, "", todo))


def read_yaml(text: str, source: str) -> Document:
    """Read one YAML document.

    Raises:
        DocumentError: for syntax errors, duplicate keys, anchors, aliases, tags and several
            documents in one file.

    """
    _refuse_odd(text, source)
    try:
        if (line := deep_yaml(text, _Loader)) is not None:
            raise _too_deep(source, line)
        _refuse_anchors(text, source)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refuse(
            source,
            mark.line + 1 if mark else None,
            f"This is not YAML: {error.problem or error.context}.",
            "Check the indentation and the colons on this line and the one above.",
        ) from None
    except yaml.YAMLError:
        raise _refuse(
            source, None, "This is not YAML text.", "Save the file as UTF-8 text."
        ) from None
    if node is None:
        return Document(source, None)
    return Document(source, _build(node, source), _LinesOnDemand(node))


def _refuse_odd(text: str, source: str) -> None:
    """Refuse halves of characters: no file can hold them and nothing can print them."""
    if (half := _HALF.search(text)) is not None:
        line = text.count("\n", 0, half.start()) + 1
        raise _refuse(source, line, "Half a character stands here.", "Type the text anew.")


def _too_deep(source: str, line: int | None) -> DocumentError:
    what = f"This is nested more than {MOST_DEEP} levels deep."
    return _refuse(source, line, what, "Nest by path, as the examples do.")


def _refuse_anchors(text: str, source: str) -> None:
    if not _MAYBE_ANCHOR.search(text):
        return
    for event in yaml.parse(text, Loader=_Loader):
        if getattr(event, "anchor", None):
            raise _refuse(
                source,
                event.start_mark.line + 1 if event.start_mark else None,
                "Anchors (&name) and aliases (*name) are not read.",
                "Write the values out, or put the text in quotation marks.",
            )


class _LinesOnDemand(Mapping[Place, int]):
    """The line of every value of a tree of nodes; told apart only when somebody asks."""

    def __init__(self, root: Node) -> None:
        self._root = root

    @cached_property
    def _found(self) -> dict[Place, int]:
        return dict(_placed(self._root, ()))

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
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield from _placed(item, (*place, i))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, str(key.value)), key.start_mark.line + 1
            yield from _placed(value, (*place, str(key.value)))


def _build(node: Node, source: str) -> Data:
    if node.tag not in _PLAIN_TAGS:
        raise _refuse(source, node.start_mark.line + 1, "A tag (!name) is not read.", "Remove it.")
    if isinstance(node, yaml.ScalarNode):
        try:
            return node.value if node.style else plain_value(node.value)
        except ValueError as error:
            line = node.start_mark.line + 1
            raise _refuse(source, line, f"A number here {error}.", "Mend it.") from None
    if isinstance(node, yaml.SequenceNode):
        return tuple(_build(item, source) for item in node.value)
    assert isinstance(node, yaml.MappingNode)
    if (line := _decimal_comma(node)) is not None:
        what = "A comma parts a number in two here: within braces it parts entries."
        raise _refuse(source, line, what, "6,5: write 6.5.")
    mapping: dict[str, Data] = {}
    for key_node, value_node in node.value:
        key = _key(key_node, source)
        if key in mapping:
            raise _refuse(
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
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return False
    return _FIGURES.fullmatch(node.value) is not None


def _key(node: Node, source: str) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    raise _refuse(
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
    if _NUMBER.fullmatch(text):
        return number(text)
    return text


def read_json(text: str, source: str) -> Document:
    """Read one JSON document, with the line of every value.

    Raises:
        DocumentError: for syntax errors, duplicate keys, NaN and infinities.

    """
    return Document(source, parse_json(text, source), _json_lines(text))


def parse_json(text: str, source: str) -> Data:
    """Read JSON as strictly, without lines: for a table that has a case in each line.

    Raises:
        DocumentError: for syntax errors, duplicate keys, NaN and infinities.

    """

    def constant(name: str) -> NoReturn:
        raise _refuse(source, None, f"{name} is not a number.", "Leave out what was not measured.")

    def pairs(items: list[tuple[str, Data]]) -> dict[str, Data]:
        found: dict[str, Data] = {}
        for key, value in items:
            if key in found:
                raise _refuse(
                    source,
                    _line_of_second(text, key),
                    f'"{shortened(key)}" is written twice in the same place.',
                    "Keep one of the two: which one is meant cannot be known.",
                )
            found[key] = value
        return found

    def exact(digits: str) -> int | Decimal:
        try:
            return number(digits)
        except ValueError as error:
            raise _refuse(source, None, f"A number here {error}.", "Mend it.") from None

    _refuse_odd(text, source)
    if (line := deep_json(text)) is not None:
        raise _too_deep(source, line)
    try:
        found: Data = json.loads(
            text,
            parse_int=exact,
            parse_float=exact,
            parse_constant=constant,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        raise _refuse(
            source, error.lineno, f"This is not JSON: {error.msg}.", "Check commas and quotes."
        ) from None
    if _ESCAPED_HALF.search(text):
        _refuse_odd(json.dumps(found, ensure_ascii=False, default=str), source)
    return found


def _line_of_second(text: str, key: str) -> int | None:
    places = [found.start() for found in re.finditer(re.escape(json.dumps(key)) + r"\s*:", text)]
    return text.count("\n", 0, places[1]) + 1 if len(places) > 1 else None


def _json_lines(text: str) -> dict[Place, int]:
    # JSON is nearly YAML: composing it once more gives the lines that json.loads does not know.
    try:
        node = yaml.compose(text.replace("\t", " "), Loader=_Loader)
    except yaml.YAMLError:
        return {}
    return dict(_node_lines(node, ())) if node is not None else {}


def _node_lines(node: Node, place: Place) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _node_lines(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield from _node_lines(item, (*place, i))


def decoded(raw: bytes, source: str) -> str:
    """Give the text of a file.

    Raises:
        DocumentError: if it is not UTF-8.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refuse(source, None, "This is not UTF-8 text.", "Save the file as UTF-8.") from None


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


def write_atomically(path: Path, text: str, mode: int = PRIVATE) -> None:
    """Write a whole file or nothing: a reader never sees a half-written one.

    Args:
        path: a file, or where none is yet; anything else is left alone.
        text: what it is to hold.
        mode: who may read it; what holds findings, its owner only.

    Raises:
        OSError: if the folder cannot be written to, or something else than a file is there.

    """
    with whole_file(path, mode) as draft:
        draft.write_text(text, encoding="utf-8")
