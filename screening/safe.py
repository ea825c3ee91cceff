"""Text that somebody typed, made safe for a line: on a terminal, in a log, on a page.

A line break in a case id could forge a line of a report, an escape could erase what stands before
it, and a mark of direction could turn the words around it. Such characters are shown by name.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


LONGEST_NAME = 60


def shortened(text: object, longest: int = LONGEST_NAME) -> str:
    """Give text for a line, cut where it is far longer than any name."""
    said = str(text)
    return on_a_line(said if len(said) <= longest else f"{said[: longest - 1]}…")


def on_a_line(text: object) -> str:
    """Give text without line breaks, escapes and marks of direction: each is shown by its name."""
    return _CONTROL.sub(lambda found: f"[U+{ord(found.group()):04X}]", str(text))


def in_json(text: str) -> str:
    """Give JSON text in which such characters are escaped, as JSON escapes them."""
    return _CONTROL.sub(
        lambda found: found.group() if found.group() == "\n" else _escaped(found.group()), text
    )


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def is_name(text: str) -> bool:
    """Tell whether a text holds a letter or a digit that can be seen."""
    return any(letter.isalnum() and not _CONTROL.match(letter) for letter in text)


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text can be seen: it is empty, or white space and controls."""
    return not _CONTROL.sub("", text).strip()


def is_torn(text: str) -> bool:
    """Tell whether a text holds bytes that are no character: it was saved in another code."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
