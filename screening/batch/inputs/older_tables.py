"""Tables of an older vocabulary in the names of this one."""

from __future__ import annotations

import polars as pl

from screening.intake.migration import carried, moved
from screening.intake.vocabulary import ABSENT, PRESENT, Vocabulary, without_side

_WORDS = (PRESENT, ABSENT, "unsure")


def migrated(frame: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Give a frame headed by findings with retired columns as the new ones.

    Answers that say nothing to a new question become empty cells; a column that has the new name
    already stands, and the old one only fills its empty cells.
    """
    columns: dict[str, pl.Series] = {
        name: frame[name]
        for name in frame.columns
        if without_side(name)[1] not in vocabulary.retired
    }
    for name in frame.columns:
        for kind, new in moved(name, vocabulary) if name not in columns else ():
            cells = frame[name]
            if kind != "same":
                words = {word: carried(kind, word) for word in _WORDS}
                texts = cells.cast(pl.String)
                cells = texts.replace_strict(words, default=None, return_dtype=pl.String)
            if new in columns:
                cells = _filled(columns[new], cells)
            columns[new] = cells.alias(new)
    return pl.DataFrame(columns) if columns else frame


def _filled(stands: pl.Series, fills: pl.Series) -> pl.Series:
    blank = stands.is_null() | (stands.cast(pl.String) == "")
    return stands.zip_with(~blank, fills.cast(stands.dtype, strict=False))
