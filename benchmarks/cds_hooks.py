"""One call of CDS Hooks, from the bytes of the request to those of the cards, in a warm server.

Run it with ``make bench-cds``. It counts the processor's time, so that what else a machine does
counts little; beside it stands the screening of the same case in the same run.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from time import process_time as clock

from screening.exchange.cds.asked import read_request
from screening.exchange.cds.cards import answer
from screening.exchange.fhir.bundle import bundle
from screening.inference.infer import Inferred, infer
from screening.intake.case import load_case
from screening.record.screening import screening
from screening.report.as_json import plain_json
from screening.rulebase.base import RuleBase, load

ROOT = Path(__file__).parents[1]
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
FORM = "http://127.0.0.1:8765/"


def request(inferred: Inferred) -> bytes:
    """Give a request whose prefetch holds the findings of a case as Observations of one patient."""
    made = bundle(inferred, screening(inferred))
    found = [
        {"resource": {**entry["resource"], "subject": {"reference": "Patient/p1"}}}
        for entry in made["entry"]
        if entry["resource"]["resourceType"] == "Observation"
    ]
    data = {
        "hook": "patient-view",
        "hookInstance": INSTANCE,
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "p1"},
            "response": None,
            "observations": {"resourceType": "Bundle", "type": "searchset", "entry": found},
        },
    }
    return json.dumps(data, default=plain_json).encode()


def call(raw: bytes, base: RuleBase) -> bytes:
    """Answer one request."""
    cards = answer(read_request(json.loads(raw)), base, FORM)
    return json.dumps(cards, default=plain_json).encode()


def main(rounds: int = 3) -> None:
    """Call for every case with its screening; print the median and the 95th percentile.

    Of each case the quickest of some calls counts: what else the machine did meanwhile does not.
    """
    base = load(ROOT / "rules")
    cases = [load_case(str(path), base.vocabulary) for path in sorted(ROOT.glob("cases/**/*.yaml"))]
    requests = [request(infer(case, base)) for case in cases]
    took: list[float] = []
    ratios: list[float] = []
    for case, raw in zip(cases, requests, strict=True):
        calls, screenings = [], []
        for _ in range(rounds):
            begun = clock()
            screening(infer(case, base))
            screened = clock()
            call(raw, base)
            calls.append(clock() - screened)
            screenings.append(screened - begun)
        took.append(min(calls))
        ratios.append(min(calls) / min(screenings))
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{len(took)} cases: median {statistics.median(took) * 1000:.0f} ms, p95 {p95 * 1000:.0f}"
    )
    print(f"{statistics.median(ratios):.2f} times one screening (asked: p95 under 100 ms)")


if __name__ == "__main__":
    main()
