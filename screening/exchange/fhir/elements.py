"""Parts of a resource that are read, each with its place, and what is wrong with them.

Reading is strict: an element that FHIR does not know, or one that changes the meaning of others,
would take a recorded sign with it, so it is refused. Parts that hold no answer are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from screening.documents import Document, Place
from screening.errors import Problem
from screening.safe import shortened

if TYPE_CHECKING:
    from screening.documents import Data

NOT_SCREENED = "The case was not screened."
_VALUES = (
    "Attachment Boolean CodeableConcept Coding Date DateTime Decimal Integer Period Quantity Range "
    "Ratio Reference SampledData String Time Uri"
)
VALUES = tuple(f"value{kind}" for kind in _VALUES.split())
"""The elements that an answer or an observation may hold its value in."""

_RESOURCE = "resourceType meta implicitRules language text contained modifierExtension"
_ELEMENTS = {
    "QuestionnaireResponse": f"{_RESOURCE} identifier basedOn partOf questionnaire status subject "
    "encounter authored author source item",
    "item": "modifierExtension linkId definition text answer item",
    "answer": f"modifierExtension item {' '.join(VALUES)}",
    "Observation": f"{_RESOURCE} identifier basedOn partOf status category code subject focus "
    "encounter effectiveDateTime effectivePeriod effectiveTiming effectiveInstant issued performer "
    "dataAbsentReason interpretation note bodySite method specimen device referenceRange hasMember "
    f"derivedFrom component {' '.join(VALUES)}",
    "component": "modifierExtension code dataAbsentReason interpretation referenceRange "
    + " ".join(VALUES),
    "CodeableConcept": "coding text",
    "Coding": "system version code display userSelected",
    "Quantity": "value comparator unit system code",
    "Reference": "reference type identifier display",
    "Identifier": "use type system value period assigner",
    "Period": "start end",
    "Bundle": f"{_RESOURCE} identifier type timestamp total link entry signature",
    "entry": "modifierExtension link fullUrl resource search request response",
    "link": "modifierExtension relation url",
    "request": "modifierExtension method url ifNoneMatch ifModifiedSince ifMatch ifNoneExist",
}
_KNOWN = {
    kind: frozenset(each for name in ("id", "extension", *names.split()) for each in (name,))
    for kind, names in _ELEMENTS.items()
}


@dataclass
class Troubles:
    """What is wrong with one resource, found on the way."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def say(self, place: Place, what: str, why: str = "", todo: str = "", path: str = "") -> None:
        """Keep one problem; ``path`` names the finding that it is about."""
        said = f"{path}: {what}" if path else what
        why = why or NOT_SCREENED
        self.problems.append(Problem(self.document.where(place), said, why, todo, path))


class Element:
    """One JSON object of a resource."""

    def __init__(self, data: Data, kind: str, place: Place, troubles: Troubles) -> None:
        """Look at an object; what it must not hold is kept as a problem."""
        self.place, self.troubles, self.kind = place, troubles, kind
        self.data: dict[str, Data] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            troubles.say(place, f"{self._named()} is no object.", todo="Write it as FHIR R4 does.")
        for name in self.data:
            if name.removeprefix("_") not in _KNOWN[kind]:
                what = f'"{shortened(name)}" is no element of {self._named()} in FHIR R4.'
                troubles.say((*place, name), what, "What it says would be lost.", "Take it out.")
        for name in ("modifierExtension", "implicitRules"):
            if self.data.get(name):
                what = f"{name} may change what everything beside it means."
                troubles.say((*place, name), what, todo="Send it without.")

    def _named(self) -> str:
        return f"a {self.kind}" if self.kind[0] not in "AEIOUaeiou" else f"an {self.kind}"

    def __contains__(self, name: str) -> bool:
        """Tell whether it holds an element."""
        return self.data.get(name) is not None

    def text(self, name: str) -> str:
        """Give a text, or nothing."""
        found = self.data.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or not found:
            self.troubles.say((*self.place, name), f'"{name}" is no text.')
            return ""
        return found

    def number(self, name: str) -> int | Decimal | float | None:
        """Give a number exactly as it was written, or nothing; a text is no number."""
        found = self.data.get(name)
        if isinstance(found, int | Decimal | float) and not isinstance(found, bool):
            return found
        if found is not None:
            self.troubles.say((*self.place, name), f'"{name}" is no number.')
        return None

    def one(self, name: str, kind: str) -> Element | None:
        """Give the object in it that has a name."""
        if name not in self:
            return None
        return Element(self.data[name], kind, (*self.place, name), self.troubles)

    def each(self, name: str, kind: str) -> Iterator[Element]:
        """Give each object of a list in it."""
        found = self.data.get(name, [])
        if not isinstance(found, list | tuple):
            self.troubles.say((*self.place, name), f'"{name}" is no list.')
            return
        for number, data in enumerate(found):
            yield Element(data, kind, (*self.place, name, number), self.troubles)

    def values(self) -> list[str]:
        """Give the names of the values that it holds; FHIR allows one."""
        return [name for name in VALUES if name in self]

    def extended(self, url: str) -> bool:
        """Tell whether it, or one of its values, carries an extension."""
        beside = [self.data.get(f"_{name}") for name in VALUES]
        holders = [self.data, *(each for each in beside if isinstance(each, dict))]
        lists = [each.get("extension") for each in holders]
        return any(
            isinstance(extension, dict) and extension.get("url") == url
            for extensions in lists
            if isinstance(extensions, list | tuple)
            for extension in extensions
        )

    def wrong(self, what: str, todo: str = "", path: str = "", why: str = "") -> None:
        """Keep what is wrong with it."""
        self.troubles.say(self.place, what, why, todo, path)
