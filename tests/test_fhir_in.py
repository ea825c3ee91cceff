"""Cases from health records: what comes in as FHIR R4 screens as the case file that says it."""

from __future__ import annotations

import copy
import json

import pytest

from screening.errors import CaseError, UsageError
from screening.exchange.fhir.code_system import code_system
from screening.exchange.fhir.foreign import ForeignCodes, load_foreign
from screening.exchange.fhir.form_resource import form_resource, link_ids
from screening.exchange.fhir.systems import CASES as CASES_OF
from screening.intake.case import load_case
from screening.intake.questionnaire import Questionnaire
from tests import fhir_parts as fhir
from tests.conftest import CASES
from tests.fhir_damage import damaged

FILES = sorted(CASES.rglob("*.yaml"))
HIP = "right.hip.pain"
SADDLE = "cauda.saddle_numbness"


@pytest.fixture(scope="module")
def cases_of_files(base):
    return [load_case(str(path), base.vocabulary) for path in FILES]


@pytest.fixture(scope="module")
def base_case(base):
    return load_case(str(CASES / "base_case.yaml"), base.vocabulary)


def refusals(resource, base, codes=None):
    """Read what must be refused; give what is said."""
    with pytest.raises(CaseError) as caught:
        fhir.read(resource, base, codes)
    said = str(caught.value)
    assert "Traceback" not in said
    assert all(str(problem).startswith("record.json") for problem in caught.value.problems)
    return said


# -- the form -------------------------------------------------------------------------------------


def items_of(resource):
    for item in resource.get("item", []):
        yield item
        yield from items_of(item)


def test_the_form_asks_every_question_once_and_hides_none(base):
    form = form_resource(base)
    fhir.checked(json.loads(fhir.text(form)))
    ids = list(link_ids(form))
    assert len(ids) == len(set(ids))
    assert {q.path for q in Questionnaire(base.vocabulary).questions} <= set(ids)
    items = {item["linkId"]: item for item in items_of(form)}
    assert len(items) == len(ids)
    assert not any("enableWhen" in item for item in items.values())
    assert {item["type"] for item in items.values()} <= {
        *("group", "display", "choice", "decimal", "string", "date")
    }
    for question in Questionnaire(base.vocabulary).questions:
        item = items[question.path]
        codes = [option["valueCoding"]["code"] for option in item.get("answerOption", [])]
        assert len(codes) == len(set(codes))
        assert (item["type"] == "choice") == bool(question.words)
        assert not any(option.get("initialSelected") for option in item.get("answerOption", []))
    assert [path for path, item in items.items() if "initial" in item] == ["asked_with"]


def test_the_codes_are_whole_and_each_is_there_once(base):
    system = code_system(base)
    fhir.checked(json.loads(fhir.text(system)))
    codes = [each["code"] for each in system["concept"]]
    codes += [below["code"] for each in system["concept"] for below in each.get("concept", [])]
    assert len(codes) == len(set(codes))
    form = form_resource(base)
    asked = {o["valueCoding"]["code"] for i in items_of(form) for o in i.get("answerOption", [])}
    asked |= {each["code"] for item in items_of(form) for each in item.get("code", [])}
    assert asked <= set(codes)


@pytest.mark.parametrize("kind", [["Bundle"], {"a": 1}, 1, None, True])
def test_a_kind_that_is_no_text_is_said_in_our_words(kind, base):
    said = refusals({"resourceType": kind, "id": "a"}, base)
    assert "a resourceType that is no text is not read here." in said


@pytest.mark.parametrize("name", [" ", "\u200b"])
def test_a_name_in_which_nothing_can_be_seen_is_refused_of_observations_too(name, base):
    made = fhir.observations(_few(base), base)
    for entry in made["entry"]:
        entry["resource"]["subject"] = {"identifier": {"system": CASES_OF, "value": name}}
    assert "case_id: nothing can be seen in it" in refusals(made, base)


