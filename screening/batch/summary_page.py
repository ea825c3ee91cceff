"""The summary of a run as one self-contained page: plain charts, with the tables under them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from screening.batch.tally import Counts
from screening.intake.vocabulary import without_side
from screening.report.filled_in import style, templates
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.batch.run_model import Manifest

_MOST_ROWS, _MOST_BLOCKERS = 12, 4
_WIDTH, _COUNT = 280, 60
_LINE, _BAR, _GAP = 14, 10, 10
_LETTERS = 54
"""So many letters of a label fit a line of the drawing."""


@dataclass(frozen=True)
class Segment:
    """The part of a bar that one word has."""

    count: int
    x: float
    width: float


@dataclass(frozen=True)
class CountRow:
    """One bar: what it counts, in one part for each word, and its share of the whole."""

    name: str
    lines: tuple[str, ...]
    segments: tuple[Segment, ...]
    share: float
    y: int

    @property
    def total(self) -> int:
        """How many there are in all parts."""
        return sum(segment.count for segment in self.segments)

    @property
    def bar_y(self) -> int:
        """Where the bar begins, below its label."""
        return self.y + _LINE * len(self.lines) + 1

    @property
    def end(self) -> float:
        """Where the bar ends."""
        return max(segment.x + segment.width for segment in self.segments)


@dataclass(frozen=True)
class Chart:
    """One chart with its table: what the whole is, the words of its parts, and its bars."""

    title: str
    note: str
    words: tuple[str, ...]
    rows: tuple[CountRow, ...]
    left_out: int

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return self.rows[-1].bar_y + _BAR + _GAP


Stacks = Mapping[str, Mapping[str, int]]
"""For every bar the counts of its words; a plain bar has one word, the empty one."""


def summary_page(summary: Counts, base: RuleBase, manifest: Manifest) -> str:
    """Give the page; the manifest says what was run, and when."""
    template = templates().get_template("summary.html.j2")
    return template.render(
        summary=summary,
        rules_changed=base.standing.said,
        charts=[chart for chart in _charts(summary, base) if chart.rows],
        blocked=_blocked(summary, base),
        style=style(),
        most=_MOST_BLOCKERS,
        width=_WIDTH + _COUNT,
        track=_WIDTH,
        run=manifest,
        day=manifest["times"]["finished"][:10],
        bar=_BAR,
        line=_LINE,
        intended_use=base.evidence.statements["intended_use"],
    )


def _charts(summary: Counts, base: RuleBase) -> Iterator[Chart]:
    cases, legs, rows = summary["cases"], summary["legs_with_hip_pain"], summary["rows"]
    of_cases, of_legs = f"of {cases:,} cases", f"of {legs:,} legs with hip pain"
    title, says = _titles(base), _says(base)
    yield _plain("What must be referred first", of_cases, summary["tier"], cases, says)
    yield _chart(
        "Red flags and their burden",
        f"{of_cases}: the only flag present, one of several, or not excluded",
        _burden(summary),
        cases,
        title,
        words=("only this", "beside others", "not excluded"),
        most=2 * _MOST_ROWS,
    )
    yield _plain("Calf-related movement pattern", of_legs, summary["verdict"], legs, says)
    yield _plain("Why it cannot be judged", of_legs, summary["reason"], legs, says)
    yield _chart(
        "What was not recorded, and could still settle the verdict",
        f"{of_legs}, by what their verdict is without it",
        summary["missing_by_verdict"],
        legs,
        title,
        words=[word for word in summary["verdict"] if word in _open_verdicts(summary)] or ("",),
    )
    doubts = summary["warnings"]
    yield _plain("Doubts about what was recorded", "of all legs", doubts, 2 * cases, title)
    reasons: Counter[str] = Counter()
    for reason, count in summary["refused_by_reason"].items():
        reasons[_without_paths(reason, base)] += count
    yield _plain("Refused rows by reason", f"of {rows:,} rows", reasons, rows, {})
    by_age = summary["restriction_by_age"]
    bands = sorted(by_age, key=lambda band: (not band[0].isdigit(), len(band), band))
    yield _chart(
        "Restriction of the ankle by age in years",
        of_legs,
        {band: by_age[band] for band in bands},
        legs,
        words=[row.word for row in base.ladder("restriction").rows],
        ranked=False,
    )
    titles = {file.id: file.title for file in base.advice}
    yield _chart(
        "Advice, and what became of it",
        of_legs,
        {id: summary["advice"][id] for id in titles if summary["advice"].get(id)},
        legs,
        titles,
        words=("advised", "blocked", "withheld"),
        ranked=False,
    )
    pieces: Counter[str] = Counter()
    for found in summary["blocked_by"].values():
        pieces.update(found)
    blocked = sum(found.get("blocked", 0) for found in summary["advice"].values())
    note = f"of {blocked:,} blocked pieces of advice; several things can block one"
    yield _plain("What blocks advice", note, pieces, blocked, _blockers(base))


def _burden(summary: Counts) -> dict[str, dict[str, int]]:
    """Give for each level of a flag the cases with nothing else, with more, and not excluded."""
    present, alone, open_ = (summary[f"flags_{n}"] for n in ("present", "alone", "open"))
    often = sorted({**present, **open_}, key=lambda name: -present.get(name, 0))
    return {
        name: {
            "only this": alone.get(name, 0),
            "beside others": present.get(name, 0) - alone.get(name, 0),
            "not excluded": open_.get(name, 0),
        }
        for name in often
    }


def _open_verdicts(summary: Counts) -> set[str]:
    return {verdict for found in summary["missing_by_verdict"].values() for verdict in found}


def _without_paths(reason: str, base: RuleBase) -> str:
    """Say a reason with the titles of the findings that it names."""
    paths = sorted(base.vocabulary.all_paths, key=len, reverse=True)
    pattern = "|".join(map(re.escape, paths))
    return re.sub(f"(?<![\\w.])({pattern})(?=: )", lambda found: _titled(found[1], base), reason)


def _titled(path: str, base: RuleBase) -> str:
    side, _ = without_side(path)
    title = base.vocabulary[path].title
    return f"{title}, {side}" if side else title


def _plain(
    title: str, note: str, counts: Mapping[str, int], whole: int, names: Mapping[str, str]
) -> Chart:
    return _chart(title, note, {name: {"": count} for name, count in counts.items()}, whole, names)


def _says(base: RuleBase) -> dict[str, str]:
    """Give how the ladders say their words and reasons."""
    found: dict[str, str] = {}
    for ladder in ("triage", "verdict"):
        for row in base.ladder(ladder).rows:
            found.setdefault(row.word, row.word.replace("_", " ").upper())
            if row.says:
                found[row.reason or row.word] = row.says
    return found


def _titles(base: RuleBase) -> dict[str, str]:
    """Name findings and red flags as a reader does."""
    found = {file.id: file.title for file in base.files.values()}
    found |= {path: entry.title for path, entry in base.vocabulary.entries.items()}
    found |= {f"gate.{gate.rpartition('.')[2]}": found[gate] for gate in base.vocabulary.gates}
    for file in base.flags:
        for tier in file.levels:
            said = tier.replace("_", " ") if tier != "none" else "precaution"
            found[f"{file.id.removeprefix('flag.')}.{tier}"] = f"{file.title} ({said})"
    return found


def _blockers(base: RuleBase) -> dict[str, str]:
    """Name whatever blocks advice as a reader does."""
    return {file.id: file.title for file in base.flags} | _titles(base)


def _chart(
    title: str,
    note: str,
    stacks: Stacks,
    whole: int,
    names: Mapping[str, str] | None = None,
    words: Iterable[str] = ("",),
    ranked: bool = True,
    most: int = _MOST_ROWS,
) -> Chart:
    """Draw bars against the whole, of at most so many rows; many in the order of their counts."""
    words = tuple(words)
    totals = {name: sum(stack.get(word, 0) for word in words) for name, stack in stacks.items()}
    ordered = list(stacks)
    if ranked and len(ordered) > _MOST_ROWS // 2:
        ordered.sort(key=lambda name: (-stacks[name].get(words[0], 0), -totals[name], name))
    kept = ordered[:most] if ranked else ordered
    scale = _WIDTH / (whole or 1)
    rows, y = [], 0
    for name in kept:
        said = _said(name, names)
        lines = tuple(wrap(said, _LETTERS))
        share = 100 * totals[name] / whole if whole else 0.0
        rows.append(CountRow(said, lines, _segments(stacks[name], words, scale), share, y))
        y = rows[-1].bar_y + _BAR + _GAP
    said_words = tuple(_said(word, None) for word in words) if len(words) > 1 else ()
    return Chart(title, note, said_words, tuple(rows), len(ordered) - len(kept))


def _segments(stack: Mapping[str, int], words: Iterable[str], scale: float) -> tuple[Segment, ...]:
    found, x = [], 0.0
    for word in words:
        count = stack.get(word, 0)
        # What was counted is seen, however rare it is.
        width = max(round(scale * count, 1), 1.0) if count else 0.0
        found.append(Segment(count, x, width))
        x = round(x + width, 1)
    return tuple(found)


def _said(name: str, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(name) or name.replace("_", " ")


def _blocked(summary: Counts, base: RuleBase) -> list[tuple[str, list[tuple[str, int]]]]:
    """Give for every blocked advice what blocks it, the most frequent first."""
    titles = _blockers(base)
    return [
        (
            file.title,
            [
                (_said(name, titles), count)
                for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
            ],
        )
        for file in base.advice
        if (found := summary["blocked_by"].get(file.id))
    ]
