"""Which proofs a page shows: every red flag that is present, and what decides each verdict."""

from __future__ import annotations

from collections.abc import Iterator

from screening.inference.infer import Inferred
from screening.intake.vocabulary import SIDES
from screening.rulebase.form import Conclusion, Ladder


def shown_proofs(inferred: Inferred) -> list[Conclusion]:
    """Give the flags that are present, then for each painful leg what its verdict rests on."""
    conclusions = inferred.form.conclusions
    flags = [conclusions[file.id] for file in inferred.base.flags if inferred.value(file.id)]
    ladders = [inferred.form.ladders_by_name[f"{side}.verdict"] for side in SIDES]
    return flags + [_deciding(each, inferred) for each in ladders if inferred.exists(each.exists)]


def _deciding(ladder: Ladder, inferred: Inferred) -> Conclusion:
    """Give the line that won; else the first that is still open; else the one nearest to holding.

    A leg that cannot be judged has no line of its own: what is open, or nearly holds, says why.
    """
    lines = list(dict.fromkeys(_lines(ladder, inferred)))
    won = [found for found in lines if inferred.value(found.name)]
    unknown = [found for found in lines if inferred.value(found.name) is None]
    nearest = max(lines, key=lambda found: _share_met(found, inferred))
    return (won or unknown or [nearest])[0]


def _lines(ladder: Ladder, inferred: Inferred) -> Iterator[Conclusion]:
    """Give the conclusions of this leg that the rows ask for, in the order of the rows."""
    for row in ladder.rows:
        for premise in (premise for line in row.lines or () for premise in line):
            found = inferred.form.conclusions.get(premise.operand)
            if found is not None and found.side == ladder.side:
                yield found


def _share_met(conclusion: Conclusion, inferred: Inferred) -> float:
    """Give the share of premises that hold in the rule that comes nearest to holding."""
    shares = []
    for rule in conclusion.rules:
        met = [inferred.walk.premise(premise).must for premise in rule.premises]
        shares.append(sum(met) / len(met))
    return max(shares, default=0)
