"""The summary of a run as one self-contained page: plain charts, with the tables under them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from screening.batch.tally import Counts
from screening.rulebase.base import RuleBase

_TEMPLATES = Path(__file__).parent.parent / "report" / "templates"
_MOST_BARS, _MOST_BLOCKERS = 12, 4
_LABEL, _WIDTH, _BAR, _GAP = 330, 300, 16, 7
_LONGEST_LABEL = 48


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, and its share of the whole."""

    name: str
    count: int
    share: float
    width: float
    y: int

    @property
    def label(self) -> str:
        """The name, cut where the drawing has no room; the table has all of it."""
        long = len(self.name) > _LONGEST_LABEL
        return f"{self.name[: _LONGEST_LABEL - 1]}\u2026" if long else self.name


@dataclass(frozen=True)
class Chart:
    """One chart with its table: a title, what the whole is, and its bars."""

    title: str
    note: str
    bars: tuple[Bar, ...]
    left_out: int

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return len(self.bars) * (_BAR + _GAP)


def summary_page(summary: Counts, base: RuleBase) -> str:
    """Give the page."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_TEMPLATES / "screening.css").read_text(encoding="utf-8")
    template = environment.get_template("summary.html.j2")
    return template.render(
        summary=summary,
        charts=list(_charts(summary, base)),
        restriction=_grid(summary["restriction_by_age"]),
        advice=_advice(summary, base),
        style=style,
        label=_LABEL,
        most=_MOST_BLOCKERS,
        width=_WIDTH,
        bar=_BAR,
        intended_use=base.evidence.statements["intended_use"],
    )


def _charts(summary: Counts, base: RuleBase) -> list[Chart]:
    cases, legs = summary["cases"], summary["legs_with_hip_pain"]
    title, says = _titles(base), _says(base)
    of_cases, of_legs = f"of {cases:,} cases", f"of {legs:,} legs with hip pain"
    found = [
        _chart("What must be referred first", of_cases, summary["tier"], cases, says),
        _chart("Red flags present", of_cases, summary["flags_present"], cases, title),
        _chart("Calf-related movement pattern", of_legs, summary["verdict"], legs, says),
        _chart("Why it cannot be judged", of_legs, summary["reason"], legs, says),
        _chart("What was not recorded", of_legs, summary["missing"], legs, title),
        _chart(
            "Doubts about what was recorded", "of all legs", summary["warnings"], 2 * cases, title
        ),
        _chart(
            "Refused rows by reason",
            f"of {summary['rows']:,} rows",
            summary["refused_by_reason"],
            summary["rows"],
        ),
    ]
    return [chart for chart in found if chart.bars]


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
    found = {path: entry.title for path, entry in base.vocabulary.entries.items()}
    found |= {f"gate.{gate.rpartition('.')[2]}": found[gate] for gate in base.vocabulary.gates}
    for file in base.flags:
        for tier in file.levels:
            found[f"{file.id.removeprefix('flag.')}.{tier}"] = f"{file.title} ({tier})"
    return found


def _chart(
    title: str, note: str, counts: Counts, whole: int, names: dict[str, str] | None = None
) -> Chart:
    ordered = list(counts.items())
    if len(ordered) > _MOST_BARS // 2:
        ordered.sort(key=lambda item: (-item[1], item[0]))
    most = max(counts.values(), default=0) or 1
    bars = tuple(
        Bar(
            _said(name, names),
            count,
            100 * count / whole if whole else 0.0,
            round(_WIDTH * count / most, 1),
            place * (_BAR + _GAP),
        )
        for place, (name, count) in enumerate(ordered[:_MOST_BARS])
    )
    return Chart(title, note, bars, max(0, len(ordered) - _MOST_BARS))


def _said(name: str, names: dict[str, str] | None) -> str:
    return (names or {}).get(name) or name.replace("_", " ")


def _grid(by_age: Counts) -> dict[str, Any]:
    """Give restriction by age band as a table: bands in order, one column a word."""
    words = list(dict.fromkeys(word for counts in by_age.values() for word in counts))
    bands = sorted(by_age, key=lambda band: (not band[0].isdigit(), len(band), band))
    rows = [
        (band, [by_age[band].get(word, 0) for word in words], sum(by_age[band].values()))
        for band in bands
    ]
    return {"words": words, "rows": rows}


def _advice(summary: Counts, base: RuleBase) -> list[dict[str, Any]]:
    """Give every advice with how often it was advised, blocked or withheld, and by what."""
    titles = {file.id: file.title for file in base.flags} | _titles(base)
    return [
        {
            "title": file.title,
            "counts": summary["advice"].get(file.id, {}),
            "by": [
                (titles.get(name) or name.replace("_", " "), count)
                for name, count in sorted(
                    summary["blocked_by"].get(file.id, {}).items(),
                    key=lambda item: (-item[1], item[0]),
                )
            ],
        }
        for file in base.advice
        if summary["advice"].get(file.id)
    ]
