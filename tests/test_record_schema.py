"""The record holds what its schema says, no more and no less, and the page says the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from screening.record.model import Record
from scripts.json_page import PAGE, page

CASES = sorted((Path(__file__).parents[1] / "cases").rglob("*.yaml"))[::4]
RECORD = TypeAdapter(Record)


@pytest.mark.first(11)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_record_is_what_its_schema_says(
    path: Path, record_from: Callable[[Path], Record]
) -> None:
    """What the schema does not know is dropped by it, and what is lacking is an error."""
    record = record_from(path)
    read = RECORD.validate_python(record, strict=True)
    assert read == record


def test_every_shape_is_described_and_closed_to_nothing() -> None:
    """A later version may add keys: a program that reads the record passes over them."""
    schema = RECORD.json_schema()
    for shape in (schema, *schema["$defs"].values()):
        assert shape["description"]
        assert shape["required"]
        assert "additionalProperties" not in shape


def test_the_page_says_what_the_schema_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m scripts.json_page"
