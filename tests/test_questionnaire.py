"""The one form to fill: every finding once, in the order of an examination, when it matters."""

from __future__ import annotations

import pytest

from screening.intake.branching import AnyOf, Said, after_families, holds
from screening.intake.findings import gather
from screening.intake.questionnaire import Questionnaire
from screening.intake.vocabulary import POSITIONS


@pytest.fixture(scope="module")
def form(base):
    return Questionnaire(base.vocabulary)


def test_every_finding_is_asked_once(form, base):
    asked = [question.path for question in form.questions]
    assert sorted(asked) == sorted(base.vocabulary.all_paths)
    assert len(set(asked)) == len(asked)


def test_the_order_is_that_of_an_examination(form, base):
    paths = [question.path for question in form.questions]
    first = paths.index(base.vocabulary.gates[0])
    assert set(paths[:first]) == set(base.vocabulary.about_the_case)
    gates = [paths.index(gate) for gate in base.vocabulary.gates]
    rest = [q for q in form.questions[max(gates) + 1 :] if q.kind != "gate"]
    owned = {detail for gate in base.vocabulary.gates for detail in base.vocabulary.owners[gate]}
    rest = [q for q in rest if q.path.removeprefix(f"{q.side}.") not in owned]
    places = [POSITIONS.index(question.position) for question in rest]
    assert places == sorted(places)


def test_both_legs_are_asked_one_after_the_other(form):
    legs = [q for q in form.questions if q.side]
    for left, right in zip(legs[::2], legs[1::2], strict=True):
        assert left.path.removeprefix("left.") == right.path.removeprefix("right.")


def test_a_question_alone_stands_before_the_sweep_and_the_others_after_it(form, base):
    paths = [question.path for question in form.questions]
    sweep = next(q for q in form.questions if q.kind == "sweep" and q.side is None)
    for gate in base.vocabulary.gates:
        alone = base.vocabulary.entries[gate].one_by_one
        assert (paths.index(gate) < paths.index(sweep.path)) == alone
    assert set(sweep.answers) == {g for g in base.vocabulary.gates if not form[g].one_by_one}
    assert all(holds(form[need].shown_when, {sweep.path: "none_present"}) for need in sweep.needs)
    assert not any(holds(form[need].shown_when, {}) for need in sweep.needs)


@pytest.mark.parametrize(
    ("answer", "left", "right"),
    [
        ("present", True, True),
        ("unsure", True, True),
        ("left", True, False),
        ("absent", False, False),
        (None, False, False),
    ],
)
def test_the_details_of_a_gate_are_shown_for_the_leg_that_was_named(answer, left, right, form):
    answers = {"red_flags.leg_signs": answer} if answer else {}
    assert holds(form["left.calf.pitting_oedema"].shown_when, answers) is left
    assert holds(form["right.calf.pitting_oedema"].shown_when, answers) is right


def test_a_number_past_its_limit_meets_a_condition():
    young = Said("age_years", (), (("below", 1800),))
    assert holds(young, {"age_years": 1799})
    assert not holds(young, {"age_years": 1800})
    assert not holds(young, {})
    assert holds(AnyOf((young, Said("sex", ("female",)))), {"sex": "female"})


def test_a_word_of_a_list_meets_a_condition():
    groin = Said("left.hip.pain_regions", ("groin_front",))
    assert holds(groin, {"left.hip.pain_regions": ("groin_front", "side")})
    assert not holds(groin, {"left.hip.pain_regions": ("side",)})


def test_answers_before_and_after_families_differ(form, base, case_of):
    """A sign that is recorded opens its gate: its details matter then, though nobody said so."""
    case = case_of({"left": {"calf": {"pitting_oedema": "present"}}})
    shown = form["left.calf.whole_leg_swollen"].shown_when
    assert not holds(shown, case.answers)
    after = after_families(case.answers, gather(case, base.vocabulary), base.vocabulary)
    assert holds(shown, after)
    assert not holds(form["right.calf.whole_leg_swollen"].shown_when, after)
    assert all(after[path] == answer for path, answer in case.answers.items())


def test_what_families_answer_is_an_answer_that_could_have_been_given(cases, form, base):
    for seed in range(60):
        case = cases.case(seed)
        after = after_families(case.answers, gather(case, base.vocabulary), base.vocabulary)
        for path, answer in after.items():
            words = form[path].words
            if path not in case.answers:
                assert answer in words


def test_what_could_forbid_a_test_is_handed_to_the_form(base):
    blocks = {"ankle.lunge_bent_cm": ("The lunge tests",)}
    form = Questionnaire(base.vocabulary, blocks)
    assert form["left.ankle.lunge_bent_cm"].blocked_by == ("The lunge tests",)
    assert form["right.hip.pain"].blocked_by == ()


def test_other_words_are_said_while_a_test_is_blocked(form):
    for question in form.questions:
        assert question.asked() == question.question
        for tests, words in question.otherwise:
            assert question.asked({tests[0]}) == words
