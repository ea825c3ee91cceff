"""``screening screen``: one case in, an explained screening out."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screening.cli.case_file import given_case
from screening.cli.options import CaseFile, Codes, Rules, Tier
from screening.errors import Problem, UsageError
from screening.files import same, write_atomically
from screening.inference.infer import Inferred, infer
from screening.record.proof import Proof
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.report.printing import emit_as_it_is
from screening.report.text import full_text, text
from screening.rulebase.base import load
from screening.rulebase.levels import TIERS
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.record.model import Record

TIER_REACHED = 3
READINGS_DIFFER = 1


def screen(
    case: CaseFile,
    format: Annotated[
        Literal["text", "json", "html", "fhir", "note"],
        typer.Option(
            "--format",
            help="How to print; html gives one page to read, send or print, fhir a Bundle for "
            "health records, note a referral note for each red flag.",
        ),
    ] = "text",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="The whole proof as well; html: unfolded.")
    ] = False,
    fail_on: Annotated[
        Tier | None, typer.Option("--fail-on", help="End with 3 if the tier is this or worse.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--record", help="Keep everything here, to replay it. It holds the case."),
    ] = None,
    transaction: Annotated[
        bool, typer.Option("--transaction", help="fhir: a transaction that a server keeps.")
    ] = False,
    codes: Codes = None,
    rules: Rules = None,
) -> int:
    """Screen one case and explain it.

    Example: screening screen case.yaml --full

    Example: screening screen case.yaml --format html --out screening.html

    Example: screening screen response.json --format fhir --out bundle.json

    Example: screening screen case.yaml --format note
    """
    if transaction and format != "fhir":
        todo = "Add --format fhir, or leave --transaction out."
        raise UsageError(Problem("--transaction", "only a Bundle is a transaction.", "", todo))
    base = load(rules)
    inferred = infer(given_case(case, base, codes), base)
    record = screening(inferred)
    if keep is not None:
        from screening.questions.replay import record as sealed

        _put(as_json(sealed(inferred)), keep, case)
    if format == "json":
        _put(as_json(record), out, case)
    elif format == "html":
        from screening.report.html_page import html_page

        _put(html_page(record, inferred, full), out, case)
    elif format == "fhir":
        from screening.exchange.fhir.bundle import bundle

        _put(as_json(bundle(inferred, record, transaction)), out, case)
    elif format == "note":
        from screening.report.note import note

        _put_note(note(record, base), out, case)
    else:
        whole = _command(case, rules)
        report = (
            full_text(record, base, Proof(inferred), whole) if full else text(record, base, whole)
        )
        if out is None:
            emit_as_it_is(report)
        else:
            _put(report.plain + "\n", out, case)
    return _exit_code(record, inferred, fail_on)


def _command(case: str, rules: Path | None) -> str:
    """Give what prints all of it, to paste into a shell; nothing where there is no file."""
    words = ["screening", "screen", case, "--full", *(["--rules", str(rules)] if rules else [])]
    command = shlex.join(words)
    return command if case != "-" and command == on_a_line(command) else ""


def _put_note(content: str, out: Path | None, case: str) -> None:
    """Write the notes; where there are none, say so and write nothing."""
    if content:
        _put(content, out, case)
    else:
        print("No red flag is present, so there is no referral note.", file=sys.stderr)


def _put(content: str, out: Path | None, case: str = "-") -> None:
    if out is None:
        sys.stdout.write(content)
        return
    try:
        if same(out, Path(case)):
            todo = "Name another file."
            raise UsageError(Problem(str(out), "this is the case itself.", "It is kept.", todo))
        write_atomically(out, content)
    except OSError as error:
        what = f"the screening could not be written: {error.strerror}."
        raise UsageError(Problem(str(out), what, "", "Name a folder you may write to.")) from None


def _exit_code(record: Record, inferred: Inferred, fail_on: str | None) -> int:
    if not inferred.agree:
        names = ", ".join(inferred.disagreements)
        print(
            f"The two readings of the rules differ on: {names}. No advice is given. "
            "This is a fault of the program or the rule base, not of the case; please report it.",
            file=sys.stderr,
        )
        return READINGS_DIFFER
    if fail_on and TIERS.index(record["triage"]["tier"]) <= TIERS.index(fail_on):
        return TIER_REACHED
    return 0
