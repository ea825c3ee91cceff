"""Families: what answers answer beside themselves, written once for every reading.

A sweep answers many findings at once; a low number answers a sign; a positive sign makes its gate
present; an absent gate answers its unrecorded signs absent ("not suspected from history", never
"ruled out"). It is one walk, along the plan of a vocabulary (``intake.family_plan``), over a ledger
that each reading supplies (``intake.family_ledger``).
"""

from __future__ import annotations

from typing import Generic

from screening.algebra import B
from screening.intake.family_ledger import Ledger, Origin, Sources
from screening.intake.family_plan import (
    Closing,
    Implied,
    Limits,
    Opening,
    Recording,
    Swept,
    plan_of,
)
from screening.intake.vocabulary import ABSENT, PRESENT, Vocabulary, without_side


class Families(Generic[B]):
    """Works families out in one ledger."""

    def __init__(self, vocabulary: Vocabulary, ledger: Ledger[B]) -> None:
        """Take the vocabulary that says which findings own others, and a ledger to write in."""
        self.vocabulary, self.ledger, self.plan = vocabulary, ledger, plan_of(vocabulary)

    def resolve(self) -> None:
        """Take every step; afterwards the ledger holds what is known."""
        is_word, plan = self.ledger.is_word, self.plan
        given, false = self.ledger.given, self.ledger.false
        for recording in plan.recorded:
            if given(recording.path) is not false:
                self._record(recording)
        answered = {
            name: is_word(name, PRESENT) for each in plan.openings for name in each.elsewhere
        }
        for left, right in plan.mirrored:
            self.ledger.doubt("not_mirrored", right, self.ledger.unlike(left, right, turned=True))
            self.ledger.mirror(left, right)
        self._ask_once()
        own = {
            each.name: (self.ledger.known(each.name), is_word(each.name, ABSENT))
            for each in plan.implied
        }
        for path, needs, swept in plan.sweeps:
            self._sweep(path, needs, swept)
        for implied in plan.implied:
            self._imply(implied, *own[implied.name])
        for opening in plan.openings:
            self._open(opening, answered)
        for closing in plan.closings:
            self._close(closing)
        self._ask_once()
        for name, signs in plan.summaries:
            # Details all absent answer a summary absent, never a gate.
            none = self.ledger.all(is_word(sign, ABSENT) for sign in signs)
            self.ledger.fill(name, ABSENT, [(none, signs[0])], "family", "summed up")

    def _but_not(self, part: B, without: B) -> B:
        return self.ledger.all([part, self.ledger.swap(without)])

    def _record(self, recording: Recording) -> None:
        path, entry, chosen = recording
        ledger = self.ledger
        for name, words in chosen:
            ledger.choose(name, path, words)
        if not chosen:
            ledger.copy(path, path)
        if without_side(path)[1] in self.vocabulary.widened:
            # An absent to a question that asks for more by now is not read.
            for name in [name for name, _ in chosen] or [path]:
                outdated = ledger.swap(ledger.asked_as_now(path))
                unread = ledger.all([ledger.is_word(name, ABSENT), outdated])
                ledger.doubt("asked_for_less", path, unread)
                ledger.forget_absent(name, outdated)
        if entry.usual:
            low, high = entry.usual
            outside = [ledger.passes(path, "below", low), ledger.passes(path, "above", high)]
            ledger.doubt("unusual", path, ledger.any(outside))

    def _ask_once(self) -> None:
        """Of two questions that ask the same, the answer to one answers the other."""
        for here, there in self.plan.asked_once:
            self.ledger.doubt("asked_twice", here, self.ledger.unlike(here, there, turned=False))
            self.ledger.share(here, there)

    def _sweep(self, path: str, needs: tuple[str, ...], answers: tuple[Swept, ...]) -> None:
        ledger = self.ledger
        given = ledger.given(path)
        if given is ledger.false:
            return
        counts = ledger.all([given, *map(ledger.counts, needs)])
        ledger.doubt("needs", path, self._but_not(given, counts))
        if counts is ledger.false:
            return
        for target, answer, names in answers:
            own = ledger.given(target)
            otherwise = self._but_not(own, ledger.answered(target, answer))
            ledger.doubt("swept", target, ledger.all([counts, otherwise]), why=[(counts, path)])
            alone = self._but_not(counts, own)
            if answer == ABSENT and without_side(target)[1] in self.vocabulary.widened:
                asked = ledger.asked_as_now(target)
                ledger.doubt("asked_for_less", target, self._but_not(alone, asked))
                alone = ledger.all([alone, asked])
            for name in names:
                ledger.fill(name, answer, [(alone, path)], "sweep", f"after {path}")

    def _passes(self, name: str, limits: Limits) -> B:
        return self.ledger.all(self.ledger.passes(name, how, limit) for how, limit in limits)

    def _imply(self, implied: Implied, known: B, absent: B) -> None:
        """Let a number answer: it wins over a sweep, not over the finding's own answer."""
        name, path, limits = implied
        passes = self._passes(path, limits)
        if passes is not self.ledger.false:
            stands = self.ledger.all([passes, absent])
            self.ledger.doubt("implied", name, stands, why=[(passes, path)])
            wins = self._but_not(passes, known)
            owner = without_side(name)[1]
            self._make_present(owner, name, wins, [(wins, path)], "implied", f"after {path}")

    def _open(self, opening: Opening, answered: dict[str, B]) -> None:
        """A positive sign makes its gate or summary present, whatever had been answered."""
        owner, name, signs, elsewhere = opening
        ledger = self.ledger
        why = [
            (positive, sign, of_leg)
            for sign, limits, of_leg in signs
            if (positive := self._passes(sign, limits) if limits else ledger.is_word(sign, PRESENT))
            is not ledger.false
        ]
        if why:
            leg = ledger.any([positive for positive, _, of_leg in why if of_leg])
            person = ledger.any([positive for positive, _, of_leg in why if not of_leg])
            if elsewhere:
                person = self._but_not(person, ledger.any([answered[each] for each in elsewhere]))
            opens = ledger.any([leg, person])
            sources = [(positive, sign) for positive, sign, _ in why]
            self._make_present(owner, name, opens, sources, "family", f"with {owner}")

    def _make_present(
        self, owner: str, name: str, when: B, why: Sources[B], origin: Origin, step: str
    ) -> None:
        ledger = self.ledger
        if when is not ledger.false:
            said = owner if owner in self.vocabulary.gates else name
            against = ledger.all([when, ledger.is_word(name, ABSENT)])
            ledger.doubt("contradicted", said, against, name, why)
            ledger.overrule(name, why, when, origin, step)

    def _close(self, closing: Closing) -> None:
        """An absent gate or summary answers its unrecorded signs absent."""
        owner, names, signs = closing
        ledger = self.ledger
        absent = {name: ledger.is_word(name, ABSENT) for name in names}
        if all(each is ledger.false for each in absent.values()):
            return
        everywhere = ledger.all(absent.values())
        for sign, name in signs:
            why = everywhere if name is None else absent[name]
            ledger.fill(sign, ABSENT, [(why, name or names[0])], "family", f"without {owner}")
