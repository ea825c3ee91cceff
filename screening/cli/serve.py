"""``screening serve``: the workbench."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from screening.cli import unforeseen
from screening.cli.options import Rules, to_folder
from screening.errors import Problem, UsageError
from screening.garbage import settle
from screening.intake.profile import Profile, load_profile
from screening.report.printing import warn
from screening.rulebase.base import load
from screening.safe import on_a_line

INSTALL = "Install it with: pip install 'calf-hip-screening[serve]'"


def serve(
    port: Annotated[
        int, typer.Option("--port", help="Where to listen, on this machine only; 0 = any free.")
    ] = 8765,
    case: Annotated[
        Path | None, typer.Option("--case", help="Open this case, and save to it.", metavar="FILE")
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Look into this finished batch.", metavar="DIR")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", help="Your clinic: instruments, who examines.", metavar="FILE"),
    ] = None,
    cds_hooks: Annotated[
        bool,
        typer.Option("--cds-hooks", help="Answer record systems too: CDS Hooks at /cds-services."),
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", help="CDS Hooks: a page that may ask; repeated.", metavar="URL"),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option("--feedback", help="CDS Hooks: keep what became of cards.", metavar="FILE"),
    ] = None,
    rules: Rules = None,
) -> None:
    """Open the workbench: one local page to examine, to read the rules, to look into a batch.

    It prints an address that opens once, and runs until Ctrl-C. Nothing leaves this machine; the
    server keeps no patient.

    Example: screening serve

    Example: screening serve --port 0 --case case.yaml --profile clinic.yaml

    Example: screening serve --cds-hooks --origin https://sandbox.cds-hooks.org

    Example: screening serve --run screened
    """
    if not cds_hooks and (origin or feedback):
        what = "--origin and --feedback are for CDS Hooks only."
        raise UsageError(Problem("", what, "", "Add --cds-hooks, or leave them out."))
    base = load(rules)
    warn(base)
    clinic = load_profile(profile, base.vocabulary) if profile else Profile()
    try:
        from screening.serve import app
        from screening.serve.bench import Bench
        from screening.serve.cds_routes import Hooks
        from screening.serve.examine import Examine
        from screening.serve.keys import Keys
    except ModuleNotFoundError:
        raise UsageError(Problem("", "the workbench is not installed.", "", INSTALL)) from None
    listener = app.listening(port)
    at = listener.getsockname()[1]
    bench = Bench(base, case, run, clinic)
    bench.warm()
    Examine(bench).page()  # worked out before anybody waits for it
    settle()
    keys = Keys(lambda token: _say(f"http://127.0.0.1:{at}/?token={token}"))
    hooks = Hooks(bench, f"http://127.0.0.1:{at}/", frozenset(origin or ()), feedback)
    more, annexes = (hooks.routes(), [hooks.annex()]) if cds_hooks else ([], [])
    app.run(app.workbench(bench, keys, at, _failed, more, annexes), listener)


def _say(line: str) -> None:
    print(line, flush=True)


def _failed(error: BaseException) -> None:
    print(unforeseen.said(error), file=sys.stderr, flush=True)


def book(
    out: Annotated[
        Path,
        typer.Option("--out", callback=to_folder, help="The folder to write to.", metavar="DIR"),
    ],
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Cases that show which rules fire.", metavar="DIR"),
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove every promise for its page: some minutes.")
    ] = False,
    rules: Rules = None,
) -> None:
    """Write the rules as pages into a folder: a site that needs no server and no network.

    Example: screening rules book --out book
    """
    from screening.serve.rule_book import RuleBook

    base = load(rules)
    book = RuleBook(base, cases)
    if prove:
        book.proofs.prove()
    try:
        many = book.write(out)
    except OSError as error:
        what = f"the book could not be written: {error.strerror}."
        raise UsageError(Problem(str(out), what, "", "Name a folder you may write to.")) from None
    print(f"{many} pages: {on_a_line(out / 'index.html')}")
