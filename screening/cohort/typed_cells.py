"""Cells of other types than text, read as strictly as a case file reads what is typed.

Numbers, dates and lists of words; booleans are no words. Every cell is read on its own.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.cohort.texts import Cells, Reasons, Truths, read_texts, within_limits
from screening.intake.answers import LONGEST_TEXT, NO_NAME, NOT_TESTED, words_of
from screening.intake.vocabulary import ASKED_WITH, CASE_ID, Vocabulary
from screening.safe import is_blank

NEAR = 1e-9
"""A binary number is never exactly 6.55: what is nearer than any third decimal counts."""


def read_cells(path: str, vocabulary: Vocabulary, cells: pl.Series) -> Cells:
    """Read cells of a finding."""
    kind, reasons = vocabulary[path].type, Reasons.of(path, vocabulary)
    if path == ASKED_WITH and cells.dtype.is_numeric():
        cells = cells.cast(pl.String)
    elif kind == "text" and path != ASKED_WITH:
        return _text(path, cells, reasons)
    if cells.dtype == pl.String:
        return read_texts(path, vocabulary, cells.to_list())
    if kind == "number" and cells.dtype.is_numeric():
        return _number(path, vocabulary, cells, reasons)
    if kind == "list":
        return _list(words_of(path, vocabulary), cells, reasons)
    if kind == "date" and cells.dtype in (pl.Date, pl.Datetime):
        return Cells(_truths(cells.is_not_null()))
    return _nothing(cells, reasons.kind)


def _truths(column: pl.Series) -> Truths:
    return column.to_numpy()


def _nothing(cells: pl.Series, reason: str) -> Cells:
    """Refuse every cell of a type that cannot be read."""
    given = _truths(cells.is_not_null())
    return Cells(np.zeros(len(cells), np.bool_), {}, None, {reason: given})


def _number(path: str, vocabulary: Vocabulary, cells: pl.Series, reasons: Reasons) -> Cells:
    given = _truths(cells.is_not_null())
    if cells.dtype == pl.Float32:
        cells = cells.cast(pl.String)  # 6.1 in 32 bits is 6.0999999 in 64, and prints as 6.1
    numbers: NDArray[np.float64] = cells.cast(pl.Float64).to_numpy()
    finite = np.isfinite(numbers)
    numbers = np.where(finite, numbers, np.nan)
    scaled = numbers * 100
    uneven = np.abs(scaled - np.rint(scaled)) > NEAR * (np.abs(scaled) + 1)
    read = within_limits(numbers, vocabulary[path], reasons)
    read.refused = {reasons.kind: given & ~finite, reasons.decimals: uneven, **read.refused}
    return read


def _list(words: tuple[str, ...], cells: pl.Series, reasons: Reasons) -> Cells:
    if cells.dtype != pl.List(pl.String):
        return _nothing(cells, f"a list is expected, such as {words[0]};{words[-1]}.")
    given = _truths(cells.is_not_null())
    known = cells.list.eval(pl.element().is_in(words)).list.all().fill_null(True)
    read = Cells(given, {}, None, {reasons.kind: given & ~_truths(known)})
    for word in words:
        read.words[word] = _truths(cells.list.contains(word).fill_null(False))
    return read


def _text(path: str, cells: pl.Series, reasons: Reasons) -> Cells:
    if not (cells.dtype == pl.String or cells.dtype.is_integer() or cells.dtype.is_float()):
        return _nothing(cells, "a short text is expected.")
    text = cells.cast(pl.String)
    empty = text.is_null() | text.is_in(["", NOT_TESTED]).fill_null(False)
    long = (text.str.len_bytes() > LONGEST_TEXT).fill_null(False)
    if long.any():
        long = (text.str.len_chars() > LONGEST_TEXT).fill_null(False)
    read = Cells(_truths(~empty), {}, None, {reasons.kind: _truths(long)})
    if path == CASE_ID:
        read.refused[NO_NAME] = _truths(~empty & _blank(text))
    return read


def _blank(text: pl.Series) -> pl.Series:
    """Tell of which texts nothing can be seen; one with a plain letter or digit is soon told."""
    odd = ~text.str.contains("[0-9A-Za-z]").fill_null(True)
    if not odd.any():
        return odd
    blank = [is_blank(each) for each in text.filter(odd).to_list()]
    return odd.scatter(odd.arg_true(), pl.Series(blank, dtype=pl.Boolean))
