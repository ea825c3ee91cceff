"""A ladder as a table: its rows against the conditions that they ask for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import count
from string import ascii_uppercase

from screening.page import WIDEST, Page
from screening.read_aloud.rule_words import RuleWords
from screening.rulebase.shapes import LadderFile, RowText

_ANSWERS = {
    "true": "Y",
    "present": "Y",
    "set_aside": "Y",
    "false": "N",
    "absent": "N",
    "unknown": "?",
}
_POSITIVE = {"absent": "present", "false": "true", "unknown": "true"}
_REST = "·"


def ladder_table(part: LadderFile, page: Page, words: RuleWords) -> None:
    """Write each line of each row under the letters of its conditions, then the conditions."""
    letters: dict[str, str] = {}
    names = _names()
    table = []
    for number, row in enumerate(part.rows, 1):
        for line in row.any or ((),):
            cells = dict(map(cell_of, line))
            letters |= {condition: next(names) for condition in cells if condition not in letters}
            table.append((number, row, cells))
    _rows(table, letters, page)
    page.line()
    if part.rows[-1].any is None:
        page.paragraph("Y must hold, N must not, ? must be unknown; all else does not matter.", 2)
    for condition, letter in letters.items():
        page.labelled(f"  {letter}", words.premise(condition))


def _names() -> Iterator[str]:
    """Give A to Z, then A2 to Z2 and so on."""
    for turn in count(1):
        for letter in ascii_uppercase:
            yield letter if turn == 1 else f"{letter}{turn}"


def cell_of(premise: str) -> tuple[str, str]:
    """Give the condition of a premise, asked as a yes, and the answer that the premise wants."""
    name, how, value = premise.split(" ", 2)
    if how == "is" and value in _ANSWERS:
        return f"{name} is {_POSITIVE.get(value, value)}", _ANSWERS[value]
    return premise, "Y"


def _rows(
    table: list[tuple[int, RowText, dict[str, str]]], letters: dict[str, str], page: Page
) -> None:
    wide = max((len(letter) for letter in letters.values()), default=1) + 1
    longest = max(len(_said(row)) for _, row, _ in table) + 2
    room = min(longest, max(20, WIDEST - 8 - wide * len(letters)))
    head = "".join(f"{letter:>{wide}}" for letter in letters.values())
    page.line(f"     {'':{room}}{head}", "bold")
    before = 0
    for number, row, cells in table:
        marks = "".join(f"{cells.get(condition, _REST):>{wide}}" for condition in letters)
        begin, said = (f"{number:>4} ", _said(row)) if number != before else (" " * 5, "or")
        first, *more = textwrap.wrap(said, room) or [""]
        page.line(f"{begin}{first:{room}}{marks}")
        for rest in more:
            page.line(f"     {rest}")
        before = number


def _said(row: RowText) -> str:
    reason = f" ({row.reason.replace('_', ' ')})" if row.reason else ""
    return f"{row.word.replace('_', ' ')}{reason}"
