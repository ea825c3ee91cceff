"""The library's face: what notebooks, registries, pages and the commands themselves call.

    from screening import screen

    found = screen({"age_years": 38, "right": {"hip": {"pain": "present"}}})
    print(found.tier, found.verdict("right"))

A rule base is read once and may be shared by threads; the engine is entered by one at a time.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, TypeVar, cast

from screening.documents import Document
from screening.exchange.any_case import load_any, read_any
from screening.inference.infer import Inferred, infer
from screening.intake.case import Case
from screening.questions.why import find
from screening.record.screening import screening
from screening.report.as_json import as_json
from screening.rulebase.base import RuleBase, load

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from screening.cohort import Cohort
    from screening.documents import Data
    from screening.page import Text
    from screening.questions.answer_model import (
        NextAnswer,
        StableAnswer,
        VerdictProofs,
        WhyNotAnswer,
    )
    from screening.record.model import Record
    from screening.record.proof_model import ConclusionProof

__all__ = [
    "Case",
    "RuleBase",
    "ScreenedTable",
    "Screening",
    "load_rules",
    "read_case",
    "screen",
    "screen_table",
]

Side = Literal["left", "right"]
Frame = TypeVar("Frame", "pl.DataFrame", "pd.DataFrame")
"""The frame of whoever calls: Polars or pandas."""
Rules = RuleBase | str | PathLike[str] | None
"""A rule base, a folder that holds one, or None for the one that came with the program."""


def load_rules(folder: str | PathLike[str] | None = None) -> RuleBase:
    """Read a rule base: the folder given, or the one that came with the program.

    Raises:
        RuleBaseError: with every problem of every file, each with its line.

    """
    return load(Path(folder)) if folder is not None else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> RuleBase:
    return load()


def _rules(rules: Rules) -> RuleBase:
    return rules if isinstance(rules, RuleBase) else load_rules(rules)


def read_case(
    source: str | PathLike[str] | Mapping[str, object], rules: Rules = None, case_id: str = "case"
) -> Case:
    """Read a case strictly: a YAML or JSON file, or a mapping, nested or with dotted paths.

    A QuestionnaireResponse or a Bundle of Observations of FHIR R4 is a case as well.

    Args:
        source: the path of a file, ``-`` for standard input, or the findings by path. In a mapping
            ``None`` is "not recorded".
        rules: the rule base whose vocabulary is read.
        case_id: the name of a mapping that has none of its own; a file is called by its name.

    Raises:
        ScreeningError: for whatever is no finding or cannot be true; ``problems`` has each with
            its place, what is wrong, why it matters and what to do.

    """
    base = _rules(rules)
    if isinstance(source, Mapping):
        return read_any(Document(case_id, cast("Data", _own(source))), base, case_id)
    return load_any(str(source), base)


def _own(given: object) -> object:
    """Give numbers of NumPy and pandas as Python's own, as they print: a frame's row holds such.

    What is no data at all is left as it is: reading it as a finding refuses it.
    """
    if isinstance(given, Mapping):
        return {name: _own(value) for name, value in given.items()}
    if not hasattr(given, "item"):
        return given
    # 6.1 in 32 bits is 6.0999999 in 64, and prints as what was measured.
    is_float = getattr(getattr(given, "dtype", None), "kind", "") == "f"
    return float(str(given)) if is_float else given.item()


@dataclass(frozen=True, eq=False, repr=False)
class Screening:
    """One screened case: what was found, and every question one can ask of it."""

    inferred: Inferred

    @property
    def case(self) -> Case:
        """The case as it was read."""
        return self.inferred.case

    @property
    def rules(self) -> RuleBase:
        """The rule base it was screened with."""
        return self.inferred.base

    @cached_property
    def record(self) -> Record:
        """Everything that the screening holds, as plain data in a fixed order."""
        return screening(self.inferred)

    @property
    def readings_agree(self) -> bool:
        """Whether both readings of the rules came to the same; without that nothing is advised."""
        return self.inferred.agree

    @property
    def tier(self) -> str:
        """The worst tier present: ``emergency``, ``urgent``, ``referral`` or ``none``.

        ``none`` clears nobody where ``record["triage"]["complete"]`` is false.
        """
        return str(self.record["triage"]["tier"])

    def verdict(self, side: Side) -> str | None:
        """Give the verdict on the calf-related movement pattern; None without hip pain there.

        It speaks of the movement, never of the cause of the pain.
        """
        found = self.record["sides"][side]
        return str(found["verdict"]) if found else None

    def why(
        self, conclusion: str | None = None, side: Side | None = None
    ) -> VerdictProofs | ConclusionProof:
        """Prove a conclusion, down to the recorded findings; without one, explain the verdicts.

        Raises:
            UsageError: if there is no such conclusion, or several could be meant; without one,
                if no leg is recorded as painful.

        """
        from screening.questions.why import verdicts, why

        if conclusion is None:
            return verdicts(self.inferred, side)
        return why(self.inferred, find(self.inferred, conclusion, side))

    def why_not(self, conclusion: str, side: Side | None = None) -> WhyNotAnswer:
        """Give the nearest sets of findings with which a conclusion would hold.

        Raises:
            UsageError: if there is no such conclusion, or several could be meant.

        """
        from screening.questions.why_not import WhyNot

        return WhyNot(self.inferred, find(self.inferred, conclusion, side)).record()

    def next(self) -> NextAnswer:
        """Give what to record next, and what each answer would settle."""
        from screening.questions.next import next_findings

        return next_findings(self.inferred)

    def stable(self) -> StableAnswer:
        """Tell which conclusions survive measurement error and whatever is still missing."""
        from screening.questions.stable import stable

        return stable(self.inferred)

    def text(self, full: bool = False) -> str:
        """Give the report as text; ``full`` adds how to do it, the whole proof and the sources."""
        return self.page(full).plain + "\n"

    def page(self, full: bool = False) -> Text:
        """Give the lines of the report with their styles."""
        from screening.record.proof import Proof
        from screening.report.text import full_text, text

        if full:
            return full_text(self.record, self.rules, Proof(self.inferred))
        return text(self.record, self.rules)

    def html(self, full: bool = False) -> str:
        """Give the report as one self-contained page; ``full`` unfolds it."""
        from screening.report.html_page import html_page

        return html_page(self.record, self.inferred, full)

    def json(self) -> str:
        """Give the record as JSON; the same case gives the same bytes."""
        return as_json(self.record)

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own so that no style leaks out."""
        page = html.escape(self.html(), quote=True)
        style = "width: 100%; height: 40rem; border: 0"
        return f'<iframe title="Screening" sandbox style="{style}" srcdoc="{page}"></iframe>'

    def __repr__(self) -> str:
        """Say tier and verdicts, and nothing of the patient."""
        verdicts = ", ".join(
            f"{side}: {found['verdict']}" for side, found in self.record["sides"].items() if found
        )
        return f"<Screening tier {self.tier}; movement pattern {verdicts or 'of no painful leg'}>"


