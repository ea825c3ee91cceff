"""Ladders: the decisions of each leg and of the person, and the status of each advice."""

from __future__ import annotations

from screening.errors import Problem
from screening.intake.vocabulary import SIDES
from screening.rulebase.files import LadderFile
from screening.rulebase.form import Ladder, Row
from screening.rulebase.grounding.sources import Sources, named


def ladders(sources: Sources) -> tuple[Ladder, ...]:
    """Give every ladder for every side, those that read others after them."""
    plain, per_advice = [], []
    for file in sources.of_kind(LadderFile):
        assert isinstance(file, LadderFile)
        for side in sources.sides(file.of):
            if file.per is None:
                plain.append(_ladder(sources, file, side, named(side, file.id), None))
    for advice in sources.advice:
        chosen = sources.files.get(advice.decided_by)
        if not isinstance(chosen, LadderFile) or chosen.per is None:
            sources.problems.append(
                Problem(
                    sources.where(advice, ("decided_by",)),
                    f'"{advice.decided_by}" is no ladder for advice.',
                )
            )
            continue
        per_advice += [
            _ladder(sources, chosen, side, f"{side}.advice.{advice.id}", advice.id)
            for side in SIDES
        ]
    _refuse_cycles(sources, [*plain, *per_advice])
    return tuple(_ladder_order(plain) + per_advice)


def _refuse_cycles(sources: Sources, ladders: list[Ladder]) -> None:
    """A ladder may read others, and none may rest on itself."""
    reads = {
        ladder.name: {
            premise.operand
            for line in (ladder.exists, *(each for row in ladder.rows for each in row.lines or ()))
            for premise in line
        }
        for ladder in ladders
    }
    done: set[str] = set()
    while ready := [n for n in reads if n not in done and not (reads[n] & reads.keys()) - done]:
        done.update(ready)
    for ladder in ladders:
        if ladder.name not in done:
            file = sources.files[ladder.id]
            sources.problem(file, ("rows",), "this ladder rests on itself, through another or not.")


def _ladder(
    sources: Sources, file: LadderFile, side: str | None, name: str, advice: str | None
) -> Ladder:
    rows = []
    for i, row in enumerate(file.rows):
        lines = None
        if row.any is not None:
            lines = tuple(
                line
                for j, texts in enumerate(row.any)
                for line in sources.lines(
                    tuple(t.replace(".* ", f".{advice} ") for t in texts) if advice else texts,
                    side,
                    file,
                    ("rows", i, "any", j),
                    decision=True,
                )
            )
        rows.append(Row(row.word, row.reason, lines))
    if any(row.lines is None for row in rows[:-1]) or rows[-1].lines is not None:
        sources.problems.append(
            Problem(sources.where(file, ("rows",)), "only the last row takes the rest.")
        )
    exists = sources.line(file.exists, side, file, ("exists",))
    return Ladder(name, file.id, side, tuple(rows), exists, advice)


def _ladder_order(ladders: list[Ladder]) -> list[Ladder]:
    names = {ladder.name for ladder in ladders}

    def reads(ladder: Ladder) -> bool:
        lines = [line for row in ladder.rows for line in row.lines or ()]
        return any(premise.operand in names for line in lines for premise in line)

    return sorted(ladders, key=reads)
