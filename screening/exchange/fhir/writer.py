"""What all resources of one screening share: ids, the patient, the day, and how a text is written.

Ids follow from the case and the rules: the same screening gives the same bytes, and a server that
is sent it twice holds it once.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from screening.exchange.fhir.systems import CASES, Resource
from screening.inference.infer import Inferred
from screening.intake.case import as_data
from screening.record.wording import Wording
from screening.report.as_json import plain_json
from screening.safe import on_a_line

if TYPE_CHECKING:
    from screening.record.model import Record

EXAMINED = "examined_on"


@dataclass(frozen=True)
class ResourceWriter:
    """Writes the resources of one screening."""

    inferred: Inferred
    record: Record

    @cached_property
    def digest(self) -> str:
        """The digest of the case: its findings and whose they are."""
        case = self.inferred.case
        held = [case.subject, as_data(case, self.inferred.base.vocabulary)]
        text = json.dumps(held, sort_keys=True, separators=(",", ":"), default=plain_json)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @cached_property
    def subject(self) -> Resource:
        """The patient: the reference that came with the case, and the case id."""
        case = self.inferred.case
        named: Resource = {"reference": case.subject} if case.subject else {}
        if case.case_id.strip():
            named["identifier"] = {"system": CASES, "value": case.case_id}
        return named or {"display": "not named"}

    @cached_property
    def wording(self) -> Wording:
        """What says findings and conclusions of the case."""
        return Wording(self.inferred)

    def on_the_day(self, name: str) -> Resource:
        """Give the element that holds the day of the examination; nothing if it is not known."""
        day = self.inferred.case.answers.get(EXAMINED)
        return {name: str(day)} if day else {}

    def id(self, key: str) -> str:
        """Give the id of the resource that a key stands for."""
        return str(uuid5(NAMESPACE_URL, f"{self.digest} {self.inferred.base.digest} {key}"))

    def reference(self, key: str) -> Resource:
        """Give a reference to the resource that a key stands for."""
        return {"reference": f"urn:uuid:{self.id(key)}"}

    def resource(self, kind: str, key: str, narrative: Iterable[str], body: Resource) -> Resource:
        """Give a resource; its narrative, if there is one, holds a paragraph for each text."""
        paragraphs = "".join(f"<p>{html.escape(on_a_line(text))}</p>" for text in narrative if text)
        div = f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'
        text = {"text": {"status": "generated", "div": div}} if paragraphs else {}
        return {"resourceType": kind, "id": self.id(key), **text, **body}

    def titles(self, names: Iterable[str]) -> str:
        """Say flags, gates, advice or findings by their titles."""
        return "; ".join(dict.fromkeys(self._title(name) for name in names))

    def _title(self, name: str) -> str:
        entry = self.inferred.base.vocabulary.entries.get(name)
        return entry.title if entry else self.wording.title(name)
