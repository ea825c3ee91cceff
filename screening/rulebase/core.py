"""What the verdict of the movement pattern rests on: the questions that an examination needs."""

from __future__ import annotations

from screening.intake.interview import Core
from screening.intake.questionnaire import Question, Questionnaire
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form
from screening.rulebase.needed import CONCLUSIONS, FINDINGS


def deciding(base: RuleBase) -> tuple[str, ...]:
    """Give the paths that triage and verdict cannot do without, in the order of asking.

    What the movement pattern rests on; the red-flag questions that are asked one by one, the sweep
    that answers the others, and what it needs to count; and what every case must say of itself.
    """
    questions = Questionnaire(base.vocabulary).questions
    sweeps = [q for q in questions if q.kind == "sweep" and q.side is None]
    needs = [need for sweep in sweeps if _answers_gates(sweep, base) for need in sweep.needs]
    days = [base.vocabulary[need].not_after for need in needs]
    wanted = {*core(base.form).paths, *needs, *days, *base.asked_today}
    wanted |= {path for path, of in FINDINGS.items() if of == "person"}
    wanted |= {q.path for q in questions if q.kind == "gate" and q.one_by_one}
    wanted |= {sweep.path for sweep in sweeps if _answers_gates(sweep, base)}
    return tuple(question.path for question in questions if question.path in wanted)


def _answers_gates(sweep: Question, base: RuleBase) -> bool:
    return bool(sweep.answers.keys() & set(base.vocabulary.gates))


def core(form: Form) -> Core:
    """Give the findings that a verdict rests on, and which readings do instead of others.

    Alternative instruments of one band are told apart: one that was read makes the others needless.
    """
    verdicts = [name for name, found in form.conclusions.items() if found.id in CONCLUSIONS]
    below = form.rests_on(verdicts)
    recorded = {name: form.recorded[name].path for name in form.recorded if name in below}
    instead: dict[str, list[frozenset[str]]] = {}
    for derived in form.derived:
        if derived.name in below:
            sets = [frozenset(each.reads) for each in derived.instruments]
            for reads in sets:
                others = [each for each in sets if each != reads and each <= recorded.keys()]
                for name in reads & recorded.keys():
                    instead.setdefault(recorded[name], []).extend(others)
    return Core(
        frozenset(recorded.values()), {path: tuple(others) for path, others in instead.items()}
    )