def screen(
    case: Case | str | PathLike[str] | Mapping[str, object], rules: Rules = None
) -> Screening:
    """Screen one case with both readings of the rules.

    Args:
        case: a case that was read, a file, or the findings as a mapping (``read_case``).
        rules: the rule base; without it the one that came with the program.

    Raises:
        ScreeningError: if the case cannot be read, or the engine failed; nothing is concluded then.

    """
    base = _rules(rules)
    read = case if isinstance(case, Case) else read_case(case, base)
    return Screening(infer(read, base))


@dataclass(frozen=True, eq=False)
class ScreenedTable(Generic[Frame]):
    """What follows from a table: two rows for each accepted case, and the refused rows."""

    screenings: Frame
    """A frame of the kind that was given: the columns of docs/cohort_columns.md."""
    refused: Frame
    """A frame of the kind that was given: row (from 1 on), field and reason."""


def screen_table(frame: Frame, rules: Rules = None, verbose: bool = True) -> ScreenedTable[Frame]:
    """Screen a table headed by the paths of findings; never raises for a row.

    Args:
        frame: Polars or pandas; an empty cell is "not recorded". A row without ``case_id`` is
            called by its number.
        rules: the rule base; without it the one that came with the program.
        verbose: names of flags and advice as text; else as the bits that registries keep.

    Raises:
        UsageError: for columns that are no findings.

    """
    import polars as pl

    from screening.cohort.admission import ROW

    given = frame if isinstance(frame, pl.DataFrame) else _from_pandas(frame)
    numbered = given.with_columns(pl.int_range(1, pl.len() + 1).alias(ROW))
    found = _cohort(_rules(rules), verbose).screen(numbered)
    tables = (found.screenings, found.refused)
    if isinstance(frame, pl.DataFrame):
        return ScreenedTable(*tables)
    return ScreenedTable(*(type(frame)(each.to_dict(as_series=False)) for each in tables))


@lru_cache(maxsize=4)
def _cohort(base: RuleBase, verbose: bool) -> Cohort:
    from screening.cohort import Cohort

    return Cohort(base, verbose=verbose)


def _from_pandas(frame: pd.DataFrame) -> pl.DataFrame:
    """Give a pandas frame as Polars, cell by cell: no other package need be installed for it.

    What pandas calls missing is "not recorded", and a column of mixed types is read as text.
    """
    import polars as pl

    columns = []
    for name in frame.columns:
        missing = frame[name].isna().tolist()
        cells = [None if m else cell for cell, m in zip(frame[name].tolist(), missing, strict=True)]
        try:
            columns.append(pl.Series(str(name), cells))
        except (TypeError, pl.exceptions.PolarsError):
            texts = [None if cell is None else str(cell) for cell in cells]
            columns.append(pl.Series(str(name), texts, pl.String))
    return pl.DataFrame(columns)
