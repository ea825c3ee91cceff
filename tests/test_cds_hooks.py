"""CDS Hooks 2.0: what a record system gets when it opens a patient."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from uuid import UUID, uuid4

import pytest

from screening.errors import CaseError, Problem
from screening.exchange.cds import cards as cards_of
from screening.exchange.cds.asked import RequestError, examination, read_request
from screening.exchange.cds.cards import answer
from screening.exchange.cds.discovery import PREFETCH, SERVICE, services
from screening.exchange.cds.feedback import heard
from screening.intake.case import load_case
from screening.report.on_a_page import soon
from screening.rulebase.levels import tier_of
from screening.serve.app import workbench
from screening.serve.bench import Bench
from screening.serve.cds_routes import Hooks
from screening.serve.keys import Keys
from tests import fhir_parts as fhir
from tests.conftest import CASES
from tests.fhir_damage import damaged

FILES = sorted(CASES.rglob("*.yaml"))
FORM = "http://127.0.0.1:8765/"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SHORTER_THAN = 140


def request(response=None, observations=None, patient="p1"):
    """Give a request with what a search would have found."""
    return json.loads(
        fhir.text(
            {
                "hook": "patient-view",
                "hookInstance": INSTANCE,
                "context": {"userId": "Practitioner/1", "patientId": patient},
                "prefetch": {
                    "patient": {"resourceType": "Patient", "id": patient},
                    "response": response,
                    "observations": observations,
                },
            }
        )
    )


def of_file(name, base):
    case = load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
    return request({"resourceType": "Bundle", "type": "searchset", "entry": [_entry(case, base)]})


def _entry(case, base):
    return {"resource": fhir.response(case, base)}


def cards(data, base):
    return answer(read_request(data), base, FORM)["cards"]


class Called:
    """One case, what its screening says, and the cards that are given."""

    def __init__(self, name, case, record, base) -> None:
        self.name, self.record = name, record
        self.request = request(fhir.response(case, base))
        self.cards = cards(self.request, base)


@pytest.fixture(scope="module", params=[5, pytest.param(1, marks=pytest.mark.slow)])
def called(base, request, inferred_from, record_from):
    """Every fifth case, or all of them."""
    files = FILES[:: request.param]
    return [Called(f.stem, inferred_from(f).case, record_from(f), base) for f in files]


# -- discovery ------------------------------------------------------------------------------------


def test_the_one_service_says_what_it_wants(base):
    (service,) = services(base)["services"]
    assert service["id"] == SERVICE
    assert service["hook"] == "patient-view"
    assert service["title"]
    assert service["description"]
    assert set(service["prefetch"]) == {"patient", "response", "observations"}
    for query in service["prefetch"].values():
        assert re.findall(r"\{\{(.*?)\}\}", query) == ["context.patientId"]


# -- every card -----------------------------------------------------------------------------------


def test_every_card_is_whole(called):
    seen = 0
    for each in called:
        for card in each.cards:
            seen += 1
            assert 0 < len(card["summary"]) < SHORTER_THAN
            assert card["indicator"] in ("info", "warning", "critical")
            assert card["source"]["label"]
            assert card["source"]["topic"].keys() == {"system", "code", "display"}
            assert card["overrideReasons"]
            assert UUID(card["uuid"])
            # A card with suggestions says how many may be taken, and no other one does.
            assert ("selectionBehavior" in card) == ("suggestions" in card)
            assert card.get("selectionBehavior", "any") in ("any", "at-most-one")
            for suggestion in card.get("suggestions", ()):
                assert suggestion["label"]
                assert "isRecommended" not in suggestion
                assert UUID(suggestion["uuid"])
                assert suggestion["actions"]
                for action in suggestion["actions"]:
                    assert action["type"] == "create"
                    assert action["description"]
                    assert action["resource"]["subject"]["reference"] == "Patient/p1"
                    assert "id" not in action["resource"]
                    assert "urn:uuid" not in json.dumps(action["resource"])
            for link in card.get("links", ()):
                assert link["label"]
                assert link["url"].startswith("http")
                assert link["type"] == "absolute"
                assert "appContext" not in link
    assert seen > len(called)


def test_no_part_of_a_card_is_null_or_empty(called):
    def walk(part):
        assert part not in (None, "", [], {})
        if isinstance(part, dict | list):
            for below in part.values() if isinstance(part, dict) else part:
                walk(below)

    for each in called:
        for card in each.cards:
            walk(json.loads(fhir.text(card)))


def test_what_is_suggested_is_fhir(called):
    kinds = {}
    for each in called:
        for card in each.cards:
            for suggestion in card.get("suggestions", ()):
                (action,) = suggestion["actions"]
                kinds.setdefault(action["resource"]["resourceType"], action["resource"])
    assert set(kinds) == {"ServiceRequest", "CarePlan"}
    for resource in kinds.values():
        assert (resource["status"], resource["intent"]) == ("draft", "proposal")
        fhir.checked(json.loads(fhir.text(resource)))


def test_ids_of_cards_are_the_same_for_one_call_and_others_for_another(called, base):
    each = next(each for each in called if each.cards)
    assert cards(each.request, base) == each.cards
    other = cards({**each.request, "hookInstance": str(uuid4())}, base)
    assert {c["uuid"] for c in other}.isdisjoint(c["uuid"] for c in each.cards)
    ids = [c["uuid"] for c in each.cards]
    ids += [s["uuid"] for c in each.cards for s in c.get("suggestions", ())]
    assert len(ids) == len(set(ids))


def test_flags_come_first_by_their_tier_then_legs_then_what_is_open(called):
    worst = {"emergency": "critical", "urgent": "warning", "referral": "warning", "none": "info"}
    tiers = list(worst)
    for each in called:
        flags = [f for f in each.record["triage"]["flags"] if f["status"] == "present"]
        flags.sort(key=lambda flag: tiers.index(flag["tier"]))
        legs = [side for side, leg in each.record["sides"].items() if leg]
        opened = [] if each.record["triage"]["complete"] else ["open"]
        assert len(each.cards) == len(flags) + len(legs) + len(opened)
        for flag, card in zip(flags, each.cards, strict=False):
            assert flag["title"] in card["summary"]
            assert flag["action"] in card["detail"]
            assert card["indicator"] == worst[flag["tier"]]
        for side, card in zip(legs, each.cards[len(flags) :], strict=False):
            assert card["summary"].startswith(f"{side.title()} leg")
            assert "movement pattern" in card["summary"]
            assert card["indicator"] == "info"
        if opened:
            assert "does not exclude serious disease" in each.cards[-1]["summary"]
            assert each.cards[-1]["links"][0]["url"] == FORM


def test_no_exercise_is_suggested_while_a_flag_is_present_or_not_excluded(called):
    with_exercises = 0
    for each in called:
        made = json.dumps(each.cards)
        triage = each.record["triage"]
        if triage["flags"] or not triage["complete"]:
            assert "CarePlan" not in made
        with_exercises += "CarePlan" in made
    assert with_exercises


def test_every_possible_summary_is_short_enough(base):
    """All flags at all their levels, all verdicts of both legs, and what else a card can say."""
    said = []
    for flag in base.flags:
        for name, level in flag.levels.items():
            shown = {"tier": tier_of(name), "within": level.within}
            said.append(f"{soon(shown)}: {flag.title}")
    words = {row.word for row in base.ladder("verdict").rows}
    said += [cards_of.leg_summary(base, "right", word) for word in words]
    deck = cards_of.Deck(base, read_request(request()), FORM)
    for card in (
        cards_of._disagree(deck),
        cards_of._open(deck, []),
        cards_of._unreadable(deck, CaseError(Problem("prefetch", "x"))),
    ):
        said.append(card["summary"])
    assert len(said) > len(base.flags)
    assert [text for text in said if len(text) >= SHORTER_THAN] == []


# -- what is handed over --------------------------------------------------------------------------


def test_nothing_recorded_is_nothing_to_say(base):
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    for nothing in (None, empty):
        assert cards(request(nothing, nothing), base) == []


def test_nothing_to_say_of_a_complete_screen_without_pain_is_no_card(base):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    painless = {"right.hip.pain": "absent", "right.hip.pain_regions": None}
    calm = case.with_answers(painless, base.vocabulary)
    assert cards(request(fhir.response(calm, base)), base) == []


def test_readings_that_differ_give_one_warning_and_nothing_else(base, monkeypatch):
    from dataclasses import replace

    real = cards_of.infer

    def differing(case, base):
        inferred = real(case, base)
        return replace(inferred, disagreements=("ankle.restricted",))

    monkeypatch.setattr(cards_of, "infer", differing)
    (card,) = cards(of_file("base_case", base), base)
    assert card["indicator"] == "warning"
    assert "suggestions" not in card


def test_a_part_that_could_not_be_had_is_said_and_clears_nobody(base):
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    for name in PREFETCH:
        data = of_file("base_case", base)
        data["prefetch"][name] = outcome
        (card,) = cards(data, base)
        assert "does not exclude serious disease" in card["summary"]
        assert "could not be read" in card["detail"]


def test_findings_alone_are_an_examination(base):
    case = load_case(str(CASES / "flag_cauda.yaml"), base.vocabulary)
    made = fhir.observations(case, base)
    first, *_ = cards(request(None, {**made, "type": "searchset"}), base)
    assert first["indicator"] == "critical"


def test_findings_of_the_day_join_the_response_and_those_of_another_do_not(base):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    sign = fhir.observation("cauda.saddle_numbness", "present", base)
    for day, critical in (("2025-03-04", True), ("2024-01-01", False)):
        found = {"resource": {**sign, "effectiveDateTime": day}}
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [found]}
        first, *_ = cards(request(fhir.response(case, base), bundle), base)
        assert (first["indicator"] == "critical") == critical


def test_the_same_finding_said_twice_alike_is_one_and_said_otherwise_is_refused(base):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    for word, indicator in (("present", "info"), ("absent", "warning")):
        found = {"resource": fhir.observation("right.hip.pain", word, base)}
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [found]}
        first, *_ = cards(request(fhir.response(case, base), bundle), base)
        assert first["indicator"] == indicator
    assert "right.hip.pain: it is answered twice" in first["detail"]


def test_the_newest_response_is_the_examination(base):
    calm, flag = (
        load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
        for name in ("base_case", "flag_cauda")
    )
    old = {**fhir.response(flag, base), "authored": "2024-01-01"}
    new = {**fhir.response(calm, base), "authored": "2025-03-04T10:00:00Z"}
    entries = [{"resource": each} for each in (old, new)]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    first, *_ = cards(request(bundle), base)
    assert first["indicator"] == "info"


def test_what_cannot_be_read_is_a_warning_and_clears_nobody(base):
    data = of_file("base_case", base)
    data["prefetch"]["response"]["entry"][0]["resource"]["status"] = "in-progress"
    (card,) = cards(data, base)
    assert card["indicator"] == "warning"
    assert "in-progress" in card["detail"]
    assert "does not exclude serious disease" in card["detail"]


def test_one_page_of_several_is_not_screened(base):
    link = [{"relation": "next", "url": "https://x.example?page=2"}]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": link}
    (card,) = cards(request(None, bundle), base)
    assert "one page of several" in card["detail"]


def _drop(name):
    return lambda data: data["prefetch"].pop(name)


REFUSED = {
    "no prefetch": (lambda data: data.pop("prefetch"), 412),
    **{f"no {name}": (_drop(name), 412) for name in PREFETCH},
    "another hook": (lambda data: data.update(hook="order-select"), 400),
    "no call": (lambda data: data.pop("hookInstance"), 400),
    "a call without a UUID": (lambda data: data.update(hookInstance="1"), 400),
    "no patient": (lambda data: data.update(context={}), 400),
    "the patient of another": (
        lambda data: data["prefetch"]["patient"].update(id="p2"),
        422,
    ),
    "the answers of another": (
        lambda data: data["context"].update(patientId="p2"),
        422,
    ),
    "answers of nobody": (
        lambda data: data["prefetch"]["response"]["entry"][0]["resource"].pop("subject"),
        422,
    ),
    "answers of one whose id ends alike": (
        lambda data: data["prefetch"]["response"]["entry"][0]["resource"].update(
            subject={"reference": "Patient/xp1"}
        ),
        422,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_is_not_in_order_is_refused(name, base):
    change, status = REFUSED[name]
    data = of_file("base_case", base)
    change(data)
    with pytest.raises(RequestError) as caught:
        read_request(data)
    assert caught.value.status == status


@pytest.mark.parametrize("data", [None, [], "x", 7, {}])
def test_what_is_no_request_is_refused(data):
    with pytest.raises(RequestError):
        read_request(data)


@pytest.mark.parametrize("seeds", [100, pytest.param(3_000, marks=pytest.mark.slow)])
def test_a_damaged_request_is_answered_or_refused(seeds, base):
    case = load_case(str(CASES / "flag_cauda.yaml"), base.vocabulary)
    found = json.loads(fhir.text(fhir.observations(case, base)))
    data = request(fhir.response(case, base), {**found, "type": "searchset"})
    for seed in range(seeds):
        with suppress(RequestError, CaseError):
            examination(read_request(damaged(data, seed)[0]), base)


# -- feedback -------------------------------------------------------------------------------------

ACCEPTED = {
    "card": INSTANCE,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": INSTANCE}],
    "outcomeTimestamp": "2025-03-04T10:00:00Z",
}
OVERRIDDEN = {
    "card": INSTANCE,
    "outcome": "overridden",
    "overrideReason": {
        "reason": {"code": "override.known", "system": fhir.CODES},
        "userComment": "Mrs Smith knows",
    },
    "outcomeTimestamp": "2025-03-04T10:00:00Z",
}


def test_feedback_keeps_no_words():
    found = heard({"feedback": [ACCEPTED, OVERRIDDEN]})
    assert [each["outcome"] for each in found] == ["accepted", "overridden"]
    assert found[1]["reason"] == "override.known"
    assert "Smith" not in json.dumps(found)


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (ACCEPTED, {"outcome": "ignored"}),
        (ACCEPTED, {"acceptedSuggestions": []}),
        (ACCEPTED, {"acceptedSuggestions": [{"id": "x"}]}),
        (ACCEPTED, {"acceptedSuggestions": "x"}),
        (ACCEPTED, {"overrideReason": OVERRIDDEN["overrideReason"]}),
        (ACCEPTED, {"card": "x"}),
        (ACCEPTED, {"outcomeTimestamp": "yesterday"}),
        (OVERRIDDEN, {"acceptedSuggestions": [{"id": INSTANCE}]}),
        (OVERRIDDEN, {"overrideReason": {}}),
    ],
)
def test_feedback_that_is_not_in_order_is_refused(given, change):
    with pytest.raises(RequestError):
        heard({"feedback": [{**deepcopy(given), **change}]})


def test_damaged_feedback_is_kept_or_refused():
    for seed in range(500):
        with suppress(RequestError):
            heard(damaged({"feedback": [ACCEPTED, OVERRIDDEN]}, seed)[0])


@pytest.mark.parametrize("data", [None, {}, {"feedback": []}, {"feedback": ["x"]}])
def test_what_is_no_feedback_is_refused(data):
    with pytest.raises(RequestError):
        heard(data)


# -- the server -----------------------------------------------------------------------------------

SANDBOX = "https://sandbox.example"


class Server:
    """The app of the workbench, asked in this process."""

    def __init__(self, base, feedback=None) -> None:
        bench = Bench(base)
        hooks = Hooks(bench, FORM, frozenset({SANDBOX}), feedback)
        self.app = workbench(bench, Keys(), 8765, more=hooks.routes(), annexes=[hooks.annex()])

    def ask(self, method, path, body=b"", **headers):
        """Give status, headers and body."""
        sent = {"host": "127.0.0.1:8765", **{k.replace("_", "-"): v for k, v in headers.items()}}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "scheme": "http",
            "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        }
        told = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            told.append(message)

        # In a thread of its own: the browser of other tests has a loop that runs in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, self.app(scope, receive, send)).result()
        start, *rest = told
        found = {k.decode(): v.decode() for k, v in start["headers"]}
        return start["status"], found, b"".join(each.get("body", b"") for each in rest)


@pytest.fixture
def server(base):
    return Server(base)


CALL = f"/cds-services/{SERVICE}"


def test_the_service_is_found_and_called_without_a_token(server, base):
    status, headers, body = server.ask("GET", "/cds-services")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == services(base)
    data = of_file("flag_cauda", base)
    status, _, body = server.ask("POST", CALL, json.dumps(data).encode())
    assert status == 200
    assert json.loads(body)["cards"][0]["indicator"] == "critical"


def test_all_else_still_asks_for_a_token(server):
    for path in ("/", "/change", "/static/page.css"):
        assert server.ask("GET", path)[0] == 403


def test_only_named_pages_may_ask(server):
    status, headers, _ = server.ask("GET", "/cds-services", origin=SANDBOX)
    assert status == 200
    assert headers["access-control-allow-origin"] == SANDBOX
    assert server.ask("GET", "/cds-services", origin="https://evil.example")[0] == 403
    status, headers, _ = server.ask("OPTIONS", CALL, origin=SANDBOX)
    assert status == 204
    assert "POST" in headers["access-control-allow-methods"]
    assert "content-type" in headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in server.ask("GET", "/cds-services")[1]


def test_a_bad_call_is_answered_with_a_sentence_and_no_finding(server, base):
    for body, wanted in ((b"{", 400), (b"", 400), (b"\xff", 400), (b"x" * 1_000_001, 413)):
        status, _, said = server.ask("POST", CALL, body)
        assert status == wanted
        assert b"Traceback" not in said
    data = of_file("base_case", base)
    del data["prefetch"]["response"]
    status, _, said = server.ask("POST", CALL, json.dumps(data).encode())
    assert status == 412
    assert "response" in json.loads(said)["error"]


def test_feedback_is_answered_and_kept_only_where_a_file_is_named(base, tmp_path):
    body = json.dumps({"feedback": [ACCEPTED, OVERRIDDEN]}).encode()
    assert Server(base).ask("POST", f"{CALL}/feedback", body)[0] == 200
    kept = tmp_path / "feedback.jsonl"
    server = Server(base, kept)
    assert server.ask("POST", f"{CALL}/feedback", body)[0] == 200
    assert server.ask("POST", f"{CALL}/feedback", body)[0] == 200
    assert len(kept.read_text().splitlines()) == 4
    assert "Smith" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert server.ask("POST", f"{CALL}/feedback", b"{}")[0] == 400


def test_feedback_follows_no_link_and_fills_no_pipe(base, tmp_path):
    body = json.dumps({"feedback": [ACCEPTED]}).encode()
    (tmp_path / "other").write_text("mine")
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "pipe", "no/folder"):
        status, _, said = Server(base, tmp_path / name).ask("POST", f"{CALL}/feedback", body)
        assert (status, json.loads(said)["error"]) == (500, "The feedback could not be kept.")
    assert (tmp_path / "other").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_options_of_cds_hooks_alone_are_refused(command):
    done = command("serve", "--origin", SANDBOX)
    assert done.returncode == 2
    assert "--cds-hooks" in done.stderr
