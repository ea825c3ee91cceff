"""How a comparison of rule bases is said: decisions by their titles, words as one reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from screening.assurance.compare.as_data import side_by_side
from screening.assurance.compare.outcomes import NO_TIME, NOT_GIVEN, TIER, WITHIN
from screening.assurance.compare.transitions import Found
from screening.intake.vocabulary import ASKED_WITH, without_side
from screening.rulebase.base import RuleBase

_OWN = {TIER: "Triage, the tier", WITHIN: "Triage, how soon"}
_SAID = {
    NOT_GIVEN: "not judged (this hip is not recorded as painful)",
    NO_TIME: "no time named",
    "none": "no red flag recorded",
    "absent": "not raised",
}


_MOST = 6
"""So many responsible rules are named; JSON has all."""


@dataclass(frozen=True)
class WordedChange:
    """One way in which a decision can change, said once where both legs show it."""

    title: str
    before: str
    after: str
    milder: bool
    rules: tuple[str, ...]
    old_case: tuple[str, ...]
    new_case: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    """What both screenings of the case say, side by side: title, before, after; the change first,
    then triage, then what both rule bases know."""
    because: str = ""
    """The reason that the new rules give for a milder change."""

    @property
    def one_case(self) -> bool:
        """Whether the case file is the same for both rule bases."""
        return self.old_case == self.new_case


class Words:
    """Titles and words of two rule bases; what the new one calls a thing counts."""

    def __init__(self, old: RuleBase, new: RuleBase) -> None:
        """Take both rule bases."""
        self._bases = (new, old)
        self._because: dict[tuple[str, str, str], str] = {}
        if new.changes and new.changes.since == old.version:
            given = new.changes.changes
            self._because = {(r.decision, r.before, r.after): r.because for r in given}

    def title(self, name: str, side: str | None = "") -> str:
        """Give the title of a decision; ``side`` replaces that of its name."""
        own, bare = without_side(name)
        leg = side if side != "" else own
        return f"{self._bare_title(bare)}{f' ({leg} leg)' if leg else ''}"

    def _bare_title(self, bare: str) -> str:
        if bare in _OWN:
            return _OWN[bare]
        for base in self._bases:
            for id, level in _ids(bare):
                file = base.files.get(id)
                if file is not None:
                    return f"{file.title}{self._part(level)}"
        return _plain(bare)

    def _part(self, name: str) -> str:
        """Say what of a file is meant: the level of a flag, or the advice that a decision is of."""
        of = next((b.files[name] for b in self._bases if name in b.files), None)
        return f": {of.title}" if of else f", level {_plain(name)}" if name else ""

    def titles(self, names: Iterable[str]) -> list[str]:
        """Give the titles of decisions, one of both legs once."""
        legs: dict[str, list[str | None]] = {}
        for name in names:
            side, bare = without_side(name)
            legs.setdefault(bare, []).append(side)
        return [
            self.title(bare, sides[0] if len(sides) == 1 else "either")
            for bare, sides in legs.items()
        ]

    def rule(self, id: str) -> str:
        """Give a rule, decision or derived finding by its id and its title."""
        for base in self._bases:
            if id in base.rule_texts:
                return f"{id} {base.rule_texts[id][0].title}"
            if id in base.files:
                return f"{id}: {base.files[id].title}"
        return id

    def _rules(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        more = (f"{len(ids) - _MOST} more",) if len(ids) > _MOST else ()
        return (*(self.rule(id) for id in ids[:_MOST]), *more)

    def changes(self, found: Iterable[Found]) -> list[WordedChange]:
        """Say every change, one of both legs once."""
        by_change: dict[tuple[str, str, str], list[Found]] = {}
        for each in found:
            _, bare = without_side(each.decision)
            key = (bare, each.before or "", each.after or "")
            by_change.setdefault(key, []).append(each)
        return [self._change(key, legs) for key, legs in by_change.items()]

    def _change(self, key: tuple[str, str, str], legs: list[Found]) -> WordedChange:
        first = legs[0]
        assert first.witness is not None
        before, after = side_by_side(first)
        rows = tuple(
            (self.title(name), said(before.get(name)), said(after.get(name)))
            for name in sorted({**before, **after}, key=lambda name: _place(name, first))
        )
        old, new = (tuple(answers(case)) for case in first.witness)
        return WordedChange(
            self.title(first.decision, "either" if len(legs) > 1 else ""),
            said(first.before),
            said(first.after),
            first.milder,
            self._rules(first.rules),
            old,
            new,
            rows,
            self._because.get(key, "") if first.milder else "",
        )


def _place(name: str, found: Found) -> int:
    """Give where a decision stands beside the change that is shown."""
    assert found.says is not None
    if name == found.decision:
        return 0
    if name in (TIER, WITHIN):
        return 1
    return 2 if all(name in says for says in found.says) else 3


def said(word: str | None) -> str:
    """Give a word of a decision as it is read."""
    if word is None:
        return "not in these rules"
    if word in _SAID:
        return _SAID[word]
    main, colon, reason = _plain(word).partition(": ")
    return f"{main} ({reason})" if colon else main


def answers(case: Mapping[str, object], path: str = "") -> list[str]:
    """Give the answers of a case file, one text each."""
    found: list[str] = []
    for key, value in case.items():
        at = f"{path}.{key}" if path else key
        if at in ("case_id", ASKED_WITH):
            continue
        if isinstance(value, dict):
            found += answers(value, at)
        else:
            text = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value
            found.append(f"{at}: {text}")
    return found


def _ids(bare: str) -> Iterable[tuple[str, str]]:
    yield bare, ""
    yield bare.removeprefix("advice."), ""
    flag, _, level = bare.rpartition(".")
    yield flag, level


def _plain(text: str) -> str:
    return text.replace("_", " ")