# -- the same findings ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [fhir.response, fhir.observations])
def test_every_case_comes_back_with_the_same_findings(make, base, cases_of_files, some):
    for number, case in enumerate(some(cases_of_files, 5)):
        made = make(case, base)
        if number % 20 == 0:
            fhir.checked(json.loads(fhir.text(made)))
        back = fhir.read(made, base)
        assert back.answers == case.answers
        assert back.case_id == case.case_id
    assert len(cases_of_files) > 120


@pytest.mark.parametrize("make", [fhir.response, fhir.observations])
def test_random_cases_come_back_with_the_same_findings(make, base, cases, some):
    for seed in some(range(50), 4):
        case = cases.case(seed)
        back = fhir.read(make(case, base), base)
        # The resource names the case and, by its version, the questions that were asked.
        added = {"case_id", "asked_with"} - set(case.answers)
        assert {p: a for p, a in back.answers.items() if p not in added} == case.answers


def test_a_case_without_a_name_is_called_by_the_id_of_the_resource(base, base_case):
    made = fhir.response(base_case, base)
    made["item"] = [item for item in made["item"] if item["linkId"] != "case_id"]
    back = fhir.read(made, base)
    assert back.case_id == "r1"
    assert back.subject == "Patient/p1"


def test_the_version_of_the_form_says_which_questions_were_asked(base, base_case):
    made = fhir.response(base_case, base)
    made["item"] = [item for item in made["item"] if item["linkId"] != "asked_with"]
    assert fhir.read(made, base).answers["asked_with"] == base.asked_with
    made["questionnaire"] = made["questionnaire"].partition("|")[0]
    assert "asked_with" not in fhir.read(made, base).answers


def test_the_day_of_an_observation_is_the_day_of_the_examination(base):
    made = fhir.observations(_few(base), base)
    for entry in made["entry"]:
        entry["resource"]["effectiveDateTime"] = "2025-03-04T10:00:00+01:00"
    assert str(fhir.read(made, base).answers["examined_on"]) == "2025-03-04"


def _few(base):
    data = {"case_id": "F1", "age_years": 40, HIP: "present", SADDLE: "present"}
    return fhir.read_data(data | {"right.hip.pain_regions": ["side", "knee"]}, base)


# -- no answer is not recorded --------------------------------------------------------------------


def test_no_answer_is_not_recorded(base):
    made = fhir.response(_few(base), base)
    made["item"] += [{"linkId": "red_flags.saddle"}, {"linkId": "left.hip.pain", "answer": []}]
    back = fhir.read(made, base)
    assert "red_flags.saddle" not in back.answers
    assert "left.hip.pain" not in back.answers
    assert back.remarks == ()


REASON = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "asked-unknown",
}


def test_a_reason_for_absence_is_not_recorded_and_is_said(base):
    made = fhir.response(_few(base), base)
    made["item"] += [
        {"linkId": "red_flags.saddle", "answer": [{"extension": [REASON]}]},
        {"linkId": "red_flags.chest", "extension": [REASON]},
        {"linkId": "left.hip.pain", "answer": [{"_valueCoding": {"extension": [REASON]}}]},
    ]
    back = fhir.read(made, base)
    paths = ("red_flags.saddle", "red_flags.chest", "left.hip.pain")
    assert not set(paths) & set(back.answers)
    assert len(back.remarks) == 3
    assert all(path in said for path, said in zip(paths, back.remarks, strict=True))
    bundle = fhir.observations(_few(base), base)
    absent = fhir.observation("red_flags.saddle", "absent", base)
    del absent["valueCodeableConcept"]
    absent["dataAbsentReason"] = {"text": "not asked"}
    bundle["entry"].append({"resource": absent})
    back = fhir.read(bundle, base)
    assert "red_flags.saddle" not in back.answers
    assert "red_flags.saddle" in back.remarks[0]


# -- refused --------------------------------------------------------------------------------------


