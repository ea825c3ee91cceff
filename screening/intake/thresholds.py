"""Thresholds: every clinical number, once, with its unit, source and certainty."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from screening.numbers import hundredths, plain, written

Certainty = Literal["high", "moderate", "low", "very_low", "project_choice"]


def _exact(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    return hundredths(value)


Hundredths = Annotated[int, BeforeValidator(_exact), PlainSerializer(plain, when_used="json")]
"""A number of a data file, held as a whole number of hundredths; in JSON it is as it was typed."""

UNITS = {"deg": "°", "Cel": " °C", "a": " years", "wk": " weeks", "points": "", "%": "%"}
UNITS |= {"steps": " steps", "ratio": "", "": ""}
_ONE_OF_IT = 100
_ONE = {"a": " year", "wk": " week", "steps": " step"}


def with_unit(value: int, unit: str) -> str:
    """Write hundredths with their unit as a clinician reads it: ``6.5 cm``, ``35°``."""
    number = written(value, 1 if unit == "cm" else None)
    said = _ONE.get(unit) if value == _ONE_OF_IT else None
    return f"{number}{said or UNITS.get(unit, f' {unit}')}"


def from_to(low: int, high: int, unit: str) -> str:
    """Write two hundredths with their unit, said once: ``18 to 120 years``, ``6.5 to 8.0 cm``."""
    return f"{written(low, 1 if unit == 'cm' else None)} to {with_unit(high, unit)}"


_RANGE = re.compile(r"(?<!from )\b(\d[\d.]*)( ?[a-z]+|°|%) to (\d[\d.]*)\2(?![a-z])")


def unit_once(text: str) -> str:
    """Say the unit of a range once: ``4 weeks to 6 weeks`` as ``4 to 6 weeks``."""
    return _RANGE.sub(r"\1 to \3\2", text)


def unit_name(unit: str) -> str:
    """Name a unit as a clinician does: ``years``, ``cm``."""
    return UNITS.get(unit, unit).strip()


class Strict(BaseModel):
    """A part of a data file: unknown keys are errors and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Code(Strict):
    """A code of another system for a finding or conclusion; ``checked`` is looked up by a test."""

    system: Literal["icd_10_cm", "icf"]
    code: str
    side: Literal["left", "right"] | None = None
    word: str = ""
    """Of a list finding: the word that the code is for."""
    checked: bool

    @property
    def text(self) -> str:
        """The code as a page prints it."""
        names = {"icd_10_cm": "ICD-10-CM", "icf": "ICF"}
        said = ", ".join(part for part in (self.word.replace("_", " "), self.side or "") if part)
        checked = "" if self.checked else " (not checked)"
        return f"{names[self.system]} {self.code}{f' ({said})' if said else ''}{checked}"


class Threshold(Strict):
    """A named number; ``value`` and ``mdc`` are in hundredths of ``unit``."""

    title: str
    value: Hundredths
    unit: str
    population: str = ""
    mdc: Hundredths | None = None
    certainty: Certainty
    references: tuple[str, ...]
    because: str

    @property
    def text(self) -> str:
        """The number with its unit."""
        return with_unit(self.value, self.unit)
