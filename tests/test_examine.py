"""Examine, in a real browser: cases typed, saved, opened, printed, re-tested, and attacked."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import shutil
import signal
import threading
from pathlib import Path

import pytest
import yaml

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.intake.findings import gather
from screening.intake.vocabulary import SIDES
from screening.record.screening import screening
from screening.report.html_page import triage_word
from screening.report.on_a_page import plan_of
from tests import fhir_parts as fhir
from tests.conftest import CASES
from tests.workbench import RULE_PAGES, Desk, Typist, serious, served

TYPED = [
    "published/villacorta_2012_iliac_artery",
    "base_case",
    "both_hips",
    "by_hand",
    "flag_contradiction",
    "flag_dvt_emergency",
    "flag_unsure",
    "flag_wells_one",
    "gait_normal",
    "instruments_differ",
    "plan_gluteal_tests",
    "vignette_06_old_fracture",
]
REST = sorted(
    name
    for path in CASES.rglob("*.yaml")
    if (name := str(path.relative_to(CASES).with_suffix(""))) not in TYPED
)


def save(desk, folder) -> Path:
    """Press Ctrl-S and give the file."""
    with desk.page.expect_download() as download:
        desk.page.keyboard.press("Control+s")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def opened(desk, name, text=None):
    """Open a file with the button, as a clinician does."""
    with desk.page.expect_file_chooser() as chooser:
        desk.page.click("#open")
    content = text if text is not None else (CASES / f"{name}.yaml").read_text("utf-8")
    file = {"name": f"{Path(name).name}.yaml", "mimeType": "text/yaml", "buffer": content.encode()}
    chooser.value.set_files(file)
    desk.until("$('problems').childElementCount > 0 || Object.keys(typed()).length > 3")
    desk.wait()


# -- the same as the command -------------------------------------------------------------------


def types_as_it_stands(desk, base, name, folder):
    """Type a case; what is saved and what the page says are what the command reads and says."""
    case = load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
    # What to record next and what would be printed are not looked at here.
    desk.page.evaluate("rest = async () => {}")
    desk.type(case)
    again = load_case(str(save(desk, folder)), base.vocabulary)
    assert again.answers == case.answers
    says_what_the_command_says(desk, case, base)


def says_what_the_command_says(desk, case, base):
    """Compare the panel with the record of a case."""
    record = screening(infer(case, base))
    shown = desk.page.evaluate("""() => ({
      triage: $('panel').querySelector('.card.triage').classList[2],
      flags: [...$('panel').querySelectorAll('.flag h2')].map(h => h.textContent.trim()),
      legs: [...$('panel').querySelectorAll('.card.leg')].map(c => c.classList[2]),
      first: [...$('panel').querySelectorAll('.first li')].map(li => li.textContent)})""")
    emergency = record["triage"]["tier"] == "emergency"
    sides = [leg["verdict"] for side in SIDES if (leg := record["sides"][side])]
    assert shown["triage"] == triage_word(record["triage"])
    assert len(shown["flags"]) == sum(f["status"] == "present" for f in record["triage"]["flags"])
    legs = [] if emergency else sides
    assert shown["legs"] == legs or (shown["legs"] == legs[:1] and len(set(legs)) == 1)
    assert shown["first"] == ([] if emergency else plan_of(record, base).first_short)


@pytest.mark.first(1)
@pytest.mark.parametrize("name", TYPED)
def test_a_case_that_is_typed_is_the_case_that_is_screened(desk, base, name, tmp_path):
    types_as_it_stands(desk, base, name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", REST)
def test_every_case_that_is_typed_is_the_case_that_is_screened(desk, base, name, tmp_path):
    types_as_it_stands(desk, base, name, tmp_path)


# -- hands -------------------------------------------------------------------------------------


def test_answers_are_given_and_taken_back_with_one_key(desk):
    page = desk.page
    desk.answer("red_flags.chest", "unsure")
    assert desk.value("red_flags.chest") == "unsure"
    page.keyboard.press("Backspace")
    assert desk.value("red_flags.chest") == ""
    page.keyboard.press("2")
    assert desk.value("red_flags.chest") == "absent"
    page.keyboard.press("l")
    assert desk.value("red_flags.chest") == "absent", "this gate is not one of a leg"
    desk.answer("red_flags.injury", "left")
    assert desk.value("red_flags.injury") == "left"
    # Where both legs are asked yes or no, one key says which leg it is; Enter goes on from there.
    page.evaluate("cellOf['left.hip.pain'].querySelector('input:checked').focus()")
    page.keyboard.press("r")
    assert [desk.value(f"{side}.hip.pain") for side in SIDES] == ["absent", "present"]
    desk.wait()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "right.hip.pain_regions"
    # What is left open is passed over for both legs.
    page.evaluate("cellOf['left.ankle.lunge_bent_cm'].querySelector('input').focus()")
    page.keyboard.press("Enter")
    assert "lunge_bent_cm" not in page.evaluate("document.activeElement.name")


def test_a_sweep_names_who_attests_and_when(desk):
    page = desk.page
    desk.answer("examined_by", "A.B.")
    desk.answer("red_flags.all", "none_present")
    assert desk.value("attested_by") == "A.B."
    assert desk.value("attested_on") == page.evaluate("document.querySelector('[type=date]').max")
    desk.wait()
    told = page.inner_text("[data-path='red_flags.cancer'] .told")
    assert told == "absent: answered together"
    assert page.inner_text("[data-row='red_flags.all'] .question").startswith("None of these 11")


def test_a_blocked_test_is_shown_with_its_reason_and_an_answer_is_kept(desk):
    page = desk.page
    opened(desk, "base_case")
    desk.answer("red_flags.load_pain", "right")
    desk.wait()
    page.click("#go") if page.query_selector("#go") else None
    left, right = "left.ankle.lunge_bent_deg", "right.ankle.lunge_bent_cm"
    assert desk.value(right) == "6.5"
    assert page.inner_text(f"[data-path='{right}'] .told").startswith("Do not repeat it: ")
    assert page.evaluate(f"cellOf['{right}'].querySelector('input').disabled") is False
    desk.answer("left.ankle.lunge_bent_cm", "")
    desk.wait()
    assert page.inner_text("[data-path='left.ankle.lunge_bent_cm'] .told").startswith(
        "Not to be tested: "
    )
    assert page.evaluate("cellOf['left.ankle.lunge_bent_cm'].querySelector('input').disabled")
    assert left in desk.form.by_path


def test_what_cannot_be_an_answer_is_said_in_place_and_kept(desk, tmp_path):
    page = desk.page
    desk.answer("left.ankle.lunge_bent_cm", "65")
    desk.wait()
    told = page.inner_text("[data-path='left.ankle.lunge_bent_cm'] .told")
    assert "Was it typed in millimetres?" in told
    assert desk.value("left.ankle.lunge_bent_cm") == "65"
    page.keyboard.press("Control+s")
    desk.until("$('problems').childElementCount > 0")
    assert "Nothing was saved" in page.inner_text("#problems")
    page.click("#problems a")
    assert page.evaluate("document.activeElement.name") == "left.ankle.lunge_bent_cm"


def test_a_reason_opens_its_proof_down_to_threshold_and_source(desk):
    page = desk.page
    opened(desk, "base_case")
    page.click("#panel .reasons details >> nth=0")
    desk.until("document.querySelector('#panel .proof').childElementCount > 0")
    page.evaluate("document.querySelectorAll('#panel .proof details').forEach(d => d.open = true)")
    proof = page.inner_text("#panel .proof >> nth=0")
    assert "8.0 cm" in proof
    assert "Threshold" in proof
    assert "Source: " in proof
    desk.answer("right.hip.pain_weeks", "13")
    desk.wait()
    desk.until("document.querySelector('#panel .proof').childElementCount > 0")


SAID_NOW = """async () => {
  const said = document.createElement('template');
  said.innerHTML = (await post('/change')).panel;
  const text = (parts) => [...parts].map(part => part.textContent);
  return [text(panel.children), text(said.content.children)];
}"""


def test_what_the_panel_still_says_stays_and_all_else_is_new(desk):
    page = desk.page
    opened(desk, "base_case")
    page.evaluate("[...panel.children].forEach(part => { part.stood = true; })")
    for path, text in (("left.hip.pain", "present"), ("red_flags.saddle", "present")):
        desk.answer(path, text)
        desk.wait()
        stands, said = page.evaluate(SAID_NOW)
        assert stands == said
        stood = set(page.evaluate("[...panel.children].map(part => Boolean(part.stood))"))
        assert stood == {False, True}


def test_what_to_record_next_leads_to_its_question(desk):
    page = desk.page
    opened(desk, "base_case")
    desk.until("$('ahead').textContent.includes('Shin angle in the lunge, knee straight')")
    page.click("#ahead a:has-text('Shin angle in the lunge, knee straight (right)')")
    assert page.evaluate("document.activeElement.name") == "right.ankle.lunge_straight_deg"


def test_a_gate_leads_to_what_it_asks_for_elsewhere(desk):
    page, shown = (
        desk.page,
        "document.querySelector('[data-row=\"{}\"] .elsewhere').checkVisibility()",
    )
    assert not page.evaluate(shown.format("red_flags.load_pain"))
    desk.answer("red_flags.load_pain", "right")
    desk.wait()
    assert page.evaluate(shown.format("red_flags.load_pain"))
    assert not page.evaluate(shown.format("red_flags.tissue_risk"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "load.low_bone_density"
    desk.answer("red_flags.load_pain", "absent")
    desk.wait()
    assert not page.evaluate(shown.format("red_flags.load_pain"))


def test_an_emergency_is_the_headline_and_folds_the_rest_away(desk):
    page = desk.page
    desk.answer("red_flags.saddle", "present")
    desk.answer("cauda.saddle_numbness", "present")
    desk.wait()
    assert page.inner_text("#stop").startswith("Stop here. EMERGENCY, NOW: Suspected cauda equina")
    assert page.evaluate("$('panel').firstElementChild.classList.contains('alarms')")
    shown = "[...document.querySelectorAll('.row')].filter(row => row.checkVisibility()).length"
    assert page.evaluate(shown) < 6
    note = page.inner_text("#p-note")
    assert note.startswith("REFERRAL NOTE EMERGENCY, NOW")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-copy]")
    desk.until("$('toast').textContent === 'Copied.'")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split("\n")[0] == note.split("\n")[0]
    page.click("#go")
    assert page.evaluate(shown) > 20


def test_ankle_readings_are_drawn_while_they_are_typed(desk):
    opened(desk, "base_case")
    drawn = desk.page.inner_text("[data-drawing='ankle.lunge_bent_cm']")
    assert "6.5 cm" in drawn
    desk.answer("right.ankle.lunge_bent_cm", "9.5")
    desk.wait()
    assert "9.5 cm" in desk.page.inner_text("[data-drawing='ankle.lunge_bent_cm']")


def test_a_panel_that_is_not_up_to_date_is_said(desk):
    page = desk.page
    page.route("**/change", lambda route: route.abort())
    desk.answer("age_years", "38")
    desk.until("$('panel').getAttribute('aria-busy') === 'true'")
    assert "not up to date" in page.inner_text("#toast")
    page.unroute("**/change")
    desk.answer("sex", "male")
    desk.wait()
    assert page.evaluate("$('panel').getAttribute('aria-busy')") is None
    desk.trouble[:] = [t for t in desk.trouble if "ERR_FAILED" not in t]


WATCH = """new MutationObserver(() => {
  window.seen ||= document.body.textContent.includes('STALE');
}).observe(document.body, { childList: true, subtree: true, characterData: true })"""
"""Notes whether what is stale was ever shown, be it for a moment."""


def test_a_late_answer_to_an_older_form_is_thrown_away(desk):
    page, held = desk.page, []

    def late(route):
        if held:
            return route.continue_()
        held.append(route)
        return None

    page.route("**/change", late)
    desk.answer("age_years", "3")
    while not held:
        page.wait_for_timeout(10)
    number = held[0].request.post_data_json["number"]
    page.keyboard.press("8")
    page.evaluate(WATCH)
    stale = {"number": number, "panel": "STALE", "said": "STALE"}
    held[0].fulfill(json={**stale, "questions": {}, "drawings": {}, "alarms": []})
    desk.wait()
    assert not page.evaluate("window.seen")
    assert desk.value("age_years") == "38"


def test_a_rest_that_was_overtaken_is_thrown_away(desk):
    held, page = [], desk.page
    page.route("**/rest", lambda route: held.append(route))

    def rests(many):
        """Wait until a rest was asked for; hold its answer back."""
        while len(held) < many:
            page.wait_for_timeout(10)

    page.keyboard.type("3")
    desk.wait()
    rests(1)
    page.keyboard.press("8")
    desk.wait()
    page.evaluate(WATCH)
    stale = {"number": held[0].request.post_data_json["number"], "ahead": "STALE", "paper": "STALE"}
    held[0].fulfill(json=stale)
    rests(2)
    fresh = {"number": held[1].request.post_data_json["number"], "ahead": "<p>FRESH</p>"}
    held[1].fulfill(json={**fresh, "paper": "FRESH"})
    desk.until("$('paper').textContent === 'FRESH'")
    assert not page.evaluate("window.seen")
    assert page.inner_text("#ahead") == "FRESH"


def test_two_patients_in_two_tabs_are_never_mixed(desk, browser, workbench, base, tmp_path):
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{workbench.port}/")
    other = Desk(page, desk.form)
    other.wait()
    for one, name, age in ((desk, "A1", "38"), (other, "B2", "71")):
        one.answer("case_id", name)
        one.answer("age_years", age)
    for one, hip in ((desk, "right.hip.pain"), (other, "left.hip.pain")):
        one.answer(hip, "present")
        one.wait()
    files = [yaml.safe_load(save(one, tmp_path).read_text()) for one in (desk, other)]
    assert [(file["case_id"], file["age_years"]) for file in files] == [("A1", 38), ("B2", 71)]
    assert ["left" in file for file in files] == [False, True]
    legs = [one.page.inner_text("#panel .card.leg h2").lower() for one in (desk, other)]
    assert legs == ["right leg", "left leg"]
    page.evaluate("unsaved = false")
    page.close()


def test_nothing_stays_after_a_reload_and_leaving_asks(desk):
    page, asked = desk.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desk.answer("case_id", "Z9")
    desk.answer("red_flags.chest", "absent")
    page.reload()
    desk.wait()
    assert asked == ["beforeunload"]
    assert desk.value("case_id") == desk.value("red_flags.chest") == ""
    kept = "[localStorage.length, sessionStorage.length, document.cookie]"
    assert page.evaluate(kept) == [0, 0, ""]
    assert page.evaluate("form.autocomplete") == "off"


NASTY = '<img src=x onerror="hacked=1"><script>hacked=1</script>'


def test_script_in_every_text_field_is_shown_as_text(desk, tmp_path):
    page = desk.page
    texts = [q.path for q in desk.form.questions if q.kind == "text" and q.path != "asked_with"]
    desk.answer("red_flags.all", "none_present")
    desk.answer("red_flags.saddle", "present")
    desk.answer("cauda.saddle_numbness", "present")
    for path in texts:
        desk.answer(path, "")
        page.keyboard.insert_text(NASTY)
    desk.wait()
    desk.until("$('paper').textContent.includes('hacked') && asked === number")
    assert NASTY in page.inner_text("#p-note")
    path = save(desk, tmp_path)
    assert "<" not in path.name
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.evaluate("document.querySelectorAll('main img, aside img, #paper img').length") == 0
    opened(desk, "again", path.read_text())
    assert desk.value("case_id") == NASTY


def test_a_file_with_errors_is_shown_by_place_and_nothing_of_it_is_opened(desk):
    page = desk.page
    opened(desk, "wrong", "case_id: X1\nage_years: 380\nleft:\n  hip:\n    paim: present\n")
    said = page.inner_text("#problems")
    assert "wrong.yaml was not opened" in said
    assert "wrong.yaml:2" in said
    assert "wrong.yaml:5" in said
    assert "left.hip.pain" in said
    assert desk.value("case_id") == ""
    page.click("#problems a")
    assert page.evaluate("document.activeElement.name") == "age_years"


def test_a_resource_of_a_health_record_is_opened_and_what_was_not_read_is_said(desk, base):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    answered = {"resource": fhir.response(case, base)}
    other = {"resource": {"resourceType": "Patient", "id": "p1"}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [answered, other]}
    opened(desk, "record", fhir.text(bundle))
    assert desk.value("right.ankle.lunge_bent_cm") == "6.5"
    assert desk.page.inner_text("#panel .card.leg .word") == "Likely"
    assert "not read: 1 Patient" in desk.page.inner_text("#problems")


def test_a_re_test_stands_beside_the_first_examination(desk, in_whole):
    page = desk.page
    first = (CASES / "base_case.yaml").read_text()
    second = first.replace("'2025-03-04'", "'2025-04-15'").replace("6.5", "9.5")
    second = second.replace("pain_nrs: 5", "pain_nrs: 1")
    opened(desk, "second", second)
    with page.expect_file_chooser() as chooser:
        page.click("#again")
    chooser.value.set_files(
        {"name": "first.yaml", "mimeType": "text/yaml", "buffer": first.encode()}
    )
    desk.until("$('retest').childElementCount > 0")
    said = page.inner_text("#retest")
    assert "6 weeks" in said
    assert "First 6.5 cm. Now 9.5 cm. 3.0 cm more, a real change" in said
    assert "a real change" in said
    assert "First" in said
    assert "Now" in said
    # It goes with a click, and with the case: nothing of it stays beside another patient.
    opened(desk, "other", second.replace("case_id: V1", "case_id: X2"))
    desk.until(
        "typed().case_id === 'X2' && !first && $('retest').hidden && !$('retest').firstChild"
    )
    again = "text => { first = {first: text, name: 'first.yaml'}; compare(); }"
    for end in ("new", "alone"):
        opened(desk, "second", second)
        desk.until("typed().case_id === 'V1'")
        page.evaluate(again, first)
        desk.until("$('retest').firstChild")
        page.click(f"#{end}")
        desk.until("!first && $('retest').hidden && !$('retest').firstChild")
    page.evaluate(again, first)
    desk.until("$('retest').firstChild")
    assert serious(page, in_whole) == []


def test_it_prints_a_record_and_a_sheet_for_the_patient(desk):
    opened(desk, "base_case")
    desk.until("$('paper').textContent.includes('Your exercises')")
    pdf = desk.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    desk.page.emulate_media(media="print")
    sheet = desk.page.inner_text("#paper .sheet")
    assert "Your exercises, right leg" in sheet
    assert "likely" not in sheet.lower()
    assert desk.page.evaluate("$('form').checkVisibility()") is False


@pytest.mark.first(1)
@pytest.mark.parametrize("name", ["both_hips", "flag_dvt_emergency"])
def test_nothing_is_cut_at_any_width(desk, name):
    opened(desk, name)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    cut = """[...document.querySelectorAll('.question, .picks span, .card p, .told p')].filter(
      e => !e.matches('.sr') && e.checkVisibility() && e.clientWidth > 0
        && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
    for width in (390, 768, 1280, 1920):
        desk.page.set_viewport_size({"width": width, "height": 900})
        assert desk.page.evaluate(wide) == 0, width
        assert desk.page.evaluate(cut) == [], width


# -- the README's case by a scripted clinician -------------------------------------------------


def test_the_base_case_is_typed_by_keyboard_alone_in_three_minutes(desk, base, tmp_path):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    clinician = Typist(desk)
    clinician.type(case)
    again = load_case(str(save(desk, tmp_path)), base.vocabulary)
    found, asked = (gather(each, base.vocabulary).readings for each in (again, case))
    assert found == asked
    says_what_the_command_says(desk, case, base)
    print(clinician.report)
    assert clinician.seconds < 180


# -- a file of its own -------------------------------------------------------------------------


def test_a_named_case_is_opened_and_written_whole_and_private(tmp_path, base):
    case = tmp_path / "case.yaml"
    shutil.copy(CASES / "base_case.yaml", case)
    case.chmod(0o644)
    with served("--case", str(case)) as bench:
        page = bench.ask("GET", "/").text
        state = re.search(r'data-state="(\w+)"', page)[1]
        assert 'value="V1"' in page
        typed = {"case_id": "V1", "age_years": "39"}
        body = {"number": 1, "typed": typed, "state": state}
        done = bench.ask("POST", "/save", {}, json.dumps(body).encode())
        assert done.status == 200
        assert yaml.safe_load(case.read_text()) == {"case_id": "V1", "age_years": 39}
        assert case.stat().st_mode & 0o777 == 0o600
        # Another tab still has what was there before: it may not write over this.
        stale = bench.ask("POST", "/save", {}, json.dumps(body).encode())
        assert stale.status == 422
        assert "changed since this page was opened" in stale.text
        state = json.loads(done.text)["state"]
        sizes, stop = [], threading.Event()

        def keep_saving():
            nonlocal state
            for age in itertools.cycle(range(20, 90)):
                body = {"number": 1, "typed": {**typed, "age_years": str(age)}, "state": state}
                try:
                    state = json.loads(
                        bench.ask("POST", "/save", {}, json.dumps(body).encode()).text
                    )["state"]
                except (OSError, http.client.HTTPException, ValueError, KeyError):
                    return
                sizes.append(age)
                stop.set()

        saving = threading.Thread(target=keep_saving)
        saving.start()
        stop.wait(30)
        bench.process.send_signal(signal.SIGKILL)
        saving.join(60)
        left = yaml.safe_load(case.read_text())
        assert left["case_id"] == "V1"
        assert left["age_years"] in (sizes[-1], sizes[-1] + 1, 20)


# -- for everybody ------------------------------------------------------------------------------


@pytest.mark.first(2)
@pytest.mark.parametrize("name", ["both_hips", "flag_dvt_emergency", ""])
def test_axe_finds_nothing_serious_on_the_form(desk, name, in_whole):
    if name:
        opened(desk, name)
    assert serious(desk.page, in_whole) == []
    assert desk.page.get_attribute("#said", "aria-live") == "polite"


@pytest.mark.first(3)
@pytest.mark.parametrize("id", RULE_PAGES)
def test_axe_finds_nothing_serious_on_the_rules(browser, workbench, id, in_whole):
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{workbench.port}/rules/{id}.html")
    assert page.inner_text("h1")
    assert serious(page, in_whole) == []
    page.close()
