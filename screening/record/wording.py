"""Sentences about one case: templates of the rules, filled with what was recorded.

``{ankle.lunge_bent_cm}`` gives the reading with its unit, ``{knee_to_wall_restricted}`` the
threshold, ``{other.hip.pain}`` the finding of the other leg; a band is said with the instruments
that were read and the range that put it there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from screening.inference.infer import Inferred
from screening.intake.thresholds import from_to, unit_once, with_unit
from screening.intake.vocabulary import Entry, Vocabulary, other, without_side
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Premise
from screening.rulebase.kinds.kind import Derived
from screening.rulebase.levels import said_level
from screening.rulebase.shapes import ConclusionFile

if TYPE_CHECKING:
    from screening.record.model import FlagRecord

_BRACKETS = re.compile(r" \([^)]*\)")
_BRACES = re.compile(r"\{([a-z0-9_.]+)\}")
_LABEL = re.compile(r"([^.:]+):\s+$")
_KINDS = {"block": "blocked", "blocked": "blocked", "indicated": "called for"}
"""What a conclusion of each such kind says of the title it carries."""

NOT_RECORDED = "not recorded"
PRESENT = "present"
COMPARED = {
    "below": ("below {}", "below {}"),
    "at_most": ("{} or less", "at most {}"),
    "at_least": ("{} or more", "at least {}"),
    "above": ("above {}", "above {}"),
}
"""How a comparison is said of a patient, and how a rule is read aloud."""


class Wording:
    """Says findings, thresholds and conclusions of one case."""

    def __init__(self, inferred: Inferred) -> None:
        """Speak of one case."""
        self.inferred = inferred
        self.base = inferred.base
        self.vocabulary = inferred.base.vocabulary
        self._said: dict[str, str] = {}
        self._reasons: dict[tuple[str, str | None], str] = {}

    def fill(self, template: str, side: str | None) -> str:
        """Fill a template for one leg; text without braces is given as it is."""
        if "{" not in template:
            return _on_one_line(template)
        text = _BRACES.sub(
            lambda found: _said_once(template[: found.start()], self.quote(found.group(1), side)),
            template,
        )
        return unit_once(" ".join(text.split()))

    def quote(self, name: str, side: str | None) -> str:
        """Say what a name of a template stands for; ``side`` is the leg itself."""
        if name == "side":
            return side or ""
        if name in self.base.thresholds:
            return self.base.thresholds[name].text
        first, _, rest = name.partition(".")
        if first == "other" and side:
            side, name = other(side), rest
        for candidate in ([f"{side}.{name}"] if side else []) + [name]:
            if self.knows(candidate):
                return self.say(candidate)
        return self._either(rest if first in ("either", "both", "other") else name)

    def _either(self, name: str) -> str:
        said = [
            f"{self.say(f'{side}.{name}')} ({side})"
            for side in ("left", "right")
            if self.knows(f"{side}.{name}")
        ]
        return " and ".join(said) or NOT_RECORDED

    def knows(self, name: str) -> bool:
        """Tell whether a ground name exists."""
        form = self.base.form
        return (
            name in form.recorded
            or name in form.derived_by_name
            or name in form.conclusions
            or name in self.vocabulary
        )

    def say(self, name: str) -> str:
        """Say the value of a ground operand; of a conclusion that holds, why."""
        if name not in self._said:
            self._said[name] = self._value(name)
        return self._said[name]

    def _value(self, name: str) -> str:
        form = self.base.form
        if name in form.conclusions:
            return self._concluded(name)
        if name in form.derived_by_name:
            return self._derived(name)
        if name in form.recorded:
            return self._recorded(name)
        return self._answer(name)

    def say_after(self, title: str, name: str) -> str:
        """Say the value of an operand behind a title and a colon, without what the title says."""
        return _said_once(f"{title}: ", self.say(name))

    def _concluded(self, name: str) -> str:
        fired = [
            self.because(rule.id, rule.side)
            for rule in self.base.form.conclusions[name].rules
            if self.inferred.run.rules[rule.name].must
        ]
        word = {True: "yes", False: "no", None: "unknown"}
        return " ".join(dict.fromkeys(fired)) or word[self.inferred.value(name)]

    def _recorded(self, name: str) -> str:
        reading = self.inferred.known.get(name)
        if reading is None:
            return NOT_RECORDED
        entry = self.entry(name)
        if isinstance(reading, tuple):
            return _span(reading, entry.unit)
        said = " or ".join(_says(entry, word) for word in sorted(reading))
        details = ", ".join(self._details(name)) if reading == frozenset((PRESENT,)) else ""
        return f"{said} ({details})" if details else said

    def _details(self, name: str) -> Iterator[str]:
        """Name what makes a summary present, so that a text can say the cause that was found."""
        side, path = without_side(name)
        if self.entry(name).type != "yes_no":
            return
        for detail in self.vocabulary.owners.get(path, ()):
            found = f"{side}.{detail}" if side and self.vocabulary[detail].of == "leg" else detail
            if self.inferred.known.get(found) == frozenset((PRESENT,)):
                yield lower(self.vocabulary[detail].title)

    def _answer(self, path: str) -> str:
        """Say an answer that is no operand: a list, a text or a date."""
        answer = self.inferred.case.answers.get(path)
        entry = self.vocabulary[path]
        if isinstance(answer, tuple):
            return ", ".join(_says(entry, word) for word in answer) or "none"
        return NOT_RECORDED if answer is None else str(answer)

    def entry(self, name: str) -> Entry:
        """Give the vocabulary entry of a recorded operand (a list's word belongs to the list)."""
        return _entry(self.base, name)

    def _derived(self, name: str) -> str:
        file = self.base.form_files[without_side(name)[1]]
        reading = self.inferred.known.get(name)
        if isinstance(reading, tuple):
            return file.said(reading)
        band = self.base.form.derived_by_name[name]
        readings = "; ".join(self._instruments(band))
        if name in self.inferred.run.set_aside:
            return f"{readings}: contradictory, set aside"
        if reading is None:
            return NOT_RECORDED
        words = " or ".join(file.word_titles[word] for word in band.words if word in reading)
        return f"{readings}: {words}{self._range(band)}" if readings else words

    def _instruments(self, band: Derived) -> Iterator[str]:
        for instrument in band.instruments:
            inner = [self.base.form.derived_by_name.get(name) for name in instrument.reads]
            bands = [found for found in inner if found and found.instruments]
            if bands:
                for found in bands:
                    yield from self._instruments(found)
            elif all(name in self.inferred.known for name in instrument.reads):
                for name in instrument.reads:
                    yield f"{lower(self.title(name))} {self.say(name)}"

    def _range(self, band: Derived) -> str:
        for instrument in band.instruments:
            if not all(name in self.inferred.known for name in instrument.reads):
                continue
            inner = self.base.form.derived_by_name.get(instrument.reads[0])
            if inner and inner.instruments:
                return self._range(inner)
            if self._in_words(instrument.reads[0]):
                # "4.0 cm in favour of this leg" has lost its sign: no limit can stand behind it.
                return ""
            reading = self.inferred.known[band.name]
            for word, line in instrument.words:
                compared = [self.comparison(premise) for premise in line if premise.threshold]
                if word in reading and compared:
                    return (
                        f" ({' to '.join(compared)})" if len(compared) == 1 else _between(compared)
                    )
        return ""

    def _in_words(self, name: str) -> bool:
        """Tell whether a number below zero is said in words, without its sign."""
        file = self.base.form_files.get(without_side(name)[1])
        reading = self.inferred.known[name]
        below = isinstance(reading, tuple) and reading[1] < 0
        return below and bool(getattr(file, "below_zero", ""))

    def comparison(self, premise: Premise) -> str:
        """Say what a number is compared with: ``below 8.0 cm``."""
        threshold = self.base.thresholds[premise.threshold or ""]
        return COMPARED[premise.comparison][0].format(threshold.text)

    def title(self, name: str) -> str:
        """Give the title of an operand, conclusion or path, without its side."""
        return _title(self.base, name)

    def concluded(self, name: str) -> str:
        """Name a conclusion by its title and what it says of that: blocked, or at which level."""
        title, bare = self.title(name), without_side(name)[1]
        said = _KINDS.get(bare.partition(".")[0], "")
        of, _, level = bare.rpartition(".")
        file = self.base.files.get(of)
        if isinstance(file, ConclusionFile) and level in file.levels:
            said = said_level(level)
        return of_legs(title, [said] if said else [])

    def titles(self, paths: Iterable[str]) -> list[str]:
        """Give the titles of paths, each once, with the legs that are meant."""
        return with_legs(paths, self.title)

    def premise(self, premise: Premise) -> str:
        """Say one premise with the value found."""
        side, _ = without_side(premise.operand)
        if premise.operand in self.base.form.conclusions:
            title = self.concluded(premise.operand)
            said = title if premise.words == ("true",) else f"not so: {lower(title)}"
            return of_legs(said, [side] if side else [])
        title = self.title(premise.operand)
        head = of_legs(title, [side] if side else [])
        said = self.say_after(title, premise.operand)
        if premise.threshold:
            return f"{head}: {said}; {self.comparison(premise)} counts"
        return f"{head}: {said}"

    def fact(self, premise: Premise, alone: bool) -> str:
        """Say what was found where a premise holds, as part of a line.

        Behind words that say what it means, a band is its readings with their limit alone.
        """
        said, title = self.say(premise.operand), self.title(premise.operand)
        band = self.base.form.derived_by_name.get(premise.operand)
        if band and band.words and not alone and premise.operand in self.inferred.known:
            return f"{'; '.join(self._instruments(band))}{self._range(band)}"
        if premise.operand in self.base.form.conclusions:
            return lower(title)
        if band is not None and not premise.threshold:
            return said
        if premise.threshold:
            return f"{lower(title)} {said} ({self.comparison(premise)})"
        entry = self.entry(premise.operand)
        return said if entry.type == "choice" or entry.present else f"{lower(title)}: {said}"

    def cited(self, references: Iterable[str]) -> str:
        """Say sources as a report prints them, marking those that nobody has checked."""
        return "; ".join(self.citation(reference) for reference in references)

    def cited_in_brackets(self, references: Iterable[str]) -> str:
        """Say sources that stand in brackets already."""
        return self.cited(references).replace(" (not checked)", ", not checked")

    def citation(self, reference: str) -> str:
        """Say one source: its short name, the claim of it that is meant, and whether checked."""
        key, _, claim = reference.partition(" ")
        source = self.base.references[key]
        checked = "" if source.checked else " (not checked)"
        return f"{source.short} {claim}".rstrip() + checked

    def because(self, rule_id: str, side: str | None) -> str:
        """Say why a written rule holds; a rule that follows from data says its source."""
        found = self._reasons.get((rule_id, side))
        if found is None:
            found = self._reasons[rule_id, side] = self._because(rule_id, side)
        return found

    def _because(self, rule_id: str, side: str | None) -> str:
        written = self.base.rule_texts.get(rule_id)
        if written is not None:
            said = self.fill(written[0].because, side)
            return f"{said[:1].upper()}{said[1:]}"
        file = self.base.files.get(rule_id.rpartition(".")[0]) or self.base.files.get(rule_id)
        return f"{file.title}." if isinstance(file, ConclusionFile) else self.title(rule_id)


def _entry(base: RuleBase, name: str) -> Entry:
    recorded = base.form.recorded
    return base.vocabulary[recorded[name].path if name in recorded else name]


@lru_cache(maxsize=16_384)
def _title(base: RuleBase, name: str) -> str:
    """Give the title of an operand, conclusion or path; it is the same in every case."""
    if name in base.form.recorded or name in base.vocabulary:
        entry = _entry(base, name)
        last = name.rpartition(".")[2]
        if entry.type == "list" and last in entry.words:
            return f"{entry.title}: {entry.words[last]}"
        return entry.title
    bare = without_side(name)[1]
    for candidate in (bare, bare.partition(".")[2], bare.rpartition(".")[0]):
        if candidate in base.files:
            return base.files[candidate].title
    rest = bare.partition(".")[2]
    if rest in base.blocks.groups:
        return base.blocks.groups[rest].title
    return base.vocabulary[rest].title if rest else bare


@lru_cache(maxsize=4096)
def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def with_legs(paths: Iterable[str], title: Callable[[str], str]) -> list[str]:
    """Give the titles of paths, each once, with the legs that are meant."""
    found: dict[str, list[str]] = {}
    for path in paths:
        sides = found.setdefault(title(path), [])
        side = without_side(path)[0]
        if side and side not in sides:
            sides.append(side)
    return [of_legs(name, sides) for name, sides in found.items()]


def with_leg(path: str, vocabulary: Vocabulary) -> str:
    """Give the title of a finding, with its leg where it has one."""
    side = without_side(path)[0]
    return of_legs(vocabulary[path].title, [side] if side else [])


def titled(flag: FlagRecord) -> str:
    """Name a flag, with its legs."""
    return of_legs(flag["title"], flag["sides"], " and ".join(flag["sides"]))


def of_legs(title: str, sides: Sequence[str], both: str = "both legs") -> str:
    """Give a title with the legs that are meant, within the brackets that it may end with."""
    if not sides:
        return title
    where = sides[0] if len(sides) == 1 else both
    return f"{title[:-1]}, {where})" if title.endswith(")") else f"{title} ({where})"


def _span(reading: tuple[int, int], unit: str) -> str:
    low, high = reading
    if low == high:
        return with_unit(low, unit)
    return from_to(low, high, unit)


def _said_once(before: str, said: str) -> str:
    """Leave out of a reading what the label before it says: ``Knee bent: ..., knee bent 40°``."""
    label = _LABEL.search(before) if ", " in said else None
    tail = label.group(1).rpartition(", ")[2].strip().lower() if label else ""
    return said.replace(f", {tail} ", " ") if tail else said


def _says(entry: Entry, word: str) -> str:
    return entry.says.get(word, word.replace("_", " "))


def _between(compared: list[str]) -> str:
    numbers = [text.removesuffix(" or more").removesuffix(" or less") for text in compared]
    return f" ({unit_once(' to '.join(numbers))})"


def without_brackets(title: str) -> str:
    """Leave out what a title explains in brackets, wherever they stand."""
    return _BRACKETS.sub("", title)


def said_once(texts: Sequence[str]) -> list[str]:
    """Leave the last sentence of a text to a later one that ends in the same words."""
    ends = [text.rpartition(". ")[2] for text in texts]
    return [
        text[: -len(end)].rstrip() if ". " in text and end in ends[i + 1 :] else text
        for i, (text, end) in enumerate(zip(texts, ends, strict=True))
    ]


def lower(title: str) -> str:
    """Let a title begin small, as within a sentence; a name in capitals such as FADIR stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
