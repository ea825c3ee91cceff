"""What nobody foresaw: two lines, exit 1, and a file to send in that holds no patient data."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

from screening import __version__

EXIT = 1
_PACKAGE = Path(__file__).parents[1]


def said(error: BaseException) -> str:
    """Say what happened and keep where; neither holds a word of what was handed in."""
    kind = type(error).__name__
    first = f"The program failed in a way that nobody foresaw ({kind}). No result may be used."
    try:
        handle, name = tempfile.mkstemp(prefix="screening-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(report(error))
    except OSError:
        return f"{first}\nPlease report it, with the command and without the case."
    return f"{first}\nPlease send in {name}: it says where, and holds no patient data."


def report(error: BaseException) -> str:
    """Give where it happened: versions, the kind of each error, and the lines of program.

    The words of an error may quote what was typed, and so may an argument; neither is told.
    """
    lines = [
        f"screening {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"{len(sys.argv) - 1} arguments",
    ]
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        lines.append(type(each).__name__)
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(each.__traceback__)[-40:]
        ]
        each = each.__cause__ or each.__context__
    return "\n".join(lines) + "\n"


def _place(name: str) -> str:
    path = Path(name)
    return f"screening/{path.relative_to(_PACKAGE)}" if _PACKAGE in path.parents else path.name
