"""The HTML page is as true as the text page: the same truths, of what a reader sees on it."""

from __future__ import annotations

import html
import re

import pytest

from screening.report.html_page import html_page
from tests.conftest import CASES
from tests.page_words import ONE_AS_MANY, PATH

UNSEEN = re.compile(r"<(style|script|svg|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)


def seen(page):
    """Give the words of a page, one element after the other."""
    words = re.sub(r"<[^>]+>", " ", UNSEEN.sub(" ", page))
    return " ".join(html.unescape(words).split())


@pytest.fixture(scope="module")
def pages(inferred_from, record_from, some):
    """A third of the library and random cases: the record, and what is seen of its page."""
    found = [*some(sorted(CASES.rglob("*.yaml"))[::3], 4), *some(range(40), 6)]
    records = [(record_from(case), inferred_from(case)) for case in found]
    return [(record, seen(html_page(record, inferred))) for record, inferred in records]


def test_no_red_flag_recorded_never_stands_over_a_screen_that_is_not_complete(pages):
    assert {record["triage"]["complete"] for record, _ in pages} == {True, False}
    for record, page in pages:
        assert record["triage"]["complete"] or "No red flag recorded" not in page


def test_after_an_emergency_nothing_is_advised_and_nothing_is_asked_for(pages):
    emergencies = [page for record, page in pages if record["triage"]["tier"] == "emergency"]
    assert emergencies
    for page in emergencies:
        assert not re.search(r"\b(Do first|Record next)\b", page, re.IGNORECASE)


def test_every_stop_rule_of_what_is_advised_is_said(pages):
    advised = 0
    for record, page in pages:
        for entry in record["advice"]:
            if entry["status"] == "advised":
                advised += 1
                for stop in entry["stop_rules"]:
                    assert stop.partition(": ")[2] in page
    assert advised


def test_what_is_blocked_is_never_said_to_be_none_and_every_flag_is_named(pages):
    for record, page in pages:
        assert "Blocked: none" not in page
        for flag in record["triage"]["flags"]:
            assert flag["status"] != "present" or flag["title"] in page


def test_titles_stand_for_paths_and_one_is_not_many(pages):
    for _, page in pages:
        assert not PATH.search(page), PATH.search(page)
        assert not ONE_AS_MANY.search(page)
