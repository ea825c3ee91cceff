"""What is known of a case: recorded answers, and those that sweeps and families answer.

A gate or a summary owns details. Absent, it answers its unrecorded signs absent ("not suspected
from history", never "ruled out"); a positive sign makes it present. All of this is one mechanism,
applied once, from the vocabulary; the rules only ever see its outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from screening.algebra import NumberComparison, compare
from screening.intake.answers import Answer
from screening.intake.case import Case
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import (
    ABSENT,
    ASKED_WITH,
    PRESENT,
    SIDES,
    Entry,
    Vocabulary,
    other,
    without_side,
)
from screening.safe import is_name

Reading = tuple[int, int] | frozenset[str]
"""An interval of hundredths, or the set of words that are still possible."""

Origin = Literal["recorded", "sweep", "family", "implied", "mirrored"]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something doubtful: kept, used as said, and reported."""

    path: str
    message: str


@dataclass(frozen=True)
class Findings:
    """What the rules can read of one case.

    ``readings`` holds one entry for each operand that is known; ``origins`` says where it came
    from and ``contradictions`` which gates were answered absent although a sign is present.
    """

    readings: dict[str, Reading]
    origins: dict[str, tuple[Origin, str]]
    attested: tuple[str, ...]
    contradictions: dict[str, tuple[str, ...]]
    warnings: tuple[Warned, ...]


