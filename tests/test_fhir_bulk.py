"""Observations one by one, those of many people mixed: as FHIR Bulk Data exports them."""

from __future__ import annotations

import json

import pytest

from screening.batch.inputs import tables
from screening.batch.inputs.sources import find
from screening.batch.look_up import case_of
from screening.exchange.any_case import reader_of
from screening.exchange.fhir.bulk import examination_of, together
from screening.intake.case import load_case
from tests import fhir_parts as fhir
from tests.conftest import CASES

NAMES = ("base_case", "both_hips", "gait_normal")
DAY = "2025-03-04"


def lines_of(name, patient, base):
    """Give a case as Observations of one patient and day; the days of the form say the same."""
    case = load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
    made = json.loads(fhir.text(fhir.observations(case, base)))
    return [
        {
            **entry["resource"],
            "subject": {"reference": f"Patient/{patient}"},
            "effectiveDateTime": f"{DAY}T10:00:00Z",
        }
        for entry in made["entry"]
    ]


@pytest.fixture
def export(base, tmp_path):
    """Three people, their findings mixed line by line; one stray finding is of no day."""
    people = [lines_of(name, f"p{n}", base) for n, name in enumerate(NAMES, 1)]
    mixed = [
        each[place]
        for place in range(max(map(len, people)))
        for each in people
        if place < len(each)
    ]
    stray = {k: v for k, v in people[0][-1].items() if k != "effectiveDateTime"}
    path = tmp_path / "Observation.ndjson"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (*mixed, stray)))
    return path


def read_rows(path, base):
    (source,) = find([path]).sources
    (part,) = tables.parts(source, base.vocabulary, 1_000, 0, (), reader_of(base))
    return part


def test_the_findings_of_a_patient_and_day_are_one_case(export, base):
    part = read_rows(export, base)
    assert part.rows == [1, 2, 3]
    for row, name in zip(part.frame.to_dicts(), NAMES, strict=True):
        case = load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
        given = {path for path, cell in row.items() if cell is not None}
        assert given - {"case_id"} == set(case.answers) - {"case_id"}
    assert [part.line(row, "") for row in part.rows] == [1, 2, 3]
    (stray,) = part.unread
    assert "one Observation is no examination" in stray.reason
    assert stray.kept["resource"]["resourceType"] == "Observation"


def test_two_days_of_a_patient_are_two_cases_and_nobody_goes_with_nobody():
    one = {
        "resourceType": "Observation",
        "subject": {"reference": "Patient/p1"},
        "effectiveInstant": f"{DAY}T10:00:00Z",
    }
    other = {**one, "effectiveInstant": None, "effectivePeriod": {"start": "2025-04-15"}}
    assert examination_of(one) != examination_of(other) != ""
    assert together([one])["id"] == f"p1-{DAY}"
    for lacking in ("subject", "effectiveInstant"):
        assert examination_of({k: v for k, v in one.items() if k != lacking}) == ""
    assert examination_of({**one, "resourceType": "Condition"}) == ""


def test_lines_of_whole_cases_are_not_looked_through(tmp_path, base, monkeypatch):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"age_years": 38}\n{"age_years": 39}\n')
    seen = []
    monkeypatch.setattr(
        "screening.exchange.fhir.bulk.examination_of", lambda data: seen.append(data) or ""
    )
    assert read_rows(path, base).rows == [1, 2]
    assert seen == []


def test_an_export_is_screened_looked_up_and_a_refused_resource_mended(
    export, base, typed, tmp_path
):
    out = tmp_path / "screened"
    done = typed("batch", export, "--out", out, "--verify", 0)
    assert done.returncode == 1, done.stderr
    assert json.loads((out / "manifest.json").read_text())["counts"]["screened"] == 3
    (line,) = (out / "refused.jsonl").read_text().splitlines()
    refused = json.loads(line)
    refused["resource"] = together([{**refused["resource"], "effectiveDateTime": "2025-04-15"}])
    (tmp_path / "mended.jsonl").write_text(json.dumps(refused, ensure_ascii=True) + "\n")
    merged = typed("batch", tmp_path / "mended.jsonl", "--merge", out, "--verify", 0)
    assert merged.returncode == 0, merged.stderr
    assert json.loads((out / "manifest.json").read_text())["counts"]["screened"] == 4
    for case_id, many in (("V1", 20), ("p1-2025-04-15", 1)):
        assert len(case_of(out, case_id, base, None, reader_of(base)).answers) >= many
