"""``next`` and ``stable`` as text."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.intake.thresholds import from_to, unit_once, with_unit
from screening.intake.vocabulary import without_side
from screening.numbers import hundredths
from screening.page import Page
from screening.record.wording import lower, with_leg
from screening.rulebase.base import RuleBase
from screening.rulebase.levels import TIERS

if TYPE_CHECKING:
    from screening.intake.answers import Typed
    from screening.questions.answer_model import (
        DecisionMoved,
        NextAnswer,
        NextRow,
        Settling,
        StabilityRow,
        StableAnswer,
    )


def next_text(found: NextAnswer, base: RuleBase) -> Page:
    """Say what to record next, by the position of the patient, and what each answer would do."""
    page = Page()
    page.line("WHAT TO RECORD NEXT", "bold")
    position = ""
    for number, row in enumerate(found["next"], 1):
        if row["position"] != position:
            position = row["position"]
            page.line(_POSITIONS[position], "bold")
        _asked(page, number, row, base)
    if not found["next"]:
        page.line("Nothing that may be asked for would change the triage or a verdict.")
    page.line()
    for side, can in found["verdict_can_change"].items():
        if can is not None:
            page.items([_CAN[can]], side.upper(), indent=0)
    return page


_POSITIONS = {
    "talk": "Asking",
    "stand": "Standing",
    "walk": "Walking",
    "couch": "On the couch",
}


def _asked(page: Page, number: int, row: NextRow, base: RuleBase) -> None:
    side = without_side(row["path"])[0]
    of_leg = f"{side.upper()} leg: " if side else ""
    takes = [f"{row['minutes']:.0f} min"] if row["minutes"] >= 1 else []
    needs = ", ".join([*takes, *(each.replace("_", " ") for each in row["equipment"])])
    again = ", once more" if row["again"] else ""
    title = f"{of_leg}{row['title']}{again}{f' ({needs})' if needs else ''}"
    page.items([title], f"{number:2}", indent=0)
    page.paragraph(row["because"], indent=3)
    page.items(_outcomes(row["settles"], base, row["because"]), "-", indent=3)


def _outcomes(settles: list[Settling], base: RuleBase, why: str) -> list[str]:
    """Say what answers would do; neighbouring answers that do the same are said together."""
    said: list[tuple[list[str], str]] = []
    for answer in settles:
        effect = "; ".join(_effects(answer, base, why))
        if said and said[-1][1] == effect:
            said[-1][0].append(answer["says"])
        elif effect:
            said.append(([answer["says"]], effect))
    return [f"{_together(answers)}: {effect}" for answers, effect in said]


def _together(answers: list[str]) -> str:
    """Say neighbouring answers: numbers from the first to the last, words all."""
    ends = (answers[0], answers[-1])
    if len(answers) == 1:
        return answers[0]
    if any(end.startswith("about ") or end.endswith((" or less", " or more")) for end in ends):
        if ends[0].endswith(" or less"):
            return f"up to {ends[1].removeprefix('about ')}"
        if ends[1].endswith(" or more"):
            return f"{ends[0].removeprefix('about ')} or more"
        return unit_once(" to ".join(end.removeprefix("about ") for end in ends))
    return " or ".join(answers)


def _becomes(moved: DecisionMoved, why: str) -> str:
    """Say what a decision becomes; what it is about is not said again where it was just asked."""
    says = moved["says"] or moved["to"].replace("_", " ")
    leg = f"{moved['side'].upper()} leg" if moved["side"] else ""
    if moved["decision"] == "verdict":
        return f"the {leg} becomes {says}"
    title = lower(moved["title"])
    if not says.isupper():
        says = lower(says)
    if not moved["side"]:
        return f"{title} becomes {says}"
    return says if title in why else f"{title} ({leg}): {says}"


def _effects(answer: Settling, base: RuleBase, why: str) -> list[str]:
    moved = answer["decisions"]
    # A verdict that moves says more than the words under it.
    first = [each for each in moved if each["decision"] in ("triage", "verdict")]
    found = [_becomes(each, why) for each in first or moved]
    flags = [
        _title(name, base)
        for name, value in zip(answer["conclusions"], answer["values"], strict=True)
        if value is False and "flag." in name
    ]
    if flags:
        found.append(f"no longer open: {'; '.join(dict.fromkeys(flags))}")
    return found


_KINDS = {"indicated": "reason for", "blocked": "block of", "block": "block of"}
_CAN = {
    True: "What is not recorded can still change the verdict on the movement pattern.",
    False: "Nothing further changes the verdict on the movement pattern, as long as it contradicts "
    "nothing that is recorded.",
    "not_settled": "Whether something further changes the verdict could not be settled.",
}


def _title(name: str, base: RuleBase) -> str:
    """Say a conclusion or a decision by its title, with its leg."""
    side, id = without_side(name)
    return f"{id_title(id, base)}{f' ({side})' if side else ''}"


def id_title(id: str, base: RuleBase) -> str:
    """Give the title of a conclusion or decision, also of one that is made for each advice."""
    kind, _, what = id.partition(".")
    file = base.files.get(what)
    if kind == "part" and file:
        return f"Place in the plan of: {lower(file.title)}"
    for candidate in (id, id.rpartition(".")[0]):
        if candidate in base.files:
            return base.files[candidate].title
    entry = base.vocabulary.entries.get(what)
    title = file.title if file else entry.title if entry else what.replace("_", " ")
    return f"{_KINDS.get(kind, kind)} {lower(title)}".capitalize() if kind in _KINDS else title


def stable_text(found: StableAnswer, base: RuleBase) -> Page:
    """Say of the decisions, then of the conclusions that can turn, how firm they are."""
    page = Page()
    page.line("HOW FIRM", "bold")
    moved = [
        f"{lower(with_leg(path, base.vocabulary))} from "
        f"{from_to(_hundredths(low), _hundredths(high), base.vocabulary[path].unit)}"
        for path, (low, high) in found["moved"].items()
    ]
    if moved:
        text = f"Moved within their measurement error (MDC): {'; '.join(moved)}."
        page.paragraph(text, indent=0)
    if found["without_mdc"]:
        named = "; ".join(lower(with_leg(path, base.vocabulary)) for path in found["without_mdc"])
        text = f"No measurement error is published for: {named}. Not moved."
        page.paragraph(text, indent=0)
    page.line()
    page.heading("Decisions")
    if any(row["id"] == "triage" and row["value"] == TIERS[0] for row in found["decisions"]):
        _after_an_emergency(page, found, base)
        return page
    parts = [row for row in found["decisions"] if row["id"].startswith(_PART)]
    for row in sorted(found["decisions"], key=lambda row: _FIRST.get(row["id"], len(_FIRST))):
        if row not in parts:
            _row(page, row, base)
    turning = sum(row["mdc"] != "holds" or row["missing"] != "holds" for row in parts)
    if turning:
        many = "1 advice" if turning == 1 else f"{turning} pieces of advice"
        page.paragraph(f"With these the place of {many} in the plan can change.", indent=0)
    page.line()
    count = Counter(row["mdc"] == row["missing"] == "holds" for row in found["conclusions"])
    held = f"Conclusions: {count[True]} hold, {count[False]} can turn or are open"
    page.heading(held)
    rows = [row for row in found["conclusions"] if row["mdc"] != "holds"]
    written = [row for row in rows if row["id"] in base.files]
    for row in written:
        _row(page, row, base)
    rest = count[False] - len(written)
    if rest:
        text = f"{rest} more rest on these, or only wait for what is not recorded"
        page.paragraph(f"{text} (--format json lists them).", indent=0)
    return page


def _after_an_emergency(page: Page, found: StableAnswer, base: RuleBase) -> None:
    """Say how firm triage, verdicts and flags are; nothing is advised, so no more is weighed."""
    for row in sorted(found["decisions"], key=lambda row: _FIRST.get(row["id"], len(_FIRST))):
        if row["id"] in _FIRST:
            _row(page, row, base)
    flags = [row for row in found["conclusions"] if row["id"].startswith("flag.")]
    turning = [row for row in flags if row["mdc"] != "holds" and row["value"] is not None]
    if turning:
        page.line()
        page.heading("Red flags that can turn")
    for row in turning:
        _row(page, row, base)
    page.line()
    text = "The emergency comes first: nothing is advised, so how firm the rest is does not matter"
    page.paragraph(f"{text} now (--format json lists it).", indent=0)


_PART = "part."
_FIRST = {"triage": 0, "verdict": 1}
"""Decisions that a reader looks for first; the others keep the order of the record."""

_EXAMPLE = 4
"""An example of more answers than this is counted."""

_ERROR = {
    "holds": "It holds within the measurement error",
    "turns": "It can turn within the measurement error",
    "not_settled": "Whether it holds within the measurement error could not be settled",
}
_MISSING = {
    "holds": "nothing that is missing changes it",
    "turns": "what is missing can change it",
    "not_settled": "whether what is missing changes it could not be settled",
}


def _row(page: Page, row: StabilityRow, base: RuleBase) -> None:
    leg = f"{row['side'].upper()} leg, " if row["side"] else ""
    title = id_title(row["id"], base)
    page.paragraph(f"{leg}{lower(title) if leg else title}: {_value(row, base)}", indent=0)
    link = "and" if row["mdc"] == row["missing"] else "but"
    error = _ERROR[row["mdc"]] if row["measured"] else "It rests on no reading that was moved"
    page.paragraph(f"{error}, {link} {_MISSING[row['missing']]}.", indent=3)
    example = row["witness"] or {}
    many = len(example)
    if many > _EXAMPLE:
        text = f"For example with {many} further answers together (--format json names them)."
        page.paragraph(text, indent=3)
    elif many:
        other = "; ".join(
            f"{lower(with_leg(path, base.vocabulary))}: {_said(path, value, base)}"
            for path, value in example.items()
        )
        page.paragraph(f"For example with {other}.", indent=3)


def _value(row: StabilityRow, base: RuleBase) -> str:
    """Say the state of a target: a conclusion by yes and no, a decision in its own words."""
    value = row["value"]
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "unknown"}[value]
    rows = getattr(base.files.get(row["id"]), "rows", ())
    says = [each.says for each in rows if each.word == value and each.says]
    if row["id"] == "triage" and value == TIERS[-1] and row["missing"] != "holds":
        return f"{lower(says[0])} so far; the screen is not complete"
    # A word that stands in several rows, each with another reason, is said without them.
    word = str(value).replace("_", " ")
    if len(says) == 1:
        return says[0] if says[0].isupper() or row["id"] in _FIRST else lower(says[0])
    return word.upper() if row["id"] == "verdict" else word


def _hundredths(value: Typed) -> int:
    return hundredths(Decimal(str(value)))


def _said(path: str, value: Typed, base: RuleBase) -> str:
    entry = base.vocabulary[path]
    if entry.type == "number":
        return with_unit(_hundredths(value), entry.unit)
    words = value if isinstance(value, list) else [value]
    said = [entry.says.get(str(word), str(word).replace("_", " ")) for word in words]
    return ", ".join(said) or "none of these"
