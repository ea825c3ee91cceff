"""What a screening says stands once: a record and a row hold the same of every statement."""

import pytest

from screening.cohort import rows_of
from screening.intake.vocabulary import SIDES
from screening.record.said import STATEMENTS
from screening.record.screening import as_read
from tests.conftest import CASES, ROOT

FILES = sorted(CASES.rglob("*.yaml"))[::6]


def in_record(record, keys, side):
    """Give what stands in a record where a statement says it stands."""
    found = record
    for key in keys:
        found = None if found is None else found[key.format(side=side)]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_record_and_a_row_say_the_same_of_every_statement(path, inferred_from):
    inferred = inferred_from(path)
    record, rows = as_read(inferred), rows_of(inferred).to_dicts()
    for statement in STATEMENTS.values():
        for side, row in zip(SIDES, rows, strict=True):
            if statement.keys:
                said = in_record(record, statement.keys, side)
                assert row[statement.column] == said, statement.column


def test_every_statement_is_explained_where_the_columns_are():
    page = (ROOT / "docs" / "cohort_columns.md").read_text(encoding="utf-8")
    for column in STATEMENTS:
        assert f"`{column}`" in page or f"`{column}_N`" in page
