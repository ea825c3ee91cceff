"""A group of commands that imports a command only when it is asked for.

Describing all commands takes longer than screening a case, and most of them need stations that a
screening never loads. So a group holds names and places, and looks a command up when it is called,
listed in a help text or completed in a shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

from screening.errors import Problem, UsageError, did_you_mean

QUIET: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
"""How every command is described: plainly, and what goes wrong is said by the program itself."""


_SENTENCE = 200


class LazyGroup(TyperGroup):
    """A group whose commands stand in ``places``: name -> ``module:attribute`` of this folder.

    The attribute is the function that is the command, or the Typer of a group below this one.
    """

    places: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        """Make the group; its names are known at once, so that a slip gets a suggestion."""
        super().__init__(**settings)
        names: Any = dict.fromkeys(self.places)
        self.commands = names

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands, each with its whole first sentence."""
        found = [(name, self.get_command(ctx, name)) for name in self.places]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(_SENTENCE)) for name, each in found])

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names in the order in which the help lists them."""
        return list(self.places)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Give the command that was named, and the words after it.

        Raises:
            UsageError: if there is none of this name.

        """
        if args[0] not in self.places and not args[0].startswith("-"):
            todo = did_you_mean(args[0], self.places) or f'"{ctx.command_path} -h" lists them.'
            raise UsageError(
                Problem(ctx.command_path, "there is no such command.", "Nothing was done.", todo)
            )
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and give a command, or None if there is none of this name."""
        if cmd_name not in self.places:
            return None
        module, _, attribute = self.places[cmd_name].partition(":")
        found = getattr(import_module(f"{__package__}.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(**QUIET)
            alone.command(cmd_name)(found)
            found = alone
        return typer.main.get_command(found)
