"""The two readings agree, and what must hold of every case holds (Hypothesis and soaks)."""

from __future__ import annotations

import os
import random

import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from screening.inference.forward import Forward
from screening.inference.infer import infer
from screening.intake.answers import words_of
from screening.intake.findings import gather
from screening.intake.vocabulary import SIDES, without_side
from screening.record.screening import screening
from screening.rulebase.levels import TIERS

SEEDS = st.integers(min_value=0, max_value=2**32)
FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def examples(number):
    # A seed makes the whole case: there is nothing to shrink, and the seed reproduces it.
    return settings(
        max_examples=min(number, settings().max_examples),
        deadline=None,
        suppress_health_check=FIXTURES,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        database=None,
    )


@examples(100)
@given(seed=SEEDS)
def test_forward_and_reference_agree(seed, cases, base):
    assert infer(cases.case(seed), base).disagreements == ()


@pytest.mark.slow
def test_forward_and_reference_agree_on_20_000_cases(cases, base):
    for seed in range(20_000):
        assert infer(cases.case(seed), base).disagreements == (), seed


@examples(20)
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_the_order_of_findings_changes_nothing(seed, order, cases, base):
    case = cases.case(seed)
    answers = list(case.answers.items())
    order.shuffle(answers)
    shuffled = type(case)(case.case_id, dict(answers))
    assert screening(infer(shuffled, base)) == screening(infer(case, base))


@examples(20)
@given(seed=SEEDS)
def test_the_order_of_facts_changes_nothing(seed, cases, base, forward):
    readings = gather(cases.case(seed), base.vocabulary).readings
    plain = forward.run(readings)
    count = len(list(forward._facts(plain.known)))
    order = random.Random(seed).sample(range(count), count)
    shuffled = forward.run(readings, order)
    assert (shuffled.rules, shuffled.conclusions) == (plain.rules, plain.conclusions)


@pytest.fixture(scope="module")
def forward(base):
    return Forward(base.form)


def mirrored(name):
    flip = {"left": "right", "right": "left"}
    side, bare = without_side(name)
    return f"{flip[side]}.{bare}" if side else name


@examples(40)
@given(seed=SEEDS)
def test_mirroring_left_and_right_mirrors_the_screening(seed, cases, base):
    case = cases.case(seed)
    here, there = infer(case, base), infer(cases.mirrored(case), base)
    for name in base.form.conclusions:
        assert here.faces(name) == there.faces(mirrored(name)), name
    for name, row in here.rows.items():
        assert (row.word, row.reason) == (
            there.rows[mirrored(name)].word,
            there.rows[mirrored(name)].reason,
        )


def contradicts(findings):
    return {*findings.contradictions, *(warned.path for warned in findings.warnings)}


@examples(60)
@given(seed=SEEDS, which=st.randoms(use_true_random=False))
def test_one_more_finding_never_changes_what_is_known(seed, which, cases, base):
    """Unknown may become known; known stays, as long as nothing recorded is contradicted."""
    case = cases.case(seed)
    before = infer(case, base)
    missing = [
        path
        for path in base.vocabulary.all_paths
        if path not in case.answers
        and base.vocabulary[path].type in ("number", "yes_no", "choice", "gate")
    ]
    if not missing:
        return
    path = which.choice(missing)
    full = cases.case(which.randrange(2**32)).answers.get(path)
    words = words_of(path, base.vocabulary)
    answer = full if full is not None else which.choice(words) if words else None
    if answer is None or base.vocabulary[path].mirrored:
        return
    more = infer(cases.ordered({**case.answers, path: answer}), base)
    changed = {
        name
        for name, reading in before.findings.readings.items()
        if more.findings.readings.get(name) != reading
    }
    if changed or contradicts(more.findings) - contradicts(before.findings):
        return
    if more.run.set_aside - before.run.set_aside:
        return
    for name in base.form.conclusions:
        known = before.value(name)
        assert known is None or more.value(name) == known, (name, path, answer)


