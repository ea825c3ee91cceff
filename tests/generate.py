"""Random cases over the whole vocabulary, dense at thresholds and where gates open."""

from __future__ import annotations

from random import Random

from screening.intake.answers import Answer, words_of
from screening.intake.case import Case
from screening.intake.vocabulary import ASKED_WITH, Entry, Vocabulary, without_side
from screening.rulebase.base import RuleBase


def cuts(base: RuleBase) -> dict[str, tuple[int, ...]]:
    """Give the thresholds that every recorded number is compared with."""
    found: dict[str, set[int]] = {}
    lines = [rule.premises for rule in base.form.rules.values()]
    for derived in base.form.derived:
        lines.extend(derived.lines)
    for line in lines:
        for premise in line:
            if premise.threshold:
                found.setdefault(premise.operand, set()).add(premise.number)
    for derived in base.form.derived:
        if not derived.words:
            for end in derived.reads:
                found.setdefault(end, set()).update((0,))
    return {name: tuple(sorted(values)) for name, values in found.items()}


def value(
    path: str, entry: Entry, random: Random, vocabulary: Vocabulary, at: tuple[int, ...]
) -> Answer:
    """Give a plausible answer; numbers often on, just below or just above a threshold."""
    if entry.type == "number":
        low, high = entry.usual or entry.hard or (0, 10000)
        step = 100 if entry.whole else 10
        near = [cut + move for cut in at for move in (-step, 0, step)]
        near = [
            n for n in near if (entry.hard or (low, high))[0] <= n <= (entry.hard or (low, high))[1]
        ]
        if near and random.random() < 0.5:
            return random.choice(near) // step * step if entry.whole else random.choice(near)
        return random.randrange(low // step, high // step + 1) * step
    words = words_of(path, vocabulary)
    if entry.type == "list":
        return tuple(word for word in words if random.random() < 0.3)
    return random.choice(words)


class Cases:
    """Makes random cases for one rule base."""

    def __init__(self, base: RuleBase) -> None:
        self.base, self.vocabulary, self.cuts = base, base.vocabulary, cuts(base)

    def case(self, seed: int) -> Case:
        """Give a case: sparse or dense, gates mostly absent, hips mostly painful."""
        random = Random(seed)
        density = random.choice((0.1, 0.4, 0.8, 0.97))
        gates_absent = random.choice((0.0, 0.6, 0.95, 1.0))
        calm = random.choice((0.0, 0.5, 0.95))
        answers: dict[str, Answer] = {}
        for path in self.vocabulary.all_paths:
            entry = self.vocabulary[path]
            if entry.type in ("text", "date", "sweep"):
                continue
            if random.random() > density:
                continue
            if (
                entry.type == "gate"
                and random.random() < gates_absent
                or entry.type == "yes_no"
                and random.random() < calm
            ):
                answers[path] = "absent"
            else:
                answers[path] = value(path, entry, random, self.vocabulary, self.cuts.get(path, ()))
        if random.random() < 0.8:
            answers[random.choice(("left", "right")) + ".hip.pain"] = "present"
        if random.random() < 0.8:
            answers["age_years"] = random.choice((38, 59, 60, 71, 24, 17, 18, 65)) * 100
        if ASKED_WITH in self.vocabulary and random.random() < 0.85:
            answers[ASKED_WITH] = self.base.asked_with
        answers |= self._sweeps(random)
        return self.ordered(answers)

    def _sweeps(self, random: Random) -> dict[str, Answer]:
        """Give some of the sweeps that count by themselves, beside whatever else was recorded."""
        return {
            path: next(iter(entry.words))
            for path in self.vocabulary.all_paths
            if (entry := self.vocabulary[path]).type == "sweep" and not entry.needs
            if random.random() < 0.15
        }

    def ordered(self, answers: dict[str, Answer]) -> Case:
        """Give a case with its answers in the order of the vocabulary."""
        kept = {path: answers[path] for path in self.vocabulary.all_paths if path in answers}
        return Case("generated", kept)

    def mirrored(self, case: Case) -> Case:
        """Give the case with left and right changed over, in paths and in gate answers."""
        flip = {"left": "right", "right": "left"}
        answers: dict[str, Answer] = {}
        for path, answer in case.answers.items():
            side, bare = without_side(path)
            is_gate = self.vocabulary[path].type == "gate"
            answers[f"{flip[side]}.{bare}" if side else path] = (
                flip.get(str(answer), answer) if is_gate else answer
            )
        return self.ordered(answers)
