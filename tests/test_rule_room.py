"""Rules and Runs on the workbench, and the book that needs no server."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing

import pytest

from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.errors import UsageError
from screening.files import PUBLIC
from screening.rulebase.base import load
from screening.rulebase.reviews import review_of
from screening.serve.bench import Bench
from screening.serve.rule_book import RuleBook
from screening.serve.rule_room import RuleRoom
from screening.serve.run_room import RunRoom
from tests.conftest import CASES, ROOT
from tests.workbench import serious, served

ROOMS = {"root": "", "room": "rules", "rooms": [("rules", "Rules", "index.html")]}
SOME = ["ANK-001", "verdict", "ankle.bent_band", "PRO-001", "knee_to_wall_free", "lagas_2021"]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Four cases, so that reading them all takes no time."""
    folder = tmp_path_factory.mktemp("library")
    for name in ("base_case", "gait_normal", "flag_dvt_emergency", "by_hand"):
        shutil.copy(CASES / f"{name}.yaml", folder)
    return folder


@pytest.fixture(scope="module")
def book(base, library):
    """The book of the rule base."""
    return RuleBook(base, library)


def test_a_page_is_read_aloud_with_its_examples_and_the_cases_it_fires_in(book):
    page = book.page("ANK-001", ROOMS)
    assert "Low with the knee bent, in an adult under 60" in page
    assert "as it says" in page
    assert "NOT AS IT SAYS" not in page
    assert "not met" in page
    assert "base_case" in page
    assert "nobody has signed it" in page
    assert 'id="sign"' not in page


def test_ladders_and_bands_are_tables_and_every_link_leads_somewhere(book):
    for id in SOME:
        page = book.page(id, ROOMS)
        for name in re.findall(r'href="([^":]+)\.html"', page):
            assert name == "index" or name in book.parts
    rows = re.findall(r'<th scope="row">', book.page("verdict", ROOMS))
    assert len(rows) == sum(len(row.any or ((),)) for row in book.base.ladder("verdict").rows)
    assert "restricted" in book.page("ankle.bent_band", ROOMS)


def test_the_level_of_a_flag_leads_to_the_page_of_the_flag(book):
    link = '<a href="flag.dvt.html">flag.dvt.emergency</a>'
    assert book.linked("Used by flag.dvt.emergency.", "red_flags.chest") == f"Used by {link}."
    assert book.linked("flag.dvt.emergency", "flag.dvt") == "flag.dvt.emergency"


def test_an_id_that_is_a_word_too_is_linked_where_ids_stand_alone(book):
    both = book.linked("lagas_2021, boksmart")
    assert both.count("<a href") == 2
    assert book.linked("boksmart asks for it; lagas_2021").count("<a href") == 1
    assert book.linked("see matassessment.com") == "see matassessment.com"


def test_a_part_says_what_it_comes_to_in_the_cases_of_the_library(book):
    assert "base_case" in book.library.held["ANK-001"][""]
    assert "base_case" in book.library.held["verdict"]["likely"]
    assert book.library.held["flag.dvt"]["emergency"] == ["flag_dvt_emergency"]
    assert "base_case" in book.library.held["stretch_gastrocnemius"]["advised"]
    assert "base_case" in book.library.held["ankle.bent_band"]["restricted"]
    assert "by_hand" in book.library.held["ankle.straight_by_hand"]["recorded"]


def test_a_promise_is_shown_with_its_proof_once_it_was_proved(base, book):
    room = RuleRoom(Bench(base))
    room.book = book
    assert "Not proved on this page yet" in book.page("PRO-001", ROOMS)
    assert 'id="prove"' in room.page("PRO-001")
    said = room.prove({"id": "PRO-001"})["says"]
    assert said.startswith("Proved for all cases there could ever be")
    spoken_of = next(id for id in book.parts if any(p[0] == "PRO-001" for p in book._promises(id)))
    assert said in book.page("PRO-001", ROOMS)
    assert "(proved)" in book.page(spoken_of, ROOMS)
    assert 'id="prove"' not in book.page("PRO-001", ROOMS)
    with pytest.raises(UsageError, match="no promise"):
        room.prove({"id": "PRO-none"})


def test_a_moved_number_says_which_cases_change(base, library):
    room = RuleRoom(Bench(base))
    room.book = RuleBook(base, library)
    assert room.move({"id": "knee_to_wall_restricted", "value": "8,0"})["changes"] == {}
    said = room.move({"id": "knee_to_wall_restricted", "value": "6.0"})
    assert "right verdict: likely → possible" in said["changes"]["base_case"]
    assert said["says"] == f"{len(said['changes'])} of 4 cases change."
    for wrong in ({"id": "nothing", "value": "1"}, {"id": "knee_to_wall_free", "value": "x"}):
        with pytest.raises(UsageError):
            room.move(wrong)


