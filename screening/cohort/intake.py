"""Reading a part of a table: every column as strictly as a single case, but all rows at once.

A column is headed by the path of a finding. Its cells are text (as a CSV file gives them) or typed
(numbers, dates, booleans are no words). Empty and ``not_tested`` mean not recorded. A row with one
cell that a single case would refuse is refused, with the field and the reason, never the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from screening.cohort.algebra import Bits, as_column, ever, every, not_, some
from screening.cohort.findings import Answered
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.answers import LONGEST_TEXT, NOT_TESTED, words_of
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import Entry, Vocabulary

LIST_SEPARATOR = ";"
"""Between the words of a list finding in a cell of text: ``side;thigh``."""

ROW = "__row"
"""A column of this name holds what a refusal calls the row; otherwise its position."""

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_PLAIN = r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,2}0*)?$"
_NEAR = 1e-9
_MOST = 1e7
"""Far above every hard limit and far below what hundredths in 32 bits can hold."""


@dataclass
class Intake:
    """The accepted answers of a part and the refusals of its rows."""

    rows: int
    answers: dict[str, Answered] = field(default_factory=dict)
    refused: dict[tuple[str, str], pl.Series] = field(default_factory=dict)
    """By field and reason: the rows that it refuses."""


def check_columns(names: list[str], vocabulary: Vocabulary) -> None:
    """Refuse columns that are no findings.

    Raises:
        UsageError: with a suggestion for every unknown column.

    """
    unknown = [name for name in names if name != ROW and name not in vocabulary]
    if unknown:
        raise UsageError(
            [
                Problem(
                    "",
                    f'the column "{name}" is no finding that can be recorded.',
                    "It would be silently left out of every screening.",
                    f"{did_you_mean(name, vocabulary.all_paths)} "
                    "`screening rules vocabulary` lists them all.".strip(),
                )
                for name in unknown
            ]
        )


def read(frame: pl.DataFrame, vocabulary: Vocabulary) -> Intake:
    """Read every column of a part.

    Raises:
        UsageError: for columns that are no findings.

    """
    check_columns(frame.columns, vocabulary)
    intake = Intake(frame.height)
    for path in vocabulary.all_paths:
        if path in frame.columns:
            cells = frame[path]
            if cells.null_count() < intake.rows:
                _Column(path, vocabulary, intake).read(cells)
    return intake


@dataclass
class _Column:
    """Reads one column into an intake."""

    path: str
    vocabulary: Vocabulary
    intake: Intake

    @property
    def entry(self) -> Entry:
        return self.vocabulary[self.path]

    def read(self, cells: pl.Series) -> None:
        if cells.dtype in (pl.Categorical, pl.Enum):
            cells = cells.cast(pl.String)
        if self.entry.type not in ("number", "list", "date", "text"):
            self._word(cells)
            return
        cells = _without_empty(cells)
        if self.entry.type == "number":
            self._number(cells)
        elif self.entry.type == "list":
            self._list(cells)
        elif self.entry.type == "date":
            self._date(cells)
        else:
            self._text(cells)

    def _refuse(self, reason: str, rows: pl.Series | bool) -> None:
        if ever(rows):
            assert isinstance(rows, pl.Series)
            key = self.path, reason
            before = self.intake.refused.get(key)
            self.intake.refused[key] = rows if before is None else before | rows

    def _keep(self, given: Bits, words: dict[str, Bits] | None = None, number: object = 0) -> None:
        self.intake.answers[self.path] = Answered(given, words or {}, number)  # type: ignore[arg-type]

    # -- numbers --------------------------------------------------------------------------------

    def _number(self, cells: pl.Series) -> None:
        entry, given = self.entry, cells.is_not_null()
        expected = f"a plain number in {entry.unit or 'digits'} is expected, such as 6.5."
        if cells.dtype == pl.String:
            if not cells.str.contains(_PLAIN).all():
                is_number = cells.str.contains(_NUMBER).fill_null(True)
                self._refuse(expected, ~is_number)
                exact = cells.str.contains(_PLAIN).fill_null(True)
                self._refuse("it has more than two decimals; round it.", is_number & ~exact)
                cells = cells.set(~is_number, None)
            numbers = cells.cast(pl.Float64, strict=False)
        elif cells.dtype.is_numeric():
            numbers = cells.cast(pl.Float64)
            finite = numbers.is_finite().fill_null(True)
            self._refuse(expected, ~finite)
            numbers = numbers.set(~finite, None)
            scaled = numbers * 100
            # A binary number is never exactly 6.55: what is nearer than any third decimal counts.
            uneven = (scaled - scaled.round()).abs() > _NEAR * (scaled.abs() + 1)
            self._refuse("it has more than two decimals; round it.", uneven.fill_null(False))
        else:
            self._refuse(expected, given)
            return
        kept = numbers.clip(-_MOST, _MOST).fill_null(0)
        value = (kept * 100).round().cast(pl.Int32)
        valid = numbers.is_not_null()
        if entry.whole:
            self._refuse("a whole number is expected.", valid & (value % 100 != 0))
        if entry.hard:
            low, high = entry.hard
            outside = valid & ((value < low) | (value > high))
            ends = f"{with_unit(low, entry.unit)} to {with_unit(high, entry.unit)}"
            hint = f" {entry.refused_hint}" if entry.refused_hint else ""
            self._refuse(f"it is outside {ends}.{hint}", outside)
        self._keep(_constant(valid), None, value)

    # -- words ----------------------------------------------------------------------------------

    def _word(self, cells: pl.Series) -> None:
        words = words_of(self.path, self.vocabulary)
        given = cells.is_not_null()
        if cells.dtype != pl.String:
            self._refuse(f"one of {', '.join(words)} is expected.", given)
            return
        found: dict[str, Bits] = {}
        for word in words:
            is_word = (cells == word).fill_null(False)
            if is_word.any():
                found[word] = is_word
        known = some(found.values())
        if _count(known) < len(cells) - cells.null_count():
            wrong = _without_empty(cells).is_not_null() & ~as_column(known, len(cells))
            self._refuse(f"one of {', '.join(words)} is expected.", wrong)
        self._keep(known if isinstance(known, bool) else _constant(known), found)

    def _list(self, cells: pl.Series) -> None:
        words = tuple(self.entry.words)
        if cells.dtype == pl.String:
            plain = cells.str.strip_chars("[] ").str.replace_all(r"\s*[;,]\s*", LIST_SEPARATOR)
            parts = plain.str.split(LIST_SEPARATOR)
            parts = parts.list.eval(pl.element().filter(pl.element() != ""))
        elif cells.dtype == pl.List(pl.String):
            parts = cells
        else:
            self._refuse(
                f"a list is expected, such as {words[0]};{words[-1]}.", cells.is_not_null()
            )
            return
        given = parts.is_not_null()
        known = parts.list.eval(pl.element().is_in(words)).list.all().fill_null(True)
        self._refuse(f"one or more of {', '.join(words)} are expected.", given & ~known)
        found: dict[str, Bits] = {}
        for word in words:
            holds = parts.list.contains(word).fill_null(False)
            if holds.any():
                found[word] = holds
        self._keep(_constant(given), found)

    # -- dates and texts ------------------------------------------------------------------------

    def _date(self, cells: pl.Series) -> None:
        given = cells.is_not_null()
        if cells.dtype == pl.String:
            valid = cells.str.to_date("%Y-%m-%d", strict=False).is_not_null()
            valid &= cells.str.contains(r"^\d{4}-\d{2}-\d{2}$").fill_null(False)
        elif cells.dtype in (pl.Date, pl.Datetime):
            valid = given
        else:
            valid = pl.repeat(False, len(cells), eager=True)
        expected = "a date is expected as year-month-day, such as 2025-03-04."
        self._refuse(expected, given & ~valid)
        self._keep(_constant(given & valid))

    def _text(self, cells: pl.Series) -> None:
        given = cells.is_not_null()
        if cells.dtype == pl.String or cells.dtype.is_integer() or cells.dtype.is_float():
            text = cells.cast(pl.String)
            long = (text.str.len_bytes() > LONGEST_TEXT).fill_null(False)
            if long.any():
                long = (text.str.len_chars() > LONGEST_TEXT).fill_null(False)
            self._refuse(f"the text is longer than {LONGEST_TEXT} characters.", long)
        else:
            self._refuse("a short text is expected.", given)
        self._keep(_constant(given))


def _without_empty(cells: pl.Series) -> pl.Series:
    """Give a column in which what counts as not recorded is null."""
    if cells.dtype != pl.String:
        return cells
    empty = cells.is_in(["", NOT_TESTED]).fill_null(False)
    return cells.set(empty, None) if empty.any() else cells


def _count(bits: Bits) -> int:
    return int(bits.sum()) if isinstance(bits, pl.Series) else 0


def _constant(bits: pl.Series) -> Bits:
    """Give a column that is true (false) in all rows as a constant: nothing is worked out on it."""
    if not bits.any():
        return False
    return True if bits.all() else bits


def accepted(intake: Intake) -> Bits:
    """Tell which rows are not refused."""
    return every(not_(rows) for rows in intake.refused.values())


def refusals(intake: Intake, frame: pl.DataFrame) -> pl.DataFrame:
    """Give one row for each refused row: its number, the first field, and every reason."""
    schema = {"row": pl.UInt64, "field": pl.String, "reason": pl.String}
    if not intake.refused:
        return pl.DataFrame(schema=schema)
    refused = some(intake.refused.values())
    assert isinstance(refused, pl.Series)
    rows = frame[ROW] if ROW in frame.columns else pl.int_range(intake.rows, eager=True)
    fields, reasons = [], []
    for (path, reason), hit in intake.refused.items():
        fields.append(pl.when(pl.lit(hit)).then(pl.lit(path)))
        reasons.append(pl.when(pl.lit(hit)).then(pl.lit(f"{path}: {reason}")))
    table = pl.select(
        row=pl.lit(rows).cast(pl.UInt64),
        field=pl.coalesce(fields),
        reason=pl.concat_str(reasons, separator=" ", ignore_nulls=True),
    )
    return table.filter(refused)
