"""The page of a screening: opened in a browser, read, printed, tabbed through and attacked."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.questions.why import find
from screening.record.scales import scales
from screening.record.screening import screening
from screening.record.wording import Wording
from screening.report.advice_contents import stop_rules
from screening.report.contents import Contents
from screening.report.html_page import html_page
from screening.report.on_a_page import leg_texts, plan_of
from screening.report.patient_sheet import sheet_of
from screening.report.proof_choice import shown_proofs
from screening.report.scale_drawing import description, scale_drawing
from screening.report.text import text
from screening.safe import on_a_line
from tests.browser import MUST_RUN, executable, opened
from tests.conftest import CASES, ROOT

ORDINARY = [
    "base_case",
    "by_hand",
    "gait_normal",
    "limp",
    "pattern_soleus",
    "vignette_03_footballer",
    "vignette_11_side_sleeper",
    "vignette_26b_boundary_8_0_cm",
]
LONG = ["both_hips", "flag_spondyloarthritis", "score_sutlive_four", "vignette_17_replaced_hip"]
"""Those that fill most of their two sheets: a flag with exercises, many exercises, two hips."""
SERIOUS = ["both_hips", "flag_dvt_emergency", "flag_unsure", "instruments_differ"]
PUBLISHED = sorted(path.stem for path in (CASES / "published").glob("*.yaml"))
EVERY_KIND = [
    "base_case",
    "both_hips",
    "flag_dvt_emergency",
    "flag_cancer_urgent",
    "flag_wells_one",
    "flag_unsure",
    "groin_pain",
    "gait_normal",
    "vignette_06_old_fracture",
    "nothing_measured",
    "achilles",
    "flag_age_17",
    "instruments_differ",
]
"""A case of each kind: verdicts, tiers, one hip and two, what is open, what is contradicted."""
EVERY_CASE = sorted(
    path.relative_to(CASES).with_suffix("").as_posix() for path in CASES.rglob("*.yaml")
)
ALL = [*ORDINARY, *SERIOUS, "nothing_measured", *(f"published/{name}" for name in PUBLISHED)]
SOME = {*ORDINARY[::3], *SERIOUS, "nothing_measured", *ALL[-len(PUBLISHED) :: 5]}
OPENED = [
    *(name for name in ALL if name in SOME),
    *(pytest.param(name, marks=pytest.mark.whole) for name in EVERY_KIND if name not in SOME),
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in ALL
        if name not in {*SOME, *EVERY_KIND}
    ),
]
"""A share of all pages is opened by default, each kind in a whole run."""


@pytest.fixture(scope="module")
def written(inferred_of, record_of, tmp_path_factory):
    """Write the page of a case and give the file."""
    folder = tmp_path_factory.mktemp("pages")

    def give(name):
        file = folder / f"{name.replace('/', '-')}.html"
        if not file.exists():
            page = html_page(record_of(name), inferred_of(name))
            file.write_text(page, encoding="utf-8")
        return file

    return give


def sentences(record, base):
    """Everything that a report says, sentence by sentence."""
    contents = Contents(record, base)
    yield from contents.head
    triage = contents.triage
    yield from [contents.completeness, *triage.open]
    for flag in triage.flags:
        yield from (flag.label, flag.title, flag.because, flag.action)
    yield from contents.painless.values()
    yield from [*contents.scores, *contents.warnings, *contents.sources, *contents.foot]
    if triage.tier == "emergency":
        return
    yield from [triage.headline, triage.statement]
    for leg in leg_texts(record, base):
        yield from [*leg.pain, *leg.because, *leg.but[:3], leg.firm]
    plan = plan_of(record, base)
    yield from [plan.none, *plan.first, plan.then, plan.optional, plan.look_now]
    for _, said in [*plan.stops, *plan.under_a_heading, *plan.not_now]:
        yield said
    for side in contents.sides.values():
        yield from side.paragraphs
        for listed in side.lists:
            yield from [listed.heading, *listed.items]
    for hip in contents.consider:
        yield from [hip.heading, *hip.items]
    yield from [*contents.advice.items, *contents.advice.not_now, *contents.next]


def plain(words):
    """Words without regard to case and white space."""
    return " ".join(words.split()).casefold()


# -- in the browser -----------------------------------------------------------------------------

NAMELESS = """
[...document.querySelectorAll('main section[aria-labelledby], svg[role=img], [role=group]')]
  .filter(e => !(e.getAttribute('aria-label')
    || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim()))
  .map(e => e.outerHTML.slice(0, 80))
