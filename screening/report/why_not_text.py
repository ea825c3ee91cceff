"""Why a conclusion does not hold, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.page import Page, Text
from screening.record.wording import with_leg
from screening.report.proof_text import MARK, headed, holds_text
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.questions.answer_model import WhyNotAnswer
    from screening.record.proof_model import NearRule

_NUMBER = {1: "one finding", 2: "two findings together", 3: "three findings together"}

_LIMIT = {
    (False, "told"): "Nothing that could be measured anew would make it hold. The history stands "
    "against it, and is not there to be changed:",
    (False, "more_than_three"): "More than three findings would have to be different.",
    (False, "never"): "No other findings could make it hold.",
    (None, "more_than_three"): "More than three findings would have to be recorded to settle it.",
    (None, "never"): "Recording more cannot settle it now: something is blocked or was set aside.",
}


def why_not_text(answer: WhyNotAnswer, base: RuleBase) -> Text:
    """Write what would have to be different, what to record, and the nearest rules."""
    page = Page()
    page.line()
    page.paragraph(headed(answer), indent=0, style="bold")
    if answer["value"]:
        side = f" --side {answer['side']}" if answer["side"] else ""
        page.paragraph(holds_text(answer), indent=2)
        page.paragraph(f"`screening why CASE {answer['conclusion']}{side}` proves it.", indent=2)
        return page.text
    _sets(page, answer, base)
    _nearest(page, answer)
    return page.text


def _sets(page: Page, answer: WhyNotAnswer, base: RuleBase) -> None:
    changes = [[change["text"] for change in found] for found in answer["changes"]]
    sets = changes or [
        [with_leg(path, base.vocabulary) for path in found] for found in answer["record"]
    ]
    if answer["limit"]:
        page.paragraph(_LIMIT[answer["value"], answer["limit"]], indent=2)
        page.items(answer["told"], indent=4)
        return
    if not sets:
        return
    number = _NUMBER[len(sets[0])]
    begin = "It would hold if" if changes else "Recording"
    end = f" were {_different(answer)}" if changes else " could settle it"
    any_of = ", any of these" if len(sets) > 1 else ""
    page.paragraph(f"{begin} {number}{end}{any_of}:", indent=2)
    page.items(("; and ".join(found) for found in sets), indent=4)
    if answer["sets"] > len(sets):
        page.paragraph(f"({answer['sets'] - len(sets)} more would do as well.)", indent=4)


def _different(answer: WhyNotAnswer) -> str:
    """Tell a finding that is to be another from one that is not recorded yet."""
    asked = all(change["from"] is None for found in answer["changes"] for change in found)
    return "recorded like this" if asked else "different"


def _nearest(page: Page, answer: WhyNotAnswer) -> None:
    if not answer["nearest"]:
        page.paragraph("No rule leads to it.", indent=2)
        return
    page.line()
    page.heading("Nearest rules   [x] met   [ ] not met   [?] unknown", indent=2)
    for rule in answer["nearest"]:
        if "." in rule["rule"]:
            # It follows from data and bears a conclusion's name: its premise says all there is.
            _premises(page, rule, 2, deeper=True)
            continue
        side = f", {rule['side']}" if rule["side"] else ""
        page.paragraph(f"{rule['rule']}{side}: {rule['title']}", indent=2)
        _premises(page, rule, 4, deeper=True)


def _premises(page: Page, rule: NearRule, indent: int, deeper: bool) -> None:
    """Write premises; of a conclusion that lacks something also the first rule for it."""
    for premise in rule["premises"]:
        page.paragraph(f"{MARK[premise['status']]} {premise['text']}", indent=indent)
        if deeper and premise["status"] != "met" and premise["proofs"]:
            _premises(page, premise["proofs"][0], indent + 4, deeper=False)
