"""Small wrong changes to the data of a rule base, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from screening.algebra import COMPARISONS
from screening.rulebase.levels import TIERS, WITHINS, tier_of

Place = tuple[Any, ...]
Data = Any

_OPPOSITE = {"present": "absent", "absent": "present", "true": "false", "false": "true"}


@dataclass(frozen=True)
class Mutation:
    """One change of one file: what is done, where, and what stands there instead."""

    file: str
    place: Place
    what: str
    data: Data

    def __str__(self) -> str:
        """Name the change in a line."""
        return f"{self.file} {'.'.join(str(part) for part in self.place)}: {self.what}"


def mutations(files: Mapping[str, Data]) -> Iterator[Mutation]:
    """Give every change, in the order of the files."""
    for file, data in files.items():
        if file == "thresholds.yaml":
            yield from _thresholds(file, data)
        elif file.startswith("vocabulary/"):
            yield from _vocabulary(file, data)
        elif data.get("kind", "evidence") != "evidence" or "groups" in data:
            yield from _rule_file(file, data)


def _changed(
    file: str, data: Data, place: Place, what: str, edit: Callable[[Any, Any], None]
) -> Mutation:
    """Edit a copy: ``edit`` gets the container of the place and its last key."""
    new = _thawed(data)
    part = new
    for key in place[:-1]:
        part = part[key]
    edit(part, place[-1])
    return Mutation(file, place, what, _frozen(new))


def _thawed(data: Any) -> Any:
    """Give a copy with lists for tuples, to be edited."""
    if isinstance(data, dict):
        return {key: _thawed(part) for key, part in data.items()}
    return [_thawed(part) for part in data] if isinstance(data, tuple | list) else data


def _frozen(data: Any) -> Any:
    """Give edited data as a file would be read: tuples for lists."""
    if isinstance(data, dict):
        return {key: _frozen(part) for key, part in data.items()}
    return tuple(_frozen(part) for part in data) if isinstance(data, tuple | list) else data


def _drop(part: Any, key: Any) -> None:
    del part[key]


def _put(value: Any) -> Callable[[Any, Any], None]:
    def edit(part: Any, key: Any) -> None:
        part[key] = value

    return edit


def _swap_with_next(part: Any, key: int) -> None:
    part[key], part[key + 1] = part[key + 1], part[key]


# -- thresholds and vocabulary ---------------------------------------------------------------


def _thresholds(file: str, data: Data) -> Iterator[Mutation]:
    for name, threshold in data.items():
        value = Decimal(threshold["value"])
        past = Decimal(threshold.get("mdc") or abs(value) / 10) + Decimal("0.1")
        if not threshold.get("mdc") and value == int(value):
            past = max(1, int(past))  # ages, points and steps are whole
        for moved, how in ((value - past, "down"), (value + past, "up")):
            place, what = (name, "value"), f"moved {how} from {value} to {moved}"
            yield _changed(file, data, place, what, _put(moved))


def _vocabulary(file: str, data: Data) -> Iterator[Mutation]:
    for path, entry in data.items():
        for i, owner in enumerate(entry.get("family", ())):
            what = f"no detail of {owner}"
            yield _changed(file, data, (path, "family", i), what, _drop)
        if entry.get("family"):
            turned = not entry.get("circumstance", False)
            what = f"circumstance: {turned}"
            yield _changed(file, data, (path, "circumstance"), what, _put(turned))
        for key in ("positive", "implies", "mirrored"):
            if entry.get(key):
                yield _changed(file, data, (path, key), "dropped", _drop)
        for answered in entry.get("answers", {}):
            yield _changed(file, data, (path, "answers", answered), "dropped", _drop)
        for i in range(len(entry.get("needs", ()))):
            yield _changed(file, data, (path, "needs", i), "dropped", _drop)


# -- rule files ----------------------------------------------------------------------------------


def _rule_file(file: str, data: Data) -> Iterator[Mutation]:
    for place, line in _lines(data):
        yield from _line(file, data, place, line)
    for key in ("rules", "rows", "items", "instruments", "set_aside"):
        found = data.get(key, [])
        for i in range(len(found) - (key == "rows")):
            if len(found) > 1 + (key == "rows") or key == "set_aside":
                yield _changed(file, data, (key, i), "dropped", _drop)
        if key == "rows":
            for i in range(len(found) - 2):
                what = "two rows swapped"
                yield _changed(file, data, (key, i), what, _swap_with_next)
            for i, row in enumerate(found):
                for j in range(len(row.get("any", ()))):
                    if len(row["any"]) > 1:
                        yield _changed(file, data, (key, i, "any", j), "line dropped", _drop)
    yield from _numbers_and_names(file, data)
    yield from _levels(file, data)
    yield from _blocks(file, data)


def _numbers_and_names(file: str, data: Data) -> Iterator[Mutation]:
    for i, item in enumerate(data.get("items", ())):
        place = ("items", i, "points")
        yield _changed(file, data, place, "points turned", _put(-item["points"]))
        yield _changed(file, data, place, "a point more", _put(item["points"] + 1))
    if "minuend" in data:
        yield _changed(
            file, {**data, "minuend": data["subtrahend"]}, ("subtrahend",), "ends swapped",
            _put(data["minuend"]),
        )  # fmt: skip


def _lines(data: Data) -> Iterator[tuple[Place, list[str]]]:
    """Give every list of premises with its place."""
    for i, rule in enumerate(data.get("rules", ())):
        yield ("rules", i, "when"), rule["when"]
    for i, row in enumerate(data.get("rows", ())):
        for j, line in enumerate(row.get("any", ())):
            yield ("rows", i, "any", j), line
    for i, item in enumerate(data.get("items", ())):
        for j, line in enumerate(item["any"]):
            yield ("items", i, "any", j), line
    for i, aside in enumerate(data.get("set_aside", ())):
        yield ("set_aside", i, "when"), aside["when"]
    for i, instrument in enumerate(data.get("instruments", ())):
        for word, line in instrument["words"].items():
            yield ("instruments", i, "words", word), line
    if data.get("exists"):
        yield ("exists",), data["exists"]


def _line(file: str, data: Data, place: Place, line: list[str]) -> Iterator[Mutation]:
    for i, text in enumerate(line):
        if len(line) > 1 or place == ("exists",):
            yield _changed(file, data, (*place, i), f'premise dropped: "{text}"', _drop)
        for wrong in dict.fromkeys(_wrong(text)):
            yield _changed(file, data, (*place, i), f'"{text}" became "{wrong}"', _put(wrong))


def _wrong(text: str) -> Iterator[str]:
    """Give wrong readings of a premise: turned, moved by one, another word, another leg."""
    name, how, value = text.split(maxsplit=2)
    if how in COMPARISONS:
        yield f"{name} {COMPARISONS[how].opposite} {value}"
        yield f"{name} {_moved(how)} {value}"
    if value in _OPPOSITE:
        yield f"{name} {how} {_OPPOSITE[value]}"
    words = [word.strip() for word in value.split(",")]
    if how == "one_of" and len(words) > 1:
        for word in words:
            kept = ", ".join(other for other in words if other != word)
            yield f"{name} one_of {kept}"
    quantifier, _, rest = name.partition(".")
    if quantifier == "other":
        yield f"{rest} {how} {value}"
    if quantifier in ("either", "both"):
        turned = "both" if quantifier == "either" else "either"
        yield f"{turned}.{rest} {how} {value}"


def _levels(file: str, data: Data) -> Iterator[Mutation]:
    levels = data.get("levels", {})
    for tier, level in levels.items():
        place = ("levels", tier)
        if tier != TIERS[0]:
            turned = not level.get("suspends", False)
            yield _changed(file, data, (*place, "suspends"), f"became {turned}", _put(turned))
        for i, block in enumerate(level.get("blocks", ())):
            yield _changed(file, data, (*place, "blocks", i), f"no longer blocks {block}", _drop)
        if level.get("within") in WITHINS[:-1]:
            slower = WITHINS[WITHINS.index(level["within"]) + 1]
            yield _changed(file, data, (*place, "within"), f"became {slower}", _put(slower))
        lower = TIERS[min(TIERS.index(tier_of(tier)) + 1, len(TIERS) - 1)]
        if lower not in levels:
            yield _lowered(file, data, tier, lower)


def _lowered(file: str, data: Data, tier: str, lower: str) -> Mutation:
    new = _thawed(data)
    new["levels"] = {
        lower if name == tier else name: level for name, level in new["levels"].items()
    }
    for rule in new["rules"]:
        if rule.get("level") == tier:
            rule["level"] = lower
    return Mutation(file, ("levels", tier), f"tier lowered to {lower}", _frozen(new))


def _blocks(file: str, data: Data) -> Iterator[Mutation]:
    for i, source in enumerate(data.get("blocked_by", ())):
        yield _changed(file, data, ("blocked_by", i), f"not blocked by {source}", _drop)
    for group, found in data.get("groups", {}).items():
        for key in ("holds", "groups"):
            for i, name in enumerate(found.get(key, ())):
                what = f"no longer holds {name}"
                yield _changed(file, data, ("groups", group, key, i), what, _drop)
    for gate, found in data.get("by_gate", {}).items():
        for i, name in enumerate(found["blocks"]):
            what = f"no longer blocks {name}"
            yield _changed(file, data, ("by_gate", gate, "blocks", i), what, _drop)


def _moved(how: str) -> str:
    """Give the comparison that differs at the threshold alone."""
    asked = COMPARISONS[how]
    unlike = (asked.upwards, not asked.takes_in)
    return next(w for w, each in COMPARISONS.items() if (each.upwards, each.takes_in) == unlike)