@dataclass
class _Resolver:
    """Works families out; operands are ground names, details of the person count for both legs."""

    case: Case
    vocabulary: Vocabulary
    readings: dict[str, Reading] = field(default_factory=dict)
    origins: dict[str, tuple[Origin, str]] = field(default_factory=dict)
    attested: list[str] = field(default_factory=list)
    contradictions: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)

    def resolve(self) -> Findings:
        for path in self.vocabulary.all_paths:
            if path in self.case.answers:
                self._record(path, self.case.answers[path])
        self._mirror()
        self._ask_once()
        for path in self.vocabulary.all_paths:
            if self.vocabulary[path].type == "sweep" and path in self.case.answers:
                self._sweep(path)
        self._imply()
        owners = list(self.vocabulary.owners.items())
        for owner, details in owners:
            self._open(owner, details)
        for owner, details in reversed(owners):
            self._close(owner, details)
        self._ask_once()
        for owner, details in owners:
            self._summarise(owner, details)
        return Findings(
            self.readings,
            self.origins,
            tuple(self.attested),
            {gate: tuple(signs) for gate, signs in self.contradictions.items()},
            tuple(self.warnings),
        )

    # -- recorded -------------------------------------------------------------------------------

    def _know(self, name: str, reading: Reading, origin: Origin, source: str) -> None:
        self.readings[name] = reading
        self.origins[name] = (origin, source)

    def _record(self, path: str, answer: Answer) -> None:
        entry = self.vocabulary[path]
        if entry.type == "number":
            assert isinstance(answer, int)
            self._know(path, (answer, answer), "recorded", path)
            self._doubt(path, answer, entry)
        elif entry.type == "list":
            assert isinstance(answer, tuple)
            for word in entry.words:
                reading = PRESENT if word in answer else ABSENT
                self._know(f"{path}.{word}", frozenset({reading}), "recorded", path)
        elif entry.type == "gate":
            for name, word in self._gate_answer(path, str(answer)):
                self._read(name, word, path)
        elif entry.type in ("choice", "yes_no"):
            self._read(path, str(answer), path)

    def _read(self, name: str, word: str, path: str) -> None:
        """Read a word, unless it is an absent to a question that asks for more by now."""
        if word == ABSENT and self._is_outdated(path):
            return
        self._know(name, frozenset({word}), "recorded", path)

    def _is_outdated(self, path: str) -> bool:
        """Tell whether a finding asked for less then: its absent is not read, and that is said."""
        bare = without_side(path)[1]
        if bare not in self._outdated:
            return False
        entry = self.vocabulary.entries[bare]
        self._warn(
            path,
            f"{entry.title}: answered absent when the question asked for less, so it is not "
            f"recorded. Ask again: {entry.question or entry.title}",
        )
        return True

    @cached_property
    def _outdated(self) -> frozenset[str]:
        asked = self.case.answers.get(ASKED_WITH)
        return self.vocabulary.outdated(None if asked is None else str(asked))

    def _gate_answer(self, gate: str, answer: str) -> Iterator[tuple[str, str]]:
        for name in self._names(gate):
            side, _ = without_side(name)
            # "unsure" counts as present; "left" is present on the left and absent on the right.
            positive = answer in (PRESENT, "unsure") or answer == side
            yield name, PRESENT if positive else ABSENT

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _doubt(self, path: str, value: int, entry: Entry) -> None:
        if entry.usual and not entry.usual[0] <= value <= entry.usual[1]:
            low, high = (with_unit(end, entry.unit) for end in entry.usual)
            self._warn(
                path,
                f"{entry.title}: outside the usual {low} to {high}. It is kept as recorded; "
                f"check it. {entry.refused_hint}".strip(),
            )

    def _warn(self, path: str, message: str) -> None:
        if Warned(path, message) not in self.warnings:
            self.warnings.append(Warned(path, message))

    def _mirror(self) -> None:
        """A difference between the legs, recorded on one, holds for the other, sign turned."""
        for bare, entry in self.vocabulary.entries.items():
            if not entry.mirrored:
                continue
            for side in SIDES:
                here, there = f"{side}.{bare}", f"{other(side)}.{bare}"
                known = self.readings.get(here)
                if known is None or self.origins[here][0] != "recorded":
                    continue
                assert isinstance(known, tuple)
                turned = (-known[1], -known[0])
                if there not in self.readings:
                    self._know(there, turned, "mirrored", here)
                elif side == "left" and self.readings[there] != turned:
                    self._warn(
                        there,
                        f"{entry.title}: left and right do not mirror each other. Each leg is "
                        "read as recorded; measure again.",
                    )

    def _ask_once(self) -> None:
        """Of two questions that ask the same, the answer to one answers the other."""
        for here, there in self.vocabulary.asked_once:
            known = [path for path in (here, there) if path in self.readings]
            if len(known) == 1:
                unknown = there if known == [here] else here
                self._know(unknown, self.readings[known[0]], "mirrored", known[0])
            elif known and self.readings[here] != self.readings[there]:
                self._warn(
                    here,
                    f"{self.vocabulary[here].title}: asked twice and answered differently. Each "
                    "answer is read as recorded; ask again.",
                )

    # -- sweeps ---------------------------------------------------------------------------------

    def _sweep(self, path: str) -> None:
        entry = self.vocabulary[path]
        side, _ = without_side(path)
        lacking = [said for need in entry.needs if (said := self._lacks(need))]
        if lacking:
            self._warn(path, f"{entry.title}: it answers nothing, for {' and '.join(lacking)}.")
            return
        for bare, answer in entry.answers.items():
            target = f"{side}.{bare}" if side else bare
            names = self._names(bare) if side is None else (target,)
            if target in self.case.answers:
                if self.case.answers[target] != answer:
                    self._contradict_sweep(path, target)
                continue
            if answer == ABSENT and self._is_outdated(target):
                continue
            for each in names:
                if each not in self.readings:
                    self._know(each, frozenset({answer}), "sweep", path)
            if bare in self.vocabulary.gates:
                self.attested.append(bare)

    def _lacks(self, need: str) -> str:
        """Say why what must stand beside a sweep does not count, or nothing if it does."""
        entry, answer = self.vocabulary[need], self.case.answers.get(need)
        if answer is None or isinstance(answer, str) and not is_name(answer):
            return f'"{entry.title}" is not recorded'
        latest = self.case.answers.get(entry.not_after)
        if isinstance(answer, date) and isinstance(latest, date) and answer > latest:
            return f'"{entry.title}" is later than "{self.vocabulary[entry.not_after].title}"'
        return ""

    def _contradict_sweep(self, path: str, target: str) -> None:
        title, swept = self.vocabulary[target].title, self.vocabulary[path].title
        self._warn(
            target,
            f'{title}: recorded by itself and different from "{swept}". What was recorded by '
            "itself counts; check which is right.",
        )
        if target in self.vocabulary.gates:
            self.contradictions.setdefault(target, []).append(path)

    # -- families -------------------------------------------------------------------------------

    def _imply(self) -> None:
        """A low number answers a yes/no finding present; a high one answers nothing."""
        for bare, entry in self.vocabulary.entries.items():
            for target, compared in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    if self._passes(path, compared):
                        self._imply_one(target, side, path, entry)

    def _imply_one(self, target: str, side: str | None, path: str, entry: Entry) -> None:
        """Answer a finding by a number; it wins over a sweep, not over the finding's own answer."""
        name = f"{side}.{target}" if side else target
        swept = name in self.readings and self.origins[name][0] == "sweep"
        absent = self.readings.get(name) == frozenset({ABSENT})
        if swept and absent:
            self._contradict(target, name, [path])
        if swept or name not in self.readings:
            self._know(name, frozenset({PRESENT}), "implied", path)
        elif absent:
            self._warn(
                name,
                f"{self.vocabulary[name].title}: recorded absent although {entry.title.lower()} "
                "is low. The recorded answer is kept; check it.",
            )

    def _passes(self, path: str, compared: Mapping[NumberComparison, str]) -> bool:
        reading = self.readings.get(path)
        if not isinstance(reading, tuple):
            return False
        value = reading[0]
        return all(
            compare(value, how, self.vocabulary.thresholds[name].value)
            for how, name in compared.items()
        )

    def _details(self, detail: str, side: str | None) -> Iterator[str]:
        """Give the operands of a detail that count for an owner on a side (None: all)."""
        for name, _ in self.vocabulary.operands(detail):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name

    def _positive(self, name: str, detail: str) -> bool:
        entry = self.vocabulary.entries[detail]
        if entry.type == "number":
            return bool(entry.positive) and self._passes(name, entry.positive)
        return self.readings.get(name) == frozenset({PRESENT})

    def _open(self, owner: str, details: tuple[str, ...]) -> None:
        """A positive sign makes its gate or summary present, whatever had been answered."""
        names = self._names(owner)
        for name in names:
            side, _ = without_side(name)
            signs = [
                sign
                for detail in details
                if not self.vocabulary.entries[detail].circumstance
                for sign in self._details(detail, side)
                if self._positive(sign, detail)
            ]
            person_only = all(without_side(sign)[0] is None for sign in signs)
            elsewhere = any(
                self.readings.get(n) == frozenset({PRESENT}) and self.origins[n][0] == "recorded"
                for n in names
                if n != name
            )
            if not signs or (side and person_only and elsewhere):
                # A sign of the person does not open the second leg of a gate answered for one.
                continue
            if self.readings.get(name) == frozenset({ABSENT}):
                self._contradict(owner, name, signs)
            if self.readings.get(name) != frozenset({PRESENT}):
                self._know(name, frozenset({PRESENT}), "family", signs[0])

    def _contradict(self, owner: str, name: str, signs: list[str]) -> None:
        origin = self.origins[name]
        known = self.contradictions.setdefault(owner, [])
        known.extend(sign for sign in signs if sign not in known)
        titles = ", ".join(self.vocabulary[self._shown_by(sign)].title for sign in signs)
        how = "answered absent"
        if origin[0] == "sweep":
            swept = f'absent with "{self.vocabulary[origin[1]].title}"'
            how = "attested absent" if owner in self.vocabulary.gates else swept
        self._warn(
            name if owner not in self.vocabulary.gates else owner,
            f"{self.vocabulary.entries[owner].title}: {how}, but recorded present: {titles}. "
            "It counts as present; check which is right.",
        )
        if owner in self.attested:
            self.attested.remove(owner)

    def _shown_by(self, name: str) -> str:
        """Give the path that was recorded: of a sign that a number answered, the number."""
        origin, source = self.origins[name]
        return source if origin == "implied" else self._path(name)

    def _path(self, name: str) -> str:
        """Give the vocabulary's path of an operand (a word of a list belongs to the list)."""
        return name if without_side(name)[1] in self.vocabulary.entries else name.rpartition(".")[0]

    def _close(self, owner: str, details: tuple[str, ...]) -> None:
        """An absent gate or summary answers its unrecorded signs absent."""
        for name in self._names(owner):
            if self.readings.get(name) != frozenset({ABSENT}):
                continue
            side, _ = without_side(name)
            for detail in details:
                entry = self.vocabulary.entries[detail]
                if entry.circumstance or entry.type not in ("yes_no", "list"):
                    # A number is never answered: the gate, a premise of every rule that would
                    # read it, is absent already.
                    continue
                for sign in self._details(detail, side):
                    shared = side and without_side(sign)[0] is None
                    if shared and not self._absent_everywhere(owner):
                        continue
                    if sign not in self.readings:
                        self._know(sign, frozenset({ABSENT}), "family", name)

    def _absent_everywhere(self, owner: str) -> bool:
        return all(self.readings.get(n) == frozenset({ABSENT}) for n in self._names(owner))

    def _summarise(self, owner: str, details: tuple[str, ...]) -> None:
        """Details all absent answer a summary absent, never a gate."""
        if owner in self.vocabulary.gates:
            return
        for name in self._names(owner):
            side, _ = without_side(name)
            signs = [sign for detail in details for sign in self._details(detail, side)]
            if name not in self.readings and all(
                self.readings.get(sign) == frozenset({ABSENT}) for sign in signs
            ):
                self._know(name, frozenset({ABSENT}), "family", signs[0])


def gather(case: Case, vocabulary: Vocabulary) -> Findings:
    """Give everything that is known of a case.

    A finding marked "not tested" gives no reading: a rule never mistakes silence for a normal
    result.
    """
    return _Resolver(case, vocabulary).resolve()
