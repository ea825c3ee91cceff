"""The command ``screening``: each command reads, asks the stations in order, and prints."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from screening import __version__
from screening.cli import streams, unforeseen
from screening.cli.lazy import QUIET, LazyGroup
from screening.errors import MOST_SAID, ScreeningError
from screening.garbage import seldom

# No plugin of another package may look into what is read here; looking for them takes time as well.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


_INTERRUPTED = 130
"""What a shell calls a command that Ctrl-C ended."""


_MOST_LINES = MOST_SAID + 1
"""So many problems are printed, whatever the number of files: those of one, and their number."""


_NO_MEMORY = """\
There is not enough memory to finish this: no result may be used, and nothing was lost.
Close other programs, or hand in less at once, and run the same command again."""


class Commands(LazyGroup):
    """All commands."""

    places = {
        "intake": "intake:intake",
        "screen": "screen:screen",
        "why": "questions:why",
        "why-not": "questions:why_not",
        "what-if": "again:what_if",
        "next": "ahead:next_findings",
        "stable": "ahead:stable",
        "follow-up": "follow_up:follow_up",
        "replay": "again:replay",
        "batch": "batch:batch",
        "report": "report:report",
        "serve": "serve:serve",
        "migrate": "migrate:migrate",
        "example": "example:example",
        "rules": "app:rules_app",
    }


class RuleCommands(LazyGroup):
    """The commands of ``screening rules``."""

    places = {
        "list": "rules:list_rules",
        "search": "rules:search",
        "show": "rules:show",
        "vocabulary": "rules:vocabulary",
        "graph": "rules:graph",
        "check": "assurance:check",
        "new": "new:new",
        "sign": "sign:sign",
        "book": "serve:book",
        "seal": "assurance:seal",
        "prove": "assurance:prove",
        "coverage": "coverage:coverage",
        "export": "export:export",
        "compare": "compare:compare",
    }


def _end(code: int | None, **_: Any) -> None:
    """End with what the command gave: its exit code, or None for 0."""
    raise typer.Exit(code or 0)


app = typer.Typer(
    name="screening",
    cls=Commands,
    no_args_is_help=True,
    result_callback=_end,
    context_settings={"help_option_names": ["-h", "--help"]},
    **QUIET | {"add_completion": True},
)
rules_app = typer.Typer(name="rules", cls=RuleCommands, no_args_is_help=True, **QUIET)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"screening {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Explained screening for calf-driven hip pain. For clinicians; not a diagnosis.

    Example: screening screen case.yaml
    """


@rules_app.callback()
def _rules() -> None:
    """Read and check the rule base.

    Example: screening rules show ANK-001
    """


def main() -> NoReturn:
    """Run the command; what went wrong is said on stderr, never as a traceback."""
    try:
        seldom()
        # Most commands live for half a second: at the end there is nothing to look through.
        atexit.register(gc.freeze)
        streams.prepare()
        code = run()
    except ScreeningError as error:  # of the last flush
        code = _refused(error)
    except MemoryError:  # at the very beginning or end: what stands there for output may be half
        sys.stdout = None
        code = _short_of_memory()
    raise SystemExit(code)


def run() -> int:
    """Run the command and bring out what it printed; give the exit code."""
    code = 0
    try:
        code = int(app(standalone_mode=False, prog_name="screening") or 0)
    except TyperException as error:
        from screening.cli import misused

        code = misused.say(error)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except ScreeningError as error:
        code = _refused(error)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except MemoryError:
        code = _short_of_memory()
    except BaseException as error:  # a library's panic is no Exception
        code = unforeseen.EXIT
        print(unforeseen.said(error), file=sys.stderr)
    sys.stdout.flush()
    return code


def _short_of_memory() -> int:
    print(_NO_MEMORY, file=sys.stderr)
    return unforeseen.EXIT


def _refused(error: ScreeningError) -> int:
    for problem in error.problems[:_MOST_LINES]:
        print(problem, file=sys.stderr)
    if (more := len(error.problems) - _MOST_LINES) > 0:
        print(f"and {more:,} more problems.", file=sys.stderr)
    return error.exit_code
