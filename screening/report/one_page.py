"""What stands on the page: triage, each leg with its reasons, first steps, what stops them.

Parts are ranked: what a reader can do without for now is made shorter first, and ``--full`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screening.record.wording import titled
from screening.report.contents import Contents
from screening.report.layout import LABEL, Line, Sheet
from screening.report.on_a_page import LegText, leg_texts, plan_of, soon, whom
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS, WITHINS

if TYPE_CHECKING:
    from screening.record.model import FlagRecord, Record, TriageRecord

_LONG = 4
"""Titles of further flags that take more lines than this may be counted instead."""

STYLE = {"emergency": "bold red", "urgent": "bold red", "referral": "bold yellow", "none": ""}


class OnePage:
    """Writes the parts of one record onto a sheet."""

    def __init__(self, record: Record, base: RuleBase, sheet: Sheet, command: str) -> None:
        """Take a record, and the sheet to write on."""
        self.record, self.base, self.sheet = record, base, sheet
        self.contents, self.command = Contents(record, base), command
        self.triage: TriageRecord = record["triage"]
        flags = [flag for flag in self.triage["flags"] if flag["status"] == "present"]
        self.flags = sorted(flags, key=_urgency)

    def write(self) -> None:
        """Write everything, an emergency before all else."""
        sheet, contents = self.sheet, self.contents
        emergency = self.triage["tier"] == TIERS[0]
        if emergency:
            self._emergency()
        head = " · ".join(contents.head)
        sheet.add(sheet.wrapped("", "  ", f"CASE {head.removeprefix('case ')}", "bold"))
        sheet.gap()
        self._triage()
        legs = [] if emergency else leg_texts(self.record, self.base)
        apart = bool(self.flags or contents.open or contents.yes_without_a_flag)
        for leg in legs if apart else ():
            self._headline(leg)
        self._flags(emergency)
        if not emergency:
            for leg in legs:
                self._leg(leg, apart, len(legs) > 1)
            self._painless()
            self._plan()
            self._next()
        self._doubts(emergency)
        self._foot()

    # -- triage ---------------------------------------------------------------------------------

    def _emergency(self) -> None:
        sheet = self.sheet
        first, *others = [flag for flag in self.flags if flag["tier"] == TIERS[0]]
        style = STYLE[TIERS[0]]
        head = f"{soon(first)}: {titled(first)}"
        sheet.add(sheet.wrapped("", " " * 10, head, style))
        sheet.add(sheet.labelled("Do", first["action"], style))
        sheet.add(*self._told("Why", first["because"]), rank=3)
        sheet.add(sheet.labelled("Contact", whom(first)))
        self._also(others, "Also", rank=5)
        sheet.gap()

    def _told(self, label: str, text: str) -> list[list[Line]]:
        """Give a text, then its first sentence alone."""
        sentence = text.partition(". ")[0].rstrip(".") + "."
        return [self.sheet.labelled(label, said) for said in (text, sentence)]

    def _also(self, flags: list[FlagRecord], label: str, rank: int) -> None:
        """Say further flags: whole, with their actions, or by their titles alone."""
        if not flags:
            return
        sheet = self.sheet
        named: dict[str, list[str]] = {}
        for flag in flags:
            named.setdefault(soon(flag), []).append(titled(flag))
        titles = " ".join(f"{how}: {'; '.join(names)}." for how, names in named.items())
        versions: list[list[Line]] = [[], []]
        for flag in flags:
            title, style = self._named(flag), STYLE[flag["tier"]]
            action = sheet.paragraphs([f"-> {flag['action']}"])
            versions[0] += sheet.labelled(label, f"{title} {flag['because']}", style)
            versions[0] += action
            versions[1] += sheet.labelled(label, title, style) + action
        in_short = sheet.labelled(label, titles, STYLE[flags[0]["tier"]])
        counted = sheet.labelled(label, f"{len(flags)} more red flags, named by --full.")
        sheet.add(*versions, in_short, counted if len(in_short) > _LONG else in_short, rank=rank)

    def _triage(self) -> None:
        sheet, triage = self.sheet, self.triage
        style = STYLE[triage["tier"]]
        excluded = self.base.evidence.statements["does_not_exclude"]
        said = f"{self.contents.triage_headline} {excluded}"
        if triage["tier"] == TIERS[0]:
            said = self.contents.completeness  # the headline above says the rest
        sheet.add(sheet.labelled("TRIAGE", said, style))

    def _flags(self, emergency: bool) -> None:
        sheet = self.sheet
        if self.flags:
            sheet.gap()
        shown = self.flags if not emergency else [f for f in self.flags if f["tier"] != TIERS[0]]
        if not emergency and shown:
            self._flag(shown.pop(0))
        self._also(shown, "FLAG", rank=5)
        yes = self.contents.yes_without_a_flag
        sheet.add(sheet.paragraphs(yes), sheet.paragraphs(self.contents.yes_in_short), rank=12)
        if not emergency:
            counted = sheet.paragraphs(self.contents.open_in_short)
            sheet.add(sheet.paragraphs(self.contents.open), counted, rank=8)
        sheet.gap()

    def _flag(self, flag: FlagRecord) -> None:
        """Say the worst flag; its action always stands whole."""
        sheet, style = self.sheet, STYLE[flag["tier"]]
        title = self._named(flag)
        whole = sheet.labelled("FLAG", f"{title} {flag['because']}", style)
        sheet.add(whole, sheet.labelled("FLAG", title, style), rank=2)
        sheet.add(sheet.paragraphs([f"-> {flag['action']}"]))
        sheet.add(sheet.labelled("Contact", whom(flag)), [], rank=6)

    def _named(self, flag: FlagRecord) -> str:
        """Name a flag; how bad and how soon only where the line of the triage does not say it."""
        how = soon(flag)
        said = self.triage["tier"] not in (TIERS[0], TIERS[-1]) and how == soon(self.triage)
        return f"{titled(flag)}." if said else f"{how}: {titled(flag)}."

    # -- the legs -------------------------------------------------------------------------------

    def _headline(self, leg: LegText) -> None:
        self.sheet.add(self.sheet.labelled(leg.label, leg.headline, "bold"))

    def _leg(self, leg: LegText, apart: bool, several: bool) -> None:
        sheet = self.sheet
        if not apart:
            self._headline(leg)
        elif several:
            sheet.add([(leg.label, "bold")])
        # Apart from its headline, what is said of the pain needs its leg again.
        alone = apart and not several and leg.pain
        pain = (
            sheet.labelled(leg.label, " ".join(leg.pain)) if alone else sheet.paragraphs(leg.pain)
        )
        sheet.add(pain, [], rank=8)
        because = [sheet.numbered("Because", leg.because[:n]) for n in (None, 5, 4, 3)]
        sheet.add(*because, rank=4)
        self._but(leg.but)
        sheet.add(sheet.labelled("Firm?", leg.firm), [], rank=6)
        sheet.gap()

    def _but(self, but: Sequence[str]) -> None:
        versions = [self.sheet.numbered("But", but[:n]) for n in range(min(3, len(but)), 0, -1)]
        if versions:
            self.sheet.add(*versions, [], rank=7)

    def _painless(self) -> None:
        for side, reading in self.contents.painless.items():
            whole = self.sheet.labelled(side.upper(), reading)
            self.sheet.add(whole, [], rank=10)
        self.sheet.gap()

    # -- what to do -----------------------------------------------------------------------------

    def _plan(self) -> None:
        sheet, plan = self.sheet, plan_of(self.record, self.base)
        if plan.none:
            sheet.add(sheet.labelled("ADVICE", plan.none))
        sheet.mark(-(-26 * (80 - LABEL) // (min(sheet.width, 80) - LABEL)))
        sheet.add(
            sheet.numbered("DO FIRST", plan.first),
            sheet.numbered("DO FIRST", plan.first_short),
            rank=5,
        )
        sheet.add(sheet.labelled("Then", plan.then))
        sheet.add(sheet.labelled("Optional", plan.optional), [], rank=9)
        sheet.add(sheet.labelled("Look now", plan.look_now))
        for label, signs in plan.stops:
            sheet.add(sheet.labelled(label, signs))
        for label, said in plan.under_a_heading:
            sheet.add(sheet.labelled(label, said))
        held = [line for label, said in plan.not_now for line in sheet.labelled(label, said)]
        short = [
            line
            for label, names in plan.not_now_short.items()
            for line in sheet.labelled(label, f"{'; '.join(dict.fromkeys(names))}. Why: --full.")
        ]
        sheet.add(held, short, rank=9)
        versions = [sheet.labelled("Consider", said) for said in self.contents.consider_in_short]
        if versions:
            sheet.add(*versions, rank=10)
        sheet.gap()

    def _next(self) -> None:
        texts = self.contents.next
        versions = [self.sheet.numbered("RECORD", texts[:n]) for n in range(len(texts), 0, -1)]
        # What moves neither the triage nor a verdict makes room for what speaks against it.
        legs = [leg for leg in self.record["sides"].values() if leg]
        may_wait = self.triage["complete"] and all(leg["settled"] for leg in legs)
        if versions:
            self.sheet.add(*versions, *([[]] if may_wait else []), rank=8 + may_wait)

    def _doubts(self, emergency: bool) -> None:
        sheet, doubts = self.sheet, self.contents.warnings
        counted = f"{len(doubts)} doubtful answers: see --full."
        versions: list[list[Line]] = [
            sheet.numbered("CHECK", doubts),
            sheet.numbered("CHECK", doubts[:2]),
        ]
        if doubts and len(doubts) > 1:
            versions.append(sheet.labelled("CHECK", counted))
        if doubts:
            sheet.add(*versions, *([[]] if emergency else []), rank=9)
        if not emergency:
            scores = [line for s in self.contents.scores for line in sheet.labelled("Score", s)]
            sheet.add(scores, [], rank=11)
        sheet.gap()

    def _foot(self) -> None:
        sheet = self.sheet
        said = f"{self.base.evidence.statements['in_short']} {self.contents.made_with}"
        sheet.add(sheet.wrapped("", "", said + (" · all of it:" if self.command else "")))
        if self.command:
            # On a line of its own, never wrapped: it is there to be pasted.
            sheet.add([(self.command, "")])


def _urgency(flag: FlagRecord) -> tuple[int, int]:
    within = flag["within"]
    return TIERS.index(flag["tier"]), WITHINS.index(within) if within else len(WITHINS)
