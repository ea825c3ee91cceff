"""What can be wrong with what was handed in, said in a clinician's words.

ScreeningError
├── CaseError       a case cannot be read or is not plausible
├── RuleBaseError   the rule base is not well formed
├── UsageError      a command was asked for something that does not exist
└── EngineError     the forward engine failed or lost something

Every error holds one or more problems, and every problem says where, what, why it matters and
what to do. Texts never hold a recorded value of a patient beyond the field that is being mended.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, get_args

from screening.safe import shortened

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T")

MOST_SAID = 50
"""So many problems of one kind are said; of the others only how many there are."""

_LONGEST = 1_500
"""No message is longer: it would hide the others."""

_LONGEST_NAME = 100
"""No name is longer; what is, resembles none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it is, what it is, why it matters, what to do."""

    where: str
    what: str
    why: str = ""
    todo: str = ""
    field: str = ""
    """The path of the finding that it is about, if any."""

    def __str__(self) -> str:
        """Give the problem as one short paragraph."""
        parts = [f"{self.where}: {self.what}" if self.where else self.what, self.why, self.todo]
        return shortened(" ".join(part for part in parts if part), _LONGEST)


class ScreeningError(Exception):
    """Something handed in cannot be worked with; ``exit_code`` is what the command ends with."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Hold the problems in the order in which they were found."""
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CaseError(ScreeningError):
    """A case cannot be read, or holds a value that cannot be true."""


class RuleBaseError(ScreeningError):
    """The rule base is not well formed; nothing can be screened with it."""


class UsageError(ScreeningError):
    """A command names a case, a conclusion or a path that does not exist."""


class EngineError(ScreeningError):
    """The forward engine failed; nothing was concluded for this case."""

    exit_code = 1


def each_said(found: Sequence[T], say: Callable[[T], Problem]) -> list[Problem]:
    """Say what is wrong with each, and of too many only how many more there are.

    Looking for what could be meant takes some time for each: of thirty thousand names, minutes.
    """
    problems = [say(each) for each in found[:MOST_SAID]]
    if len(found) > MOST_SAID:
        where = problems[0].where.rpartition(":")[0] or problems[0].where
        problems.append(Problem(where, f"and {len(found) - MOST_SAID:,} more problems."))
    return problems


_SHAPES = {
    "missing": "it is missing.",
    "dict_type": "names with values are expected here.",
    "model_type": "names with values are expected here.",
    "tuple_type": "a list is expected here, such as [a, b].",
    "list_type": "a list is expected here, such as [a, b].",
    "string_type": "a text is expected here.",
    "string_too_short": "a text is expected here, and none stands there.",
    "bool_type": "true or false is expected here.",
    "int_type": "a whole number is expected here.",
}
"""What is said of data of another shape, by the kind of error of pydantic."""


def of_another_shape(item: ErrorDetails) -> str:
    """Say what pydantic found wrong with a part of a file, in our words and without the value."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "literal_error":
        return f"{context['expected'].replace(chr(39), '')} is expected here."
    if kind == "value_error":
        said = str(context["error"])
        return said if said.endswith((".", "?")) else f"{said}."
    from pydantic_core.core_schema import ErrorType  # loaded by then: pydantic found it

    if kind not in get_args(ErrorType):
        return str(item["msg"])  # a shape of ours refused it, in our words
    return _SHAPES.get(kind, "something else is expected here.")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give ``Did you mean "x"?`` for the names that end so or the nearest known one, or nothing."""
    if len(name) > _LONGEST_NAME:
        return ""
    names = list(known)
    near = [each for each in names if each.endswith(f".{name}")]
    near = near or difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    quoted = [f'"{each}"' for each in near[:3]]
    return f"Did you mean {' or '.join(quoted)}?" if near else ""
