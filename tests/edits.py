"""Random edits of small random rule bases: what a revision could be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from tests.generate_rules import Files

Edit = Callable[[Files, Random], bool]


def _lines(files: Files) -> list[list[str]]:
    """Give every line of premises that a rule has."""
    return [rule["when"] for file in files.values() for rule in file.get("rules", ())]


def _threshold(files: Files, random: Random) -> bool:
    found = files["thresholds.yaml"]
    name = random.choice(sorted(found))
    found[name]["value"] = round(found[name]["value"] + random.choice((-1, 1, 2)), 2)
    # Bands are cut by thresholds in their order: crossed, a reading would have two words.
    alike = [found[each]["value"] for each in sorted(found) if each[:-1] == name[:-1]]
    return all(low < high for low, high in zip(alike, alike[1:], strict=False))


def _premise_less(files: Files, random: Random) -> bool:
    lines = [line for line in _lines(files) if len(line) > 1]
    if lines:
        line = random.choice(lines)
        line.remove(random.choice(line))
    return bool(lines)


def _premise_more(files: Files, random: Random) -> bool:
    line, more = random.choice(_lines(files)), "hip.pain is present"
    if more in line:
        return False
    line.append(more)
    return _of_legs(files, line)


def _of_legs(files: Files, line: list[str]) -> bool:
    """Tell whether a rule is of a leg: a rule of the person cannot read this leg."""
    return any(
        rule["when"] is line and (file.get("of", "leg") == "leg" or rule.get("each"))
        for file in files.values()
        for rule in file.get("rules", ())
    )


def _rule_less(files: Files, random: Random) -> bool:
    found = [file for file in files.values() if len(file.get("rules", ())) > 1]
    found = [file for file in found if not file.get("levels")]
    if found:
        rules = random.choice(found)["rules"]
        rules.remove(random.choice(rules))
    return bool(found)


def _rows_change_places(files: Files, random: Random) -> bool:
    found = [file["rows"] for file in files.values() if len(file.get("rows", ())) > 2]
    if found:
        rows = random.choice(found)
        rows[0], rows[1] = rows[1], rows[0]
    return bool(found)


def _is_last(entry: dict[str, Any], entries: list[dict[str, Any]]) -> bool:
    """Tell whether a gate would be of the person alone without this detail of a leg."""
    others = [e for e in entries if e is not entry and e["of"] == entry["of"]]
    return not set(entry["family"]) <= _gates(others)


def _gates(entries: list[dict[str, Any]]) -> set[str]:
    return {gate for entry in entries for gate in entry.get("family", ())}


def _family_less(files: Files, random: Random) -> bool:
    found = list(files["vocabulary/all.yaml"].values())
    entries = [e for e in found if e.get("family") and not _is_last(e, found)]
    if entries:
        entry: dict[str, Any] = random.choice(entries)
        entry.pop("family")
        entry.pop("circumstance", None)
        entry.pop("positive", None)
    return bool(entries)


EDITS: tuple[Edit, ...] = (
    _threshold,
    _premise_less,
    _premise_more,
    _rule_less,
    _rows_change_places,
    _family_less,
)


def edited(files: Files, random: Random) -> Files:
    """Give the files with one edit; which one depends on the random numbers alone."""
    while True:
        found = copy.deepcopy(files)
        if random.choice(EDITS)(found, random):
            return found
