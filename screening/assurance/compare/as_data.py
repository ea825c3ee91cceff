"""A comparison as plain data: what ``rules compare --format json`` prints."""

from __future__ import annotations

from screening.assurance.compare.comparison import Comparison
from screening.assurance.compare.outcomes import NOT_LISTED, TIER, WITHIN
from screening.assurance.compare.transitions import Found
from screening.rulebase.base import RuleBase

Row = dict[str, object]
_CAN_CHANGE = {"cannot_change": False, "changes": True, "added": True, "removed": True}


def as_data(compared: Comparison, over: Row | None = None) -> Row:
    """Give a comparison as data; ``over`` is what given cases show."""
    ordered = [*compared.changes, *(f for f in compared.found if f.status != "changes")]
    return {
        "same": compared.same,
        "old": _named(compared.old),
        "new": _named(compared.new),
        **compared.words,
        "counts": counts(compared),
        "decisions": [_row(found) for found in ordered],
        "transitions": (over or {}).get("transitions", {}),
        "cases": (over or {}).get("cases", {}),
    }


def counts(compared: Comparison) -> dict[str, int]:
    """Count the decisions: of those in both bases, how many cannot change, and how many can."""
    decided = {found.decision for found in compared.found}
    of = {
        status: {found.decision for found in compared.found if found.status == status}
        for status in ("cannot_change", "changes", "added", "removed")
    }
    unsettled = {found.decision for found in compared.unsettled}
    return {
        "decisions": len(decided),
        "cannot_change": len(of["cannot_change"]),
        "can_change": len(of["changes"]),
        "added": len(of["added"]),
        "removed": len(of["removed"]),
        "not_settled": len(unsettled),
        "transitions": len(compared.changes),
        "milder": sum(found.milder for found in compared.changes),
    }


def _named(base: RuleBase) -> Row:
    return {
        "version": base.version,
        "digest": base.digest,
        "sealed": base.standing.sealed,
        "changed": list(base.standing.changed),
    }


def _row(found: Found) -> Row:
    old, new = found.witness or (None, None)
    before, after = side_by_side(found) if found.says else ({}, {})
    return {
        "decision": found.decision,
        "can_change": _CAN_CHANGE.get(found.status, "not_settled"),
        "status": found.status,
        "from": found.before,
        "to": found.after,
        "milder": found.milder,
        "rules": list(found.rules),
        "witness": old,
        "witness_new": new,
        "before": before,
        "after": after,
    }


def side_by_side(found: Found) -> tuple[dict[str, str], dict[str, str]]:
    """Give what the two screenings of a witness say: all that differs, and the triage always."""
    assert found.says is not None
    before, after = found.says
    names = [
        name
        for name in dict.fromkeys([*before, *after])
        if name in (TIER, WITHIN) or before.get(name, "") != after.get(name, "")
    ]
    kept = [n for n in names if not _is_nothing(before.get(n)) or not _is_nothing(after.get(n))]
    return {n: before[n] for n in kept if n in before}, {n: after[n] for n in kept if n in after}


def _is_nothing(word: str | None) -> bool:
    # A decision that only one base knows says nothing new where it says nothing.
    return word is None or word in (NOT_LISTED, "absent")
