"""What differs between two screenings, and through which rules: found on the records themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screening.intake.vocabulary import without_side
from screening.rulebase.form import Form

if TYPE_CHECKING:
    from screening.questions.answer_model import RecordChange
    from screening.record.model import Record

_KEYS = ("id", "path", "rule")
"""Entries of a list are the same if the first of these that they have, and their side, agree."""
_NOT_COMPARED = ("trace", "screened_with", "patient", "heading", "case_id")


def difference(before: Record, after: Record, form: Form) -> list[RecordChange]:
    """Give everything that changed, each with the rules through which it changed."""
    moved = _moved_rules(before, after)
    return [
        {"what": what, "from": old, "to": new, "rules": _behind(what, moved, form)}
        for what, old, new in _walk(before, after, "")
    ]


def _walk(old: object, new: object, place: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            if not place and key in _NOT_COMPARED:
                continue
            at = f"{place}.{key}" if place else key
            yield from _walk(old.get(key), new.get(key), at)
    elif isinstance(old, list) and isinstance(new, list) and _named(old + new):
        olds, news = ({_name(each): each for each in part} for part in (old, new))
        for name in dict.fromkeys([*olds, *news]):
            yield from _walk(olds.get(name), news.get(name), f"{place}[{name}]")
    elif old != new:
        yield place, old, new


def _named(entries: list[object]) -> bool:
    return bool(entries) and all(isinstance(e, dict) and _name(e) for e in entries)


def _name(entry: dict[str, object]) -> str:
    key = next((entry[key] for key in _KEYS if key in entry), "")
    side = entry.get("side")
    return f"{side}.{key}" if side and key else str(key)


def _moved_rules(before: Record, after: Record) -> dict[str, set[str]]:
    """Give for each rule that fires in only one of two screenings what it concludes."""
    fired = []
    for record in (before, after):
        fired.append(
            {(t["rule"], f"{t['side']}.{t['concludes']}", t["concludes"]) for t in record["trace"]}
        )
    found: dict[str, set[str]] = {}
    for rule, sided, bare in fired[0] ^ fired[1]:
        found.setdefault(rule, set()).update((sided, bare))
    return found


def _behind(what: str, moved: dict[str, set[str]], form: Form) -> list[str]:
    """Give the moved rules on which what changed rests; all of them where that is not known."""
    names = [name for name in (*form.ladders_by_name, *form.conclusions) if _is_about(what, name)]
    if not names:
        return sorted(moved)
    below = form.rests_on(names)
    return sorted(rule for rule, concludes in moved.items() if concludes & below)


def _is_about(what: str, name: str) -> bool:
    side, bare = without_side(name)
    if what.startswith("triage"):
        return bare == "triage" or (bare.startswith("flag.") and f"[{bare[5:]}]" in what)
    if what.startswith("sides."):
        return what.startswith(f"sides.{side}") and bare in ("verdict", "restriction", "pattern")
    return f"[{name}]" in what or (
        what.startswith("advice[") and f"[{side}.{bare.removeprefix('advice.')}]" in what
    )
