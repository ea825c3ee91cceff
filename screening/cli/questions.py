"""``screening why`` and ``screening why-not``: questions about one conclusion of one case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from screening.cli.case_file import given_case
from screening.cli.options import CaseFile, Codes, Format, Rules, Side
from screening.exchange.any_case import reader_of
from screening.inference.infer import infer
from screening.questions.why import find, verdicts
from screening.questions.why import why as prove
from screening.questions.why_not import WhyNot
from screening.report.printing import emit, emit_json
from screening.report.proof_text import proof_text, verdicts_text
from screening.report.why_not_text import why_not_text
from screening.rulebase.base import load

Asked = Annotated[
    str,
    typer.Argument(
        metavar="CONCLUSION",
        help="Such as ankle.restricted, flag.dvt or verdict.likely; also the id of a rule, a "
        "finding, or words of a title.",
    ),
]
AskedOrNot = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONCLUSION]",
        help="As for why-not; without it, the verdict of each leg that hurts is explained.",
    ),
]


def why(
    case: CaseFile,
    conclusion: AskedOrNot = None,
    side: Side = None,
    run: Annotated[
        Path | None,
        typer.Option("--from", help="CASE is a case id of this batch folder.", metavar="DIR"),
    ] = None,
    visit: Annotated[
        str | None, typer.Option("--visit", help="Which visit of a case of a batch.")
    ] = None,
    format: Format = "text",
    codes: Codes = None,
    rules: Rules = None,
) -> None:
    """Explain the verdict, or prove a conclusion, down to the recorded findings.

    Example: screening why case.yaml

    Example: screening why case.yaml verdict.likely --side right

    Example: screening why --from screened V1

    Example: screening why --from screened V1 verdict.likely --visit 2
    """
    base = load(rules)
    if run is None:
        inferred = infer(given_case(case, base, codes), base)
    else:
        from screening.batch.look_up import case_of

        inferred = infer(case_of(run, case, base, visit, reader_of(base, codes)), base)
    if conclusion is None:
        told = verdicts(inferred, side)
        if format == "json":
            emit_json(told, base)
        else:
            emit(verdicts_text(told), base)
        return
    proof = prove(inferred, find(inferred, conclusion, side))
    if format == "json":
        emit_json(proof, base)
    else:
        emit(proof_text(proof), base)


def why_not(
    case: CaseFile,
    conclusion: Asked,
    side: Side = None,
    format: Format = "text",
    codes: Codes = None,
    rules: Rules = None,
) -> None:
    """Say what would have to be different, or be recorded, for a conclusion to hold.

    Example: screening why-not case.yaml verdict.unlikely --side right
    """
    base = load(rules)
    inferred = infer(given_case(case, base, codes), base)
    answer = WhyNot(inferred, find(inferred, conclusion, side)).record()
    if format == "json":
        emit_json(answer, base)
    else:
        emit(why_not_text(answer, base), base)
