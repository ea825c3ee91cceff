"""JSON as DESIGN 5 gives it: fixed order, the same case gives the same bytes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from screening.safe import in_json


def plain_json(value: object) -> object:
    """Give what JSON does not know as what it knows: exact numbers and dates."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def as_json(data: object) -> str:
    """Give plain data as JSON text, readable and with a newline at the end."""
    return in_json(json.dumps(data, indent=2, ensure_ascii=False, default=plain_json)) + "\n"