def flag_only(base):
    """Yes/no findings whose only readers are rules of flags, gates and blocks."""
    readers: dict[str, set[str]] = {}
    for conclusion in base.form.conclusions.values():
        for rule in conclusion.rules:
            for premise in rule.premises:
                readers.setdefault(premise.operand, set()).add(conclusion.id)
    derived = {p for d in base.form.derived for p in _leaves(d)}
    return [
        path
        for path in base.vocabulary.all_paths
        if base.vocabulary[path].type == "yes_no"
        and path not in derived
        and path in readers
        and all(id.startswith(("flag.", "gate.", "blocked.")) for id in readers[path])
    ]


def _leaves(derived):
    return derived.operands


@examples(60)
@given(seed=SEEDS, which=st.randoms(use_true_random=False))
def test_a_flag_present_never_makes_things_milder(seed, which, cases, base):
    case = cases.case(seed)
    path = which.choice(flag_only(base))
    absent = infer(cases.ordered({**case.answers, path: "absent"}), base)
    present = infer(cases.ordered({**case.answers, path: "present"}), base)
    changed = {
        c.id for n, c in base.form.conclusions.items() if absent.faces(n) != present.faces(n)
    }
    if not all(
        id.startswith(("flag.", "gate.", "blocked.", "verdict.suspended")) for id in changed
    ):
        return  # it moved something else as well (through a gate that it opens): not all else equal
    worse = absent.faces
    flags_fell = [
        n
        for n in base.form.conclusions
        if base.form.conclusions[n].id.startswith("flag.")
        and worse(n).must
        and not present.faces(n).must
    ]
    if flags_fell:
        return  # a finding that clears (under care): the flag present is the other one
    tiers = [TIERS.index(found.rows["triage"].word) for found in (absent, present)]
    assert tiers[1] <= tiers[0]
    for name, row in present.rows.items():
        if ".advice." in name and row.word == "advised":
            assert absent.rows[name].word == "advised", name
    for side in SIDES:
        if absent.rows[f"{side}.verdict"].word == "suspended":
            assert present.rows[f"{side}.verdict"].word == "suspended"


@examples(60)
@given(seed=SEEDS)
def test_every_painful_leg_has_one_verdict_and_nothing_blocked_is_advised(seed, cases, base):
    inferred = infer(cases.case(seed), base)
    record = screening(inferred)
    for side in SIDES:
        painful = inferred.known.get(f"{side}.hip.pain") == frozenset({"present"})
        assert (record["sides"][side] is not None) == painful
        rows = inferred.walk.rows(f"{side}.verdict")
        assert rows.count(True) == 1
    for entry in record["advice"]:
        blocked = inferred.faces(f"{entry['side']}.blocked.{entry['id']}")
        assert entry["status"] != "advised" or not blocked.may
        assert entry["status"] == "blocked" or not blocked.must
    for item in record["next_findings"]:
        side, bare = without_side(item["path"])
        name = f"{side}.blocked.{bare}"
        assert name not in base.form.conclusions or not inferred.faces(name).may


def soak(cases, base, number):
    process = psutil.Process(os.getpid())
    at_tenth = 0
    for seed in range(number):
        case = cases.case(seed)
        inferred = infer(case, base)
        assert inferred.agree, seed
        assert inferred.case is case
        if seed == number // 10:
            at_tenth = process.memory_info().rss
    grown = process.memory_info().rss - at_tenth
    assert grown < 20 * 1024 * 1024, f"{grown / 1024 / 1024:.1f} MB more than at a tenth of the way"


@pytest.mark.whole
def test_the_engine_survives_a_soak_of_200_cases(cases, base):
    soak(cases, base, 200)


@pytest.mark.slow
def test_the_engine_survives_a_soak_of_20_000_cases(cases, base):
    soak(cases, base, 20_000)
