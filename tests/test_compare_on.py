"""``compare --on``: folders, tables and finished runs count the same changes and name the cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import polars as pl
import pytest

from screening.assurance.compare.compare_page import compare_page
from screening.assurance.compare.compare_words import said
from screening.assurance.compare.comparison import Comparison
from screening.assurance.compare.on_cases import over_cases
from screening.assurance.compare.outcomes import of_case, says
from screening.assurance.compare.words import in_words
from screening.batch.inputs.cells import of_case as cells_of
from screening.inference.infer import infer
from screening.intake.case import Case, load_case
from screening.rulebase.base import RuleBase, load
from tests.conftest import CASES
from tests.revisions import copied

Command = Callable[..., "CompletedProcess[str]"]

NAMES = ("base_case", "both_hips", "flag_calf_tear", "groin_pain")


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> RuleBase:
    """Give the rules with a lower threshold of the lunge."""
    root = copied(tmp_path_factory.mktemp("revised") / "rules")
    path = root / "thresholds.yaml"
    text = path.read_text(encoding="utf-8")
    lower = text.replace("value: 8.0\n  unit: cm", "value: 6.0\n  unit: cm", 1)
    assert lower != text
    path.write_text(lower, encoding="utf-8")
    return load(root)


@pytest.fixture(scope="module")
def given(base: RuleBase) -> dict[str, Case]:
    """Give some cases by their ids."""
    found = [load_case(str(CASES / f"{name}.yaml"), base.vocabulary) for name in NAMES]
    return {case.case_id: case for case in found}


@pytest.fixture(scope="module")
def expected(given: dict[str, Case], base: RuleBase, revised: RuleBase) -> dict[str, Counter[str]]:
    """Count what changes when each case is screened by both."""
    found: dict[str, Counter[str]] = {}
    for case in given.values():
        before, after = (says(of_case(infer(case, rules))) for rules in (base, revised))
        for name in before:
            if before[name] != after[name]:
                found.setdefault(name, Counter())[f"{before[name]}>{after[name]}"] += 1
    assert "tier" not in found
    assert any(name.endswith(".verdict") for name in found)
    return found


def folder(to: Path) -> Path:
    """Put the case files into a folder."""
    to.mkdir()
    for name in NAMES:
        (to / f"{name}.yaml").write_bytes((CASES / f"{name}.yaml").read_bytes())
    return to


def table(given: dict[str, Case], base: RuleBase) -> pl.DataFrame:
    """Give the cases as rows."""
    rows = [cells_of(case, base.vocabulary) for case in given.values()]
    return pl.DataFrame(rows, schema=dict.fromkeys(base.vocabulary.all_paths, pl.String))


def shows(row: dict[str, Any], expected: dict[str, Counter[str]], given: dict[str, Case]) -> None:
    """Check the counts, and that each change names as many of the cases as show it."""
    assert row["transitions"] == expected
    assert (row["cases"]["screened"], row["cases"]["refused"]) == (len(given), 0)
    for name, counts in expected.items():
        for change, count in counts.items():
            named = row["cases"]["shown"][name][change]
            assert len(named) == count
            assert set(named) <= set(given)


def test_a_folder_and_tables_count_the_same(
    given: dict[str, Case],
    expected: dict[str, Counter[str]],
    base: RuleBase,
    revised: RuleBase,
    tmp_path: Path,
) -> None:
    frame = table(given, base)
    frame.write_csv(tmp_path / "cases.csv")
    frame.write_parquet(tmp_path / "cases.parquet")
    for path in (folder(tmp_path / "cases"), tmp_path / "cases.csv", tmp_path / "cases.parquet"):
        shows(over_cases(base, revised, [path]), expected, given)


def test_a_finished_run_counts_what_it_was_made_from(
    given: dict[str, Case],
    expected: dict[str, Counter[str]],
    base: RuleBase,
    revised: RuleBase,
    run_batch: Callable[..., Path],
    tmp_path: Path,
) -> None:
    run = run_batch(folder(tmp_path / "cases"))
    shows(over_cases(base, revised, [run]), expected, given)


def test_the_page_says_in_words_what_changes_over_given_cases(
    expected: dict[str, Counter[str]], base: RuleBase, revised: RuleBase, tmp_path: Path
) -> None:
    over = over_cases(base, revised, [folder(tmp_path / "cases")])
    page = compare_page(Comparison(base, revised, in_words(base, revised), ()), over)
    changes = {change for counts in expected.values() for change in counts}
    assert any("_" in change for change in changes)
    for change in changes:
        before, after = map(said, change.split(">"))
        assert f"<td>{before}</td><td>{after}</td>" in page
    assert not re.search(r"<td>[^<]*_[^<]*</td><td>", page), "no word as the rules write it"


def test_a_refused_row_is_counted_as_refused(
    given: dict[str, Case], base: RuleBase, revised: RuleBase, tmp_path: Path
) -> None:
    spoiled = table(given, base).with_columns(age_years=pl.lit("380"))
    spoiled.write_csv(tmp_path / "cases.csv")
    row = over_cases(base, revised, [tmp_path / "cases.csv"])
    assert (row["cases"]["screened"], row["cases"]["refused"]) == (0, len(given))
    assert row["transitions"] == {}


def test_many_rows_are_counted_and_five_are_named(
    given: dict[str, Case],
    expected: dict[str, Counter[str]],
    base: RuleBase,
    revised: RuleBase,
    tmp_path: Path,
    in_whole: bool,
) -> None:
    many = 2_500 if in_whole else 250
    pl.concat([table(given, base)] * many).write_parquet(tmp_path / "cases.parquet")
    row = over_cases(base, revised, [tmp_path / "cases.parquet"])
    for name, counts in expected.items():
        assert row["transitions"][name] == {change: many * n for change, n in counts.items()}
        assert all(len(named) == 5 for named in row["cases"]["shown"][name].values())
