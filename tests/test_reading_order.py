"""Every page is read in the order in which it is seen: by ear, by Tab, on a desk and on a phone.

WCAG 2.2: 1.3.1 (headings, landmarks), 1.3.2 (meaningful sequence), 2.4.3 (focus order), 4.1.3
(what is told meanwhile).
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from screening.batch.inputs.headings import Columns
from screening.batch.inputs.sources import find
from screening.batch.run import Options, Run
from screening.batch.store import Store
from screening.intake.case import load_case
from screening.intake.questionnaire import Questionnaire
from screening.report.filled_in import REPORT_TEMPLATES
from screening.serve.app import STATIC
from screening.serve.bench import Bench
from screening.serve.filled import typed_of
from screening.serve.rule_book import RuleBook
from screening.serve.rule_room import RuleRoom
from screening.serve.run_room import RunRoom
from tests.conftest import CASES
from tests.workbench import RULE_PAGES

DESK, PHONE = 1280, 390
RULES = [*RULE_PAGES[1:], "ANK-001"]
"""One page of Rules of each kind, and of a single rule; the contents are read apart."""

ORDER = """() => {
  const EDGE = 3, wrong = [];
  const style = (e) => getComputedStyle(e);
  // What is fixed to the window (what was said last, on a phone) stands beside the order of a page.
  const seen = (e) => style(e).display === 'contents' || (style(e).position !== 'fixed' &&
    e.checkVisibility({opacityProperty: true, visibilityProperty: true}) &&
    style(e).clipPath === 'none');
  const box = (rects, text) => around([...rects].map(({left, top, right, bottom}) =>
    ({left, top, right, bottom, text})).filter((r) => r.right > 0 && r.right - r.left > 1));
  const least = (boxes, edge) => Math.min(...boxes.map((each) => each[edge]));
  const most = (boxes, edge) => Math.max(...boxes.map((each) => each[edge]));
  const around = (all) => all.length ? {left: least(all, 'left'), top: least(all, 'top'),
    right: most(all, 'right'), bottom: most(all, 'bottom'),
    text: all.map((each) => each.text).join(' ')} : null;

  function written(text) {
    const range = document.createRange();
    range.selectNodeContents(text);
    return text.data.trim() ? box(range.getClientRects(), text.data.trim()) : null;
  }

  // The parts of an element in the order of the document; what flows in lines is one part.
  function parts(element) {
    const apart = /flex|grid/.test(style(element).display), found = [];
    let line = null;
    for (const node of element.childNodes) {
      const text = node.nodeType === Node.TEXT_NODE;
      if (!text && (node.nodeType !== Node.ELEMENT_NODE || !seen(node))) continue;
      if (!text && style(node).display === 'contents') {
        found.push(...parts(node).map((each) => [each]));
        line = null;
        continue;
      }
      const flows = !apart && (text || (style(node).display.startsWith('inline') &&
        style(node).float === 'none' && style(node).position !== 'absolute'));
      const at = text ? written(node) : whole(node);
      if (at && flows && line) line.push(at);
      else if (at) found.push([at]);
      if (at) line = flows ? found.at(-1) : null;
    }
    return found.map(around);
  }

  // What is seen of an element: all that is in it, unless it is cut off at its edge.
  function whole(element) {
    const own = () => box([element.getBoundingClientRect()], element.tagName);
    if (element.matches('svg, input')) return own();
    const all = parts(element);
    const {columnWidth, columnCount} = style(element);
    compare(all, columnWidth !== 'auto' || columnCount !== 'auto');
    const inside = around(all);
    return inside && style(element).overflow !== 'visible' ? {...own(), text: inside.text} : inside;
  }

  // The later of two parts stands below, or to the right in the same line (in columns, also further
  // up); or it goes on in a column to the left, under what was read there before.
  function compare(all, columns) {
    const below = (b, a) => b.top >= a.bottom - EDGE, right = (b, a) => b.left >= a.right - EDGE;
    let lowest = -Infinity;
    all.forEach((b, i) => {
      for (const a of b.top >= lowest - EDGE ? [] : all.slice(0, i)) {
        const goesOn = () => b.top > a.top + EDGE && all.slice(0, i).some((c) => below(b, c) &&
          !right(b, c) && !right(c, b));
        const inLine = right(b, a) && (columns || !below(a, b));
        if (below(b, a) || inLine || (right(a, b) && goesOn())) continue;
        wrong.push(`"${a.text.slice(0, 40)}" is read before "${b.text.slice(0, 40)}", seen after`);
      }
      lowest = Math.max(lowest, b.bottom);
    });
  }

  scrollTo(0, 0);
  for (const each of document.querySelectorAll('body *')) if (each.scrollTop) each.scrollTop = 0;
  whole(document.body);
  return wrong;
}"""
"""Names what is seen in another order than it is read."""

OUTLINE = """() => {
  const there = (e) => e.checkVisibility() && !e.closest('[aria-hidden="true"]'), wrong = [];
  const all = (what) => [...document.querySelectorAll(what)].filter(there);
  let before = 0;
  for (const each of all('h1, h2, h3, h4, h5, h6, [role="heading"]')) {
    const level = Number(each.getAttribute('aria-level') || each.tagName[1]);
    if (level > before + 1) wrong.push(`"${each.textContent.trim()}" skips a level of headings`);
    before = level;
  }
  for (const [what, select] of [['h1', 'h1'], ['main', 'main, [role="main"]']]) {
    if (all(select).length !== 1) wrong.push(`${all(select).length} ${what}`);
  }
  for (const each of document.querySelectorAll('[tabindex]')) {
    if (each.tabIndex > 0) wrong.push(`${each.outerHTML} is reached before what stands before it`);
  }
  const live = '[aria-live], [role="status"], [role="alert"]';
  for (const each of document.querySelectorAll(live)) {
    if (each.parentElement.closest(live)) wrong.push(`what is told in ${each.id} is told twice`);
  }
  const skip = document.querySelector('.skip').hash, to = document.querySelector(skip);
  const first = document.querySelector('main');
  if (to !== first && !to.contains(first)) wrong.push(`${skip} is not the content`);
  return wrong;
}"""
"""Names what is wrong with headings, landmarks, tab stops and what is told meanwhile."""

STOPS = """() => [...document.querySelectorAll('a, button, input, summary, [tabindex]')].filter(
  (e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}) &&
  (e.type !== 'radio' || e.checked)).map((e) => [...document.querySelectorAll('*')].indexOf(e))"""
"""Where Tab has to stop, by places in the document."""

LISTEN = """() => {
  window.heard = [];
  for (const place of document.querySelectorAll('[aria-live], [role="status"], [role="alert"]'))
    new MutationObserver(() => place.textContent && heard.push(place.textContent))
      .observe(place, {childList: true, characterData: true, subtree: true});
}"""
"""Keeps what a screen reader would say by itself."""


def faults(page) -> list[str]:
    """Name what is wrong with the order of a page, on a desk and on a phone."""
    found = []
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {each}" for each in page.evaluate(ORDER) + page.evaluate(OUTLINE)]
    return found


def walked(page) -> tuple[list[int], list[int]]:
    """Press Tab from the beginning to the end; give where it has to stop, and where it did."""
    stops = page.evaluate(STOPS)
    page.evaluate("""window.went = []; addEventListener('focusin', (event) =>
      went.push([...document.querySelectorAll('*')].indexOf(event.target)))""")
    page.focus(".skip")
    # A date takes a stop for each of its parts.
    for _ in range(len(stops) + 4 * page.locator("input[type=date]:visible").count()):
        page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    return stops, page.evaluate("went")[: len(stops)]


# -- the check itself ---------------------------------------------------------------------------

PAGE = '<a class="skip" href="#m">On</a><main id="m"><h1>Page</h1>{}</main>'
TWO = "<p>one</p><p>two</p>"
WRONG = {
    "order": '<div style="display: flex"><p style="order: 2">one</p><p>two</p></div>',
    "reverse": f'<div style="display: flex; flex-direction: row-reverse">{TWO}</div>',
    "upwards": f'<div style="display: flex; flex-direction: column-reverse">{TWO}</div>',
    "float": '<div><b style="float: right">one</b><b style="float: left">two</b></div>',
    "beside": '<div style="display: grid"><p style="grid-area: 2 / 1">one</p>'
    '<p style="grid-area: 1 / 2">two</p></div>',
    "moved": '<p>one</p><p style="position: relative; top: -9rem">two</p>',
    "over": '<p>one</p><p style="margin-top: -2em">two</p>',
    "skipped": "<h3>Part</h3>",
    "second": "<h1>Again</h1>",
    "main": "<main>Again</main>",
    "tab": '<button>one</button><button tabindex="1">two</button>',
    "told": '<div role="status"><p role="alert">Stop</p></div>',
}
RIGHT = {
    "lines": "<p>one <b>two</b> three " + "and on " * 200 + "<i>four</i></p><p hidden>five</p>",
    "columns": f'<div style="columns: 2">{TWO * 9}</div>',
    "beside": f'<div style="display: grid; grid-template-columns: 1fr 1fr">{TWO * 3}</div>',
    "goes on": '<div style="display: grid"><p>one</p><div style="grid-area: 1 / 2 / span 2">two'
    '<br>and<br>more<br>of<br>two</div><p style="grid-area: 2 / 1">three</p></div>',
    "contents": f'<div style="display: contents">{TWO}</div><h2>Part</h2><h3>Less</h3>',
}


@pytest.mark.parametrize("name", WRONG)
def test_a_page_in_a_wrong_order_is_refused(paper, name):
    paper.set_content(PAGE.format(WRONG[name]))
    assert faults(paper)


def test_a_page_in_its_order_is_not(paper):
    for html in RIGHT.values():
        paper.set_content(PAGE.format(html))
        assert faults(paper) == []


@pytest.fixture(scope="module")
def paper(chromium):
    """A blank page."""
    with closing(chromium.new_page()) as page:
        yield page


# -- Rules and Runs -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(base, chromium, tmp_path_factory):
    """A page that shows what Rules and Runs give for an address, without a server between."""
    folder = tmp_path_factory.mktemp("ordered")
    for name in ("base_case", "both_hips", "flag_dvt_emergency"):
        shutil.copy(CASES / f"{name}.yaml", folder)
    (folder / "refused.yaml").write_text("case_id: R\nage_years: 400\n")
    Run(base, find([folder]), Columns(base.vocabulary), Options(verify=0)).into(
        Store(folder / "out"), resume=False
    )
    bench = Bench(base, run=folder / "out")
    rules, runs = RuleRoom(bench), RunRoom(bench, folder / "out")
    rules.book = RuleBook(base, folder)
    given = {
        "/record.css": lambda: _sheets("screening.css", "page.css"),
        "/rules/index.html": rules.contents,
        "/rules/index.js": str,  # what is searched is not shown
        **{f"/rules/{id}.html": lambda id=id: rules.page(id) for id in RULES},
        "/runs/": lambda: runs.rows({}),
        "/runs/refused": runs.refused,
        **{f"/runs/{id}": lambda id=id: runs.case(id, None) for id in ROWS},
    }

    def answer(route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=STATIC / Path(path).name)
        else:
            kind = "text/css" if path.endswith(".css") else "text/html"
            route.fulfill(body=given[path](), content_type=kind)

    with closing(chromium.new_page()) as page:
        page.route("**/*", answer)
        yield page


def _sheets(*names: str) -> str:
    return "\n".join((REPORT_TEMPLATES / name).read_text("utf-8") for name in names)


ROWS = ["V1", "F-dvt_emergency", "P10"]
WALKED = ["rules/flag.dvt.html", "runs/", "runs/P10"]
"""Where every Tab is pressed, or on some of them; elsewhere none may have a place of its own."""


PAGES = [
    *(f"rules/{id}.html" for id in ["index", *RULES]),
    *(f"runs/{id}" for id in ["", "refused", *ROWS]),
]
ALIKE = [f"rules/{id}.html" for id in ("ankle.bent_band", "stretch_gastrocnemius", "ANK-001")]
ALIKE += ["rules/lagas_2021.html", "runs/V1"]
"""Pages that are made up of the same parts as another one; a whole run reads them too."""


@pytest.mark.parametrize(
    "path", [pytest.param(p, marks=pytest.mark.whole if p in ALIKE else ()) for p in PAGES]
)
def test_what_is_read_of_rules_and_runs_is_in_the_order_in_which_it_is_seen(shown, path, some):
    shown.goto(f"http://screening.test/{path}")
    if path in some(WALKED, 3):
        stops, went = walked(shown)
        assert went == stops
    # The groups of the index are alike: two of them are open.
    shown.evaluate("document.querySelectorAll('details:not(.group)').forEach(d => d.open = true)")
    assert faults(shown) == []


def test_a_row_in_an_emergency_begins_with_it(shown):
    shown.goto("http://screening.test/runs/F-dvt_emergency")
    assert shown.inner_text("main").startswith("EMERGENCY, TODAY: Suspected deep vein thrombosis")


@pytest.mark.parametrize(("path", "back"), [("nothing", "/"), ("rules/nothing.html", "/rules/")])
def test_what_is_not_there_is_said_on_a_page_that_leads_back(browser, workbench, path, back):
    with closing(browser.new_page()) as page:
        reply = page.goto(f"http://127.0.0.1:{workbench.port}/{path}")
        assert reply is not None
        assert reply.status == 404
        assert page.inner_text("h1").startswith("There is no such")
        assert page.get_attribute("main a", "href") == back
        assert faults(page) == []


# -- Examine ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def typed_cases(base):
    """Cases as they are typed, by their names."""
    form = Questionnaire(base.vocabulary)
    names = ("base_case", "both_hips", "flag_dvt_emergency")
    return {n: typed_of(load_case(str(CASES / f"{n}.yaml"), base.vocabulary), form) for n in names}


def put(desk, answers) -> None:
    """Put answers into the form, and wait for all that follows."""
    desk.page.evaluate("answers => { $('ahead').textContent = ''; fill(answers); }", answers)
    desk.wait()
    desk.until("$('ahead').childElementCount || document.querySelector('.alarms.emergency')")


def test_what_is_read_while_examining_is_in_the_order_in_which_it_is_seen(desk, typed_cases, some):
    page = desk.page
    for name in [*some(["both_hips", "base_case", "nothing"], 3), "flag_dvt_emergency"]:
        put(desk, typed_cases.get(name, {}))
        assert faults(page) == [], name
    # Somebody who skips to the content, and whoever reads on at its side, meets the alarm first.
    assert page.inner_text("main").removeprefix("Examine").strip().startswith("Stop here. EMERG")
    assert page.inner_text("aside h2").startswith("EMERGENCY, TODAY")


def test_a_re_test_is_read_in_the_order_in_which_it_is_seen(desk, typed_cases):
    put(desk, {**typed_cases["base_case"], "examined_on": "2025-05-04", "visit": "2"})
    first = (CASES / "base_case.yaml").read_text("utf-8")
    desk.page.evaluate("text => { first = {first: text, name: 'first.yaml'}; compare(); }", first)
    desk.until("$('retest').querySelector('figure')")
    assert faults(desk.page) == []


def test_tab_goes_through_the_form_and_its_panel_in_their_order(desk, typed_cases):
    put(desk, typed_cases["base_case"])
    stops, went = walked(desk.page)
    assert went == stops
    assert len(went) > 60
    desk.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert faults(desk.page) == []


def test_triage_and_verdict_are_told_once_and_only_when_they_change(desk, typed_cases):
    page, likely = desk.page, "No red flag recorded. Right leg: movement pattern likely."
    page.evaluate(LISTEN)
    put(desk, typed_cases["base_case"])
    assert page.evaluate("heard") == [likely]
    desk.answer("sex", "female")
    desk.wait()
    assert page.evaluate("heard") == [likely]
    desk.answer("red_flags.saddle", "present")
    desk.answer("cauda.saddle_numbness", "present")
    desk.wait()
    told = page.evaluate("heard")[1:]
    assert sum(each.startswith("Triage: emergency") for each in told) == 1
    assert len(told) == len(set(told))
