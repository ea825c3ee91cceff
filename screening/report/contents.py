"""What a report says, as plain data: the same sentences for the text and for the page.

Every clinical word comes from the record or from the rule base; nothing clinical is written here.
Words that somebody typed pass through ``typed``, so that a page can set them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from screening import __version__
from screening.explanation.screening import Record
from screening.intake.vocabulary import SIDES, without_side
from screening.report.advice_contents import Advice, advice_of
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS
from screening.safe import on_a_line

Typed = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Listed:
    """Sentences under a heading; numbered where their order is meant."""

    heading: str
    items: list[str]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """One red flag that is present."""

    id: str
    tier: str
    label: str
    text: str
    action: str
    check: str


@dataclass(frozen=True, slots=True)
class Triage:
    """What comes first."""

    tier: str
    headline: str
    flags: list[Flag]
    open: list[str]
    statement: str


@dataclass(frozen=True, slots=True)
class Side:
    """One leg with hip pain."""

    side: str
    headline: str
    paragraphs: list[str]
    lists: list[Listed]


class Contents:
    """The sections of a report on one case, in the order in which they are read."""

    def __init__(self, record: Record, base: RuleBase, typed: Typed = on_a_line) -> None:
        """Speak of one record."""
        self._record, self._base, self._typed = record, base, typed

    @property
    def rules_changed(self) -> str:
        """What must be said first where the rules are not those that were sealed."""
        return self._base.standing.said

    @property
    def head(self) -> list[str]:
        """The person and the case."""
        return [f"case {self._typed(str(self._record['case_id']))}", *self._record["heading"]]

    @property
    def triage(self) -> Triage:
        """The red flags."""
        triage = self._record["triage"]
        present = [flag for flag in triage["flags"] if flag["status"] == "present"]
        when = f", within: {triage['within'].replace('_', ' ')}" if triage["within"] else ""
        least = "" if triage["complete"] else "at least "
        found = f"{least}{triage['tier']}{when}.".upper() if present else "No red flag recorded."
        return Triage(
            triage["tier"],
            f"{found} {self._completeness(triage)}",
            [_flag(flag) for flag in sorted(present, key=lambda flag: TIERS.index(flag["tier"]))],
            [] if triage["complete"] else list(self._open(triage)),
            self._base.evidence.statements["does_not_exclude"],
        )

    def _completeness(self, triage: dict[str, Any]) -> str:
        if not triage["complete"]:
            return "The screen is not complete."
        gates, attested = len(self._base.vocabulary.gates), len(triage["attested"])
        by = self._typed(str(self._record["patient"].get("attested_by", "")))
        together = f", {attested} attested together ({by})" if attested else ""
        return f"Screen complete: {gates - attested} gates asked one by one{together}."

    def _open(self, triage: dict[str, Any]) -> Iterator[str]:
        if triage["unanswered"]:
            entries = self._base.vocabulary.entries
            titles = [entries[f"red_flags.{gate}"].title for gate in triage["unanswered"]]
            yield f"Not answered: {'; '.join(titles)}."
        names = [
            f"{flag['title']} ({', '.join(flag['not_excluded'])})"
            for flag in triage["flags"]
            if flag["not_excluded"]
        ]
        if names:
            yield f"Not excluded: {'; '.join(names)}."

    @property
    def sides(self) -> dict[str, Side]:
        """The legs with hip pain."""
        return {side: self._side(side) for side in SIDES if self._record["sides"][side]}

    def _side(self, side: str) -> Side:
        found = self._record["sides"][side]
        rows = self._base.ladder("verdict").rows
        row = next(r for r in rows if r.word == found["verdict"] and r.reason == found["reason"])
        headline = f"{self._base.evidence.statements['movement']}: {row.says}"
        suspended = found["verdict"] == "suspended"
        lists = [] if suspended else [each for each in self._lists(found) if each.items]
        return Side(side, headline, list(self._paragraphs(found)), lists)

    def _paragraphs(self, found: dict[str, Any]) -> Iterator[str]:
        if found["evidence_against"] and found["verdict"] != "suspended":
            yield self._base.evidence.statements["about_pain"]
        yield found["because"]
        if not found["settled"] and found["verdict"] == "possible":
            titles = dict.fromkeys(self._base.vocabulary[path].title for path in found["missing"])
            yield f"Could become likely: record {'; '.join(titles).lower()}."

    def _lists(self, found: dict[str, Any]) -> Iterator[Listed]:
        yield Listed("For", found["for"], numbered=True)
        yield Listed("Against", found["against"] + found["evidence_against"])
        yield Listed("Counts neither way", found["neither"])
        missing = [
            f"{self._base.vocabulary[path].title} ({_where(path)})" for path in found["missing"]
        ]
        yield Listed("Not tested", list(dict.fromkeys(missing)))
        turning = [reading["text"] for reading in found["firmness"] if not reading["holds"]]
        yield Listed("How firm", turning)

    @property
    def painless(self) -> dict[str, str]:
        """The legs without hip pain of which a reading is known."""
        return {
            leg["side"]: f"{'; '.join(leg['readings'])}. {leg['text']}"
            for leg in self._record["painless_legs"]
        }

    @property
    def consider(self) -> list[Listed]:
        """What else it could be, for each hip."""
        return [
            Listed(
                f"Consider at the {side} hip (not diagnoses)",
                [
                    f"{item['title']}: {' '.join(item['because'])}"
                    for item in found["explanations_to_consider"]
                ],
            )
            for side, found in self._record["sides"].items()
            if found and found["explanations_to_consider"]
        ]

    @property
    def advice(self) -> Advice:
        """What is advised, blocked and withheld."""
        return advice_of(self._record, self._base)

    @property
    def scores(self) -> list[str]:
        """Every score that something was recorded for, with what its range means."""
        return [_score(score) for score in self._record["scores"] if score["any_item_settled"]]

    @property
    def next(self) -> list[str]:
        """What to record next."""
        return [
            f"{item['title']} ({_where(item['path'])}): {item['because']}"
            for item in self._record["next_findings"][:3]
        ]

    @property
    def warnings(self) -> list[str]:
        """What is doubtful in what was recorded, each once."""
        return list(dict.fromkeys(warning["message"] for warning in self._record["warnings"]))

    @property
    def foot(self) -> list[str]:
        """What this is, and what it was made with."""
        made = self._record["screened_with"]
        unchecked = list(self._unchecked())
        agree = "readings agree" if made["readings_agree"] else "READINGS DIFFER"
        read = f"{made['reviewed']} of {made['files']} files reviewed"
        sources = (
            f" · {len(unchecked)} sources not checked: {', '.join(unchecked)}" if unchecked else ""
        )
        return [
            self._base.evidence.statements["intended_use"],
            f"screening {__version__} · rules {made['rule_base']} {made['digest'][:17]}... · "
            f"{read} · {agree}{sources} · full proof: "
            f"screening screen {self._typed(str(self._record['case_id']))} --full",
        ]

    def _cited(self) -> Iterator[str]:
        for entry in (*self._record["trace"], *self._record["advice"]):
            for reference in entry["references"]:
                yield reference.partition(" ")[0]

    def _unchecked(self) -> Iterator[str]:
        for key in dict.fromkeys(self._cited()):
            if not self._base.references[key].checked:
                yield self._base.references[key].short

    @property
    def sources(self) -> list[str]:
        """Every source that this screening rests on."""
        return [" ".join(self._source(key).split()) for key in sorted(set(self._cited()))]

    def _source(self, key: str) -> str:
        source = self._base.references[key]
        parts = [
            source.authors or source.short,
            source.year,
            source.title,
            source.journal,
            f"doi {source.doi}" if source.doi else "",
            f"PMID {source.pmid}" if source.pmid else "",
            "" if source.checked else "NOT CHECKED",
        ]
        return ". ".join(str(part).rstrip(".") for part in parts if part)


def _where(path: str) -> str:
    return without_side(path)[0] or "person"


def _flag(flag: dict[str, Any]) -> Flag:
    where = f", {' and '.join(flag['sides'])}" if flag["sides"] else ""
    check = "Answered absent elsewhere: check which is right." if flag["contradicts"] else ""
    return Flag(
        flag["id"],
        flag["tier"],
        flag["tier"] if flag["tier"] != "none" else "precaution",
        f"{flag['title']}{where}. {flag['because']}",
        flag["action"],
        check,
    )


def _score(score: dict[str, Any]) -> str:
    low, high = score["low"], score["high"]
    points = f"{low}" if low == high else f"{low} to {high} (items missing)"
    return " ".join([f"{score['title']}, {score['side']}: {points}.", *score["says"]])
