"""The value of an answer or an observation as it would be typed into a case file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.exchange.fhir.elements import Element, Troubles
from screening.exchange.fhir.foreign import ForeignCodes
from screening.exchange.fhir.systems import SYSTEM, UNITS_OF_MEASURE, answer_code, ucum
from screening.intake.answers import words_of
from screening.intake.questionnaire import NONE_OF_THESE
from screening.intake.vocabulary import Entry, without_side
from screening.rulebase.base import RuleBase
from screening.safe import shortened

if TYPE_CHECKING:
    from screening.documents import Data

_KINDS = {
    "answer": {
        "number": ("valueDecimal", "valueInteger", "valueQuantity"),
        "text": ("valueString",),
        "date": ("valueDate",),
        "": ("valueCoding",),
    },
    "observation": {
        "number": ("valueQuantity", "valueInteger"),
        "text": ("valueString",),
        "date": ("valueDateTime",),
        "": ("valueCodeableConcept",),
    },
}
"""In which element a value stands, by the type of the finding; all others are coded."""

_AS_WORDS = "A value of another kind may mean something else."


@dataclass
class Gathered:
    """What was recorded, by path, as it came in; and what stays aside, in words."""

    base: RuleBase
    codes: ForeignCodes
    troubles: Troubles
    values: dict[str, Data] = field(default_factory=dict)
    places: dict[str, Element] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def entry(self, path: str) -> Entry:
        """Give the vocabulary's entry of a path."""
        return self.base.vocabulary[path]

    def keep(self, path: str, value: Data, holder: Element) -> None:
        """Keep one answer; a second one to the same question is refused.

        A finding may stand in a response and again as an Observation: said alike, it is one answer.
        """
        known = self.places.get(path)
        if known is not None and known.kind != holder.kind and self.values[path] == value:
            return
        if path in self.values:
            todo = "Send the one that is right: which one is meant cannot be known."
            holder.wrong("it is answered twice.", todo, path)
        self.values[path], self.places[path] = value, holder

    def absent(self, path: str, holder: Element) -> None:
        """Say that an answer is absent with a reason: it is not recorded."""
        where = self.troubles.document.where(holder.place)
        why = "a reason stands in place of an answer, so it counts as not recorded."
        self.remarks.append(f"{where}: {path}: {why}")


def value_of(holder: Element, path: str, gathered: Gathered) -> int | Decimal | float | str | None:
    """Give the one value that an element holds, as it is typed; None if it holds none that fits."""
    entry, named = gathered.entry(path), holder.values()
    kinds = _KINDS["answer" if holder.kind == "answer" else "observation"]
    wanted = kinds.get(entry.type, kinds[""])
    if len(named) != 1 or named[0] not in wanted:
        held = " and ".join(named) or "no value"
        todo = f"Send {' or '.join(wanted)}."
        holder.wrong(f"{held} is no answer to it.", todo, path, _AS_WORDS)
        return None
    (name,) = named
    if entry.type == "number":
        return _number(holder, name, path, entry)
    if entry.type == "date":
        return holder.text(name).partition("T")[0]
    return holder.text(name) if entry.type == "text" else _word(holder, path, gathered)


def _number(holder: Element, name: str, path: str, entry: Entry) -> int | Decimal | float | None:
    if name != "valueQuantity":
        if name == "valueInteger" and holder.kind != "answer" and ucum(entry.unit)[0] not in "1{":
            todo = f"Send a valueQuantity in {entry.unit}."
            holder.wrong("its unit is not said.", todo, path)
        return holder.number(name)
    quantity = holder.one(name, "Quantity")
    assert quantity is not None
    if "comparator" in quantity:
        holder.wrong('"less than" and "more than" are no reading.', "Send what was read.", path)
    system, code, unit = (quantity.text(each) for each in ("system", "code", "unit"))
    said = code if code else unit
    ours = {entry.unit, ucum(entry.unit)}
    if said not in ours and (said or ucum(entry.unit)[0] not in "1{"):
        todo = f"It is never converted: measure or send it in {entry.unit or 'plain figures'}."
        holder.wrong(f'its unit is "{shortened(said) or "not said"}".', todo, path)
    elif code and system not in ("", UNITS_OF_MEASURE):
        holder.wrong("its unit is a code of another system.", "Use UCUM.", path)
    if "value" not in quantity:
        holder.wrong("the quantity has no value.", "", path)
    return quantity.number("value")


def _word(holder: Element, path: str, gathered: Gathered) -> str | None:
    if "valueCoding" in holder:
        coding = holder.one("valueCoding", "Coding")
        return word_of([coding] if coding else [], holder, path, gathered)
    concept = holder.one("valueCodeableConcept", "CodeableConcept")
    codings = list(concept.each("coding", "Coding")) if concept else []
    return word_of(codings, holder, path, gathered)


def word_of(
    codings: Iterable[Element], holder: Element, path: str, gathered: Gathered
) -> str | None:
    """Give the word that codings stand for; those of others are translations and may stay aside."""
    words = {word for each in codings if (word := _one_word(each, path, gathered)) is not None}
    if len(words) == 1:
        return words.pop()
    known = [*words_of(path, gathered.base.vocabulary)]
    known += [NONE_OF_THESE] if gathered.entry(path).type == "list" else []
    what = "its codes are different answers." if words else "none of its codes is an answer to it."
    todo = f"The codes are {', '.join(answer_code(path, word) for word in known)} of {SYSTEM}."
    holder.wrong(what, todo, path, "An answer that is guessed may be the wrong one.")
    return None


def _one_word(coding: Element, path: str, gathered: Gathered) -> str | None:
    system, code = coding.text("system"), coding.text("code")
    if system != SYSTEM:
        return gathered.codes.words.get(f"{system}|{code}")
    same_version(coding.text("version"), coding, gathered)
    start = f"{without_side(path)[1]}."
    if not code.startswith(start):
        coding.wrong(f'"{shortened(code)}" is the code of another question.', "", path)
        return None
    return code.removeprefix(start)


def same_version(version: str, holder: Element, gathered: Gathered) -> None:
    """Refuse what was written for another major version: its words may mean something else."""
    ours = gathered.base.version
    if version and version.partition(".")[0] != ours.partition(".")[0]:
        what = f"it is of version {shortened(version)}; the rules here are {ours}."
        holder.wrong(what, "Use the rules of that version, or ask with this one.")
