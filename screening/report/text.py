"""The text report: one page for an ordinary case, the whole proof with ``--full``.

Every clinical word comes from the record or from the rule base; nothing clinical is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from screening import __version__
from screening.explanation.proof import Proof
from screening.explanation.screening import Record
from screening.intake.vocabulary import SIDES
from screening.report.page import Page, Text
from screening.report.proof_text import write_proof
from screening.rulebase.base import RuleBase
from screening.rulebase.files import TIERS

_STYLE = {"emergency": "bold red", "urgent": "bold red", "referral": "bold yellow", "none": ""}


def text(record: Record, base: RuleBase) -> Text:
    """Give the page that a clinician reads."""
    return _page(record, base).text


def full_text(record: Record, base: RuleBase, proof: Proof) -> Text:
    """Give the page, then how to do it, the proof of all that holds, and the sources."""
    page = _page(record, base)
    page.line()
    page.heading("HOW TO DO IT")
    for entry in record["advice"]:
        if entry["status"] == "advised":
            _how(page, entry)
    page.line()
    page.heading("PROOF of every conclusion that holds")
    for found in proof.inferred.form.conclusions.values():
        if proof.inferred.exists(found.exists) and proof.inferred.value(found.name):
            write_proof(page, proof.of(found))
    page.line()
    page.heading("SOURCES")
    page.items(_sources(record, base))
    return page.text


def _page(record: Record, base: RuleBase) -> Page:
    page = Page()
    _head(page, record)
    _triage(page, record, base)
    for side in SIDES:
        if record["sides"][side]:
            page.line()
            _side(page, side, record, base)
    for leg in record["painless_legs"]:
        page.line()
        page.labelled(leg["side"].upper(), f"{'; '.join(leg['readings'])}. {leg['text']}")
    _consider(page, record)
    _advice(page, record, base)
    _scores(page, record)
    _next(page, record)
    _warnings(page, record)
    _foot(page, record, base)
    return page


def _head(page: Page, record: Record) -> None:
    parts = [f"CALF-HIP SCREENING   case {record['case_id']}", *record["heading"]]
    page.line("   ".join(parts), "bold")


def _triage(page: Page, record: Record, base: RuleBase) -> None:
    triage, statements = record["triage"], base.evidence.statements
    present = [flag for flag in triage["flags"] if flag["status"] == "present"]
    tier, within = triage["tier"], triage["within"]
    when = f", within: {within.replace('_', ' ')}" if within else ""
    least = "" if triage["complete"] else "at least "
    head = f"{least}{tier}{when}.".upper() if present else "No red flag recorded."
    page.labelled("TRIAGE", f"{head} {_completeness(record, base)}", _STYLE[tier])
    for flag in sorted(present, key=lambda flag: TIERS.index(flag["tier"])):
        _flag(page, flag)
    if not triage["complete"]:
        _not_excluded(page, record, base)
    page.paragraph(statements["does_not_exclude"])


def _completeness(record: Record, base: RuleBase) -> str:
    triage = record["triage"]
    if not triage["complete"]:
        return "The screen is not complete."
    gates, attested = len(base.vocabulary.gates), len(triage["attested"])
    by = record["patient"].get("attested_by", "")
    together = f", {attested} attested together ({by})" if attested else ""
    return f"Screen complete: {gates - attested} gates asked one by one{together}."


def _flag(page: Page, flag: dict[str, Any]) -> None:
    where = f", {' and '.join(flag['sides'])}" if flag["sides"] else ""
    level = f"[{flag['tier']}]" if flag["tier"] != "none" else "[precaution]"
    page.paragraph(f"{level} {flag['title']}{where}. {flag['because']}", style=_STYLE[flag["tier"]])
    page.paragraph(f"-> {flag['action']}", indent=12)
    if flag["contradicts"]:
        page.paragraph("Answered absent elsewhere: check which is right.", indent=12)


def _not_excluded(page: Page, record: Record, base: RuleBase) -> None:
    triage = record["triage"]
    if triage["unanswered"]:
        titles = [
            base.vocabulary.entries[f"red_flags.{gate}"].title for gate in triage["unanswered"]
        ]
        page.paragraph(f"Not answered: {'; '.join(titles)}.")
    names = [
        f"{flag['title']} ({', '.join(flag['not_excluded'])})"
        for flag in triage["flags"]
        if flag["not_excluded"]
    ]
    if names:
        page.paragraph(f"Not excluded: {'; '.join(names)}.")


def _side(page: Page, side: str, record: Record, base: RuleBase) -> None:
    found, statements = record["sides"][side], base.evidence.statements
    rows = base.ladder("verdict").rows
    row = next(r for r in rows if r.word == found["verdict"] and r.reason == found["reason"])
    page.labelled(side.upper(), f"{statements['movement']}: {row.says}", "bold")
    if found["verdict"] != "suspended":
        page.paragraph(
            f"{statements['about_pain']}" if found["evidence_against"] else found["because"]
        )
    if found["evidence_against"] or found["verdict"] == "suspended":
        page.paragraph(found["because"])
    if found["verdict"] == "suspended":
        return
    if not found["settled"] and found["verdict"] == "possible":
        titles = [base.vocabulary[path].title for path in found["missing"]]
        page.paragraph(f"Could become likely: record {'; '.join(dict.fromkeys(titles)).lower()}.")
    _listed(page, "For", found["for"], None)
    _listed(page, "Against", found["against"] + found["evidence_against"], "-")
    _listed(page, "Counts neither way", found["neither"], "-")
    missing = [f"{base.vocabulary[path].title} ({_where(path)})" for path in found["missing"]]
    _listed(page, "Not tested", dict.fromkeys(missing), "-")
    turning = [reading["text"] for reading in found["firmness"] if not reading["holds"]]
    _listed(page, "How firm", turning, "-")


def _where(path: str) -> str:
    return path.partition(".")[0] if path.startswith(("left.", "right.")) else "person"


def _listed(page: Page, heading: str, contents: Iterable[str], mark: str | None) -> None:
    contents = list(contents)
    if contents:
        page.heading(heading, indent=2)
        page.items(contents, mark)


def _consider(page: Page, record: Record) -> None:
    for side in SIDES:
        found = record["sides"][side]
        if found and found["explanations_to_consider"]:
            page.line()
            page.heading(f"CONSIDER AT THE {side.upper()} HIP (not diagnoses)")
            for item in found["explanations_to_consider"]:
                page.paragraph(f"{item['title']}: {' '.join(item['because'])}", indent=3)


def _advice(page: Page, record: Record, base: RuleBase) -> None:
    page.line()
    page.heading("ADVICE   to be decided by the clinician")
    if not record["screened_with"]["readings_agree"]:
        page.paragraph("None: the two readings of the rules differ.", indent=3, style="bold red")
        return
    advised = [entry for entry in record["advice"] if entry["status"] == "advised"]
    sides = sum(found is not None for found in record["sides"].values())
    page.items((_dose(entry, sides) for entry in advised), None, indent=2)
    if not advised:
        page.paragraph("Nothing is advised by this screening.", indent=3)
    for when, signs in _stop_rules(advised).items():
        page.paragraph(f"{when}: {'; '.join(signs)}.", indent=3)
    _status(page, record, base, "blocked", "blocked_by")
    _status(page, record, base, "withheld", "withheld_for")


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


def _status(page: Page, record: Record, base: RuleBase, status: str, reasons: str) -> None:
    """Say what is blocked or withheld, together with what does it."""
    groups: dict[str, list[str]] = {}
    for entry in record["advice"]:
        if entry["status"] == status:
            why = "; ".join(_named(reason, base) for reason in entry[reasons])
            groups.setdefault(why, []).append(entry["title"])
    if not groups:
        page.paragraph(f"{status.title()}: none.", indent=3)
    until = "until answered" if status == "withheld" else "because of"
    for why, titles in groups.items():
        said = "; ".join(dict.fromkeys(titles))
        page.paragraph(f"{status.title()} {until}: {why}. This holds for: {said}.", indent=3)


def _named(name: str, base: RuleBase) -> str:
    return base.files[name].title if name in base.files else base.vocabulary[name].title


def _scores(page: Page, record: Record) -> None:
    """Say every score that something was recorded for, with what its range means."""
    scores = [score for score in record["scores"] if score["any_item_settled"]]
    if not scores:
        return
    page.line()
    page.heading("SCORES")
    for score in scores:
        low, high = score["low"], score["high"]
        points = f"{low}" if low == high else f"{low} to {high} (items missing)"
        head = f"{score['title']}, {score['side']}: {points}."
        page.items([" ".join([head, *score["says"]])], "-")


def _next(page: Page, record: Record) -> None:
    nearest = record["next_findings"][:3]
    if nearest:
        page.line()
        page.heading("RECORD NEXT")
        page.items(
            (f"{item['title']} ({_where(item['path'])}): {item['because']}" for item in nearest),
            "-",
        )


def _warnings(page: Page, record: Record) -> None:
    if record["warnings"]:
        page.line()
        page.heading("CHECK")
        page.items(dict.fromkeys(warning["message"] for warning in record["warnings"]), "-")


def _foot(page: Page, record: Record, base: RuleBase) -> None:
    made = record["screened_with"]
    unchecked = list(_unchecked(record, base))
    agree = "readings agree" if made["readings_agree"] else "READINGS DIFFER"
    sources = (
        f" · {len(unchecked)} sources not checked: {', '.join(unchecked)}" if unchecked else ""
    )
    page.line()
    page.paragraph(base.evidence.statements["intended_use"], indent=0)
    page.paragraph(
        f"screening {__version__} · rules {made['rule_base']} {made['digest'][:17]}... · "
        f"{agree}{sources} · full proof: screening screen {record['case_id']} --full",
        indent=0,
    )


def _cited(record: Record) -> Iterator[str]:
    for entry in (*record["trace"], *record["advice"]):
        yield from entry["references"]


def _unchecked(record: Record, base: RuleBase) -> Iterator[str]:
    for key in dict.fromkeys(reference.partition(" ")[0] for reference in _cited(record)):
        if not base.references[key].checked:
            yield base.references[key].short


def _sources(record: Record, base: RuleBase) -> Iterator[str]:
    for key in sorted({reference.partition(" ")[0] for reference in _cited(record)}):
        source = base.references[key]
        parts = [source.authors or source.short, source.year, source.title, source.journal]
        parts += [
            f"doi {source.doi}" if source.doi else "",
            f"PMID {source.pmid}" if source.pmid else "",
        ]
        checked = "" if source.checked else "NOT CHECKED"
        yield ". ".join(str(part).rstrip(".") for part in [*parts, checked] if part)


def _how(page: Page, entry: dict[str, Any]) -> None:
    page.heading(f"{entry['title']} ({entry['side']})", indent=2)
    page.items([*entry["how"], *entry["notes"], *entry["stop_rules"]], "-")
    page.paragraph(
        f"Expected change: {entry['expected_change']} Re-test: {entry['retest']}", indent=5
    )
    page.paragraph(f"Certainty: {entry['certainty'].replace('_', ' ')}.", indent=5)
