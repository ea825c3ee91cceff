"""The pages of all cases of a tier, with a list that leads to each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from screening.batch.look_up import cases_of, collected, screened_rows
from screening.errors import Problem, UsageError
from screening.files import whole_file, whole_folder
from screening.inference.infer import infer
from screening.intake.case import CASE_FILES, Case, CaseReader
from screening.intake.vocabulary import SIDES, VISIT
from screening.record.screening import screening
from screening.report.filled_in import style, templates
from screening.report.html_page import html_page
from screening.rulebase.base import RuleBase

LIST = "index.html"


@dataclass(frozen=True)
class CasePage:
    """One page: its file, whose it is, and what it says in short."""

    file: str
    case_id: str
    visit: str
    within: str
    flags: tuple[str, ...]
    verdicts: tuple[tuple[str, str], ...]


def write_case_pages(
    folder: Path, tier: str, out: Path, base: RuleBase, read: CaseReader = CASE_FILES
) -> list[CasePage]:
    """Write a page for every case of a tier, and the list.

    Raises:
        UsageError: if there is no such run, an input or the rule base has changed, the folder of
            the pages holds something already, or it cannot be written.

    """
    of_tier = screened_rows(folder).filter(pl.col("tier").cast(pl.String) == tier)
    rows = collected(of_tier, folder)
    try:
        with whole_folder(out) as draft:
            pages = list(_pages(cases_of(folder, rows, base, read), draft, base))
            _write_list(pages, tier, folder, draft, base)
    except OSError as error:
        what = f"the pages cannot be written: {error.strerror}."
        why = "No page was left there."
        raise UsageError(Problem(str(out), what, why, "Name another folder with --out.")) from None
    return pages


def _write_list(pages: list[CasePage], tier: str, folder: Path, out: Path, base: RuleBase) -> None:
    text = (
        templates()
        .get_template("case_list.html.j2")
        .render(
            pages=pages,
            tier=tier,
            run=folder.name,
            rules_changed=base.standing.said,
            rule_base=base.version,
            style=style(),
            intended_use=base.evidence.statements["intended_use"],
        )
    )
    with whole_file(out / LIST) as draft:
        draft.write_text(text, encoding="utf-8")


def _pages(cases: Iterable[Case], out: Path, base: RuleBase) -> Iterator[CasePage]:
    for number, case in enumerate(cases, 1):
        inferred = infer(case, base)
        record = screening(inferred)
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", case.case_id)[:60]
        file = f"{number:05}-{name}.html"
        with whole_file(out / file) as draft:
            draft.write_text(html_page(record, inferred), encoding="utf-8")
        sides = ((side, record["sides"][side]) for side in SIDES)
        yield CasePage(
            file,
            case.case_id,
            str(case.answers.get(VISIT, "")),
            str(record["triage"]["within"] or "").replace("_", " "),
            tuple(
                flag["title"] for flag in record["triage"]["flags"] if flag["status"] == "present"
            ),
            tuple((side, leg["verdict"].replace("_", " ")) for side, leg in sides if leg),
        )
