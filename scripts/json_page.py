"""Writes docs/json.md: what a screening holds as JSON, key by key, from its schema.

Run ``python -m scripts.json_page``; a test holds the page to the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screening.record.record_schema import record_schema

PAGE = Path(__file__).parents[1] / "docs" / "json.md"

HEAD = """# The record as JSON

`screening screen CASE --format json` prints the record of one screening; `Screening.record` is
the same as a typed dictionary, and `screening rules vocabulary --format record-schema` its JSON
Schema. The same case gives the same bytes: lists stand in a fixed order (stratum, id, left before
right). Keys are only ever added; a program should pass over those that it does not know.

Paths name findings (`left.ankle.lunge_bent_cm`); ids name rules, flags and advice, and
`screening rules show ID` reads each of them aloud. `null` is "not known" or "does not apply", never
"no".
"""


def page() -> str:
    """Give the whole page."""
    schema = record_schema()
    shapes = {"Record": schema, **schema["$defs"]}
    return "\n".join([HEAD, *(line for name in _order(shapes) for line in _shape(name, shapes))])


def _order(shapes: dict[str, Any]) -> list[str]:
    """Give the shapes in the order in which a reader of the record meets them."""
    found = ["Record"]
    for name in found:
        for part in shapes[name]["properties"].values():
            found += [each for each in _named(part) if each not in found]
    return found


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rpartition("/")[2]
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)


def _shape(name: str, shapes: dict[str, Any]) -> Iterator[str]:
    shape = shapes[name]
    yield f"## {name}\n"
    yield f"{shape['description']}\n"
    yield "| key | holds | |"
    yield "|---|---|---|"
    for key, part in shape["properties"].items():
        yield f"| `{key}` | {_type(part)} | {part.get('description', '').replace('``', '`')} |"
    yield ""


def _type(part: dict[str, Any]) -> str:
    """Say what may stand there, in a reader's words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(each) for each in part["anyOf"]))
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    if part.get("type") == "array":
        return f"list of {_type(part['items'])}"
    if part.get("type") == "object":
        values = part.get("additionalProperties")
        return f"by name: {_type(values)}" if isinstance(values, dict) else "by path: an answer"
    words = {"string": "text", "boolean": "`true`, `false`", "null": "`null`"}
    return words.get(part["type"], "number")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
