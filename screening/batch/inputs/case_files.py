"""Case files as rows: YAML and JSON, read as strictly as for a single screening."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from screening.batch.inputs.cells import of_data, refused
from screening.batch.inputs.source_rows import Part, Refusal
from screening.batch.inputs.sources import File, Source
from screening.errors import ScreeningError
from screening.intake.case import CASE_FILES, MOST_BYTES, CaseReader, load_document
from screening.intake.vocabulary import Vocabulary


def parts(
    source: Source, vocabulary: Vocabulary, size: int, done: int, read: CaseReader = CASE_FILES
) -> Iterator[Part]:
    """Give the parts of a list of case files, without the first so many."""
    for start in range(done * size, len(source.files), size):
        yield _part(source, start + 1, source.files[start : start + size], vocabulary, read)


def _part(
    source: Source,
    first: int,
    files: tuple[File, ...],
    vocabulary: Vocabulary,
    read: CaseReader,
) -> Part:
    part = Part(source.name, pl.DataFrame(), [])
    rows: list[int] = []
    cells = []
    for row, file in enumerate(files, first):
        part.names[row] = str(file.path)
        try:
            document = load_document(str(file.path))
            part.places[row] = {".".join(map(str, p)): n for p, n in document.lines.items()}
            own = of_data(document.data, vocabulary, str(file.path), document.lines, read)
            cells.append({"case_id": file.path.stem} | own)
            rows.append(row)
        except ScreeningError as error:
            field, reason = refused(error, str(file.path))
            part.unread.append(Refusal(row, field, reason, _kept(file)))
    part.frame = pl.DataFrame(cells, schema=dict.fromkeys(vocabulary.all_paths, pl.String))
    part.rows = rows
    return part


def _kept(file: File) -> dict[str, str]:
    """Keep the text of a file, unless it is far too long to be a case."""
    if file.size > MOST_BYTES:
        return {}
    try:
        return {"text": file.path.read_text(encoding="utf-8", errors="replace")}
    except OSError:
        return {}
