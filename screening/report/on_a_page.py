"""The sentences of the page, short: what a leg's verdict says, and what is to be done first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screening.intake.vocabulary import SIDES
from screening.record.wording import lower, said_once, with_legs
from screening.report.advice_contents import held_back, stop_rules
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.record.model import AdviceRecord, FlagRecord, LegRecord, Record, Urgency

_SOON = {
    "now": ", NOW",
    "same_day": ", TODAY",
    "3_days": ", WITHIN 3 DAYS",
    "2_weeks": ", WITHIN 2 WEEKS",
    "routine": ", ROUTINE",
    None: "",
}
_NAMED = 4
"""So many reasons are named for what is held back; ``--full`` has all."""

_FIRST = 4
"""So many steps come first, at most."""


def soon(flag: Urgency) -> str:
    """Say how bad and how soon, of a flag or of the triage: ``URGENT, TODAY``."""
    if flag["tier"] == "none":
        return "PRECAUTION"
    return f"{flag['tier'].upper()}{_SOON[flag['within']]}"


def whom(flag: FlagRecord) -> str:
    """Say to whom a flag goes, as a sentence; nothing where older rules name nobody."""
    to = flag["to"] or ""
    return f"{to[:1].upper()}{to[1:]}." if to else ""


# -- the legs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegText:
    """What is said of a leg that hurts, or of both where it is the same."""

    label: str
    headline: str
    pain: list[str]
    because: list[str]
    but: list[str]
    firm: str


def leg_texts(record: Record, base: RuleBase) -> list[LegText]:
    """Give the texts of the legs that hurt; two that are alike are said once."""
    found = [
        _leg(side, leg, record, base)
        for side in SIDES
        if (leg := record["sides"][side]) is not None
    ]
    alike = len(found) == len(SIDES) and _without_label(found[0]) == _without_label(found[1])
    if alike:
        first = found[0]
        label = "BOTH LEGS"
        return [LegText(label, first.headline, first.pain, first.because, first.but, first.firm)]
    return found


def _without_label(leg: LegText) -> tuple[object, ...]:
    return leg.headline, leg.pain, leg.because, leg.but, leg.firm


def _leg(side: str, leg: LegRecord, record: Record, base: RuleBase) -> LegText:
    held = [reading for reading in leg["firmness"] if reading["holds"]]
    turning = [reading["text"] for reading in leg["firmness"] if not reading["holds"]]
    firm = f"No. {turning[0]}" if turning else ""
    if held and not turning and leg["settled"]:
        # One reading is moved at a time; `stable` moves all of them together.
        firm = "Yes: with any one reading off by its error it still holds."
    return LegText(
        side.upper(),
        _headline(leg, record, base),
        list(_pain(leg, base)),
        leg["because_lines"],
        _but(leg),
        firm if leg["verdict"] not in ("suspended", "cannot_be_judged") else "",
    )


def _but(leg: LegRecord) -> list[str]:
    """Give what speaks on the other side, the weightiest first."""
    if leg["verdict"] == "suspended":
        return []
    other: list[str] = leg["for"] if leg["verdict"] == "unlikely" else leg["against"]
    return said_once([*other, *leg["evidence_in_short"]])


def _headline(leg: LegRecord, record: Record, base: RuleBase) -> str:
    rows = base.ladder("verdict").rows
    row = next(r for r in rows if r.word == leg["verdict"] and r.reason == leg["reason"])
    movement = base.evidence.statements["movement"].lower()
    decides = leg["decides"]
    if decides is None:
        word, bracket, rest = row.says.partition(" (")
        return f"{word}: {movement}{bracket}{rest}"
    actions = [
        flag["action"] for flag in record["triage"]["flags"] if flag["id"] in decides["blocked_by"]
    ]
    if actions:
        return f"CANNOT BE JUDGED YET: {movement}. First: {actions[0]}"
    then = ", ".join(
        f"{each['answer']} it is {each['verdict'].upper()}" for each in decides["outcomes"]
    )
    titles = "; ".join(lower(title) for title in decides["titles"])
    said = f"Record, {_minutes(decides['minutes'])}: {titles}."
    outcome = f" {then[:1].upper()}{then[1:]}." if then else ""
    return f"CANNOT BE JUDGED YET: {movement}. {said}{outcome}"


def _pain(leg: LegRecord, base: RuleBase) -> Iterator[str]:
    if leg["evidence_against"] and leg["verdict"] in ("likely", "possible"):
        yield base.evidence.statements["about_pain"]
    if leg["verdict"] == "possible" and not leg["settled"]:
        titles = with_legs(leg["missing"], lambda path: base.vocabulary[path].title)
        yield f"Could become LIKELY: record {'; '.join(map(lower, titles))}."


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return f"{round(minutes * 60)} seconds"
    return "1 minute" if round(minutes) == 1 else f"{round(minutes)} minutes"


# -- what to do -----------------------------------------------------------------------------------


@dataclass
class Plan:
    """What to do, in its order, and what stops it."""

    none: str = ""
    first: list[str] = field(default_factory=list)
    first_short: list[str] = field(default_factory=list)
    then: str = ""
    optional: str = ""
    under_a_heading: list[tuple[str, str]] = field(default_factory=list)
    stops: list[tuple[str, str]] = field(default_factory=list)
    look_now: str = ""
    not_now: list[tuple[str, str]] = field(default_factory=list)
    not_now_short: dict[str, list[str]] = field(default_factory=dict)
    """What is held back, without the reasons."""


@dataclass
class Step:
    """One advice, of one leg or of both."""

    entry: AdviceRecord
    sides: list[str]
    where: str = ""

    @property
    def short(self) -> str:
        """What is done, and how much, in one line."""
        name, colon, dose = self.entry["short"].partition(": ")
        return f"{name}{self.where}{colon}{dose}"

    @property
    def whole(self) -> str:
        """The same with what holds for this patient."""
        return " ".join([self.short.rstrip(".") + ".", *self.entry["variants"]])

    @property
    def name(self) -> str:
        """What is done, without how much."""
        return f"{lower(self.entry['short'].partition(': ')[0])}{self.where}"


def plan_of(record: Record, base: RuleBase) -> Plan:
    """Give what a page says of the advice of a record."""
    if not record["screened_with"]["readings_agree"]:
        return Plan("None: the two readings of the rules differ.")
    advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
    steps = steps_of(record)
    parts = parts_of(steps)
    plan = Plan("" if advised else "Nothing is advised by this screening.")
    plan.first = [step.whole for step in parts["first"]]
    plan.first_short = [step.short for step in parts["first"]]
    plan.then = _listed(step.name for step in parts["then"])
    plan.optional = _listed(step.name for step in parts["optional"])
    plan.under_a_heading = [
        (step.entry["heading"], f"{step.entry['short']}{step.where}.")
        for step in steps
        if step.entry["heading"]
    ]
    plan.stops = list(_stops(advised))
    there = dict.fromkeys(sign for entry in advised for sign in entry["look_now"])
    if there:
        plan.look_now = f"Recorded already, so look again before any exercise: {'; '.join(there)}."
    for label, why, names in held_back(record, base, _NAMED):
        plan.not_now.append((label, f"{names[:1].upper()}{names[1:]}, {why}."))
        plan.not_now_short[label] = [*plan.not_now_short.get(label, []), *names.split("; ")]
    return plan


def steps_of(record: Record) -> list[Step]:
    """Give each advice that is advised, once; the same for both legs is one step."""
    found: list[Step] = []
    for entry in record["advice"]:
        if entry["status"] != "advised" or entry["replaced"]:
            continue
        same = next((s for s in found if _same(s.entry, entry)), None)
        if same:
            same.sides.append(entry["side"])
        else:
            found.append(Step(entry, [entry["side"]]))
    if all(record["sides"].values()):
        for step in found:
            step.where = " (both legs)" if len(step.sides) > 1 else f" ({step.sides[0]})"
    return found


def _same(one: AdviceRecord, other: AdviceRecord) -> bool:
    return all(one[key] == other[key] for key in ("id", "short", "variants"))


def parts_of(steps: list[Step]) -> dict[str, list[Step]]:
    """Sort steps into first, then and optional, as the rules do, or else by their order."""
    parts: dict[str, list[Step]] = {"first": [], "then": [], "optional": []}
    for step in (each for each in steps if not each.entry["heading"]):
        part = step.entry.get("part")
        if part is None:
            part = "optional" if step.entry["title"].startswith("Optional") else "first"
            if part == "first" and len({s.entry["id"] for s in parts["first"]}) >= _FIRST:
                part = "then"
        parts[part].append(step)
    return parts


def _listed(names: Iterable[str]) -> str:
    text = "; ".join(names)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _stops(advised: list[AdviceRecord]) -> Iterator[tuple[str, str]]:
    """Give what stops the exercises, each sign once: ``Stop``, ``and call: ...``."""
    labels: set[str] = set()
    for do, signs in stop_rules(advised).items():
        label, _, rest = do.partition(" ")
        text = f"{rest}: {'; '.join(signs)}."
        if label in labels:
            label, text = "", f"{text[:1].upper()}{text[1:]}"
        labels.add(label)
        yield label, text
