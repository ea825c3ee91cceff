"""What every test may use: the rule base, cases by path, random cases and the real command."""

from __future__ import annotations

import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import settings

from screening.batch.inputs.column_map import Map
from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.cohort import Cohort
from screening.documents import Document
from screening.garbage import seldom, settle
from screening.inference.infer import Inferred, infer
from screening.intake.case import Case, load_case, read_case
from screening.intake.questionnaire import Questionnaire
from screening.intake.vocabulary import ASKED_WITH
from screening.record.model import Record
from screening.record.screening import screening
from screening.rulebase import base as rules_as_read
from screening.rulebase import loader
from screening.rulebase.base import RuleBase, load
from screening.rulebase.loader import Loader
from tests import here
from tests.batches import FEWER, MANY, NARROW, rows, written
from tests.browser import launched
from tests.children import Children
from tests.children import children as started
from tests.generate import Cases
from tests.tables import named, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
CASES = ROOT / "cases"


def pytest_configure(config: pytest.Config) -> None:
    """Look for garbage as every command does; try all examples in a whole run, and else some."""
    seldom()
    settings.register_profile("some", max_examples=10)
    if not _is_whole(config):
        settings.load_profile("some")


def pytest_unconfigure() -> None:
    """Look for garbage once at the end; pytest looks five times more, and finds nothing old."""
    settle()


def _is_whole(config: pytest.Config) -> bool:
    return "not whole" not in config.option.markexpr


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of what is marked ``share(n)`` every n-th runs by default, the others with the slow ones.

    Of what is marked ``first(n)`` the first n run in ``make test``, the others in a whole run. What
    waits long for others runs first, while there is other work for whoever runs beside it.
    """
    items.sort(key=lambda item: item.path.name != "test_spark.py")
    seen: Counter[tuple[str, str]] = Counter()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if (share := item.get_closest_marker("share")) is not None:
            if seen[name, "share"] % share.args[0]:
                item.add_marker("slow")
            seen[name, "share"] += 1
        if (first := item.get_closest_marker("first")) is not None:
            if seen[name, "first"] >= first.args[0]:
                item.add_marker("whole")
            seen[name, "first"] += 1


@pytest.fixture(scope="session")
def base() -> RuleBase:
    """The rule base of the checkout."""
    return load(ROOT / "rules")


@pytest.fixture(scope="session")
def in_whole(request: pytest.FixtureRequest) -> bool:
    """Tell whether this is a whole run (`make whole`), which spares no case."""
    return _is_whole(request.config)


@pytest.fixture(scope="session")
def some(in_whole: bool) -> Callable[[Iterable[Any], int], list[Any]]:
    """Give every n-th of many that are alike; in a whole run, all of them."""
    return lambda many, n: list(many)[:: 1 if in_whole else n]


@pytest.fixture(scope="session", autouse=True)
def rules_read_once(in_whole: bool) -> Iterator[None]:
    """Read the rules of the checkout once, and each text of a copy; a whole run reads all anew."""
    with pytest.MonkeyPatch.context() as patch:
        if not in_whole:
            patch.setattr(loader, "read_yaml", cache(loader.read_yaml))
            patch.setattr(rules_as_read, "read", _reading_once(rules_as_read.read))
        yield


def _reading_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """Give what reads the rules of the checkout once: nobody changes them meanwhile."""
    whole = cache(lambda: read(ROOT / "rules"))

    def once(root: Path | None = None, loader: Loader | None = None) -> Any:
        here = loader is None and Path(root or rules_as_read.default_rules()) == ROOT / "rules"
        if not here:
            return read(root, loader)
        base, problems = whole()
        return base, list(problems)

    return once


@pytest.fixture(scope="session")
def old_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of rule base 1.0.0, unpacked."""
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(ROOT / "tests" / "data" / "rules-1.0.0.zip") as packed:
        packed.extractall(folder)
    return folder / "rules"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser that runs, one for all tests; whoever opens a page closes it."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def workbench() -> Iterator[Any]:
    """A workbench that runs, one for all tests: it keeps no patient."""
    from tests.workbench import served  # it takes ROOT from here

    with served() as found:
        yield found


