"""The JSON Schema of a screening record, from the very shapes by which it is typed."""

from __future__ import annotations

from pydantic import TypeAdapter

from screening.record.model import Record


def record_schema() -> dict[str, object]:
    """Give the JSON Schema of what ``screening screen --format json`` prints."""
    schema = TypeAdapter(Record).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
