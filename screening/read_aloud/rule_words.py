"""How written premises, names and sources of the rule base are said, without any case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from screening.algebra import NumberComparison
from screening.intake.answers import words_of
from screening.intake.thresholds import with_unit
from screening.intake.vocabulary import PRESENT, Entry
from screening.record.wording import COMPARED
from screening.rulebase.base import RuleBase
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.premises import PremiseError, Written, take_apart
from screening.rulebase.shapes import ConclusionFile
from screening.rulebase.sourced import Lines

How = TypeVar("How", bound=NumberComparison)

_WHO = {"other": " on the other side", "either": " on either side", "both": " on both sides"}
_WORDS = {
    "present": "present",
    "absent": "absent",
    "unknown": "not known",
    "set_aside": "set aside (readings that contradict each other)",
}
_NAMES = {
    "any_gate": "One of the red-flag gates",
    "any_flag": "A red flag",
    "any_suspending_flag": "A red flag that suspends the verdict",
    "blocked.*": "This advice is blocked",
    "indicated.*": "This advice is indicated",
    "advice.*": "Status of this advice",
    "part.*": "Part of this advice",
    "triage": "Tier",
}
_BRACES = re.compile(r"\{([a-z0-9_.]+)\}")


class RuleWords:
    """Says the parts of one rule base."""

    def __init__(self, base: RuleBase) -> None:
        """Speak of one rule base."""
        self.base = base

    def premise(self, text: str) -> str:
        """Say a written premise: titles for names, numbers with units for thresholds."""
        try:
            written = take_apart(text)
        except PremiseError:
            return text
        who = _WHO.get(written.quantifier or "", "")
        title = self.title(written.name) + who
        if written.value in ("true", "false"):
            return title if written.value == "true" else f"not: {title}"
        owner, _, last = written.name.rpartition(".")
        if owner in self.base.vocabulary.entries:
            told = "" if written.value == PRESENT else "not "
            return f"{self.title(owner)}{who}: {told}{self.word(owner, last)}"
        return f"{title}: {self._value(written)}"

    def line(self, premises: Iterable[str]) -> str:
        """Say premises that must all hold in one sentence."""
        return "; and ".join(map(self.premise, premises))

    def lines(self, lines: Lines) -> str:
        """Say lines of which one is enough."""
        return "; or else ".join(map(self.line, lines))

    def _value(self, written: Written) -> str:
        threshold = self.base.thresholds.get(written.value)
        if threshold:
            number = self.number(written.comparison, written.value)
            return f"{number} ({threshold.certainty.replace('_', ' ')})"
        words = (word.strip() for word in written.value.split(","))
        return ", or ".join(self.behind(written.name, word) for word in words)

    def behind(self, name: str, word: str) -> str:
        """Say a word behind its title; what the title says already is only present there."""
        said = self.word(name, word)
        twice = re.search(rf"\b{re.escape(said)}\b", self.title(name), re.IGNORECASE)
        return _WORDS.get(word, said) if twice else said

    def number(self, comparison: str, threshold: str) -> str:
        """Say what a number is compared with."""
        return COMPARED[comparison][1].format(self.base.thresholds[threshold].text)

    def past(self, limits: Mapping[How, str]) -> str:
        """Say which numbers are past some thresholds."""
        return ", ".join(self.number(how, threshold) for how, threshold in limits.items())

    def word(self, name: str, word: str) -> str:
        """Say one answer to a finding, or one word of a derived finding or decision."""
        entry = self.base.vocabulary.entries.get(name)
        file = self.base.files.get(name)
        said = entry.says if entry else file.word_titles if isinstance(file, DerivedFile) else {}
        return said.get(word) or _WORDS.get(word) or word.replace("_", " ")

    def title(self, name: str) -> str:
        """Say the title of whatever has a name."""
        if name in _NAMES:
            return _NAMES[name]
        first, _, rest = name.partition(".")
        if first in _NAMES:
            return f"{_NAMES[first]} of the tier {rest}"
        if name in self.base.thresholds:
            return self.base.thresholds[name].title
        if name in self.base.vocabulary.entries:
            return self.base.vocabulary.entries[name].title
        if name in self.base.files:
            return self.base.files[name].title
        return self._part(name) or (self._part(f"of.{rest}") if rest else "") or name

    def _part(self, name: str) -> str:
        """Say a word of a list, a tier of a flag, or what is blocked or indicated."""
        owner, _, last = name.rpartition(".")
        entry, file = self.base.vocabulary.entries.get(owner), self.base.files.get(owner)
        if entry:
            return f"{entry.title}, {entry.words.get(last, last)}"
        if isinstance(file, ConclusionFile):
            return f"{file.title}, {last}"
        for known in (self.base.files, self.base.blocks.groups):
            if last in known:
                return f"{known[last].title} ({name.partition('.')[0]})"
        return ""

    def filled(self, template: str) -> str:
        """Say a template without a case: numbers as they are, findings by their titles."""

        def said(found: re.Match[str]) -> str:
            name = found.group(1)
            if name in self.base.thresholds:
                return self.base.thresholds[name].text
            quantifier, _, rest = name.partition(".")
            return f"[{self.title(rest if quantifier in _WHO else name)}]"

        return _BRACES.sub(said, template)

    def answers(self, path: str) -> str:
        """Say what may be answered to a finding."""
        entry = self.base.vocabulary.entries[path]
        if entry.type == "number":
            return self._numbers(entry)
        if entry.type in ("text", "date"):
            return f"a {entry.type}"
        full = self.base.vocabulary.paths(path)[0]
        allowed = [
            word if said == word.replace("_", " ") else f"{word} ({said})"
            for word in words_of(full, self.base.vocabulary)
            for said in [self.word(path, word)]
        ]
        many = "any of: " if entry.type == "list" else ""
        return many + ("; " if entry.words else ", ").join(allowed)

    def _numbers(self, entry: Entry) -> str:
        kind = "a whole number" if entry.whole else "a number"
        spans = (("allowed", entry.hard), ("usual", entry.usual))
        said = [
            f"{which} {with_unit(span[0], entry.unit)} to {with_unit(span[1], entry.unit)}"
            for which, span in spans
            if span
        ]
        return ", ".join([kind, *said])

    def source(self, reference: str) -> str:
        """Say a source: what is claimed of it and what it found, marked where nobody checked."""
        key, _, claim = reference.partition(" ")
        source = self.base.references[key]
        checked = "" if source.checked else " (not checked)"
        found = source.claims.get(claim)
        if found:
            return (
                f"{source.short}, claim {claim}{checked}: {found.text} Evidence: {found.evidence}"
            )
        return f"{source.short}{checked}: {source.says or source.note or source.title}"
