"""The command that was typed, to be typed again with something changed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import click
from click.core import ParameterSource


def again(words: Iterable[str], without: Iterable[str] = ()) -> str:
    """Give the command once more: these words, and every option that was given but some.

    Args:
        words: what stands in the place of the arguments, and new options.
        without: the names of options that are left out.

    """
    context = click.get_current_context()
    left_out = set(without)
    given = ["screening", str(context.info_name), *words]
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if (
            source != ParameterSource.COMMANDLINE
            or option.param_type_name != "option"
            or option.opts[0] in left_out
        ):
            continue
        value = context.params[str(option.name)]
        given += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return shlex.join(given)
