"""Lines of JSON: in each a case, or a refused row that was mended; parts of one case together."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from screening.batch.inputs.cells import of_data, refused, written
from screening.batch.inputs.csv_rows import LONGEST_LINE
from screening.batch.inputs.csv_tables import UTF_8, encoding_of
from screening.batch.inputs.part_lines import parts_of_cases
from screening.batch.inputs.table_lines import Line
from screening.documents import DocumentError
from screening.errors import CaseError, Problem, UsageError
from screening.intake.case import CaseReader
from screening.intake.vocabulary import Vocabulary
from screening.safe import shortened
from screening.strict_json import parse_json

if TYPE_CHECKING:
    from screening.documents import Data

_LONG = f"the line is longer than {LONGEST_LINE:,} bytes, and no case is."
_NO_FINDING = "this is no finding that can be recorded, and no column of the map."


def json_lines(
    path: Path, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> tuple[list[str], Iterator[Line]]:
    """Give the rows of a file of lines; each names its own columns.

    Raises:
        UsageError: if it is UTF-16 text.

    """
    if encoding_of(path) != UTF_8:
        what = "this is UTF-16 text."
        raise UsageError(Problem(str(path), what, "", "Save it as UTF-8."))
    return [], _jsonl_lines(path, vocabulary, names, read)


def _jsonl_lines(
    path: Path, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> Iterator[Line]:
    groups, end = parts_of_cases(path, read), 0
    with path.open("rb") as file, path.open("rb") as again:
        for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
            start, end = end, end + len(raw)
            if not raw.strip() or start in groups.later:
                continue
            if len(raw) >= LONGEST_LINE:
                yield Line(None, number, ("", _LONG), {})
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LONGEST_LINE)
                    end += len(raw)
                continue
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                data = groups.whole(start, again, read) or parse_json(text, "")
                yield _jsonl_line(data, number, vocabulary, names, read)
            except UnicodeDecodeError:
                kept = {"text": raw.decode("utf-8", errors="replace")}
                yield Line(None, number, ("", "the line is not UTF-8 text."), kept)
            except DocumentError as error:
                yield Line(None, number, ("", error.problems[0].what), {"text": text.strip()})


def _jsonl_line(
    data: Data, number: int, vocabulary: Vocabulary, names: Container[str], read: CaseReader
) -> Line:
    """Read one line: a case, or a refused row whose ``cells`` or ``case`` was mended."""
    if isinstance(data, dict) and isinstance(mended := data.get("cells"), dict):
        for name in mended:
            if name not in vocabulary and name not in names:
                reason = f"{shortened(name)}: {_NO_FINDING} {vocabulary.meant(name)}".strip()
                return Line(None, number, (shortened(name), reason), {"cells": mended})
        cells = {name: written(c) for name, c in mended.items() if c is not None}
        return Line(cells, number)
    case = data.get("resource", data.get("case", data)) if isinstance(data, dict) else data
    try:
        return Line(of_data(case, vocabulary, "", read=read), number)
    except CaseError as error:
        name = "resource" if read.foreign(case) else "case"
        kept = {name: case} if isinstance(case, dict) else {"text": json.dumps(data, default=str)}
        return Line(None, number, refused(error, ""), kept)
