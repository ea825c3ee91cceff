"""What every test may use: the rule base, cases by path, random cases and the real command."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screening.documents import Document
from screening.inference.infer import Inferred, infer
from screening.intake.case import Case, read_case
from screening.intake.vocabulary import ASKED_WITH
from screening.record.model import Record
from screening.record.screening import screening
from screening.rulebase.base import RuleBase, load
from tests.generate import Cases

ROOT = Path(__file__).parents[1]
CASES = ROOT / "cases"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of what is marked ``share(n)`` every n-th runs by default, the others with the slow ones."""
    seen: Counter[str] = Counter()
    for item in items:
        mark = item.get_closest_marker("share")
        if mark is not None:
            name = item.nodeid.partition("[")[0]
            if seen[name] % mark.args[0]:
                item.add_marker("slow")
            seen[name] += 1


@pytest.fixture(scope="session")
def base() -> RuleBase:
    """The rule base of the checkout."""
    return load(ROOT / "rules")


@pytest.fixture(scope="session")
def old_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of rule base 1.0.0, unpacked."""
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(ROOT / "tests" / "data" / "rules-1.0.0.zip") as packed:
        packed.extractall(folder)
    return folder / "rules"


@pytest.fixture(scope="session")
def cases(base: RuleBase) -> Cases:
    """A maker of random cases."""
    return Cases(base)


@pytest.fixture(scope="session")
def case_of(base: RuleBase) -> Callable[..., Case]:
    """Make a case from nested plain data, as a case file holds it; it was asked as of now."""

    def make(data: dict[str, Any]) -> Case:
        asked = {ASKED_WITH: base.asked_with, **data}
        return read_case(Document("test", asked), base.vocabulary)

    return make


@pytest.fixture(scope="session")
def infer_of(base: RuleBase, case_of: Callable[..., Case]) -> Callable[..., Inferred]:
    """Infer from nested plain data."""

    def run(data: dict[str, Any]) -> Inferred:
        return infer(case_of(data), base)

    return run


@pytest.fixture(scope="session")
def screen_of(infer_of: Callable[..., Inferred]) -> Callable[..., Record]:
    """Screen nested plain data."""

    def run(data: dict[str, Any]) -> Record:
        return screening(infer_of(data))

    return run


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command in a process of its own."""

    def run(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "screening", *words],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "COLUMNS": "100"},
            timeout=120,
            check=False,
        )

    return run
