"""Strict JSON: no name twice, no number that is none, every number exactly as it was written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from screening.documents import Document, refusal, refuse_odd, too_deep
from screening.nesting import deep_json
from screening.numbers import number
from screening.safe import shortened
from screening.strict_yaml import lines_of

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import NoReturn

    from screening.documents import Data

_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str, source: str) -> Document:
    """Read one JSON document, with the line of every value.

    Raises:
        DocumentError: for syntax errors, duplicate keys, NaN and infinities.

    """
    # JSON is nearly YAML: composing it once more gives the lines that json.loads does not know.
    return Document(source, parse_json(text, source), lines_of(text.replace("\t", " ")))


def parse_json(text: str, source: str) -> Data:
    """Read JSON as strictly, without lines: for a table that has a case in each line.

    Raises:
        DocumentError: for syntax errors, duplicate keys, NaN and infinities.

    """

    def constant(name: str) -> NoReturn:
        raise refusal(source, None, f"{name} is not a number.", "Leave out what was not measured.")

    def pairs(items: list[tuple[str, Data]]) -> dict[str, Data]:
        found: dict[str, Data] = {}
        for key, value in items:
            if key in found:
                raise refusal(
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
            raise refusal(source, None, f"A number here {error}.", "Mend it.") from None

    refuse_odd(text, source)
    if (line := deep_json(text)) is not None:
        raise too_deep(source, line)
    try:
        found: Data = json.loads(
            text,
            parse_int=exact,
            parse_float=exact,
            parse_constant=constant,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        raise refusal(
            source, error.lineno, f"This is not JSON: {error.msg}.", "Check commas and quotes."
        ) from None
    if _ESCAPED_HALF.search(text):
        refuse_odd(json.dumps(found, ensure_ascii=False, default=str), source)
    return found


def _line_of_second(text: str, key: str) -> int | None:
    places = [found.start() for found in re.finditer(re.escape(json.dumps(key)) + r"\s*:", text)]
    return text.count("\n", 0, places[1]) + 1 if len(places) > 1 else None