def _change(item, **changes):
    def change(made):
        found = next(each for each in made["item"] if each["linkId"] == item)
        found.update(changes)

    return change


def _answer(path, **value):
    return _change(path, answer=[value])


RESPONSES = {
    "an unknown linkId": (_change(HIP, linkId="right.hip.pian"), 'mean "right.hip.pain"'),
    "another questionnaire": (
        lambda made: made.update(questionnaire="https://other.example/q|2.0.0"),
        "it answers",
    ),
    "no questionnaire": (lambda made: made.pop("questionnaire"), "no questionnaire"),
    "another major version": (
        lambda made: made.update(questionnaire=made["questionnaire"].split("|")[0] + "|1.0.0"),
        "version 1.0.0",
    ),
    "a draft": (lambda made: made.update(status="in-progress"), "in-progress"),
    "no status": (lambda made: made.pop("status"), "not said"),
    "entered in error": (lambda made: made.update(status="entered-in-error"), "entered-in-error"),
    "two answers": (
        _change(HIP, answer=2 * [{"valueCoding": fhir.coding(HIP, "present")}]),
        "several answers",
    ),
    "two items": (
        lambda made: made["item"].append(
            {"linkId": HIP, "answer": [{"valueCoding": fhir.coding(HIP, "absent")}]}
        ),
        "answered twice",
    ),
    "a boolean": (_answer(HIP, valueBoolean=False), "valueBoolean is no answer"),
    "a foreign code": (
        _answer(HIP, valueCoding={"system": "http://snomed.info/sct", "code": "373066001"}),
        "none of its codes",
    ),
    "a code of another question": (
        _answer(HIP, valueCoding=fhir.coding(SADDLE, "absent")),
        "another question",
    ),
    "a word that it does not have": (
        _answer(HIP, valueCoding=fhir.coding(HIP, "unsure")),
        "present, absent is expected",
    ),
    "a number as text": (_answer("age_years", valueDecimal="40"), "no number"),
    "a number out of range": (_answer("age_years", valueDecimal=1985), "outside 0 to 120"),
    "a truth as a number": (_answer("age_years", valueDecimal=True), "no number"),
    "another unit": (
        _answer("age_years", valueQuantity={"value": 40, "unit": "months"}),
        "never converted",
    ),
    "no unit": (_answer("age_years", valueQuantity={"value": 40}), "not said"),
    "a comparator": (
        _answer("age_years", valueQuantity={"value": 40, "code": "a", "comparator": "<"}),
        "no reading",
    ),
    "two values": (
        _answer("age_years", valueDecimal=40, valueInteger=41),
        "valueDecimal and valueInteger",
    ),
    "a modifier": (
        _change(HIP, modifierExtension=[{"url": "https://x.example/not", "valueBoolean": True}]),
        "may change what everything beside it means",
    ),
    "implicit rules": (lambda made: made.update(implicitRules="https://x.example"), "may change"),
    "an element that FHIR does not know": (
        _change(HIP, answr=[{"valueCoding": fhir.coding(HIP, "present")}]),
        '"answr" is no element',
    ),
    "an answer to a heading": (
        lambda made: made["item"].append(
            {"linkId": "group/case", "answer": [{"valueString": "x"}]}
        ),
        "a heading",
    ),
    "none of these beside a word": (
        _change(
            "right.hip.pain_regions",
            answer=[
                {"valueCoding": fhir.coding("right.hip.pain_regions", word)}
                for word in ("side", "none_of_these")
            ],
        ),
        "beside other words",
    ),
    "an answer and a reason for its absence": (
        _change(
            HIP,
            answer=[{"valueCoding": fhir.coding(HIP, "present"), "extension": [REASON]}],
        ),
        "stand together",
    ),
    "a list where an object is meant": (lambda made: made.update(item={}), "no list"),
    "a text where an object is meant": (lambda made: made.update(item=["x"]), "no object"),
    "a practitioner": (
        lambda made: made.update(subject={"reference": "Practitioner/1"}),
        "not of a patient",
    ),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_that_is_doubtful_is_refused(name, base):
    change, says = RESPONSES[name]
    made = fhir.response(_few(base), base)
    change(made)
    assert says in refusals(made, base)


def _second(**changes):
    def change(made):
        made["entry"][-1]["resource"].update(copy.deepcopy(changes))

    return change


def _without(*names):
    def change(made):
        for name in names:
            made["entry"][-1]["resource"].pop(name)

    return change


QUANTITY = {"value": 10, "system": "http://unitsofmeasure.org", "code": "cm"}
BUNDLES = {
    "an unknown code": (
        _second(code={"coding": [{"system": fhir.CODES, "code": "ankle.lunge_bent_mm"}]}),
        "no code of it is a finding",
    ),
    "a foreign code": (
        _second(code={"coding": [{"system": "http://loinc.org", "code": "1-1"}]}),
        "no code of it is a finding",
    ),
    "two findings in one": (
        _second(
            code={
                "coding": [
                    {"system": fhir.CODES, "code": code}
                    for code in ("ankle.lunge_bent_cm", "ankle.lunge_bent_deg")
                ]
            }
        ),
        "different findings",
    ),
    "preliminary": (_second(status="preliminary"), "preliminary"),
    "cancelled": (_second(status="cancelled"), "cancelled"),
    "another unit": (_second(valueQuantity={**QUANTITY, "code": "mm"}), "never converted"),
    "another unit in words": (_second(valueQuantity={"value": 10, "unit": "in"}), "never"),
    "no unit": (_second(valueQuantity={"value": 10}), "not said"),
    "a unit of another system": (
        _second(valueQuantity={**QUANTITY, "system": "https://units.example"}),
        "another system",
    ),
    "a whole number without a unit": (
        lambda made: (_without("valueQuantity")(made), _second(valueInteger=10)(made)),
        "its unit is not said",
    ),
    "no value": (_without("valueQuantity"), "no value"),
    "a value and a reason for its absence": (
        _second(dataAbsentReason={"text": "x"}),
        "stand together",
    ),
    "no leg": (_without("bodySite"), "the leg is not said"),
    "both legs": (
        _second(bodySite={"text": "both"}),
        "the leg is not said",
    ),
    "somebody else": (_second(focus=[{"reference": "Patient/child"}]), "not of the patient"),
    "another patient": (_second(subject={"reference": "Patient/p2"}), "more than one patient"),
    "no patient beside one": (_without("subject"), "more than one patient"),
    "a device": (_second(subject={"reference": "Device/d1"}), "not of a patient"),
    "a group": (_second(subject={"display": "all", "type": "Group"}), "not of a patient"),
    "two days": (
        lambda made: [
            each["resource"].update(effectiveDateTime=f"2025-03-0{1 + (n > 2)}")
            for n, each in enumerate(made["entry"])
        ],
        "more than one day",
    ),
    "a span of days": (
        _second(effectivePeriod={"start": "2025-03-01", "end": "2025-03-09"}),
        "more than one day",
    ),
    "a month": (_second(effectiveDateTime="2025-03"), "is no day"),
    "components of what is no list": (
        _second(component=[{"code": {"text": "x"}, "valueString": "y"}]),
        "it has components",
    ),
    "a modifier": (_second(modifierExtension=[{"url": "https://x.example"}]), "may change"),
    "a second patient": (
        lambda made: made["entry"].extend(
            {"resource": {"resourceType": "Patient", "id": id}} for id in ("p1", "p2")
        ),
        "two patients",
    ),
    "the same twice": (
        lambda made: made["entry"].append(copy.deepcopy(made["entry"][-1])),
        "answered twice",
    ),
    "a bundle in a bundle": (
        lambda made: made["entry"].append(
            {"resource": {"resourceType": "Bundle", "type": "collection"}}
        ),
        "a Bundle stands in a Bundle",
    ),
    "a page of several": (
        lambda made: made.update(
            type="searchset", link=[{"relation": "next", "url": "https://x.example?page=2"}]
        ),
        "one page of several",
    ),
    "a history": (lambda made: made.update(type="history"), "history"),
    "a deletion": (
        lambda made: made["entry"][-1].update(request={"method": "DELETE", "url": "Observation/1"}),
        "does not add",
    ),
    "something that does not say what it is": (_without("resourceType"), "does not say what it is"),
    "nothing": (lambda made: made.update(entry=[]), "nothing in it holds an answer"),
}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_that_is_doubtful_is_refused(name, base):
    change, says = BUNDLES[name]
    data = {"age_years": 40, HIP: "present", "right.ankle.lunge_bent_cm": 10}
    made = fhir.observations(fhir.read_data({"case_id": "F2", **data}, base), base)
    last = made["entry"].pop(next(i for i, e in enumerate(made["entry"]) if _is_reading(e)))
    made["entry"].append(last)
    change(made)
    assert says in refusals(made, base)


def _is_reading(entry):
    return "ankle.lunge_bent_cm" in json.dumps(entry["resource"]["code"])


def test_other_resources_stay_aside_and_that_is_said(base):
    made = fhir.observations(_few(base), base)
    made["entry"].append({"resource": {"resourceType": "Condition"}})
    back = fhir.read(made, base)
    assert back.answers == _few(base).answers
    assert "not read: 1 Condition" in back.remarks[0]


def test_a_resource_of_another_kind_is_refused(base):
    assert '"Condition" is not read here' in refusals({"resourceType": "Condition"}, base)


def test_a_recorded_sign_behind_an_absent_gate_is_kept(base):
    """Forms that hide questions lose it; here it comes back, and the contradiction is said."""
    made = fhir.response(_few(base), base)
    gate = {"valueCoding": fhir.coding("red_flags.saddle", "absent")}
    made["item"].insert(0, {"linkId": "red_flags.saddle", "answer": [gate]})
    back = fhir.read(made, base)
    assert back.answers[SADDLE] == "present"
    assert back.answers["red_flags.saddle"] == "absent"


def test_answers_within_answers_are_read(base):
    made = fhir.response(_few(base), base)
    items = {item["linkId"]: item for item in made["item"]}
    sign = items.pop(SADDLE)
    items[HIP]["answer"][0]["item"] = [{"linkId": "group/red_flags.saddle", "item": [sign]}]
    made["item"] = list(items.values())
    back = fhir.read(made, base).answers
    assert back == {**_few(base).answers, "asked_with": base.asked_with}


@pytest.mark.parametrize("make", [fhir.response, fhir.observations])
@pytest.mark.parametrize("seeds", [150, pytest.param(3_000, marks=pytest.mark.slow)])
def test_whatever_is_damaged_is_refused_or_read_without_losing_a_sign(make, seeds, base):
    case = load_case(str(CASES / "flag_wells_three.yaml"), base.vocabulary)
    made = json.loads(fhir.text(make(case, base)))
    refused = 0
    for seed in range(seeds):
        damage, taken_away = damaged(made, seed)
        try:
            back = fhir.read_data(damage, base)
        except CaseError:
            refused += 1
        else:
            assert taken_away or set(back.answers) | {"case_id"} >= set(case.answers)
    assert refused > seeds / 2


# -- codes of others ------------------------------------------------------------------------------

MAP = """
findings:
  "http://loinc.example|reach": ankle.lunge_bent_cm
  "http://loinc.example|pain-right": right.hip.pain
words:
  "http://sct.example|yes": present
  "http://sct.example|side-right": right
ignore: ["http://loinc.example|pulse"]
"""


@pytest.fixture
def map_file(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(MAP)
    return path


def _foreign(code, value, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.example", "code": code}]},
        **value,
        **more,
    }


def test_foreign_codes_are_read_as_the_map_declares_them(base, map_file):
    yes = {"coding": [{"system": "http://sct.example", "code": "yes"}]}
    right = {"coding": [{"system": "http://sct.example", "code": "side-right"}]}
    found = [
        _foreign("reach", {"valueQuantity": QUANTITY}, bodySite=right),
        _foreign("pain-right", {"valueCodeableConcept": yes}),
        _foreign("pulse", {"valueInteger": 70}),
    ]
    made = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in found],
    }
    codes = load_foreign(map_file, base.vocabulary)
    back = fhir.read(made, base, codes)
    assert back.answers == {
        "case_id": "case",
        HIP: "present",
        "right.ankle.lunge_bent_cm": 1000,
    }
    assert "no code of it is a finding" in refusals(made, base, ForeignCodes())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ankle.lunge_bent_cm", "ankle.lunge_bent_mm", "no finding that can be recorded"),
        (": present", ": yes", "no answer to any question"),
        ("findings:", "finding:", 'Did you mean "findings"'),
        ("http://loinc.example|reach", "reach", "does not say"),
        ("ignore: [", "ignore: {a: [", "This is not YAML"),
    ],
)
def test_a_map_is_read_strictly(base, map_file, old, new, says):
    from screening.errors import ScreeningError

    map_file.write_text(MAP.replace(old, new))
    with pytest.raises(ScreeningError, match=says.replace("(", r"\(")):
        load_foreign(map_file, base.vocabulary)


