"""What is wrong with the words of a command: where, what, what to do; no value that was typed.

Typer finds what is wrong and says it in words of its own, with the usage and the value. Here it is
said as everything else is. What an option takes is read off its declaration.
"""

from __future__ import annotations

import re
import sys
from typing import Any, get_args

from screening.errors import Problem, did_you_mean

_OPTION = re.compile("--?[A-Za-z][A-Za-z_-]*")
_NO_VALUE = "does not take a value"
_EXAMPLE = "Example: "
_NOTHING = "Nothing was done."
_NUMBERS = {int: "a whole number", float: "a number"}


def say(error: Any) -> int:
    """Say on stderr what typer found wrong; give the exit code."""
    if error.ctx is not None and error.message == error.ctx.get_help():
        error.show()  # A group without a command: its help.
    else:
        print(_problem(error), file=sys.stderr)
    return int(error.exit_code)


def _problem(error: Any) -> Problem:
    parameter = getattr(error, "param", None)
    option = getattr(error, "option_name", None)
    if option is not None:
        return _of_an_option(option, error)
    if parameter is None:
        todo = "Put quotation marks around a name with spaces."
        what = "there are more words than it takes."
        return Problem(error.ctx.command_path, what, _NOTHING, f"{todo} {_example(error.ctx)}")
    if not hasattr(error, "param_type"):
        return _of_a_value(parameter, error.ctx)
    what = f"{_name(parameter)} is missing."
    return Problem(error.ctx.command_path, what, _NOTHING, _example(error.ctx))


def _of_an_option(option: str, error: Any) -> Problem:
    """Say what is wrong with an option itself: there is none, or its value is missing or odd."""
    if not _OPTION.fullmatch(option):
        what = "a value that begins with - is read as an option."
        return Problem("", what, _NOTHING, "Write --option=-VALUE.")
    if not hasattr(error, "possibilities"):
        if _NO_VALUE in error.message:
            todo = f"Write {option}, or leave it out."
            return Problem(option, "it takes no value.", _NOTHING, todo)
        return Problem(option, "its value is missing.", _NOTHING, f"Write {option} VALUE.")
    known = [name for each in error.ctx.command.params for name in each.opts]
    todo = did_you_mean(option, known) or f'"{error.ctx.command_path} -h" lists them.'
    return Problem(option, "there is no such option.", _NOTHING, todo)


def _name(parameter: Any) -> str:
    return str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar)


def _of_a_value(parameter: Any, context: Any) -> Problem:
    """Say what a parameter takes; its value was another."""
    name = _name(parameter)
    expected, example = _expected(parameter)
    todo = f'Write {name} {example}; "{context.command_path} -h" says what it is for.'
    return Problem(name, f"{expected} is expected.", _NOTHING, todo)


def _expected(parameter: Any) -> tuple[str, str]:
    """Give what a parameter takes, in words, and one that it takes."""
    kind = parameter.get_runtime_param().annotation
    words = [word for word in get_args(kind) if isinstance(word, str)]
    if words:
        return f"{'one of ' * (len(words) > 1)}{', '.join(words)}", words[0]
    least, most = parameter.min, parameter.max
    number = _NUMBERS.get(kind, "another value")
    if least is not None and most is not None:
        number += f" from {least:,} to {most:,}"
    elif least is not None:
        number += f" of {least:,} or more"
    return number, "VALUE" if parameter.default is None else str(parameter.default)


def _example(context: Any) -> str:
    """Give how the command is written: the first example of its help."""
    lines = (context.command.help or "").splitlines()
    found = (line.strip() for line in lines if line.strip().startswith(_EXAMPLE))
    return f"For example: {next(found, _EXAMPLE + context.command_path)[len(_EXAMPLE) :]}"
