"""What the verdict of the movement pattern rests on: the questions that an examination needs."""

from __future__ import annotations

from screening.intake.interview import Core
from screening.rulebase.form import Band, Form
from screening.rulebase.needed import CONCLUSIONS


def core(form: Form) -> Core:
    """Give the findings that a verdict rests on, and which readings do instead of others.

    Alternative instruments of one band are told apart: one that was read makes the others needless.
    """
    verdicts = [name for name, found in form.conclusions.items() if found.id in CONCLUSIONS]
    below = form.rests_on(verdicts)
    recorded = {name: form.recorded[name].path for name in form.recorded if name in below}
    instead: dict[str, list[frozenset[str]]] = {}
    for derived in form.derived:
        if isinstance(derived, Band) and derived.name in below:
            sets = [frozenset(each.reads) for each in derived.instruments]
            for reads in sets:
                others = [each for each in sets if each != reads and each <= recorded.keys()]
                for name in reads & recorded.keys():
                    instead.setdefault(recorded[name], []).extend(others)
    return Core(
        frozenset(recorded.values()), {path: tuple(others) for path, others in instead.items()}
    )