@pytest.fixture(scope="session")
def browser(workbench: Any, chromium: Browser) -> Iterator[Any]:
    """A browser with the cookie that the address of the terminal gives, once; it stays open."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    at = f"http://127.0.0.1:{workbench.port}/"
    given = {"name": "screening", "value": workbench.cookie, "url": at}
    # As the server gives it: no script reads it, and no other site sends it.
    context.add_cookies([{**given, "httpOnly": True, "sameSite": "Strict"}])
    context.new_page()  # while one page is there, what draws the others goes on
    yield context
    context.close()


@pytest.fixture
def desk(browser: Any, workbench: Any, base: RuleBase) -> Iterator[Any]:
    """A fresh page to examine on; what it says to its console is trouble."""
    from tests.workbench import Desk

    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{workbench.port}/")
    found = Desk(page, Questionnaire(base.vocabulary))
    found.wait()
    yield found
    page.evaluate("unsaved = false")
    page.close()
    # What is refused (422) is an answer; the browser's console names it all the same.
    assert [each for each in found.trouble if "422" not in each] == []


@pytest.fixture(scope="session")
def cases(base: RuleBase) -> Cases:
    """A maker of random cases."""
    return Cases(base)


@pytest.fixture(scope="session")
def cohort_of(base: RuleBase) -> Callable[[bool], Cohort]:
    """Give what screens tables, verbose or not, made once each: nobody changes it."""
    return cache(lambda verbose: Cohort(base, verbose=verbose))


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
def inferred_from(base: RuleBase, cases: Cases) -> Callable[[Path | int], Inferred]:
    """Give what follows from a case of the library, or from a random one by its seed, once each."""

    @cache
    def inferred(case: Path | int) -> Inferred:
        if isinstance(case, int):
            return infer(cases.case(case), base)
        return infer(load_case(str(case), base.vocabulary), base)

    return inferred


@pytest.fixture(scope="session")
def inferred_of(inferred_from: Callable[[Path | int], Inferred]) -> Callable[[str], Inferred]:
    """Give what follows from a case of the library, by its name."""
    return lambda name: inferred_from(CASES / f"{name}.yaml")


@pytest.fixture(scope="session")
def record_from(
    inferred_from: Callable[[Path | int], Inferred],
) -> Callable[[Path | int], Record]:
    """Give the record of the same, once each: nobody changes it."""
    return cache(lambda case: screening(inferred_from(case)))


@pytest.fixture(scope="session")
def record_of(record_from: Callable[[Path | int], Record]) -> Callable[[str], Record]:
    """Give the record of a case of the library, by its name."""
    return lambda name: record_from(CASES / f"{name}.yaml")


@pytest.fixture(scope="session")
def screen_of(infer_of: Callable[..., Inferred]) -> Callable[..., Record]:
    """Screen nested plain data."""

    def run(data: dict[str, Any]) -> Record:
        return screening(infer_of(data))

    return run


@pytest.fixture
def command(commands: Children, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real command in a process of its own."""

    def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = commands.run(*words, stdin=stdin, state=tmp_path)
        return subprocess.CompletedProcess(words, done.code, done.said, done.error)

    return run


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in this process, where the process itself is not what is tested."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")

    return here.run


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """What runs commands in children that may be ended by force."""
    with started(tmp_path_factory.mktemp("state"), rules_read=True) as process:
        yield process


@pytest.fixture(scope="session")
def commands(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, in_whole: bool
) -> Iterator[Children]:
    """What runs commands that do all they do but import, and in a whole run read the rules."""
    if not in_whole:
        yield request.getfixturevalue("children")
        return
    with started(tmp_path_factory.mktemp("state")) as process:
        yield process


# -- batches --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def many_cases(cases: Cases, in_whole: bool) -> list[Case]:
    """Some hundred generated cases; the first of them by default."""
    return named(cases.case(seed) for seed in range(MANY if in_whole else FEWER))


@pytest.fixture(scope="session")
def many_table(many_cases: list[Case], base: RuleBase) -> pl.DataFrame:
    """The same as a table of text."""
    return table(many_cases, base.vocabulary)


@pytest.fixture(scope="session")
def narrow_table(many_table: pl.DataFrame) -> pl.DataFrame:
    """The same with few columns, for what is the same of every column: it is screened fast."""
    return many_table.select(NARROW)


@pytest.fixture(scope="session")
def many_run(
    many_table: pl.DataFrame, base: RuleBase, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run over the same as CSV, in several parts: nobody changes it."""
    folder = tmp_path_factory.mktemp("many")
    inputs, options = find([written(many_table, folder, "csv")]), Options(verify=0, part_rows=60)
    Run(base, inputs, Columns(base.vocabulary), options).into(Store(folder / "out"), False)
    return folder / "out"


@pytest.fixture(scope="session")
def many_rows(many_run: Path) -> pl.DataFrame:
    """What that run said of every case."""
    return rows(many_run).drop("input", "row")


@pytest.fixture
def run_batch(base: RuleBase, tmp_path: Path) -> Callable[..., Path]:
    """Run a batch in this process; give its folder. Rows are verified only where that is asked."""

    def run(
        *inputs: Path,
        out: str = "out",
        resume: bool = False,
        columns: Map | None = None,
        **options: Any,
    ) -> Path:
        headed = Columns(base.vocabulary, columns or Map())
        batch = Run(base, find(list(inputs)), headed, Options(**{"verify": 0, **options}))
        batch.into(Store(tmp_path / out), resume)
        return tmp_path / out

    return run
