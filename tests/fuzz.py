"""The readings against each other: random cases, random rule bases, shrunk failures.

As a script: ``python -m tests.fuzz --cases 50000 --bases 500 --seed 1``. What differs is shrunk to
the smallest rule base and case that still differ and written to ``tests/corpus``, from where every
run of the tests replays it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from screening.algebra import Faces, Number, Value, Word
from screening.cohort.circuit import Circuit, CircuitAlgebra
from screening.cohort.evaluate import Evaluator, pack
from screening.errors import ScreeningError
from screening.inference.forward import Forward
from screening.inference.infer import value_of
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.inference.sets import Reading
from screening.intake.findings import gather
from screening.rulebase.base import RuleBase, load
from screening.rulebase.form import Form, Line
from tests.generate import Cases
from tests.generate_rules import Files, loaded, rule_base

CORPUS = Path(__file__).parent / "corpus"
ROOT = Path(__file__).parents[1]

Readings = Mapping[str, Reading]
Outcome = dict[str, Any]
"""What a reading says of one case.

Both faces of rules and conclusions, derived values, the row of each ladder, and what exists.
"""


def _of_value(value: Value[bool]) -> Any:
    if isinstance(value, Number):
        return (value.low, value.high) if value.recorded else None
    return (value.recorded, dict(value.can), value.set_aside)


def _of_faces(found: Mapping[str, Faces[bool]]) -> Outcome:
    return {name: (faces.must, faces.may) for name, faces in found.items()}


def _existing(form: Form, exists: Callable[[Line], bool]) -> Outcome:
    return {f"{name} exists": exists(line) for name, line in form.existing.items()}


def reference(form: Form, readings: Readings) -> Outcome:
    """Give what the reference reading says."""
    walk = Walk(form, PlainAlgebra(form, readings))
    meaning = walk.walk()
    values = {name: _of_value(meaning.values[name]) for name in form.derived_by_name}
    rows = {ladder.name: meaning.ladders[ladder.name].index(True) for ladder in form.ladders}
    found = _of_faces(meaning.rules) | _of_faces(meaning.conclusions) | values | rows
    return found | _existing(form, lambda line: walk.line(line).must)


class ForwardReading:
    """The forward reading of one form, also under shuffled fact orders."""

    def __init__(self, form: Form) -> None:
        """Compile the form."""
        self._form, self._forward = form, Forward(form)
        self._facts = len(list(self._forward._facts({})))

    def __call__(self, form: Form, readings: Readings, order: Random | None = None) -> Outcome:
        """Give what the engine derived."""
        shuffled = order.sample(range(self._facts), self._facts) if order else None
        run = self._forward.run(readings, shuffled)
        values = {name: _of_value(value_of(form, name, run)) for name in form.derived_by_name}
        rows = {each.name: each.rows.index(run.rows[each.name]) for each in form.ladders}
        found = _of_faces(run.rules) | _of_faces(run.conclusions) | values | rows
        return found | _existing(form, run.exists.__getitem__)


def differing(first: Outcome, second: Outcome) -> tuple[str, ...]:
    """Name everything that two readings see differently."""
    return tuple(name for name in first if first[name] != second.get(name, first[name]))


# -- one case in all readings -----------------------------------------------------------------

Batch = Callable[[Form, list[Readings]], list[Outcome]]


def cohort(form: Form, many: list[Readings]) -> list[Outcome]:
    """Give what the cohort reading says of many cases at once."""
    circuit = Circuit()
    operands = {name: _operand(circuit, form, name) for name in form.recorded}
    walk = Walk(form, CircuitAlgebra(circuit, operands))
    meaning = walk.walk()
    faces = {**meaning.rules, **meaning.conclusions}
    derived = {name: meaning.values[name] for name in form.derived_by_name}
    wanted = [gate for each in faces.values() for gate in each]
    wanted += [gate for value in derived.values() for gate in _gates(value)]
    wanted += [gate for wins in meaning.ladders.values() for gate in wins]
    exists = {f"{name} exists": walk.line(line).must for name, line in form.existing.items()}
    wanted += exists.values()
    found = Evaluator(circuit, wanted).run(len(many), *_given(form, many))

    def truths(gate: int) -> list[bool]:
        return found.truths(gate).tolist()

    outcomes: dict[str, list[Any]] = {
        name: list(zip(truths(each.must), truths(each.may), strict=True))
        for name, each in faces.items()
    }
    for name, value in derived.items():
        recorded = truths(value.recorded)
        if isinstance(value, Number):
            ends = [found.numbers(end).tolist() for end in (value.low, value.high)]
            spans = zip(recorded, *ends, strict=True)
            outcomes[name] = [(low, high) if known else None for known, low, high in spans]
        else:
            can = {word: truths(bits) for word, bits in value.can.items()}
            aside = truths(value.set_aside)
            outcomes[name] = [
                (known, {word: can[word][i] for word in can}, aside[i])
                for i, known in enumerate(recorded)
            ]
    for name, wins in meaning.ladders.items():
        rows = zip(*map(truths, wins), strict=True)
        outcomes[name] = [row.index(True) for row in rows]
    outcomes |= {name: truths(gate) for name, gate in exists.items()}
    return [{name: outcomes[name][i] for name in outcomes} for i in range(len(many))]


def _gates(value: Value[int]) -> list[Any]:
    if isinstance(value, Number):
        return [value.recorded, value.low, value.high]
    return [value.recorded, *value.can.values(), value.set_aside]


def _operand(circuit: Circuit, form: Form, name: str) -> Value[int]:
    """Give the inputs of an operand; the two ends of a number may differ."""
    recorded, words = circuit.given(name), form.recorded[name].words
    if words:
        return Word(recorded, {word: circuit.given(name, word) for word in words}, False)
    return Number(recorded, circuit.number(f"{name} low"), circuit.number(f"{name} high"))


def _given(form: Form, many: list[Readings]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Give the readings of many cases as the inputs of a circuit."""
    given, numbers = {}, {}
    for name, operand in form.recorded.items():
        readings = [each.get(name) for each in many]
        given[name, None] = pack(np.array([reading is not None for reading in readings]))
        for word in operand.words:
            given[name, word] = pack(np.array([r is None or word in r for r in readings]))
        spans = [reading if isinstance(reading, tuple) else (0, 0) for reading in readings]
        for place, end in enumerate(("low", "high")):
            numbers[f"{name} {end}"] = np.array([span[place] for span in spans], np.int32)
    return given, numbers


