"""What to record next: one answer everywhere, and the one a careful clinician would give."""

from __future__ import annotations

import statistics
import time

import pytest
import yaml

from screening.inference.infer import infer
from screening.intake.case import load_case
from screening.intake.vocabulary import without_side
from screening.questions.next import next_findings
from screening.record.screening import screening
from screening.record.support import testable as may_be_asked
from screening.record.to_record import MOST
from tests.conftest import CASES, ROOT

FIRST = yaml.safe_load((ROOT / "tests/data/first_questions.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("told", FIRST, ids=lambda told: f"{told['case']}: {told['because']}")
def test_the_first_question_is_the_clinicians(told, base):
    given = load_case(str(CASES / f"{told['case']}.yaml"), base.vocabulary)
    left_out = dict.fromkeys(told.get("unset", ()))
    inferred = infer(given.with_answers(left_out, base.vocabulary), base)
    rows = next_findings(inferred)["next"]
    assert (rows[0]["path"] if rows else None) == told["first"]


def test_report_and_next_always_agree_and_name_nothing_in_vain(
    base, inferred_from, record_from, some
):
    asked = 0
    for case in (*some(sorted(CASES.rglob("*.yaml"))[::3], 5), *some(range(15), 5)):
        inferred, record = inferred_from(case), record_from(case)
        found = next_findings(inferred)["next"]
        kept = [{key: row[key] for key in row if key != "settles"} for row in found]
        assert kept == record["next_findings"]
        assert len(found) <= MOST
        positions = [row["position"] for row in found]
        assert positions == sorted(positions, key=positions.index), "each position once"
        for row in found:
            asked += 1
            assert may_be_asked(row["path"], inferred, base.vocabulary)
            side, bare = without_side(row["path"])
            operands = [name for name, _ in base.vocabulary.operands(bare)]
            names = [name for name in operands if side in (None, without_side(name)[0])]
            # An answer to an older question that asked for less counts as not recorded.
            known = any(name in inferred.known for name in names)
            assert (row["path"] in inferred.case.answers and known) == row["again"]
        for side in record["sides"].values():
            named = side["decides"]["paths"] if side and side["decides"] else []
            free = [path for path in named if may_be_asked(path, inferred, base.vocabulary)]
            if len(found) < MOST:
                assert set(free) <= {row["path"] for row in found}
    assert asked


def test_next_takes_no_longer_than_twice_a_screening(base, some):
    ratios = []
    for name in some(("base_case", "nothing_measured", "both_hips", "plan_lumbar_findings"), 2):
        case = load_case(str(CASES / f"{name}.yaml"), base.vocabulary)
        pairs = [_seconds(case, base) for _ in range(4)][1:]
        ratios.append(statistics.median(after / before for before, after in pairs))
    assert max(ratios) < 2


def _seconds(case, base):
    start = time.process_time()
    inferred = infer(case, base)
    screening(inferred)
    screened = time.process_time()
    next_findings(inferred)
    return screened - start, time.process_time() - screened
