"""What is wrong with the words of a command, said without a value that was typed."""

from __future__ import annotations

import re
from typing import Any

_NOT_ONE_OF = " is not one of "
_TOO_MANY = "Got unexpected extra argument"
_OPTION = re.compile("--?[A-Za-z][A-Za-z_-]*")


def say(error: Any) -> int:
    """Print an error of typer's, with its usage; give its exit code."""
    error.message = _said(error.message)
    name = getattr(error, "option_name", None)
    if name is not None and not _OPTION.fullmatch(name):
        error.message = "A value that begins with - is read as an option; write --option=-VALUE."
    error.show()
    return int(error.exit_code)


def _said(message: str) -> str:
    before, sign, words = message.partition(_NOT_ONE_OF)
    if sign:
        return f"one of {words.rstrip('.')} is expected."
    if before.startswith(_TOO_MANY):
        return "There are more words than it takes; put quotation marks around a name with spaces."
    return before