BATCH_READINGS: dict[str, Batch] = {"cohort": cohort}
"""Readings that take many cases at once; what they leave out of an outcome is not compared."""


@dataclass
class Comparison:
    """Compares the readings of one rule base, case by case."""

    base: RuleBase
    forward: ForwardReading = field(init=False)

    def __post_init__(self) -> None:
        """Compile the rule base once."""
        self.forward = ForwardReading(self.base.form)

    def differences(self, readings: Readings, order: Random | None = None) -> tuple[str, ...]:
        """Name what forward and reference see differently, in one order of facts."""
        form = self.base.form
        return differing(reference(form, readings), self.forward(form, readings, order))

    def in_batches(self, many: list[Readings]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give each case that a reading of many cases at once sees differently."""
        form = self.base.form
        for batch in BATCH_READINGS.values():
            for number, outcome in enumerate(batch(form, many)):
                found = differing(reference(form, many[number]), outcome)
                if found:
                    yield number, found


def widened(form: Form, readings: Readings, random: Random) -> Readings:
    """Make some readings uncertain, as ``stable`` does: intervals and sets of words."""
    found = dict(readings)
    for name, reading in readings.items():
        if random.random() < 0.7:
            continue
        operand = form.recorded[name]
        if isinstance(reading, tuple):
            spread = operand.mdc or 10
            found[name] = (reading[0] - spread, reading[1] + spread)
        else:
            found[name] = reading | {random.choice(operand.words)}
    return found


def readings_of(seed: int, cases: Cases) -> Readings:
    """Give the readings of a random case; of every fourth case some are uncertain."""
    random = Random(seed)
    readings = gather(cases.case(seed), cases.vocabulary).readings
    return widened(cases.base.form, readings, random) if seed % 4 == 0 else readings


# -- failures: written, read, replayed, shrunk ---------------------------------------------------

Failure = dict[str, Any]
"""``files`` of a rule base (none: the one of the checkout), ``readings``, ``order`` of facts."""


def failure(files: Files | None, readings: Readings, order: int | None) -> Failure:
    """Give a failure as plain data."""
    plain = {n: sorted(r) if isinstance(r, frozenset) else list(r) for n, r in readings.items()}
    return {"files": files, "readings": plain, "order": order}


def replay(data: Failure) -> tuple[str, ...]:
    """Name what differs in a failure; nothing if the readings agree by now."""
    with tempfile.TemporaryDirectory() as folder:
        base = (
            load(ROOT / "rules") if data["files"] is None else loaded(data["files"], Path(folder))
        )
    form = base.form
    readings = {
        name: frozenset(ends) if form.recorded[name].words else tuple(ends)
        for name, ends in data["readings"].items()
        if name in form.recorded
    }
    order = None if data["order"] is None else Random(data["order"])
    compared = Comparison(base)
    batches = [name for _, names in compared.in_batches([readings]) for name in names]
    return (*compared.differences(readings, order), *batches)


def still_fails(data: Failure) -> bool:
    """Tell whether a failure can be read and its readings differ."""
    try:
        return bool(replay(data))
    except (ScreeningError, LookupError, TypeError, ValueError, AttributeError, AssertionError):
        return False  # too much was taken away: nothing is left to compare


def _places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give every part of nested data that could be taken away, the outer ones first."""
    keys = list(data) if isinstance(data, dict) else range(len(data))[::-1]
    yield from ((*at, key) for key in keys)
    for key in keys:
        if isinstance(data[key], dict | list):
            yield from _places(data[key], (*at, key))


def _without(data: Any, place: tuple[Any, ...]) -> Any:
    copy = json.loads(json.dumps(data))
    part = copy
    for key in place[:-1]:
        part = part[key]
    del part[place[-1]]
    return copy


def shrink(
    data: Failure, fails: Callable[[Failure], bool] = still_fails, tries: int = 2000
) -> Failure:
    """Take away, greedily, every part without which it still fails.

    A file and what it needs elsewhere can only be taken away together, so pairs are tried last.
    """
    shrunk = True
    while shrunk and tries > 0:
        shrunk = False
        for places in (*_single(data), *_pairs(data)):
            if shrunk and len(places) > 1:
                break
            smaller = data
            try:
                for place in places:
                    smaller = _without(smaller, place)
            except LookupError:
                continue  # it went with something around it
            tries -= 1
            if tries > 0 and fails(smaller):
                data, shrunk = smaller, True
    return data


def _single(data: Failure) -> Iterator[tuple[tuple[Any, ...], ...]]:
    for key in ("readings", "files"):
        yield from (((key, *rest),) for rest in _places(data[key] or {}))


def _pairs(data: Failure) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """Give every file with every other part of the files."""
    for name in data["files"] or {}:
        whole = ("files", name)
        yield from ((whole, *part) for part in _single(data) if part[0][:2] != whole)


def keep(data: Failure, name: str, folder: Path = CORPUS) -> Path:
    """Write a failure into the corpus, from where every run of the tests replays it."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


# -- runs -------------------------------------------------------------------------------------


@dataclass
class Report:
    """What a run compared."""

    cases: int = 0
    bases: int = 0
    rules: int = 0
    shuffled: int = 0
    failures: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        """Give the counts in a line."""
        return (
            f"{self.cases} cases, {self.bases} random rule bases with {self.rules} rules, "
            f"{self.shuffled} shuffled fact orders: {len(self.failures)} disagreements"
        )


def compare(
    base: RuleBase,
    seeds: range,
    report: Report,
    files: Files | None = None,
    folder: Path = CORPUS,
) -> None:
    """Compare the readings on random cases; shrink and keep the first failure."""
    cases, compared = Cases(base), Comparison(base)
    many = []
    for seed in seeds:
        readings = readings_of(seed, cases)
        many.append(readings)
        order = seed if seed % 2 else None
        report.cases += 1
        report.shuffled += order is not None
        if compared.differences(readings, Random(order) if order is not None else None):
            small = shrink(failure(files, readings, order))
            report.failures.append(keep(small, f"found_{seed}", folder))
            return
    for number, _ in compared.in_batches(many):
        small = shrink(failure(files, many[number], None))
        report.failures.append(keep(small, f"found_{seeds[number]}", folder))
        return


def compare_bases(seeds: range, cases_each: int, report: Report, folder: Path = CORPUS) -> None:
    """Compare the readings on random small rule bases."""
    for seed in seeds:
        files = rule_base(seed)
        with tempfile.TemporaryDirectory() as place:
            base = loaded(files, Path(place))
        report.bases += 1
        report.rules += len(base.form.rules)
        first = seed * cases_each
        compare(base, range(first, first + cases_each), report, files, folder)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="random cases of the rule base")
    parser.add_argument("--bases", type=int, default=20, help="random rule bases")
    parser.add_argument("--cases-each", type=int, default=40, help="cases of a random rule base")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    begun, report, base = time.perf_counter(), Report(), load(ROOT / "rules")
    compare_bases(range(asked.seed, asked.seed + asked.bases), asked.cases_each, report)
    print(f"{report} in {time.perf_counter() - begun:.0f} s", flush=True)
    for first in range(asked.seed, asked.seed + asked.cases, 1000):
        last = min(first + 1000, asked.seed + asked.cases)
        compare(base, range(first, last), report)
        print(f"{report} in {time.perf_counter() - begun:.0f} s", flush=True)
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
