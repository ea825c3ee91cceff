"""Explained screening for calf-driven hip pain.

    from screening import screen
    screen({"age_years": 38, "right": {"hip": {"pain": "present"}}}).verdict("right")

The data takes this route, and every station imports only from those before it:

``documents`` (strict YAML and JSON) -> ``intake`` (what was recorded) -> ``rulebase`` (the rules in
one flat form) -> ``inference`` (what follows) -> ``record`` (why) -> ``report`` -> ``cli``.
``api`` is the face of all of them for programs. Importing this package loads none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.api import (
        Case,
        RuleBase,
        ScreenedTable,
        Screening,
        load_rules,
        read_case,
        screen,
        screen_table,
    )
    from screening.errors import ScreeningError

__version__ = "2.0.0"

__all__ = [
    "Case",
    "RuleBase",
    "ScreenedTable",
    "Screening",
    "ScreeningError",
    "__version__",
    "load_rules",
    "read_case",
    "screen",
    "screen_table",
]


def __getattr__(name: str) -> object:
    """Load the library's face when a name of it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from screening import api, errors

    return getattr(errors if name == "ScreeningError" else api, name)


def __dir__() -> list[str]:
    """Give the names of the face."""
    return sorted(__all__)
