"""Bands: readings of alternative instruments, merged into ordered words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from typing import TYPE_CHECKING, Literal

from screening.algebra import B, Faces, Word
from screening.intake.findings import Reading
from screening.rulebase.form import Line, Premise
from screening.rulebase.kinds.kind import SET_ASIDE, Derived, Instrument, Looks, Sets, ToShow
from screening.rulebase.kinds.kind_file import DerivedFile, InstrumentText, SetAside

if TYPE_CHECKING:
    from screening.rulebase.grounding.given import Place, Sources


class BandFile(DerivedFile):
    """Alternative instruments merged into ordered words."""

    kind: Literal["band"]
    words: dict[str, str]
    instruments: tuple[InstrumentText, ...]
    set_aside: tuple[SetAside, ...] = ()
    not_for: tuple[SetAside, ...] = ()

    @property
    def word_titles(self) -> Mapping[str, str]:
        """Its words, each with how it is said."""
        return self.words

    @property
    def read_by(self) -> tuple[InstrumentText, ...]:
        """Its instruments."""
        return self.instruments

    @property
    def contradictions(self) -> tuple[SetAside, ...]:
        """What sets it aside beside instruments that differ."""
        return self.set_aside

    @property
    def holds_not_for(self) -> tuple[SetAside, ...]:
        """For whom a scale is drawn without its words."""
        return self.not_for

    def premises(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Give for whom it does not hold: only drawings read it."""
        for i, text in enumerate(self.not_for):
            yield "not_for", i, text.when

    def ground(self, sources: Sources, side: str | None, name: str) -> Band:
        """Name what every instrument reads; each gives a line for every word."""
        readings = tuple(
            self._instrument(sources, side, text, ("instruments", i))
            for i, text in enumerate(self.instruments)
        )
        aside = tuple(
            line
            for i, text in enumerate(self.set_aside)
            for line in sources.lines(text.when, side, self, ("set_aside", i))
        )
        for line in aside:
            sources.rests_on_findings(line, self, ("set_aside",))
        return Band(name=name, words=tuple(self.words), readings=readings, set_aside=aside)

    def _instrument(
        self, sources: Sources, side: str | None, text: InstrumentText, place: Place
    ) -> Instrument:
        if set(text.words) != set(self.words):
            what = "the instrument does not give a line for every word of the band."
            why = "A reading without a word would count as not recorded."
            sources.problem(self, place, what, why)
        words = tuple(
            (word, sources.line(text.words[word], side, self, (*place, "words", word)))
            for word in self.words
            if word in text.words
        )
        names = tuple(sources.read(r, side, self, (*place, "reads"))[0] for r in text.names)
        for word, line in words:
            sources.rests_on_findings(line, self, (*place, "words", word))
            if not {premise.operand for premise in line} <= set(names):
                what = f'"{word}" asks for more than this instrument reads.'
                sources.problem(self, (*place, "words", word), what)
        return Instrument(names, words)


@dataclass(frozen=True, kw_only=True)
class Band(Derived):
    """Readings of alternative instruments, merged into ordered words.

    Instruments that differ, or a line of ``set_aside`` that holds, leave the band not recorded.
    """

    readings: tuple[Instrument, ...]
    set_aside: tuple[Line, ...] = ()

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The ways to read it, the one that tells most first."""
        return self.readings

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of every word, and those that set it aside."""
        return tuple(line for found in self.readings for _, line in found.words) + self.set_aside

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """What it is read from, instrument by instrument."""
        return tuple(name for instrument in self.readings for name in instrument.reads)

    def value(self, looks: Looks[B]) -> Word[B]:
        """Merge what the instruments allow; two that are read must agree on a word."""
        every, some, swap = looks.algebra.all, looks.algebra.any, looks.algebra.swap
        known = [looks.recorded(instrument.reads) for instrument in self.readings]
        read = [{word: looks.line(line) for word, line in each.words} for each in self.readings]
        differ = [
            every([known[i], known[j], swap(self._agree(read[i], read[j], looks))])
            for i in range(len(read))
            for j in range(i)
        ]
        contradicted = [
            every([looks.recorded(p.operand for p in line), looks.line(line).may])
            for line in self.set_aside
        ]
        can = {word: every([faces[word].may for faces in read]) for word in self.words}
        return Word(some(known), can, some(differ + contradicted))

    @staticmethod
    def _agree(first: dict[str, Faces[B]], second: dict[str, Faces[B]], looks: Looks[B]) -> B:
        every = looks.algebra.all
        return looks.algebra.any([every([first[w].must, second[w].must]) for w in first])

    def forward(self, sets: Sets) -> Reading | Literal["set aside"] | None:
        """Read each instrument on its own; all must come to the same one word."""
        found = [
            frozenset(word for word, line in instrument.words if sets.possible([line]))
            for instrument in self.readings
            if sets.recorded(instrument.reads)
        ]
        agree = len(found) < 2 or (len(set(found)) == 1 and len(found[0]) == 1)
        contradicted = any(
            sets.recorded(premise.operand for premise in line) and sets.possible([line])
            for line in self.set_aside
        )
        if not agree or contradicted:
            return SET_ASIDE
        return found[0] if found else None

    def to_show(self) -> Iterator[ToShow]:
        """Give every word of every instrument, every contradiction, and a difference."""
        kind = "band lines"
        for i, instrument in enumerate(self.readings, 1):
            for word, line in instrument.words:
                lacks = f"No case reads {{}} as {word} by instrument {i}."
                yield ToShow(kind, f" instrument {i} {word}", lacks, line)
        for i, line in enumerate(self.set_aside, 1):
            yield ToShow(kind, f" set aside {i}", f"No case shows set_aside {i} of {{}}.", line)
        if len(self.readings) > 1:
            lacks = "No case shows the instruments of {} differing."
            yield ToShow(kind, " differs", lacks, (Premise(self.name, "set_aside"),))

    def contradictions(self) -> Iterator[Line]:
        """Give two instruments that differ in each way, then what is written."""
        for first, second in permutations(self.readings, 2):
            for (one, line), (other, against) in product(first.words, second.words):
                if one != other:
                    yield (*line, *against)
        yield from self.set_aside