def test_a_file_is_signed_as_it_was_shown_and_a_number_that_changes_marks_it(tmp_path):
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    base = load(folder)
    page = RuleRoom(Bench(base)).page("ankle.bent_band")
    sent = {
        "file": re.search(r'data-file="([^"]+)"', page)[1],
        "digest": re.search(r'data-digest="([^"]+)"', page)[1],
        "name": "A. Weber",
        "remark": "<b>read</b>",
    }
    assert "read by A. Weber" in RuleRoom(Bench(base)).sign(sent)["says"]
    signed = load(folder)
    assert review_of(signed, "ankle.bent_band") == "signed"
    assert (folder / "reviews.yaml").stat().st_mode & 0o777 == PUBLIC
    again = RuleRoom(Bench(signed)).page("ankle.bent_band")
    assert "A. Weber" in again
    assert "<b>read</b>" not in again
    numbers = folder / "thresholds.yaml"
    text = numbers.read_text()
    at = text.index("knee_to_wall_restricted:")
    numbers.write_text(text[:at] + re.sub(r"value: 8(\.0)?\b", "value: 7.9", text[at:], count=1))
    assert review_of(load(folder), "ankle.bent_band") == "changed"
    with pytest.raises(UsageError, match="changed since this page was shown"):
        RuleRoom(Bench(base)).sign(sent)


def test_the_book_opens_from_a_folder_and_asks_for_nothing(book, tmp_path, monkeypatch, chromium):
    monkeypatch.setattr(book, "parts", {id: book.parts[id] for id in SOME})
    assert book.write(tmp_path) == len(SOME)
    asked = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.fill("#search", "under 60")
    page.click("#hits a")
    assert page.inner_text("h1") == "Low with the knee bent, in an adult under 60"
    links = page.eval_on_selector_all("a", "links => links.map(link => link.href)")
    page.close()
    assert all(url.startswith(tmp_path.as_uri()) for url in asked)
    assert len(links) > 1


@pytest.mark.slow
def test_every_id_has_a_page_and_every_link_works(base, tmp_path):
    many = RuleBook(base).write(tmp_path)
    pages = {path.name: path.read_text() for path in tmp_path.glob("*.html")}
    assert len(pages) == many + 1
    for page in pages.values():
        assert "NOT AS IT SAYS" not in page
        assert not re.search(r'(?:src|href)="(?:\w+:)?//', page)
        for name in re.findall(r'href="([^":#]+\.html)"', page):
            assert name in pages


@pytest.fixture(scope="module")
def out(base, library, tmp_path_factory):
    """A run over the library, and one case that is refused."""
    folder = tmp_path_factory.mktemp("run")
    shutil.copytree(library, folder / "cases")
    (folder / "cases" / "refused.yaml").write_text("case_id: R\nage_years: 400\n")
    batch = Run(base, find([folder / "cases"]), Columns(base.vocabulary), Options(verify=0))
    batch.into(Store(folder / "out"), resume=False)
    return folder / "out"


def test_axe_finds_nothing_serious_on_a_run(out, chromium, in_whole):
    with served("--run", str(out)) as one, closing(chromium.new_context()) as browser:
        page = browser.new_page()
        page.goto(one.address)
        page.goto(f"http://127.0.0.1:{one.port}/runs/case?id=nobody")
        assert page.inner_text("h1") == "This row cannot be opened"
        for path in ("", "refused", "case?id=V1"):
            page.goto(f"http://127.0.0.1:{one.port}/runs/{path}")
            assert page.query_selector("table, .record")
            assert serious(page, in_whole) == [], path


def test_a_run_is_filtered_and_a_row_explains_itself(base, out):
    room = RunRoom(Bench(base, run=out), out)
    assert "4 cases." in room.rows({})
    emergencies = room.rows({"tier": "emergency"})
    assert "1 case." in emergencies
    assert "Suspected deep vein thrombosis" in emergencies
    likely = room.rows({"verdict": "likely"})
    assert ">V1</a>" in likely
    flag = re.search(r"flag=(dvt\.emergency)", room.rows({}))[1]
    assert "1 case." in room.rows({"flag": flag})
    case = json.loads((out / "manifest.json").read_text())
    assert case["counts"]["screened"] == 4
    assert "LIKELY" in room.case("V1", None)
    with pytest.raises(UsageError):
        room.case("nobody", None)
    assert "Refused rows" in room.refused()