def test_a_map_that_is_not_there_is_said(base, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_foreign(tmp_path / "none.yaml", base.vocabulary)


# -- every command --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    from typer.testing import CliRunner

    from screening.cli.app import app

    return lambda *words, **more: CliRunner().invoke(app, [*map(str, words)], **more)


@pytest.fixture
def record(tmp_path, base, base_case):
    path = tmp_path / "record.json"
    path.write_text(fhir.text(fhir.response(base_case, base)))
    return path


@pytest.mark.parametrize(
    "words",
    [
        ("screen", "CASE", "--format", "json"),
        ("why", "CASE"),
        ("next", "CASE"),
        ("follow-up", "CASE", "CASE"),
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (
                ("why-not", "CASE", "verdict.unlikely", "--side", "right"),
                ("what-if", "CASE", "--set", "right.ankle.lunge_bent_cm=9.5"),
                ("stable", "CASE"),
            )
        ),
    ],
    ids=lambda words: words[0],
)
def test_every_command_takes_a_response_as_it_takes_a_case(run, record, words):
    case = CASES / "base_case.yaml"
    ours, theirs = (
        run(*(str(path) if word == "CASE" else word for word in words)) for path in (case, record)
    )
    assert theirs.exit_code == ours.exit_code, theirs.output
    assert theirs.stdout == ours.stdout
    assert theirs.stdout


def test_a_refused_response_ends_with_its_place_and_nothing_else(command, record):
    made = json.loads(record.read_text())
    made["status"] = "in-progress"
    record.write_text(fhir.text(made))
    done = command("screen", str(record))
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{record}" in done.stderr
    assert "in-progress" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_left_aside_is_said_on_stderr(run, record):
    made = json.loads(record.read_text())
    made["item"].append({"linkId": "left.foot.fpi6", "extension": [REASON]})
    record.write_text(fhir.text(made))
    done = run("screen", record)
    assert done.exit_code == 0
    assert "left.foot.fpi6: a reason stands in place of an answer" in done.stderr


@pytest.mark.parametrize("format", ["fhir-questionnaire", "fhir-codes"])
def test_the_form_is_printed_the_same_twice(run, format):
    first, second = (run("rules", "vocabulary", "--format", format) for _ in range(2))
    assert first.exit_code == 0
    assert first.stdout == second.stdout
    fhir.checked(json.loads(first.stdout))


def test_the_library_reads_a_resource(base, base_case):
    from screening import read_case

    assert read_case(fhir.response(base_case, base), base).answers == base_case.answers
