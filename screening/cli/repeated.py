"""The command that was typed, to be typed again with something changed."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable

import typer


def typed(context: typer.Context, name: str) -> bool:
    """Tell whether an option was given on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def again(context: typer.Context, words: Iterable[str], without: Container[str] = ()) -> str:
    """Give the command once more: these words, and every option that was given but some.

    Args:
        context: the command that was typed.
        words: what stands in the place of the arguments, and new options.
        without: the names of options that are left out.

    """
    given = ["screening", str(context.info_name), *words]
    for option in context.command.params:
        name = str(option.name)
        if option.param_type_name != "option" or option.opts[0] in without:
            continue
        if typed(context, name):
            value = context.params[name]
            given += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return shlex.join(given)
