"""The few pieces of CQL that are written: names, words, decimals, three-valued joins, libraries."""

from __future__ import annotations

from collections.abc import Iterable

from screening.intake.vocabulary import YES_NO

CQL_VERSION = "1.5"


def name(text: str) -> str:
    """Write a name; every name is quoted, for paths hold dots."""
    return f'"{_escaped(text, chr(34))}"'


def word(text: str) -> str:
    """Write a word."""
    return f"'{_escaped(text, chr(39))}'"


def _escaped(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")


def decimal(hundredths: int) -> str:
    """Write hundredths as a decimal, which always has a point: 650 is 6.5 and 600 is 6.0."""
    sign, (whole, rest) = "-" if hundredths < 0 else "", divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02d}".removesuffix("0")


def every(parts: Iterable[str]) -> str:
    """Join what must all hold; nothing to hold is true."""
    return _joined(parts, " and ", "true")


def some(parts: Iterable[str]) -> str:
    """Join what must hold at least once; nothing that could is false."""
    return _joined(parts, " or ", "false")


def negated(part: str) -> str:
    """Write that a part does not hold."""
    return f"(not {part})"


def _joined(parts: Iterable[str], between: str, empty: str) -> str:
    found = list(dict.fromkeys(parts))
    if len(found) < 2:
        return found[0] if found else empty
    return f"({between.join(found)})"


def type_of(words: tuple[str, ...]) -> str:
    """Give the type that records an operand: a number has no words."""
    if not words:
        return "Decimal"
    return "Boolean" if set(words) == set(YES_NO) else "String"


class Library:
    """A library while it is written: parameters and defines, each name once."""

    def __init__(self, title: str, version: str, about: str) -> None:
        """Begin a library, with a comment that says what it is."""
        self.title, self.version = title, version
        self._names: set[str] = set()
        self._lines = [
            *(f"// {line}".rstrip() for line in about.strip().split("\n")),
            f"library {title} version {word(version)}",
            "",
        ]
        self._in_context = False

    @property
    def names(self) -> frozenset[str]:
        """Every name that is taken."""
        return frozenset(self._names)

    def comment(self, text: str) -> None:
        """Write a comment of one line, after an empty one."""
        self._lines += ["", f"// {' '.join(text.split())}"]

    def parameter(self, path: str, type: str) -> None:
        """Write what a case may give. Without a default an engine may read silence as "no"."""
        self._take(path)
        self._lines.append(f"parameter {name(path)} {type} default null")

    def define(self, called: str, expression: str) -> str:
        """Write what follows; give its name as other expressions write it."""
        self._take(called)
        if not self._in_context:
            self._lines += ["", "context Unfiltered", ""]
            self._in_context = True
        self._lines.append(f"define {name(called)}: {expression}")
        return name(called)

    def _take(self, text: str) -> None:
        if text in self._names:
            raise ValueError(f'"{text}" would be written twice.')
        self._names.add(text)

    @property
    def text(self) -> str:
        """The whole library."""
        return "\n".join(self._lines) + "\n"
