"""Ladders: the decisions of each leg and of the person, the status and the part of each advice."""

from __future__ import annotations

from screening.intake.vocabulary import SIDES
from screening.rulebase.advice_shapes import AdviceFile
from screening.rulebase.form import Ladder, Line, Row
from screening.rulebase.grounding.given import Sources, named
from screening.rulebase.shapes import LadderFile
from screening.rulebase.sourced import Lines


def ladders(sources: Sources) -> tuple[Ladder, ...]:
    """Give every ladder for every side, those that read others after them."""
    plain = [
        _ladder(sources, file, side, named(side, file.id))
        for file in sources.of_kind(LadderFile)
        if isinstance(file, LadderFile) and file.per is None
        for side in sources.sides(file.of)
    ]
    decided = [
        _ladder(sources, found, side, f"{side}.advice.{advice.id}", advice)._replace(
            advice=advice.id
        )
        for advice in sources.advice
        if (found := _per_advice(sources, advice, "decided_by"))
        for side in SIDES
    ]
    placed = [
        _ladder(sources, found, side, f"{side}.part.{advice.id}", advice)
        for advice in sources.advice
        if advice.placed_by and (found := _per_advice(sources, advice, "placed_by"))
        for side in SIDES
    ]
    every = (*_ladder_order(plain), *decided, *placed)
    _refuse_cycles(sources, every)
    return every


def _per_advice(sources: Sources, advice: AdviceFile, key: str) -> LadderFile | None:
    """Give the ladder that an advice names under a key."""
    name = getattr(advice, key)
    chosen = sources.files.get(name)
    if isinstance(chosen, LadderFile) and chosen.per is not None:
        return chosen
    sources.problem(advice, (key,), f'"{name}" is no ladder for advice.')
    return None


def _refuse_cycles(sources: Sources, ladders: tuple[Ladder, ...]) -> None:
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
    sources: Sources,
    file: LadderFile,
    side: str | None,
    name: str,
    advice: AdviceFile | None = None,
) -> Ladder:
    rows = [
        Row(row.word, row.reason, _lines(sources, file, i, side, advice))
        for i, row in enumerate(file.rows)
    ]
    if any(row.lines is None for row in rows[:-1]) or rows[-1].lines is not None:
        sources.problem(file, ("rows",), "only the last row takes the rest.")
    exists = sources.line(file.exists, side, file, ("exists",))
    return Ladder(name, file.id, side, tuple(rows), exists)


def _lines(
    sources: Sources, file: LadderFile, i: int, side: str | None, advice: AdviceFile | None
) -> tuple[Line, ...] | None:
    """Ground the lines of a row, each with every line of its own that the advice gives."""
    row = file.rows[i]
    if row.any is None:
        return None
    own: Lines = getattr(advice, row.own) if advice and row.own else ((),)
    return tuple(
        (*line, *each)
        for j, texts in enumerate(row.any)
        for line in sources.lines(_of(texts, advice), side, file, ("rows", i, "any", j), True)
        for k, written in enumerate(own)
        for each in sources.lines(written, side, advice or file, (row.own or "rows", k), True)
    )


def _of(texts: tuple[str, ...], advice: AdviceFile | None) -> tuple[str, ...]:
    return tuple(text.replace(".* ", f".{advice.id} ") for text in texts) if advice else texts


def _ladder_order(ladders: list[Ladder]) -> list[Ladder]:
    names = {ladder.name for ladder in ladders}

    def reads(ladder: Ladder) -> bool:
        lines = [line for row in ladder.rows for line in row.lines or ()]
        return any(premise.operand in names for line in lines for premise in line)

    return sorted(ladders, key=reads)