"""

CONTRAST = """
() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const zones = [...document.querySelectorAll('pattern rect')]
    .map(rect => channels(getComputedStyle(rect).fill));
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest('style')) continue;
    const drawn = element.closest('svg');
    const style = getComputedStyle(element);
    const colour = channels(drawn ? style.fill : style.color);
    const grounds = drawn ? [[255, 255, 255], ...zones] : [behind(element)];
    const least = Math.min(...grounds.map(ground => ratio(colour, ground)));
    if (least < 4.5) weak.push([element.textContent.slice(0, 40), least]);
  }
  return weak;
}
"""


@pytest.fixture(scope="module", params=OPENED)
def page(request, written, chromium):
    """The page of one case in the browser, with everything unfolded; opened once for all."""
    with opened(chromium, written(request.param)) as page:
        page.unfold()
        page.case = request.param
        yield page


def test_a_page_says_all_that_a_report_says_and_asks_for_nothing(page, record_of, base):
    said = plain(page.run("document.body.innerText"))
    record = record_of(page.case)
    assert [sentence for sentence in sentences(record, base) if plain(sentence) not in said] == []
    assert page.trouble == []


def test_a_phone_shows_a_page_without_moving_it_sideways(page):
    page.page.set_viewport_size({"width": 390, "height": 800})
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert page.trouble == []


def test_headings_stand_in_order_and_every_part_has_a_name(page):
    levels = page.run("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert page.run("document.documentElement.lang") == "en"
    assert page.run("document.title").startswith("Calf-hip screening, case ")
    assert page.run(NAMELESS) == []
    ids = page.run("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_every_word_stands_out_from_its_ground(page):
    assert page.run(CONTRAST) == []


def test_every_word_stands_out_in_the_dark_as_well(page):
    page.page.emulate_media(color_scheme="dark")
    assert page.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert page.run(CONTRAST) == []
    page.page.emulate_media(color_scheme="light")


def test_a_proof_is_a_nested_list_with_a_word_for_each_status(page):
    words = page.run(
        "[...document.querySelectorAll('.premises > li > p > .status')]"
        ".map(e => e.parentElement.parentElement.className + ':' + e.textContent)"
    )
    assert words
    assert {word.replace("-", " ").partition(":")[0] for word in words} <= STATUSES
    assert all(word.replace("-", " ").split(":")[0] == word.split(":")[1] for word in words)


STATUSES = {"met", "not met", "unknown"}


@pytest.mark.first(3)
@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_phone_cuts_nothing_off(name, written, chromium):
    with opened(chromium, written(name), width=390) as page:
        assert page.run("document.documentElement.scrollWidth") <= 390
        page.unfold()
        assert page.run("document.documentElement.scrollWidth") <= 390
        assert page.run(CUT) == []


CUT = """
[...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('.patterns'))
  .filter(e => e.getBoundingClientRect().right > 390.5 || e.getBoundingClientRect().left < -0.5)
  .map(e => e.outerHTML.slice(0, 80))
