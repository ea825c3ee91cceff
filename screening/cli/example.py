"""``screening example``: a case to start from, where nothing but the package is installed."""

from __future__ import annotations

import sys
from pathlib import Path

EXAMPLE = Path(__file__).with_name("example_case.yaml")


def example() -> None:
    """Print an example case to start from.

    Example: screening example > case.yaml
    """
    sys.stdout.write(EXAMPLE.read_text(encoding="utf-8"))
