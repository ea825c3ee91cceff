"""What a report says of advice: what is advised, what stops it, what is blocked or withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from screening.explanation.screening import Record
from screening.rulebase.base import RuleBase


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, what stops it, and what is not done for now."""

    nothing: str
    disagree: bool
    items: list[str]
    entries: list[dict[str, Any]]
    """The entries of the record behind the items, in the same order."""
    stops: list[str]
    not_now: list[str]


def advice_of(record: Record, base: RuleBase) -> Advice:
    """Give what a report says of the advice of one record."""
    if not record["screened_with"]["readings_agree"]:
        return Advice("None: the two readings of the rules differ.", True, [], [], [], [])
    advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
    sides = sum(found is not None for found in record["sides"].values())
    stops = [f"{when}: {'; '.join(signs)}." for when, signs in _stop_rules(advised).items()]
    blocked = _status(record, base, "blocked", "blocked_by")
    withheld = _status(record, base, "withheld", "withheld_for")
    return Advice(
        "" if advised else "Nothing is advised by this screening.",
        False,
        [_dose(entry, sides) for entry in advised],
        advised,
        stops,
        [*blocked, *withheld],
    )


def _status(record: Record, base: RuleBase, status: str, reasons: str) -> Iterator[str]:
    """Say what is blocked or withheld, together with what does it."""
    groups: dict[str, list[str]] = {}
    for entry in record["advice"]:
        if entry["status"] == status:
            why = "; ".join(_named(reason, base) for reason in entry[reasons])
            groups.setdefault(why, []).append(entry["title"])
    if not groups:
        yield f"{status.title()}: none."
    until = "until answered" if status == "withheld" else "because of"
    for why, titles in groups.items():
        said = "; ".join(dict.fromkeys(titles))
        yield f"{status.title()} {until}: {why}. This holds for: {said}."


def _named(name: str, base: RuleBase) -> str:
    return base.files[name].title if name in base.files else base.vocabulary[name].title


_COMMON = 3
"""Stop rules that at least this many advised items share stand on the page; ``--full`` has all."""


def _stop_rules(advised: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Say each stop rule once, those that ask for the same together, the common ones only."""
    groups: dict[str, list[str]] = {}
    asked: dict[str, int] = {}
    for entry in advised:
        heads = set()
        for stop in entry["stop_rules"]:
            when, _, sign = stop.rpartition(": ")
            heads.add(when)
            signs = groups.setdefault(when, [])
            if sign.rstrip(".") not in signs:
                signs.append(sign.rstrip("."))
        for when in heads:
            asked[when] = asked.get(when, 0) + 1
    least = min(_COMMON, len(advised))
    return {when: signs for when, signs in groups.items() if when and asked[when] >= least}


def _dose(entry: dict[str, Any], sides: int) -> str:
    where = f" ({entry['side']})" if sides > 1 else ""
    return " ".join([f"{entry['title']}{where}.", entry["dose"], *entry["variants"]])


def details_of(entry: dict[str, Any]) -> list[str]:
    """Say how an advice is done, what is noted and what stops it."""
    return [*entry["how"], *entry["notes"], *entry["stop_rules"]]


def outlook_of(entry: dict[str, Any]) -> list[str]:
    """Say what to expect of an advice, when to measure again, and how certain it is."""
    return [
        f"Expected change: {entry['expected_change']} Re-test: {entry['retest']}",
        f"Certainty: {entry['certainty'].replace('_', ' ')}.",
    ]
