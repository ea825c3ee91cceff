"""What a rehearsal of a batch found, as text."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from screening.page import Page


class RowPlace(TypedDict):
    """Where a row stands."""

    input: str
    row: int
    line: NotRequired[int]


class RefusalReason(TypedDict):
    """A reason for which rows would be refused: how many, and where the first stand."""

    field: str
    reason: str
    rows: int
    first: list[RowPlace]


class Rehearsal(TypedDict):
    """How many rows would be screened, and why the others would not."""

    rows: int
    screened: int
    refused: int
    reasons: list[RefusalReason]
    ignored_columns: list[str]
    set_aside: list[dict[str, str]]


_MOST = 40
"""So many reasons are said; the others stand in the JSON."""


def rehearsal_text(found: Rehearsal) -> Page:
    """Say how many rows would be screened, and why the others would be refused."""
    page = Page()
    counts = found["rows"], found["screened"], found["refused"]
    rows, screened, refused = (f"{count:,}" for count in counts)
    page.line(f"{rows} rows read: {screened} would be screened, {refused} refused.", "bold")
    page.line("Nothing was written.")
    if found["ignored_columns"]:
        page.paragraph(f"Columns left out: {', '.join(found['ignored_columns'])}.", indent=0)
    for aside in found["set_aside"]:
        page.paragraph(f"Set aside: {aside['path']}: {aside['reason']}", indent=0)
    for each in found["reasons"][:_MOST]:
        page.line()
        column = each["field"]
        reason = each["reason"].removeprefix(f"{column}: ")
        said = f"{column}: {reason}" if column else reason
        page.items([f"{each['rows']:,} x {said}"], "-", indent=0)
        first = [_place(where) for where in each["first"]]
        more = ", ..." if each["rows"] > len(first) else ""
        page.items([f"{'; '.join(first)}{more}"], "", indent=1)
    if len(found["reasons"]) > _MOST:
        page.line(f"and {len(found['reasons']) - _MOST} more reasons (--format json lists all).")
    return page


def _place(where: RowPlace) -> str:
    line = f", line {where['line']}" if "line" in where else ""
    return f"{where['input']} row {where['row']}{line}"
