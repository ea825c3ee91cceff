"""Families are one walk: every reading takes its steps from the plan of the vocabulary."""

from screening.algebra import Number
from screening.cohort.circuit import Circuit
from screening.intake.case import load_case
from screening.intake.family_plan import plan_of
from screening.intake.family_terms import TermLedger
from screening.intake.findings import gather
from screening.intake.replaces import version
from screening.intake.vocabulary import ASKED_WITH
from tests.conftest import CASES


class Constants(Circuit):
    """The answers of one case as constants: no gate is left."""

    def __init__(self, case):
        super().__init__()
        self.answers = case.answers

    def given(self, name, word=None):
        answer = self.answers.get(name)
        if word is None or answer is None:
            return answer is not None
        if name == ASKED_WITH:
            return version(answer) >= version(word)
        return word in answer if isinstance(answer, tuple) else answer == word

    def number(self, name):
        return self.answers.get(name, 0)


def readings(case, vocabulary):
    """Give what is known of a case, by the terms of all cases."""
    circuit = Constants(case)
    values = TermLedger(vocabulary, circuit).values()
    assert len(circuit.gates) == 2
    known = {name: value for name, value in values.items() if value.recorded}
    return {
        name: (value.low, value.high)
        if isinstance(value, Number)
        else frozenset(word for word, can in value.can.items() if can)
        for name, value in known.items()
    }


def counted(case, vocabulary):
    """Leave a sweep out that lacks a name or a date: readers of tables give no such answers."""
    sweeps = [each.path for each in plan_of(vocabulary).recorded if each.entry.type == "sweep"]
    return case.with_answers(dict.fromkeys(sweeps), vocabulary)


def test_over_constants_it_knows_what_the_plain_ledger_knows(base, cases, some):
    files = some(sorted(CASES.rglob("*.yaml")), 5)
    made = [load_case(str(path), base.vocabulary) for path in files]
    made += [cases.case(seed) for seed in some(range(60), 4)]
    for case in made:
        warned = {w.message for w in gather(case, base.vocabulary).warnings}
        if any("it answers nothing" in each for each in warned):
            case = counted(case, base.vocabulary)
        assert readings(case, base.vocabulary) == dict(gather(case, base.vocabulary).readings)


def test_every_owner_of_the_vocabulary_opens_and_closes_by_the_plan(base):
    plan = plan_of(base.vocabulary)
    assert {each.owner for each in plan.openings} == set(base.vocabulary.owners)
    assert {each.owner for each in plan.closings} == set(base.vocabulary.owners)
