"""The cards of one screening: red flags by their tier, then each painful leg, then what is open.

A verdict never stands without the movement pattern, and no exercise is proposed while a red flag is
present or not excluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from screening.errors import CaseError
from screening.exchange.cds.asked import HookCall, examination, unavailable
from screening.exchange.fhir.assessed import NOT_THE_CAUSE, OVERRIDES, SUSPENDED, flags_present
from screening.exchange.fhir.proposed import ADVISED, plan, requests
from screening.exchange.fhir.systems import Resource, coding
from screening.exchange.fhir.writer import ResourceWriter
from screening.inference.infer import infer
from screening.intake.vocabulary import SIDES
from screening.record.screening import as_read
from screening.record.verdict import VERDICT
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS

if TYPE_CHECKING:
    from screening.record.model import LegRecord

Card = dict[str, object]

_INDICATORS = {"emergency": "critical", "urgent": "warning", "referral": "warning"}
_LABEL = "Calf-hip screening, a research prototype and not a medical device"
_NOT_CLEARED = "This screen does not exclude serious disease"
_EVEN_SO = "; it does not exclude serious disease"


@dataclass(frozen=True)
class Deck:
    """Makes the cards of one call; each has an id of its own, the same if it is asked again."""

    base: RuleBase
    asked: HookCall
    form: str
    """Where the form can be filled."""

    def id(self, key: str) -> str:
        """Give the id of a card or a suggestion."""
        return str(uuid5(UUID(self.asked.instance), key))

    def card(self, key: str, summary: str, detail: Iterable[str], indicator: str) -> Card:
        """Give a card without suggestions."""
        return {
            "uuid": self.id(key),
            "summary": summary,
            "detail": "\n\n".join(filter(None, detail)),
            "indicator": indicator,
            "source": {
                "label": f"{_LABEL} (rules {self.base.version})",
                "topic": coding(VERDICT, self.base.ladder(VERDICT).title),
            },
            "overrideReasons": [coding(code, said) for code, said in OVERRIDES.items()],
        }

    def suggestion(self, key: str, label: str, said: str, resource: Resource) -> Card:
        """Give a suggestion to make one resource."""
        action = {"type": "create", "description": said, "resource": resource}
        return {"label": label, "uuid": self.id(f"suggestion {key}"), "actions": [action]}


def answer(asked: HookCall, base: RuleBase, form: str) -> dict[str, list[Card]]:
    """Give the cards of one request; none if there is nothing to say."""
    deck = Deck(base, asked, form)
    if unavailable(asked):
        what = "Part of the record could not be read, so nothing was screened."
        return {"cards": [_open(deck, [what])]}
    try:
        case = examination(asked, base)
    except CaseError as error:
        return {"cards": [_unreadable(deck, error)]}
    if case is None:
        return {"cards": []}
    inferred = infer(case, base)
    writer = ResourceWriter(inferred, as_read(inferred))
    if not inferred.agree:
        return {"cards": [_disagree(deck)]}
    return {"cards": [*_flags(deck, writer), *_legs(deck, writer), *_incomplete(deck, writer)]}


def _unreadable(deck: Deck, error: CaseError) -> Card:
    summary = "The recorded examination contradicts itself or cannot be read: not screened"
    detail = [f"{_NOT_CLEARED}.", *(f"- {problem}" for problem in error.problems)]
    return deck.card("unreadable", summary, detail, "warning")


def _disagree(deck: Deck) -> Card:
    summary = "The two readings of the rules differ: nothing is said and nothing is advised"
    detail = ["This is a fault of the program, not of the patient's record. Please report it."]
    return deck.card("readings", summary, detail, "warning")


# -- red flags ------------------------------------------------------------------------------------


def _flags(deck: Deck, writer: ResourceWriter) -> Iterator[Card]:
    present = zip(flags_present(writer), requests(writer), strict=True)
    for flag, request in sorted(present, key=lambda pair: TIERS.index(pair[0]["tier"])):
        blocked = writer.titles(flag["blocks"])
        detail = [
            f"**{flag['action']}**",
            f"To: {flag['to']}." if flag["to"] else "",
            flag["because"],
            f"Until it is cleared, not: {blocked}." if blocked else "",
            "Suspected on screening, not diagnosed.",
        ]
        indicator = _INDICATORS.get(flag["tier"], "info")
        card = deck.card(flag["id"], f"{soon(flag)}: {flag['title']}", detail, indicator)
        # What it rests on is a Flag of the Bundle, which the record does not hold.
        made = {key: part for key, part in request.items() if key not in ("id", "supportingInfo")}
        label = f"Propose a request: {flag['title']}"
        yield _with(card, [deck.suggestion(flag["id"], label, flag["action"], made)])


def _with(card: Card, suggestions: list[Card]) -> Card:
    if not suggestions:
        return card
    return {**card, "suggestions": suggestions, "selectionBehavior": "any"}


# -- legs -----------------------------------------------------------------------------------------


def _legs(deck: Deck, writer: ResourceWriter) -> Iterator[Card]:
    for side in SIDES:
        leg = writer.record["sides"][side]
        if leg:
            summary = leg_summary(deck.base, side, leg["verdict"])
            card = deck.card(f"leg {side}", summary, _because(leg), "info")
            yield _with(card, list(_exercises(deck, writer, side)))


def leg_summary(base: RuleBase, side: str, verdict: str) -> str:
    """Say the verdict of a leg, never without the movement pattern."""
    movement = base.evidence.statements["movement"].lower()
    return f"{side.title()} leg, {movement}: {verdict.replace('_', ' ')} ({NOT_THE_CAUSE})"


def _because(leg: LegRecord) -> Iterator[str]:
    yield leg["because"]
    lines = leg["because_lines"]
    yield "\n".join(f"- {line}" for line in lines)
    if leg["verdict"] != SUSPENDED:
        yield "\n".join(f"- But: {line}" for line in leg["against"])
    yield "It speaks of the movement pattern, never of the cause of the pain; certainty very low."


def _exercises(deck: Deck, writer: ResourceWriter, side: str) -> Iterator[Card]:
    """Propose what is advised; nothing while a flag is present or not excluded."""
    triage = writer.record["triage"]
    if triage["flags"] or not triage["complete"]:
        return
    for advice in writer.record["advice"]:
        if advice["side"] == side and advice["status"] == ADVISED:
            made = plan(writer, side, [advice])
            kept = {key: part for key, part in made.items() if key not in ("id", "supportingInfo")}
            label = f"Propose: {advice['title']} ({side})"
            key = f"{side} {advice['id']}"
            yield deck.suggestion(key, label, advice["dose"] or advice["title"], kept)


# -- what is open ---------------------------------------------------------------------------------


def _incomplete(deck: Deck, writer: ResourceWriter) -> Iterator[Card]:
    triage = writer.record["triage"]
    if triage["complete"]:
        return
    asked = writer.titles(f"red_flags.{gate}" for gate in triage["unanswered"])
    opened = "; ".join(flag["title"] for flag in triage["flags"] if flag["not_excluded"])
    detail = [
        f"Not answered: {asked}." if asked else "",
        f"Not excluded: {opened}." if opened else "",
    ]
    yield _open(deck, detail)


def _open(deck: Deck, detail: Iterable[str]) -> Card:
    summary = f"The screen for red flags is not complete{_EVEN_SO}"
    card = deck.card("incomplete", summary, [f"{_NOT_CLEARED}.", *detail], "info")
    return {**card, "links": [{"label": "Fill in the form", "url": deck.form, "type": "absolute"}]}
