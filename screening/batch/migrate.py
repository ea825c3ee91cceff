"""Files of an older vocabulary rewritten in the names of this one: cases, tables and maps.

Nothing is made up: what an old answer does not say of a new question stays empty, and is counted
among what must be asked again. The input is never written to.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import yaml

from screening.batch.inputs.csv_rows import CsvRow, csv_rows
from screening.batch.inputs.csv_tables import delimiter as delimiter_of
from screening.batch.inputs.csv_tables import encoding_of
from screening.batch.inputs.older_tables import migrated
from screening.batch.inputs.redcap import RECORD, name
from screening.batch.inputs.sources import ENDINGS
from screening.batch.inputs.xlsx_sheets import sheet as sheet_of
from screening.documents import Document
from screening.errors import Problem, ScreeningError, UsageError
from screening.files import whole_file, whole_folder, why_no_folder
from screening.intake.case import EXPECT, load_document, read_case
from screening.intake.migration import carried, flat, migrate, moved
from screening.intake.nested import planted
from screening.intake.vocabulary import SIDES, Vocabulary
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.documents import Data


@dataclass
class Rewritten:
    """What became of one file: how many cases it held, and what must be asked again, how often."""

    source: Path
    out: Path
    cases: int = 0
    again: Counter[str] = field(default_factory=Counter)
    refused: list[Problem] = field(default_factory=list)


def rewrite(source: Path, out: Path, vocabulary: Vocabulary) -> Iterator[Rewritten]:
    """Rewrite a file or every file of a folder.

    Raises:
        UsageError: if the input cannot be read, or the output is there or cannot be written.

    """
    if not source.exists():
        raise UsageError(Problem(str(source), "there is no such file.", "", "Check its name."))
    if out.exists() or out.resolve().is_relative_to(source.resolve()):
        todo = "Name another place with --out."
        raise UsageError(Problem(str(out), "it is there already, or part of the input.", "", todo))
    if not source.is_dir():
        yield _file(source, out, vocabulary)
        return
    try:
        with whole_folder(out) as draft:
            for path in sorted(source.rglob("*")):
                if path.is_file() and path.suffix.lower() in ENDINGS:
                    place = path.relative_to(source)
                    yield replace(_file(path, draft / place, vocabulary), out=out / place)
    except OSError as error:
        what = f"the folder cannot be written: {why_no_folder(error)}."
        todo = "Name another place with --out."
        raise UsageError(Problem(str(out), what, "Nothing was left there.", todo)) from None


def _file(source: Path, out: Path, vocabulary: Vocabulary) -> Rewritten:
    kind = ENDINGS.get(source.suffix.lower())
    if kind is None:
        todo = f"Files ending in {', '.join(ENDINGS)} are read."
        raise UsageError(Problem(str(source), "this kind of file is not read.", "", todo))
    found = Rewritten(source, out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with suppress(_NothingToWrite), whole_file(out) as draft:
            _KINDS[kind](found, vocabulary, draft)
    except (OSError, pl.exceptions.PolarsError) as error:
        why = getattr(error, "strerror", None) or "this is not the kind of file that it says"
        found.refused.append(Problem(str(source), f"it cannot be rewritten: {why}."))
    except UsageError as error:
        found.refused += error.problems
    return found


class _NothingToWrite(Exception):
    """A file was refused: nothing takes its place."""


# -- cases and maps --------------------------------------------------------------------------------


def _case(found: Rewritten, vocabulary: Vocabulary, draft: Path) -> None:
    try:
        document = load_document(str(found.source))
    except ScreeningError as error:
        found.refused += error.problems
        raise _NothingToWrite from None
    data = document.data
    if isinstance(data, dict) and isinstance(columns := data.get("columns"), dict):
        written = {**data, **_map(columns, data.get("ignore"), vocabulary, found)}
    elif isinstance(data, dict):
        rest = {key: part for key, part in data.items() if key != EXPECT}
        case = planted(_answers(flat(rest), vocabulary, found).items())
        written = case | ({EXPECT: data[EXPECT]} if EXPECT in data else {})
        try:
            read_case(Document(str(found.source), written), vocabulary)
        except ScreeningError as error:
            found.refused += error.problems
            raise _NothingToWrite from None
    else:
        found.refused.append(Problem(str(found.source), "this is no case and no map of columns."))
        raise _NothingToWrite
    plain = _plain(written)
    if found.source.suffix.lower() == ".json":
        text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    draft.write_text(text, encoding="utf-8")


def _answers(answers: dict[str, Data], vocabulary: Vocabulary, found: Rewritten) -> dict[str, Data]:
    moved_on = migrate(answers, vocabulary)
    found.cases += 1
    found.again.update(moved_on.again)
    return moved_on.answers


def _map(
    before: dict[str, Data], left_out: Data, vocabulary: Vocabulary, found: Rewritten
) -> dict[str, Data]:
    """Rewrite a map of columns; a column whose answers do not carry over is left out knowingly."""
    columns: dict[str, Data] = {}
    ignore = [*left_out] if isinstance(left_out, list | tuple) else []
    for column, told in before.items():
        new = list(moved(str(told.get("finding")), vocabulary)) if isinstance(told, dict) else []
        if not isinstance(told, dict) or not new:
            columns[column] = told
            continue
        kind, path = new[0]
        if len(new) > 1:
            # One column cannot be two findings: it is left out, and both are asked.
            ignore.append(column)
            found.again.update(each for _, each in new)
            continue
        now = {**told, "finding": path}
        if kind != "same":
            codes = told.get("codes")
            words = codes if isinstance(codes, dict) and codes else _AS_THEY_ARE
            now["codes"] = {
                code: carried(kind, word) or "not_tested" for code, word in words.items()
            }
            found.again.update([path])
        columns[column] = now
    return {"columns": columns, "ignore": ignore}


_AS_THEY_ARE: dict[str, Data] = {"present": "present", "absent": "absent"}
"""The codes of a column that declares none."""


def _plain(value: Data) -> Data:
    """Give what was read as JSON and YAML write it."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value


