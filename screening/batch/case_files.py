"""Case files as rows: YAML and JSON, read as strictly as for a single screening."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from screening.batch.cells import Misread, of_data
from screening.batch.rows import Part, Refusal
from screening.batch.sources import File, Source
from screening.errors import ScreeningError
from screening.intake.case import MOST_BYTES, load_document
from screening.intake.vocabulary import Vocabulary


def parts(source: Source, vocabulary: Vocabulary, size: int, done: int) -> Iterator[Part]:
    """Give the parts of a list of case files, without the first so many."""
    for start in range(done * size, len(source.files), size):
        yield _part(source, start + 1, source.files[start : start + size], vocabulary)


def _part(source: Source, first: int, files: tuple[File, ...], vocabulary: Vocabulary) -> Part:
    part = Part(source.name, pl.DataFrame(), [])
    rows: list[int] = []
    cells = []
    for row, file in enumerate(files, first):
        part.names[row] = str(file.path)
        try:
            document = load_document(str(file.path))
            part.places[row] = {".".join(map(str, p)): n for p, n in document.lines.items()}
            if not isinstance(document.data, dict):
                raise Misread("", "this is no case: findings by name are expected.")
            cells.append({"case_id": file.path.stem} | of_data(document.data, vocabulary))
            rows.append(row)
        except Misread as error:
            part.unread.append(Refusal(row, error.field, error.reason, _kept(file)))
        except ScreeningError as error:
            part.unread.append(_refusal(row, file, error))
    part.frame = pl.DataFrame(cells, schema=dict.fromkeys(vocabulary.all_paths, pl.String))
    part.rows = rows
    return part


def _refusal(row: int, file: File, error: ScreeningError) -> Refusal:
    """Refuse a file that is not even YAML or JSON; its line stands in the reason."""
    reasons = []
    for problem in error.problems:
        line = problem.where.removeprefix(str(file.path)).strip(":")
        at = f"line {line}: " if line.isdigit() else ""
        reasons.append(" ".join(text for text in (at + problem.what, problem.todo) if text))
    return Refusal(row, "", " ".join(reasons), _kept(file))


def _kept(file: File) -> dict[str, str]:
    """Keep the text of a file, unless it is far too long to be a case."""
    if file.size > MOST_BYTES:
        return {}
    try:
        return {"text": file.path.read_text(encoding="utf-8", errors="replace")}
    except OSError:
        return {}
