"""``next`` and ``stable`` as text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from screening.intake.vocabulary import without_side
from screening.page import Page
from screening.rulebase.base import RuleBase

_FROM = {
    "holds": "holds",
    "turns": "can turn",
    "not_settled": "not settled",
}


def next_text(found: dict[str, Any], base: RuleBase) -> Page:
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


def _asked(page: Page, number: int, row: dict[str, Any], base: RuleBase) -> None:
    side = without_side(row["path"])[0]
    of_leg = f"{side.upper()} leg: " if side else ""
    takes = [f"{row['minutes']:.0f} min"] if row["minutes"] >= 1 else []
    needs = ", ".join([*takes, *(each.replace("_", " ") for each in row["equipment"])])
    again = ", once more" if row["again"] else ""
    title = f"{of_leg}{row['title']}{again}{f' ({needs})' if needs else ''}"
    page.items([title], f"{number:2}", indent=0)
    page.paragraph(row["because"], indent=3)
    page.items(_outcomes(row["settles"], base), "-", indent=3)


def _outcomes(settles: list[dict[str, Any]], base: RuleBase) -> list[str]:
    """Say what answers would do; neighbouring answers that do the same are said together."""
    said: list[tuple[list[str], str]] = []
    for answer in settles:
        effect = "; ".join(_effects(answer, base))
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
        return f"{ends[0].removeprefix('about ')} to {ends[1].removeprefix('about ')}"
    return " or ".join(answers)


def _becomes(moved: dict[str, Any]) -> str:
    says = moved["says"] or moved["to"].replace("_", " ")
    leg = f"{moved['side'].upper()} leg" if moved["side"] else ""
    if moved["decision"] == "verdict":
        return f"the {leg} becomes {says}"
    title = f"{moved['title'][:1].lower()}{moved['title'][1:]}"
    if not says.isupper():
        says = says[:1].lower() + says[1:]
    return f"{title}{f' ({leg})' if leg else ''} becomes {says}"


def _effects(answer: dict[str, Any], base: RuleBase) -> list[str]:
    moved = answer["decisions"]
    # A verdict that moves says more than the words under it.
    first = [each for each in moved if each["decision"] in ("triage", "verdict")]
    found = [_becomes(each) for each in first or moved]
    flags = [
        _title(name, base)
        for name, value in zip(answer["conclusions"], answer["values"], strict=True)
        if value is False and "flag." in name
    ]
    if flags:
        found.append(f"no longer open: {'; '.join(dict.fromkeys(flags))}")
    return found


_KINDS = {"indicated": "the advice:", "blocked": "the block of:", "block": "the block of:"}
_CAN = {
    True: "What is not recorded can still change the verdict on the movement pattern.",
    False: "Nothing further changes the verdict on the movement pattern, as long as it contradicts "
    "nothing that is recorded.",
    "not_settled": "Whether something further changes the verdict could not be settled.",
}


def _title(name: str, base: RuleBase) -> str:
    side, _, id = name.partition(".")
    if side not in ("left", "right"):
        side, id = "", name
    for candidate in (id, id.rpartition(".")[0]):
        file = base.files.get(candidate)
        if file is not None:
            return f"{file.title}{f' ({side})' if side else ''}"
    kind, _, what = id.partition(".")
    file = base.files.get(what)
    entry = base.vocabulary.entries.get(what)
    title = file.title if file else entry.title if entry else what
    return f"{_KINDS.get(kind, kind)} {title}{f' ({side})' if side else ''}"


def stable_text(found: dict[str, Any], base: RuleBase) -> Page:
    """Say of the decisions, then of the conclusions that do not hold, how firm they are."""
    page = Page()
    page.line("HOW FIRM", "bold")
    moved = [f"{path} from {ends[0]} to {ends[1]}" for path, ends in found["moved"].items()]
    if moved:
        page.items(
            [f"Moved within their measurement error (MDC): {'; '.join(moved)}."], "", indent=0
        )
    if found["without_mdc"]:
        named = ", ".join(found["without_mdc"])
        page.items([f"No measurement error is published for: {named}. Not moved."], "", indent=0)
    page.line()
    page.line("Decisions", "bold")
    for row in found["decisions"]:
        _row(page, row, base)
    open_rows = [r for r in found["conclusions"] if (r["mdc"], r["missing"]) != ("holds", "holds")]
    count = Counter(row["mdc"] == row["missing"] == "holds" for row in found["conclusions"])
    page.line()
    page.line(f"Conclusions: {count[True]} hold, {count[False]} do not hold or are open", "bold")
    for row in open_rows:
        if row["mdc"] != "holds":
            _row(page, row, base)
    waiting = sum(row["mdc"] == "holds" for row in open_rows)
    if waiting:
        page.line(f"{waiting} more only wait for what is not recorded (--format json lists them).")
    return page


def _row(page: Page, row: dict[str, Any], base: RuleBase) -> None:
    name = f"{row['side']}.{row['id']}" if row["side"] else row["id"]
    value = {True: "true", False: "false", None: "unknown"}.get(row["value"], row["value"])
    said = f"Measurement error: {_FROM[row['mdc']]}. What is missing: {_FROM[row['missing']]}."
    page.line(f"{_title(name, base)}: {str(value).replace('_', ' ')}")
    page.items([said], "", indent=3)
    if row["witness"]:
        shown = ", ".join(f"{path} {value}" for path, value in row["witness"].items())
        page.items([f"A case that was screened and says otherwise: {shown}."], "", indent=3)
