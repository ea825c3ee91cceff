"""What was measured, as a page: the part of ``docs/population.md`` between two marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from benchmarks.population.measure import LIMITS, TIERS, VERDICTS, Burden, Catch

PAGE = Path(__file__).parents[2] / "docs" / "population.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
Shares = Mapping[str, Mapping[str, float]]


def measured(head: str, shares: Shares, burden: Iterable[Burden], caught: Iterable[Catch]) -> str:
    """Give the tables of everything that was measured."""
    parts = [
        [head],
        ["## Limits", *_limits(shares)],
        ["## Verdicts, in per cent of painful legs", *_verdicts(shares)],
        ["## Tiers, in per cent of people", *_tiers(shares)],
        ["## The burden: whom each flag stops among ordinary people", *_burden(burden)],
        ["## The catch: dangerous pictures", *_catch(caught)],
    ]
    lines = [(part[0], "\n".join(part[1:])) for part in parts]
    return "\n\n".join(text for pair in lines for text in pair if text)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _limits(shares: Shares) -> Iterator[str]:
    rows = (
        (
            limit.cohort,
            limit.what,
            limit.text,
            f"{shares[limit.cohort][limit.what]:.2f}",
            "holds" if limit.holds(dict(shares[limit.cohort])) else "**does not hold**",
        )
        for limit in LIMITS
    )
    return _table(("cohort", "what", "limit", "%", ""), rows)


def _verdicts(shares: Shares) -> Iterator[str]:
    rows = ((name, *(f"{of[v]:.2f}" for v in VERDICTS)) for name, of in shares.items())
    return _table(("cohort", *(v.replace("_", " ") for v in VERDICTS)), rows)


def _tiers(shares: Shares) -> Iterator[str]:
    names = (*TIERS, "same day or now")
    rows = ((name, *(f"{of[tier]:.2f}" for tier in names)) for name, of in shares.items())
    return _table(("cohort", *names), rows)


def _burden(burden: Iterable[Burden]) -> Iterator[str]:
    rows = (
        (
            f"`{each.flag}`",
            f"{each.present:.2f}",
            f"{each.alone:.2f}",
            ", ".join(f"{level.replace('_', ' ')} {p:.2f}" for level, p in each.levels.items()),
        )
        for each in burden
    )
    return _table(("flag", "present, %", "no other flag, %", "by level, %"), rows)


def _catch(caught: Iterable[Catch]) -> Iterator[str]:
    rows = (
        (
            f"`{each.id}`",
            each.says,
            ", ".join(each.must).replace("_", " "),
            f"{each.caught:.1f}",
            ", ".join(f"{t} {p:.0f}" for t, p in each.tiers.items() if p),
            f"{each.verdicts['suspended']:.0f}",
        )
        for each in caught
    )
    head = ("picture", "says", "at least", "caught, %", "tiers, %", "suspended, %")
    return _table(head, rows)


def write(text: str) -> None:
    """Put what was measured into the page; what stands around it is written by hand."""
    page = PAGE.read_text(encoding="utf-8")
    block = f"{BEGIN}\n\n{text}\n\n{END}"
    found = re.sub(f"{BEGIN}.*{END}", lambda _: block, page, flags=re.DOTALL)
    PAGE.write_text(found, encoding="utf-8")
