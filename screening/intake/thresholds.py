"""Thresholds: every clinical number, once, with its unit, source and certainty."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from screening.numbers import hundredths, plain, written

Certainty = Literal["high", "moderate", "low", "very_low", "project_choice"]


def _exact(value: Any) -> int:
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


class Strict(BaseModel):
    """A part of a data file: unknown keys are errors and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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
