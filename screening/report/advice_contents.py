"""What a report says of advice: what is advised, what stops it, what is blocked or withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from screening.record.wording import lower, of_legs
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.record.model import AdviceRecord, Record


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, what stops it, and what is not done for now."""

    nothing: str
    disagree: bool
    items: list[str]
    titles: list[str]
    """The titles of the items, with the legs that are meant where two hurt."""
    entries: list[AdviceRecord]
    """The entries of the record behind the items, in the same order; alike for both legs, one."""
    stops: list[str]
    not_now: list[str]


def advice_of(record: Record, base: RuleBase) -> Advice:
    """Give what a report says of the advice of one record."""
    if not record["screened_with"]["readings_agree"]:
        return Advice("None: the two readings of the rules differ.", True, [], [], [], [], [])
    advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
    sides = sum(found is not None for found in record["sides"].values())
    stops = [f"{do}: {'; '.join(signs)}." for do, signs in stop_rules(advised).items()]
    there = dict.fromkeys(sign for entry in advised for sign in entry["look_now"])
    if there:
        stops.append(f"Recorded already, so look again before any exercise: {'; '.join(there)}.")
    named = [
        (
            of_legs(group[0]["title"], [entry["side"] for entry in group] if sides > 1 else []),
            group[0],
        )
        for group in _alike(advised)
    ]
    return Advice(
        "" if advised else "Nothing is advised by this screening.",
        False,
        [" ".join([f"{title}.", entry["dose"], *entry["variants"]]) for title, entry in named],
        [title for title, _ in named],
        [entry for _, entry in named],
        stops,
        not_now(record, base),
    )


def stop_rules(advised: list[AdviceRecord]) -> dict[str, list[str]]:
    """Give every sign that stops an advised exercise once, under what to do then."""
    groups: dict[str, list[str]] = {}
    for entry in advised:
        for stop in entry["stop_rules"]:
            do, _, sign = stop.partition(": ")
            signs = groups.setdefault(do, [])
            if sign not in signs:
                signs.append(sign)
    return groups


def not_now(record: Record, base: RuleBase) -> list[str]:
    """Say what is blocked or withheld, together with what does it; nothing where nothing is."""
    return [f"{label}: {names}, {why}." for label, why, names in held_back(record, base)]


def held_back(
    record: Record, base: RuleBase, most: int | None = None
) -> list[tuple[str, str, str]]:
    """Give what is not done for now: a label, why (at most so many reasons), and the names."""
    painful = [side for side, leg in record["sides"].items() if leg]
    found = [
        *_status(record, base, painful, "blocked", "blocked_by", "Not now", "because", most),
        *_status(
            record, base, painful, "withheld", "withheld_for", "Withheld", "until answered", most
        ),
    ]
    if not painful:
        # No leg hurts, so no advice is weighed: what the flags forbid holds all the same.
        held: dict[frozenset[str], tuple[list[str], list[str]]] = {}
        for flag in record["triage"]["flags"]:
            names = [_name(id, base) for id in flag["blocks"] if id in base.files]
            if names and flag["status"] == "present":
                held.setdefault(frozenset(names), (names, []))[1].append(lower(flag["title"]))
        found += [
            ("Not now", f"because: {'; '.join(why)}", "; ".join(names))
            for names, why in held.values()
        ]
    return found


def _status(
    record: Record,
    base: RuleBase,
    painful: list[str],
    status: str,
    reasons: Literal["blocked_by", "withheld_for"],
    label: str,
    said: str,
    most: int | None,
) -> list[tuple[str, str, str]]:
    groups: dict[str, dict[str, list[str]]] = {}
    for entry in record["advice"]:
        if entry["status"] == status:
            named = list(dict.fromkeys(lower(_named(each, base)) for each in entry[reasons]))
            more = len(named) - most if most else 0
            why = "; ".join([*named[:most], f"{more} more"] if more > 1 else named)
            sides = groups.setdefault(why, {}).setdefault(_name(entry["id"], base), [])
            sides.append(entry["side"])
    return [
        (
            label,
            f"{said}: {why}",
            "; ".join(
                name if sorted(sides) == sorted(painful) else f"{name} ({sides[0]})"
                for name, sides in names.items()
            ),
        )
        for why, names in groups.items()
    ]


def _name(id: str, base: RuleBase) -> str:
    file = base.files[id]
    return (getattr(file, "short", "") or file.title).partition(": ")[0].lower()


def _named(name: str, base: RuleBase) -> str:
    return base.files[name].title if name in base.files else base.vocabulary[name].title


def _alike(advised: list[AdviceRecord]) -> list[list[AdviceRecord]]:
    """Put together what is advised for both legs in the same words."""
    groups: dict[str, list[AdviceRecord]] = {}
    for entry in advised:
        said = [entry["id"], entry["dose"], entry["variants"], entry["because"]]
        key = repr([*said, *details_of(entry), *outlook_of(entry)])
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def details_of(entry: AdviceRecord) -> list[str]:
    """Say how an advice is done, what is noted and what stops it."""
    stops = [f"{do}: {'; '.join(signs)}." for do, signs in stop_rules([entry]).items()]
    return [*entry["how"], *entry["notes"], *stops]


def outlook_of(entry: AdviceRecord) -> list[str]:
    """Say what to expect of an advice, when to measure again, and how certain it is."""
    return [
        f"Expected change: {entry['expected_change']}",
        f"Re-test: {entry['retest']}",
        f"Certainty: {entry['certainty'].replace('_', ' ')}.",
    ]
