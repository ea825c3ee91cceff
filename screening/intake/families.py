"""Families: what answers answer beside themselves, written once for every reading.

A sweep answers many findings at once; a low number answers a sign; a positive sign makes its gate
present; an absent gate answers its unrecorded signs absent ("not suspected from history", never
"ruled out"). It is one walk over a ledger that each reading supplies: the answers of one case
(``intake.findings``), terms for all cases (``intake.family_terms``) or the text of another
language (``exchange.cql.raw_answers``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, Protocol

from screening.algebra import B, NumberComparison
from screening.intake.vocabulary import ABSENT, PRESENT, Entry, Vocabulary, without_side

Origin = Literal["recorded", "sweep", "family", "implied", "mirrored"]

Doubt = Literal[
    "unusual",
    "asked_for_less",
    "not_mirrored",
    "asked_twice",
    "needs",
    "swept",
    "implied",
    "contradicted",
]
"""What can be doubtful in answers; none of it stops a screening."""

Sources = Sequence[tuple[B, str]]
"""What could be the reason for something: whether it holds, and the name it has."""


class Ledger(Protocol[B]):
    """What a reading supplies: its Booleans, what was answered, and what is known so far."""

    true: B
    false: B
    """The constants: a reading that knows of a case that something is not so gives this one."""

    def all(self, parts: Iterable[B]) -> B:
        """All parts hold."""

    def any(self, parts: Iterable[B]) -> B:
        """At least one part holds."""

    def swap(self, part: B) -> B:
        """The part does not hold."""

    # -- what was answered ---------------------------------------------------------------------

    def given(self, path: str) -> B:
        """A path was answered."""

    def answered(self, path: str, word: str) -> B:
        """A path was answered with a word."""

    def asked_as_now(self, path: str) -> B:
        """A case was asked the question as it is now; older ones asked for less."""

    def counts(self, need: str) -> B:
        """What must stand beside a sweep was given, and can be what it should be."""

    # -- what is known -------------------------------------------------------------------------

    def known(self, name: str) -> B:
        """An operand is known."""

    def is_word(self, name: str, word: str) -> B:
        """An operand is known to be a word."""

    def passes(self, name: str, how: NumberComparison, threshold: int) -> B:
        """An operand is a known number on the named side of a threshold."""

    def unlike(self, here: str, there: str, *, turned: bool) -> B:
        """Two operands are known and not the same; ``turned``: the sign of one is."""

    # -- what becomes known --------------------------------------------------------------------

    def copy(self, name: str, path: str) -> None:
        """Know an operand as its path was answered."""

    def choose(self, name: str, path: str, words: tuple[str, ...]) -> None:
        """Know an operand present if its path was answered with one of the words, else absent."""

    def forget_absent(self, name: str, when: B) -> None:
        """Let an operand that is absent be not known."""

    def mirror(self, here: str, there: str) -> None:
        """Let the number of one be that of the other, sign turned, where it is not known."""

    def share(self, here: str, there: str) -> None:
        """Let the word of one be that of the other, where it is not known."""

    def fill(self, name: str, word: str, why: Sources[B], origin: Origin, step: str) -> None:
        """Answer an operand that is not known yet."""

    def overrule(self, name: str, why: Sources[B], when: B, origin: Origin, step: str) -> None:
        """Make an operand present, whatever had been answered."""

    def doubt(self, kind: Doubt, path: str, when: B, name: str = "", why: Sources[B] = ()) -> None:
        """Say that something is doubtful: kept, used as said, and reported."""


# -- the plan: what a vocabulary says of families, laid out once -----------------------------------


Limits = tuple[tuple[NumberComparison, int], ...]
"""What a number must pass, in hundredths."""


class Recording(NamedTuple):
    """How the operands of a path are recorded."""

    path: str
    entry: Entry
    chosen: tuple[tuple[str, tuple[str, ...]], ...]
    """Operands that are present if one of some words was answered; empty: as it was answered."""


class Swept(NamedTuple):
    """One finding that a sweep answers."""

    target: str
    answer: str
    names: tuple[str, ...]


class Implied(NamedTuple):
    """A finding that a number can answer present."""

    name: str
    path: str
    limits: Limits


class Sign(NamedTuple):
    """A detail that makes its owner present, as a word or as a number past its limits."""

    name: str
    limits: Limits
    of_leg: bool


class Opening(NamedTuple):
    """A gate or summary that signs make present."""

    owner: str
    name: str
    signs: tuple[Sign, ...]
    elsewhere: tuple[str, ...]
    """The same owner on the other leg: answered there, a sign of the person opens no second leg."""


class Closing(NamedTuple):
    """A gate or summary that, absent, answers its signs: each with the operands it waits for."""

    owner: str
    names: tuple[str, ...]
    signs: tuple[tuple[str, str | None], ...]
    """A sign and the operand that answers it; None: all of them must be absent."""


class FamilyPlan(NamedTuple):
    """Every step of the walk, in order."""

    recorded: tuple[Recording, ...]
    mirrored: tuple[tuple[str, str], ...]
    asked_once: tuple[tuple[str, str], ...]
    sweeps: tuple[tuple[str, tuple[str, ...], tuple[Swept, ...]], ...]
    implied: tuple[Implied, ...]
    openings: tuple[Opening, ...]
    closings: tuple[Closing, ...]
    summaries: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=16)
def plan_of(vocabulary: Vocabulary) -> FamilyPlan:
    """Give the plan of a vocabulary."""
    return _Planner(vocabulary).plan()


class _Planner:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary, self.entries = vocabulary, vocabulary.entries

    def plan(self) -> FamilyPlan:
        owners = list(self.vocabulary.owners.items())
        return FamilyPlan(
            tuple(map(self._recording, self.vocabulary.all_paths)),
            tuple(
                (left, right)
                for bare, entry in self.entries.items()
                if entry.mirrored
                for left, right in [self.vocabulary.paths(bare)]
            ),
            self.vocabulary.asked_once,
            tuple(
                (path, self.vocabulary[path].needs, tuple(self._swept(path)))
                for path in self.vocabulary.all_paths
                if self.vocabulary[path].type == "sweep"
            ),
            tuple(self._implied()),
            tuple(each for owner, details in owners for each in self._openings(owner, details)),
            tuple(self._closing(owner, details) for owner, details in reversed(owners)),
            tuple(each for owner, details in owners for each in self._summaries(owner, details)),
        )

    def _names(self, owner: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.vocabulary.operands(owner)))

    def _recording(self, path: str) -> Recording:
        entry = self.vocabulary[path]
        chosen: list[tuple[str, tuple[str, ...]]] = []
        if entry.type == "list":
            chosen = [(f"{path}.{word}", (word,)) for word in entry.words]
        elif entry.type == "gate":
            for name in self._names(path):
                side, _ = without_side(name)
                # "unsure" counts as present; "left" is present on the left and absent on the right.
                chosen.append((name, (PRESENT, "unsure", *([side] if side else []))))
        return Recording(path, entry, tuple(chosen))

    def _swept(self, path: str) -> Iterator[Swept]:
        side, _ = without_side(path)
        for bare, answer in self.vocabulary[path].answers.items():
            target = f"{side}.{bare}" if side else bare
            yield Swept(target, answer, (target,) if side else self._names(bare))

    def _limits(self, limits: dict[NumberComparison, str]) -> Limits:
        thresholds = self.vocabulary.thresholds
        return tuple((how, thresholds[name].value) for how, name in limits.items())

    def _implied(self) -> Iterator[Implied]:
        for bare, entry in self.entries.items():
            for target, limits in entry.implies.items():
                for path in self.vocabulary.paths(bare):
                    side, _ = without_side(path)
                    yield Implied(
                        f"{side}.{target}" if side else target, path, self._limits(limits)
                    )

    def _details(self, detail: str, side: str | None) -> Iterator[tuple[str, bool]]:
        """Give the operands of a detail that count for an owner on a side (None: all)."""
        for name, _ in self.vocabulary.operands(detail):
            at, _ = without_side(name)
            if side is None or at is None or at == side:
                yield name, at is not None

    def _openings(self, owner: str, details: tuple[str, ...]) -> Iterator[Opening]:
        names = self._names(owner)
        for name in names:
            side, _ = without_side(name)
            signs = [
                Sign(sign, self._limits(entry.positive), of_leg)
                for detail in details
                if not (entry := self.entries[detail]).circumstance
                and (entry.type != "number" or entry.positive)
                for sign, of_leg in self._details(detail, side)
            ]
            elsewhere = tuple(each for each in names if each != name) if side else ()
            yield Opening(owner, name, tuple(signs), elsewhere)

    def _closing(self, owner: str, details: tuple[str, ...]) -> Closing:
        names = self._names(owner)
        signs: dict[str, str | None] = {}
        for name in names:
            side, _ = without_side(name)
            for detail in details:
                entry = self.entries[detail]
                # A number is never answered: the gate, a premise of every rule that would read
                # it, is absent already.
                if not entry.circumstance and entry.type in ("yes_no", "list"):
                    for sign, of_leg in self._details(detail, side):
                        signs.setdefault(sign, None if side and not of_leg else name)
        return Closing(owner, names, tuple(signs.items()))

    def _summaries(
        self, owner: str, details: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if owner not in self.vocabulary.gates:
            for name in self._names(owner):
                side, _ = without_side(name)
                signs = [sign for detail in details for sign, _ in self._details(detail, side)]
                yield name, tuple(signs)


# -- the walk --------------------------------------------------------------------------------------


class Families(Generic[B]):
    """Works families out in one ledger."""

    def __init__(self, vocabulary: Vocabulary, ledger: Ledger[B]) -> None:
        """Take the vocabulary that says which findings own others, and a ledger to write in."""
        self.vocabulary, self.ledger, self.plan = vocabulary, ledger, plan_of(vocabulary)

    def resolve(self) -> None:
        """Take every step; afterwards the ledger holds what is known."""
        is_word, plan = self.ledger.is_word, self.plan
        for recording in plan.recorded:
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
        if entry.type in ("text", "date", "sweep") or ledger.given(path) is ledger.false:
            return
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
