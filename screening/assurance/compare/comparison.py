"""The whole comparison: in words, and every decision examined, on as many cores as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from screening.assurance.compare.question import RevisionQuestion
from screening.assurance.compare.settle import Settler, Way
from screening.assurance.compare.smallest import ToBeScreened, to_be_screened
from screening.assurance.compare.transitions import Found, Screener, found_of
from screening.assurance.compare.words import in_words
from screening.inference.infer import forward
from screening.rulebase.base import RuleBase

FEW = 6
"""Up to so many decisions that may change, more processes would cost more than they save."""

Row = dict[str, object]
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Comparison:
    """What a revision changes."""

    old: RuleBase
    new: RuleBase
    words: dict[str, Row]
    found: tuple[Found, ...]

    @property
    def changes(self) -> tuple[Found, ...]:
        """Every way in which a decision can change, milder ones first."""
        changes = (each for each in self.found if each.status == "changes")
        return tuple(sorted(changes, key=lambda each: not each.milder))

    @property
    def unsettled(self) -> tuple[Found, ...]:
        """What was not settled, or not shown by its case."""
        return tuple(f for f in self.found if f.status in ("not_settled", "not_shown"))

    @property
    def same(self) -> bool:
        """Whether no decision of any patient can change."""
        return all(each.status == "cannot_change" for each in self.found)


def compare(
    old: RuleBase,
    new: RuleBase,
    seconds: float = 10.0,
    cores: int | None = None,
    told: Told | None = None,
) -> Comparison:
    """Compare two rule bases over all cases.

    Args:
        old: the rule base before.
        new: the rule base after.
        seconds: after this long a question counts as not settled.
        cores: how many processes may work; None: as many as there are cores.
        told: is called with what is being done, how much of it is done, and of how much.

    """
    return Comparison(old, new, in_words(old, new), examine(old, new, None, seconds, cores, told))


def examine(
    old: RuleBase,
    new: RuleBase,
    names: Sequence[str] | None = None,
    seconds: float = 10.0,
    cores: int | None = None,
    told: Told | None = None,
) -> tuple[Found, ...]:
    """Examine decisions: first the solver, then the circuit, last both rule bases.

    Args:
        old: the rule base before.
        new: the rule base after.
        names: the decisions; None: all of them.
        seconds: after this long a question counts as not settled.
        cores: how many processes may work; None: as many as there are cores.
        told: is called with what is being done, how much of it is done, and of how much.

    """
    told = told or _tell_nobody
    question = RevisionQuestion(old, new, seconds)
    names = names or tuple(dict.fromkeys([*question.old, *question.new]))
    settler = Settler(question, names)
    open_still = [name for name in names if settler.may_differ(name)]
    with _screening(old, new, len(open_still), cores) as screened:
        settled = []
        for done, name in enumerate(names, 1):
            settled.append(settler.settle(name))
            told("decisions examined", done, len(names))
        patients = to_be_screened(question, settled)
        shown: dict[Way, Found] = {}
        for done, found in enumerate(screened(patients), 1):
            shown |= {(f.decision, f.before or "", f.after or ""): f for f in found}
            told("cases screened by both", done, len(patients))
    return tuple(found for each in settled for found in found_of(each, question, shown))


def _tell_nobody(what: str, done: int, of: int) -> None:
    pass


# -- other processes -------------------------------------------------------------------------------

_screener: Screener | None = None


@contextmanager
def _screening(
    old: RuleBase, new: RuleBase, decisions: int, cores: int | None
) -> Iterator[Callable[[Iterable[ToBeScreened]], Iterable[list[Found]]]]:
    """Give what screens patients; other processes make ready for it while the solver is asked."""
    count = cores or os.cpu_count() or 1
    if count < 2 or decisions <= FEW:
        yield lambda patients: map(Screener(old, new).screen, patients)
        return
    # The processes begin with what was loaded here, before the solver was asked anything.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(count, context, _start, (old, new)) as pool:
        pool.submit(_ready)
        yield lambda patients: pool.map(_screen, patients)


def _start(old: RuleBase, new: RuleBase) -> None:
    global _screener
    for base in (old, new):
        forward(base)
    _screener = Screener(old, new)


def _ready() -> None:
    """Do nothing: the first that is to be done lets the other processes start."""


def _screen(patient: ToBeScreened) -> list[Found]:
    assert _screener is not None
    return _screener.screen(patient)
