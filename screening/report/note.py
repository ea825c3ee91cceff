"""The referral note of a flag, to be copied: to whom, how fast, why, what was not done, by whom.

One mechanism for the command, the interview and the page: it reads the record, holds no verdict,
and fits ten lines of a letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screening.record.wording import without_brackets
from screening.report.contents import Contents, Typed
from screening.report.layout import PagePart, Sheet
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.record.model import FlagFinding, FlagRecord, Record

_COLUMNS = 80
_MOST = 10
"""So many lines of so many columns has a note."""

_FEW = 3
_TO_BE_WRITTEN = "____________"
"""Stands where a name or a date was not recorded: the note is signed by hand."""

Labelled = tuple[str, str]
"""A label and what is said under it."""


@dataclass(frozen=True, slots=True)
class Note:
    """The note of one flag."""

    head: str
    lines: list[Labelled]


def notes(record: Record, base: RuleBase, typed: Typed = on_a_line) -> list[Note]:
    """Give the note of every flag that is present, the worst first."""
    present = [flag for flag in record["triage"]["flags"] if flag["status"] == "present"]
    ranked = sorted(present, key=lambda flag: TIERS.index(flag["tier"]))
    return [_Writer(flag, record, base, typed).note() for flag in ranked]


def note(record: Record, base: RuleBase) -> str:
    """Give the notes as text; empty where no flag is present."""
    sheet, found = Sheet(_COLUMNS), []
    for each in notes(record, base):
        lines = [line for label, text in each.lines for line, _ in sheet.labelled(label, text)]
        found.append("\n".join([each.head, *lines]) + "\n")
    changed = Contents(record, base).rules_changed
    standing = [line for line, _ in sheet.wrapped("", "", changed)] if found and changed else []
    return "\n".join([*standing, *found])


class _Writer:
    def __init__(self, flag: FlagRecord, record: Record, base: RuleBase, typed: Typed) -> None:
        self.flag, self.record, self.base, self.typed = flag, record, base, typed

    def note(self) -> Note:
        kind = "NOTE" if self.flag["tier"] == TIERS[-1] else "REFERRAL NOTE"
        head = f"{kind}   {soon(self.flag)}"
        return Note(head, _fitted(list(self._parts())))

    def _parts(self) -> Iterator[tuple[int, list[Labelled]]]:
        """Give each part with its rank and its versions from long to short."""
        flag, contents = self.flag, Contents(self.record, self.base, self.typed)
        if flag["to"]:
            yield 0, [("To", flag["to"])]
        case, *person = contents.head
        who = [case.removeprefix("case "), *(each for each in person if each != self._when())]
        few = [each.partition(", ")[0] for each in who]
        yield 4, [("Patient", ", ".join(said)) for said in (who, few)]
        legs = f", {' and '.join(flag['sides'])}" if flag["sides"] else ""
        title = flag["title"]
        yield 1, [("About", f"{each}{legs}.") for each in (title, without_brackets(title))]
        why, first = flag["because"], _sentence(flag["because"])
        yield 5, [("Why", said) for said in (why, first, without_brackets(first))]
        found = flag["findings"] if len(flag["findings"]) > 1 else []
        if found:
            fewer = (found, *(found[:many] for many in range(_FEW, 0, -1)))
            # Why it is referred says the findings already, in the end all of them.
            yield 2, [*(("Found", self._found(each)) for each in fewer), ("Found", "")]
        action, sentence = flag["action"], _sentence(flag["action"])
        short = (f"{sentence.partition(mark)[0].rstrip('.')}." for mark in ":;")
        # What is asked for is never left out: a colleague acts on it, and is held to it.
        asked = sorted({action, sentence, *short}, key=len, reverse=True)
        yield 3, [("Asked", said) for said in asked]
        yield 6, [("Not done", " ".join(said)) for said in self._not_done() if said]
        yield 0, [("Examined", f"{self._when()}, by {self._who()}")]

    def _found(self, findings: list[FlagFinding]) -> str:
        legs: dict[str | None, list[str]] = {}
        for each in findings:
            legs.setdefault(each["side"], []).append(each["text"])
        said = [
            f"{side}: {'; '.join(texts)}" if side else "; ".join(texts)
            for side, texts in legs.items()
        ]
        more = len(self.flag["findings"]) - len(findings)
        return f"{self._when()}: {'; '.join(said)}{f'; {more} more' if more else ''}."

    def _not_done(self) -> Iterator[list[str]]:
        """Say what was left out because of the flag, not asked at all, and never done here."""
        entries = self.base.vocabulary.entries
        tests = [entries[name].title for name in self.flag["not_done"]]
        gates = len(self.record["triage"]["unanswered"])
        open_ = [f"{gates} questions for red flags."] if gates else []
        never = self.base.evidence.statements.get("not_done", "")
        left = (f"{'; '.join(tests)}.", f"{len(tests)} tests that this forbids.")
        for each in (*left, "") if tests else ("",):
            yield [said for said in (never, *open_, each) if said]

    def _when(self) -> str:
        return str(self.record["patient"].get("examined_on", _TO_BE_WRITTEN))

    def _who(self) -> str:
        by = self.record["patient"].get("examined_by")
        return self.typed(str(by)) if by else _TO_BE_WRITTEN


def _sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _fitted(parts: Iterable[tuple[int, list[Labelled]]]) -> list[Labelled]:
    """Choose for each part the longest version with which all fit."""
    sheet = Sheet(_COLUMNS)
    chosen = []
    for rank, versions in parts:
        chosen.append(versions)
        sheet.parts.append(PagePart(rank, [sheet.labelled(*each) for each in versions]))
    sheet.fit(_MOST - 1)
    sheet.lengthen(_MOST - 1)
    taken = (versions[part.taken] for versions, part in zip(chosen, sheet.parts, strict=True))
    return [each for each in taken if each[1]]