# -- tables ----------------------------------------------------------------------------------------


class _Head:
    """The columns of a table before and after, by their paths; REDCap names are paths as well."""

    def __init__(self, head: list[str], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        is_redcap = RECORD in head
        old = [f"{s}.{p}" for p in vocabulary.retired for s in SIDES] + list(vocabulary.retired)
        paths = {name(path): path for path in (*vocabulary.all_paths, *old)} if is_redcap else {}
        self._write: Callable[[str], str] = name if is_redcap else str
        self._paths = {column: paths.get(column, column) for column in head}
        new = [
            [self._write(each) for _, each in moved(path, vocabulary)] or [column]
            for column, path in self._paths.items()
        ]
        self.head = list(dict.fromkeys(column for each in new for column in each))

    def row(self, cells: dict[str, Data], found: Rewritten) -> list[Data]:
        """Give a row in the new columns."""
        answers = {self._paths[column]: cell for column, cell in cells.items() if cell != ""}
        now = _answers(answers, self.vocabulary, found)
        by_column = {self._write(p) if p in self.vocabulary else p: c for p, c in now.items()}
        return [by_column.get(column, "") for column in self.head]


def _csv(found: Rewritten, vocabulary: Vocabulary, draft: Path) -> None:
    delimiter = delimiter_of(found.source, vocabulary)
    encoding = encoding_of(found.source)
    with found.source.open(encoding=encoding, errors="backslashreplace", newline="") as file:
        rows = csv_rows(file, delimiter)
        head = next(rows, CsvRow(1, [], "the table has no row of names."))
        if head.wrong:
            found.refused.append(Problem(f"{found.source}:{head.line}", head.wrong))
            raise _NothingToWrite
        new = _Head(head.cells, vocabulary)
        with draft.open("w", encoding="utf-8", newline="") as written:
            writer = csv.writer(written, delimiter=delimiter)
            writer.writerow(new.head)
            writer.writerows(_rows(new, head.cells, rows, found))


def _rows(
    new: _Head, head: list[str], rows: Iterable[CsvRow], found: Rewritten
) -> Iterator[list[Data]]:
    for row in rows:
        wrong = row.wrong
        if not wrong and len(row.cells) != len(head):
            wrong = f"the row has {len(row.cells)} cells, the head of the table {len(head)}."
        if wrong:
            where = f"{found.source}:{row.line}"
            found.refused.append(Problem(where, wrong, "It is left out."))
            continue
        yield new.row(dict(zip(head, row.cells, strict=True)), found)


def _xlsx(found: Rewritten, vocabulary: Vocabulary, draft: Path) -> None:
    import xlsxwriter

    head, lines = sheet_of(found.source, vocabulary)
    new = _Head(head, vocabulary)
    book = xlsxwriter.Workbook(str(draft), {"strings_to_formulas": False, "in_memory": True})
    sheet = book.add_worksheet("cases")
    sheet.write_row(0, 0, new.head)
    for number, line in enumerate(lines, 1):
        if line.cells is None:
            found.refused.append(Problem(f"{found.source}:{line.line}", line.refusal[1]))
            continue
        for column, cell in enumerate(new.row(dict(line.cells), found)):
            sheet.write_string(number, column, str(cell))
    book.close()


def _jsonl(found: Rewritten, vocabulary: Vocabulary, draft: Path) -> None:
    reading = found.source.open(encoding="utf-8-sig", errors="backslashreplace")
    with reading as file, draft.open("w", encoding="utf-8") as written:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                data = parse_json(line, f"{found.source}:{number}")
            except ScreeningError as error:
                found.refused += error.problems
                continue
            if not isinstance(data, dict):
                found.refused.append(Problem(f"{found.source}:{number}", "this is no case."))
                continue
            answers = _answers(flat(data), vocabulary, found)
            nested = any(isinstance(part, dict) for part in data.values())
            tree = planted(answers.items())
            now = _plain(tree if nested else answers)
            written.write(json.dumps(now, ensure_ascii=False) + "\n")


def _parquet(found: Rewritten, vocabulary: Vocabulary, draft: Path) -> None:
    frame = pl.read_parquet(found.source)
    new = migrated(frame, vocabulary)
    texts = [column for column in frame.columns if frame[column].dtype == pl.String]
    for row in frame.select(texts).iter_rows(named=True):
        _answers(row, vocabulary, found)
    new.write_parquet(draft)


_KINDS: dict[str, Callable[[Rewritten, Vocabulary, Path], None]] = {
    "cases": _case,
    "csv": _csv,
    "xlsx": _xlsx,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
