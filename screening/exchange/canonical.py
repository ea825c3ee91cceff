"""The names under which records of others find what is ours."""

from __future__ import annotations

import re

BASE = "https://calf-hip-screening.example/fhir"
"""No server stands there: the ending is kept free for examples, so that it can be nobody's."""


def resource_id(text: str) -> str:
    """Give an id that FHIR allows: letters, digits, hyphens and points, at most 64."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)[:64]


def canonical(kind: str, id: str) -> str:
    """Give the address of a resource."""
    return f"{BASE}/{kind}/{id}"
