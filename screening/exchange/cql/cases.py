"""Cases for other engines: parameters, and what the reference reading makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from screening.assurance.examples import examples
from screening.exchange.cql.logic import row_word
from screening.exchange.cql.raw_answers import versions
from screening.exchange.cql.syntax import type_of
from screening.inference.infer import truth
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra, Readings
from screening.intake.case import Case, read_case
from screening.intake.findings import Reading, gather
from screening.intake.replaces import version
from screening.intake.vocabulary import ASKED_WITH, PRESENT, Vocabulary
from screening.rulebase.base import RuleBase
from screening.rulebase.form import Form

Values = dict[str, bool | str | None]
Parameters = dict[str, bool | str | float]


def parameters(form: Form, readings: Mapping[str, Reading]) -> Parameters:
    """Give what is known of a case as parameters of the logic; points only."""
    return {
        operand: _value(reading, type_of(form.recorded[operand].words))
        for operand, reading in readings.items()
    }


def _value(reading: Reading, kind: str) -> bool | str | float:
    if isinstance(reading, tuple):
        low, high = reading
        assert low == high, "an interval is no point"
        return low / 100
    (word,) = reading
    return word == PRESENT if kind == "Boolean" else word


def raw_answers(case: Case, vocabulary: Vocabulary) -> Parameters:
    """Give the answers of a case as parameters of the intake."""
    found: Parameters = {}
    for path, answer in case.answers.items():
        called, kind = f"answer {path}", vocabulary[path].type
        if path == ASKED_WITH:
            asked = version(str(answer))
            found |= {f"{called}.{v}": asked >= version(v) for v in versions(vocabulary)}
        elif isinstance(answer, tuple):
            words = vocabulary[path].words
            found |= {f"{called}.{word}": word in answer for word in words}
        elif isinstance(answer, int):
            found[called] = answer / 100
        elif kind in ("yes_no", "sweep"):
            found[called] = kind == "sweep" or answer == PRESENT
        else:
            found[called] = str(answer)
    return found


def shown(base: RuleBase) -> Iterator[tuple[str, Case]]:
    """Give an example for every rule that one shows, each with a name; loaded with its examples."""
    seen: set[str] = set()
    for each in examples(base):
        new = set(each.example.fires) - seen
        if new:
            seen |= new
            where = f"{each.file.id} {each.number + 1}"
            yield where, read_case(each.document(base), base.vocabulary, where)


def written_cases(base: RuleBase) -> str:
    """Give the cases as JSON, one a line."""
    named = list(shown(base))
    readings = [gather(case, base.vocabulary).readings for _, case in named]
    found = expected(base.form, readings)
    lines = [
        {
            "id": id,
            "answers": raw_answers(case, base.vocabulary),
            "parameters": parameters(base.form, known),
            "expected": wanted,
        }
        for (id, case), known, wanted in zip(named, readings, found, strict=True)
    ]
    return "[\n" + ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n]\n"


def expected(form: Form, readings: Sequence[Readings]) -> list[Values]:
    """Give the value of every conclusion and ladder of many cases, by the reference reading."""
    return [_expected(form, each) for each in readings]


def _expected(form: Form, readings: Readings) -> Values:
    walk = Walk(form, PlainAlgebra(form, readings))
    values: Values = {name: truth(walk.faces(name)) for name in form.conclusions}
    for ladder in form.ladders:
        row = ladder.rows[walk.rows(ladder.name).index(True)]
        values |= {f"row {ladder.name}": row_word(row), ladder.name: row.word}
    return values
