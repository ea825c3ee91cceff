"""What every rule file says of itself: its sources, its examples, its rules."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from screening.documents import overlaid
from screening.intake.thresholds import Certainty, Code, Strict
from screening.rulebase.levels import LevelName

Scope = Literal["leg", "person"]


def _status(written: object) -> object:
    """Old files call themselves drafts, which says nothing: a review is a signature elsewhere."""
    if written == "reviewed":
        raise ValueError("no file says of itself that it is reviewed: use `screening rules sign`")
    return None if written == "draft" else written


Status = Annotated[Literal["retired"] | None, BeforeValidator(_status)]
Lines = tuple[tuple[str, ...], ...]


class Reference(Strict):
    """A source, as far as it is known.

    ``checked`` needs the page that was read (``read_at``) and what stood there (``says``);
    ``untitled`` says why there is no title.
    """

    short: str
    authors: str = ""
    year: int | None = None
    title: str = ""
    untitled: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str | int = ""
    read_at: str = ""
    says: str = ""
    checked: bool
    note: str = ""
    claims: dict[str, Claim] = {}

    @property
    def titled(self) -> str:
        """Give the title; where none was found, that and why."""
        return self.title or ": ".join(filter(None, ("Title not found", self.untitled)))


class Claim(Strict):
    """One claim of the source article and what the evidence says of it."""

    text: str
    evidence: str


class Example(Strict):
    """A partial case that shows a rule firing, or nearly.

    It is written whole (``case``), or as its difference (``but``) from what the file gives.
    """

    story: str
    case: dict[str, Any] | None = None
    but: dict[str, Any] | None = None
    fires: tuple[str, ...] = ()
    does_not_fire: tuple[str, ...] = ()
    shows: dict[str, str] = {}
    """What a finding, a conclusion or a decision (its name with the side) must be.

    Of a finding it is the word or the number; of a conclusion ``true``, ``false`` or ``unknown``;
    of a decision the word, and ``word: reason`` where the row has a reason. ``not there`` is what
    does not exist for the case.
    """

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.case is None) == (self.but is None):
            raise PydanticCustomError("one_of_two", 'either "case" or "but" is expected.')
        return self


class Sourced(Strict):
    """What every file says about itself."""

    id: str
    title: str
    purpose: str = ""
    limits: str = ""
    certainty: Certainty
    references: tuple[str, ...]
    status: Status = None
    meant: dict[str, str] = {}
    """What a linter finds and why it stays: by rule id, or by the kind of finding."""
    codes: tuple[Code, ...] = ()
    """Codes of other systems: exported, never shown as a diagnosis."""
    given: dict[str, Any] = {}
    """What is recorded in every example that says its ``but``."""
    examples: tuple[Example, ...] = ()

    def case_of(self, example: Example) -> dict[str, Any]:
        """Give the whole case of an example, as a case file would hold it."""
        if example.but is None:
            return example.case or {}
        return overlaid(self.given, example.but)


Strength = Literal["tests", "findings", "place"]
STRENGTHS: tuple[Strength, ...] = ("tests", "findings", "place")
"""What speaks for an explanation: a cluster or tests, findings, or only where it hurts."""


class RuleText(Strict):
    """One rule as written: premises that must all hold, and why that matters."""

    id: str
    title: str
    short: str = ""
    """What the page says of the findings it reads; without it they are said one by one."""
    when: tuple[str, ...] = Field(min_length=1)
    because: str
    level: LevelName | None = None
    strength: Strength | None = None
    """Of an explanation to consider: what speaks for it."""
    cluster: bool = False
    """A published cluster of tests is met: it stands before single tests."""
    open: tuple[str, ...] = ()
    """Premises that need not be answered for the explanation to be listed, unless they fail."""
    each: Literal["leg"] | None = None
    references: tuple[str, ...] = ()
    certainty: Certainty | None = None