"""


def test_status_is_told_by_word_symbol_and_place(page, record_of, base):
    record = record_of(page.case)
    cards = page.run(
        "[...document.querySelectorAll('.cards .card')]"
        ".map(c => [c.innerText, c.querySelectorAll('svg.symbol').length])"
    )
    if record["triage"]["tier"] == "emergency":
        assert cards == []
        return
    assert len(cards) == 1 + len(leg_texts(record, base))
    assert all(symbols == 1 and words for words, symbols in cards)


def test_an_emergency_comes_before_all_else_and_nothing_is_advised_or_asked_for(
    written, record_of, chromium
):
    record = record_of("flag_dvt_emergency")
    (flag,) = [f for f in record["triage"]["flags"] if f["status"] == "present"]
    with opened(chromium, written("flag_dvt_emergency")) as page:
        said = page.run("document.body.innerText").strip()
        assert said.startswith(f"EMERGENCY, TODAY: {flag['title']}")
        assert said.index(flag["action"]) < said.index("F-dvt_emergency")
        assert "REFERRAL NOTE" in said
        assert page.run("document.querySelector('h1').textContent").startswith("EMERGENCY")
        assert page.printed_pages == 1
        page.unfold()
        whole = page.run("document.body.innerText").casefold()
        assert not any(word in whole for word in ("do first", "your exercises", "record next"))


def test_the_base_case_is_a_record_and_a_sheet_for_the_patient(written, chromium):
    with opened(chromium, written("base_case")) as page:
        assert page.printed_pages == 2


def test_the_patients_sheet_says_when_to_stop_and_holds_no_verdict(page, record_of):
    record = record_of(page.case)
    advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
    sheet = sheet_of(record)
    said = page.run("document.querySelector('.sheet')?.innerText ?? ''")
    if sheet is None:
        assert said == ""
        return
    for do, signs in stop_rules(advised).items():
        assert plain(do) in plain(said)
        assert [sign for sign in signs if plain(sign) not in plain(said)] == []
    for exercise in [each for part in sheet.parts.values() for each in part]:
        assert plain(exercise.dose) in plain(said)
    assert sheet.come_back
    assert all(plain(text) in plain(said) for text in sheet.come_back)
    verdicts = "likely|possible|unlikely|judged|suspended|pattern|screening|certainty"
    assert not re.search(rf"\b({verdicts})\b", said, re.IGNORECASE)


def test_an_exercise_without_a_drawing_is_printed_all_the_same(inferred_of):
    inferred = inferred_of("base_case")
    record = screening(inferred)
    for entry in record["advice"]:
        if entry["for_patient"]:
            entry["for_patient"]["drawing"] = ""
    assert sheet_of(record)
    page = html_page(record, inferred)
    assert 'class="exercise"' not in page
    assert "Calf stretch, knee straight" in page


def test_every_drawing_is_named_by_an_advice_and_is_whole(base):
    texts = [
        text
        for file in base.advice
        for text in (file.for_patient, *(variant.for_patient for variant in file.variants))
        if text
    ]
    there = {path.stem for path in (ROOT / "screening/report/drawings").glob("*.svg")}
    assert {text.drawing for text in texts if text.drawing} == there
    for name in there:
        ElementTree.parse(ROOT / f"screening/report/drawings/{name}.svg")


@pytest.mark.first(4)
@pytest.mark.parametrize("name", [*LONG, *ORDINARY])
def test_a_case_prints_on_two_sheets(name, written, chromium):
    with opened(chromium, written(name)) as page:
        assert page.printed_pages <= 2


@pytest.mark.share(12)
@pytest.mark.first(36)
@pytest.mark.parametrize("name", EVERY_CASE)
def test_every_case_prints_on_two_sheets(name, written, chromium):
    with opened(chromium, written(name)) as page:
        assert page.printed_pages <= 2


def test_the_measure_of_contrast_finds_grey_on_white(written, chromium):
    with opened(chromium, written("base_case")) as page:
        page.run("document.querySelector('h1').style.color = '#999'")
        assert [words for words, _ in page.run(CONTRAST)] == ["Calf-hip screening"]


@pytest.mark.first(1)
@pytest.mark.parametrize("name", ["base_case", "flag_dvt_emergency", "both_hips"])
def test_the_keyboard_alone_reaches_and_unfolds_every_reason(name, written, chromium):
    with opened(chromium, written(name)) as page:
        count = "document.querySelectorAll('summary').length"
        shown = "[...document.querySelectorAll('summary')].filter(s => s.checkVisibility()).length"
        here = "[document.activeElement.tagName, document.activeElement.parentElement.open]"
        opened_now = "document.activeElement.parentElement.open"
        reached = 0
        # What unfolds adds more to reach; one round of tabs passes all of it.
        for _ in range(2 * page.run(count) + 20):
            page.page.keyboard.press("Tab")
            where, is_open = page.run(here)
            if where == "SUMMARY":
                reached += 1
                assert not is_open
                page.page.keyboard.press("Enter")
                assert page.run(opened_now)
            elif where == "BODY":
                break
        assert reached == page.run(count) == page.run(shown) > 0


# -- what was typed -----------------------------------------------------------------------------

HOSTILE = [
    "<script>document.title = 'caught'; alert(1)</script>",
    "{{ 7 * 7 }}{% raw %} &lt;b&gt; &amp;",
    "\u202egnirts desrever",
    "a\u2066\u200fb\u0000c",
    "\"'><img src=x onerror=alert(1)><svg onload=alert(2)>",
    "</title></style></bdi><script src=https://example.org/x.js></script>",
    "\u2069\u2069\u202e\u2067 out of its place",
    "שלום (1) עולם",
]


def hostile(typed, base):
    """The base case with hostile words wherever a case takes free words."""
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    texts = (path for path, entry in base.vocabulary.entries.items() if entry.type == "text")
    # A version is read as one, and nothing else is let in there.
    free = [path for path in texts if path != "asked_with"]
    assert {"case_id", "attested_by"} <= set(free)
    return replace(case, case_id=typed, answers={**case.answers, **dict.fromkeys(free, typed)})


@pytest.mark.first(4)
@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_words_and_stay_in_their_place(typed, base, tmp_path, chromium):
    inferred = infer(hostile(typed, base), base)
    file = tmp_path / "hostile.html"
    file.write_text(html_page(screening(inferred), inferred), encoding="utf-8")
    with opened(chromium, file) as page:
        assert page.trouble == []
        assert page.run("document.querySelectorAll('script,img').length") == 0
        assert page.run("document.title") == f"Calf-hip screening, case {on_a_line(typed)}"
        shown = page.run("[...document.querySelectorAll('bdi')].map(b => b.textContent)")
        assert len(shown) >= 2
        assert set(shown) == {on_a_line(typed)}
        assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00]", file.read_text())
        assert page.run(ORDER)


ORDER = """
() => [...document.querySelectorAll('bdi')].every(bdi => {
  const box = node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()];
  };
  const inside = box(bdi);
  const before = bdi.previousSibling ? box(bdi.previousSibling).at(-1) : null;
  const after = bdi.nextSibling?.textContent.trim() ? box(bdi.nextSibling)[0] : null;
  const left = !before || before.top < inside[0].top - 2 || before.right <= inside[0].left + 1;
  const last = inside.at(-1);
  const right = !after || after.top > last.top + 2 || after.left >= last.right - 1;
  return left && right;
})
"""


def test_the_text_report_says_what_was_typed_as_it_was_typed(base):
    inferred = infer(hostile("A. <b> & Co", base), base)
    assert "CASE A. <b> & Co" in text(screening(inferred), base).plain


# -- drawings -----------------------------------------------------------------------------------


def test_random_cases_give_whole_pages(base, cases, some):
    for seed in some(random.Random(3).sample(range(2**32), 8), 2):
        inferred = infer(cases.case(seed), base)
        page = html_page(screening(inferred), inferred)
        assert page.endswith("</html>\n")
        assert page == html_page(screening(inferred), inferred)


def test_a_reading_is_drawn_in_the_zone_that_its_band_names(base, cases, some):
    """The dot stands inside the rectangle of the word that the reading is given."""
    drawn, seeds = 0, some(random.Random(4).sample(range(2**32), 25), 2)
    for seed in seeds:
        inferred = infer(cases.case(seed), base)
        for scale in scales(inferred, Wording(inferred)):
            svg = ElementTree.fromstring(scale_drawing(scale))
            rects = [rect for rect in svg.iter("rect") if rect.get("class") != "blank"]
            words = [label.text for label in svg.iter("text")][: len(rects)]
            dots = [float(dot.get("cx")) for dot in svg.iter("circle")]
            read = [reading for reading in scale.readings if reading.value is not None]
            assert len(dots) == len(read)
            blank = [rect for rect in svg.iter("rect") if rect.get("class") == "blank"]
            assert len(blank) == len(scale.readings) - len(read)
            for x, reading in zip(dots, read, strict=True):
                inside = [
                    zone.label
                    for rect, zone in zip(rects, scale.zones, strict=True)
                    if float(rect.get("x")) - 0.1
                    <= x
                    <= float(rect.get("x")) + float(rect.get("width")) + 0.1
                ]
                if scale.zones:
                    drawn += 1
                    assert reading.band in inside
            assert not scale.zones or scale.of_words or words[0] == scale.zones[0].label
    assert drawn > 0.8 * len(seeds)


def test_a_child_is_not_drawn_on_the_norms_of_adults(inferred_of):
    """Where a band says that it does not hold, the reading and its error stand alone."""
    child = inferred_of("flag_child_of_seven")
    grown = inferred_of("base_case")
    for inferred, holds in ((child, False), (grown, True)):
        [scale] = scales(inferred, Wording(inferred))
        assert bool(scale.zones) == bool(scale.limits) == bool(scale.norms) == holds
        assert any(reading.band for reading in scale.readings) == holds
        assert scale.mdc
        drawn = scale_drawing(scale)
        assert ('class="limit"' in drawn) == ('class="norm"' in drawn) == holds
        assert drawn.count('class="error"') == drawn.count('class="reading"') == 2
        said = "Limits and norms are those of adults: at 7 years they do not hold."
        assert (said in description(scale)) != holds


def test_bands_limits_errors_and_norms_are_those_of_the_rule_base(inferred_of, base):
    (scale,) = scales(inferred_of("base_case"), Wording(inferred_of("base_case")))
    entry = base.vocabulary["ankle.lunge_bent_cm"]
    assert scale.mdc == base.thresholds[entry.mdc].value
    assert [norm for norm, _ in scale.norms] == list(entry.norms)
    names = ("knee_to_wall_restricted", "knee_to_wall_free")
    assert list(scale.limits) == [base.thresholds[name] for name in names]
    assert [zone.low for zone in scale.zones][1:] == [limit.value for limit in scale.limits]


def test_the_verdict_of_each_painful_leg_and_each_flag_present_is_proved(
    inferred_of, record_of, some
):
    for name in some(ALL, 2):
        inferred, record = inferred_of(name), record_of(name)
        shown = [(found.id, found.side) for found in shown_proofs(inferred)]
        present = [f for f in record["triage"]["flags"] if f["status"] == "present"]
        assert shown[: len(present)] == [(f"flag.{flag['id']}", None) for flag in present]
        legs = [side for side, found in record["sides"].items() if found]
        assert [side for _, side in shown[len(present) :]] == legs
        for id, side in shown[len(present) :]:
            verdict = record["sides"][side]["verdict"]
            assert id == f"verdict.{verdict}" or verdict == "cannot_be_judged"
            value = inferred.value(find(inferred, id, side).name)
            assert value is True or verdict == "cannot_be_judged"


# -- the command --------------------------------------------------------------------------------


def test_the_command_writes_the_page_to_a_file_or_to_stdout(command, tmp_path, written):
    case = str(CASES / "base_case.yaml")
    out = tmp_path / "page.html"
    to_file = command("screen", case, "--format", "html", "--out", str(out))
    assert (to_file.returncode, to_file.stdout) == (0, "")
    to_stdout = command("screen", case, "--format", "html")
    assert to_stdout.stdout == out.read_text(encoding="utf-8")
    assert to_stdout.stdout == written("base_case").read_text(encoding="utf-8")


def test_full_unfolds_every_reason(command):
    case = "cases/base_case.yaml"
    short = command("screen", case, "--format", "html").stdout
    full = command("screen", case, "--format", "html", "--full").stdout
    assert full.count("<details") == full.count(" open>") == short.count("<details") > 0
    assert full.replace(" open>", ">") == short


def test_a_page_of_an_emergency_ends_with_the_code_that_was_asked_for(command):
    done = command(
        "screen", "cases/flag_dvt_emergency.yaml", "--format", "html", "--fail-on", "urgent"
    )
    assert done.returncode == 3
    assert done.stdout.startswith("<!DOCTYPE html>")


@pytest.mark.whole  # test_screening_a_case_loads_nothing_heavy names it among others
def test_only_the_page_needs_the_template_engine():
    code = (
        "import sys, runpy; sys.argv = ['screening', 'screen', 'cases/base_case.yaml']\n"
        "try: runpy.run_module('screening', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "sys.exit('jinja2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_a_browser_the_tests_are_skipped_unless_they_must_run(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(MUST_RUN, raising=False)
    with pytest.raises(pytest.skip.Exception, match="Chromium is not installed"):
        executable()
    monkeypatch.setenv(MUST_RUN, "something browser")
    with pytest.raises(pytest.fail.Exception, match="Chromium is not installed"):
        executable()
