"""What a report says, as plain data: the same sentences for the text and for the page.

Every clinical word comes from the record or from the rule base; nothing clinical is written here.
Words that somebody typed pass through ``typed``, so that a page can set them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screening.intake.vocabulary import SIDES
from screening.record.wording import lower, of_legs, said_once, titled, with_legs, without_brackets
from screening.report.advice_contents import Advice, advice_of
from screening.report.on_a_page import soon
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS, said_level
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.record.model import FlagRecord, LegRecord, Record, ScoreRecord, TriageRecord

_NEXT = 3
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
    title: str
    because: str
    action: str
    to: str


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
        return Triage(
            triage["tier"],
            self.triage_headline,
            [_flag(flag) for flag in sorted(present, key=lambda flag: TIERS.index(flag["tier"]))],
            [*self.yes_without_a_flag, *self.open],
            self._base.evidence.statements["does_not_exclude"],
        )

    @property
    def triage_headline(self) -> str:
        """How bad, how soon, and whether everything was asked."""
        triage = self._record["triage"]
        present = any(flag["status"] == "present" for flag in triage["flags"])
        if triage["tier"] != TIERS[-1]:
            found = soon(triage) + "."
            least = "" if triage["complete"] or triage["tier"] == TIERS[0] else "At least "
            return f"{least}{found} {self.completeness}"
        if not triage["complete"]:
            return self.completeness
        said = "No referral, but a precaution." if present else "No red flag recorded."
        return f"{said} {self.completeness}"

    @property
    def completeness(self) -> str:
        """Whether everything was asked, and who attests it."""
        triage = self._record["triage"]
        gates, attested = len(self._base.vocabulary.gates), len(triage["attested"])
        if triage["unanswered"]:
            left = gates - len(triage["unanswered"])
            return f"NOT COMPLETE: {left} of {gates} questions answered."
        if not triage["complete"]:
            present = any(flag["status"] == "present" for flag in triage["flags"])
            one = "another" if present else "a"
            return (
                f"NOT COMPLETE: all {gates} questions answered, but {one} red flag is not excluded."
            )
        # The sentence ends with one full stop, whoever signs with one.
        by = self._typed(str(self._record["patient"].get("attested_by", "")).rstrip("."))
        together = f", {attested} of them attested together by {by}" if attested else ""
        return f"All {gates} questions answered{together}."

    @property
    def yes_without_a_flag(self) -> list[str]:
        """The questions that were answered yes and lead to no flag."""
        said = [
            of_legs(each["title"], each["sides"])
            for each in self._record["triage"]["asked_and_answered_yes"]
        ]
        return [f"Asked and answered yes, without a flag: {'; '.join(said)}."] if said else []

    @property
    def yes_in_short(self) -> list[str]:
        """The same in numbers."""
        many = len(self._record["triage"]["asked_and_answered_yes"])
        said = "1 question" if many == 1 else f"{many} questions"
        return [f"Answered yes, without a flag: {said}, named by --full."] if many else []

    @property
    def open(self) -> list[str]:
        """What is not answered, and what is not excluded; nothing where everything is."""
        triage = self._record["triage"]
        return [] if triage["complete"] or triage["tier"] == TIERS[0] else list(self._open(triage))

    @property
    def open_in_short(self) -> list[str]:
        """The same in numbers."""
        triage = self._record["triage"]
        flags = sum(bool(flag["not_excluded"]) for flag in triage["flags"])
        if not self.open:
            return []
        many = "1 red flag" if flags == 1 else f"{flags} red flags"
        return [f"{many} not excluded: see --full."] if flags else []

    def _open(self, triage: TriageRecord) -> Iterator[str]:
        if triage["unanswered"]:
            entries = self._base.vocabulary.entries
            titles = [entries[f"red_flags.{gate}"].title for gate in triage["unanswered"]]
            yield f"Not answered: {'; '.join(titles)}."
        names = [
            f"{flag['title']} ({', '.join(map(said_level, flag['not_excluded']))})"
            for flag in triage["flags"]
            if flag["not_excluded"]
        ]
        if names:
            yield f"Not excluded: {'; '.join(names)}."

    @property
    def sides(self) -> dict[str, Side]:
        """The legs with hip pain."""
        legs = self._record["sides"]
        return {side: self._side(side, leg) for side in SIDES if (leg := legs[side])}

    def _side(self, side: str, found: LegRecord) -> Side:
        rows = self._base.ladder("verdict").rows
        row = next(r for r in rows if r.word == found["verdict"] and r.reason == found["reason"])
        headline = f"{self._base.evidence.statements['movement']}: {row.says}"
        suspended = found["verdict"] == "suspended"
        lists = [] if suspended else [each for each in self._lists(found) if each.items]
        return Side(side, headline, list(self._paragraphs(found)), lists)

    def _paragraphs(self, found: LegRecord) -> Iterator[str]:
        if found["evidence_against"] and found["verdict"] != "suspended":
            yield self._base.evidence.statements["about_pain"]
        yield found["because"]
        if not found["settled"] and found["verdict"] == "possible":
            titles = with_legs(found["missing"], self._title)
            yield f"Could become likely: record {'; '.join(titles)}."

    def _title(self, path: str) -> str:
        return self._base.vocabulary[path].title

    def _lists(self, found: LegRecord) -> Iterator[Listed]:
        yield Listed("For", found["for"], numbered=True)
        yield Listed("Against", said_once(found["against"] + found["evidence_against"]))
        yield Listed("Counts neither way", found["neither"])
        yield Listed("Not tested", with_legs(found["missing"], self._title))
        turning = [reading["text"] for reading in found["firmness"] if not reading["holds"]]
        yield Listed("How firm", turning)

    @property
    def painless(self) -> dict[str, str]:
        """The legs without hip pain of which a reading is known."""
        return {
            leg["side"]: " ".join(
                ["No hip pain recorded.", f"{_begun('; '.join(leg['readings']))}.", leg["text"]]
            )
            for leg in self._record["painless_legs"]
        }

    @property
    def consider(self) -> list[Listed]:
        """What else it could be, for each hip or alike for both; after an emergency nothing."""
        if self._record["triage"]["tier"] == TIERS[0]:
            return []
        said: dict[tuple[str, ...], list[str]] = {}
        for side, found in self._record["sides"].items():
            texts = [
                f"{item['title']}: {' '.join(item['because'])}"
                for item in (found["explanations_to_consider"] if found else ())
            ]
            if texts:
                said.setdefault(tuple(texts), []).append(side)
        return [
            Listed(
                f"Consider at {'both hips' if len(sides) > 1 else f'the {sides[0]} hip'} "
                "(not diagnoses)",
                list(texts),
            )
            for texts, sides in said.items()
        ]

    @property
    def advice(self) -> Advice:
        """What is advised, blocked and withheld."""
        return advice_of(self._record, self._base)

    @property
    def scores(self) -> list[str]:
        """Every score that something was recorded for, once where both legs come to the same."""
        legs: dict[tuple[str, str], list[str]] = {}
        for score in self._record["scores"]:
            if score["any_item_settled"]:
                sides = legs.setdefault((score["title"], _points(score)), [])
                sides += [score["side"]] if score["side"] else []
        return [f"{of_legs(title, sides)}: {points}" for (title, points), sides in legs.items()]

    @property
    def next(self) -> list[str]:
        """What to record next; what the headline or the line on firmness says stands there."""
        named = {
            path
            for found in self._record["sides"].values()
            if found and found["decides"]
            for path in found["decides"]["paths"]
        }
        reasons: dict[str, list[str]] = {}
        for item in self._record["next_findings"]:
            if item["path"] not in named and not item["again"]:
                reasons.setdefault(item["because"], []).append(item["path"])
        named_once = {
            because: with_legs(paths[:_NEXT], self._title) for because, paths in reasons.items()
        }
        return [
            f"{'; '.join([first, *map(lower, others)])}. {because}"
            for because, (first, *others) in named_once.items()
        ][:_NEXT]

    @property
    def warnings(self) -> list[str]:
        """What is doubtful in what was recorded, each once."""
        return list(dict.fromkeys(warning["message"] for warning in self._record["warnings"]))

    @property
    def foot(self) -> list[str]:
        """What this is, and what it was made with."""
        return [self._base.evidence.statements["intended_use"], self.made_with]

    @property
    def made_with(self) -> str:
        """The rules, whether they are sealed and reviewed, and whether the readings agree."""
        made = self._record["screened_with"]
        unchecked = list(self._unchecked())
        parts = [
            f"rules {made['rule_base']}, {'sealed' if made['sealed'] else 'CHANGED'}",
            f"{made['reviewed']} of {made['files']} files reviewed",
            "readings agree" if made["readings_agree"] else "READINGS DIFFER",
        ]
        if unchecked:
            many = "1 source" if len(unchecked) == 1 else f"{len(unchecked)} sources"
            parts.append(f"{many} not checked")
        return " · ".join(parts)

    @property
    def consider_in_short(self) -> list[str]:
        """The explanations to consider by their titles, with their legs; then only some."""
        titles: dict[str, list[str]] = {}
        for side, found in self._record["sides"].items():
            for item in found["explanations_to_consider"] if found else ():
                titles.setdefault(without_brackets(item["title"]), []).append(side)
        two = all(self._record["sides"].values())
        said = [of_legs(title, sides if two else []) for title, sides in titles.items()]
        said = [*said[:1], *map(lower, said[1:])]
        few = [*said[:_NEXT], f"{len(said) - _NEXT} more"] if len(said) > _NEXT else said
        what = "Not a diagnosis." if len(said) == 1 else "Not diagnoses."
        return [f"{'; '.join(each)}. {what}" for each in (said, few) if each]

    @property
    def more(self) -> list[Listed]:
        """What the page has no room for: scores, what to record next, doubts."""
        triage = self._record["triage"]
        lists = [
            Listed("Not now", _under("Not now", self.advice.not_now)),
            Listed("Scores", self.scores),
            Listed("Not excluded", _under("Not excluded", self._open(triage))),
            Listed("Record next", self.next),
            Listed("Check", self.warnings),
        ]
        return [each for each in lists if each.items]

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
            "" if str(source.year) in source.short and not source.authors else source.year,
            source.titled,
            "" if source.journal == source.short else source.journal,
            f"doi {source.doi}" if source.doi else "",
            f"PMID {source.pmid}" if source.pmid else "",
            "" if source.checked else "NOT CHECKED",
        ]
        said = (str(part).rstrip(".") for part in parts if part)
        return " ".join(f"{part}." if part[-1:] not in "?!" else part for part in said)


def _under(heading: str, said: Iterable[str]) -> list[str]:
    """Give what stands under a heading, without saying the heading again."""
    return [_begun(each.removeprefix(f"{heading}: ")) for each in said]


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _flag(flag: FlagRecord) -> Flag:
    return Flag(
        flag["id"],
        flag["tier"],
        soon(flag),
        titled(flag),
        flag["because"],
        flag["action"],
        flag["to"] or "",
    )


def _points(score: ScoreRecord) -> str:
    low, high = score["low"], score["high"]
    points = f"{low}" if low == high else f"{low} to {high}, as items are missing"
    return " ".join([f"{points}.", *score["says"]])
