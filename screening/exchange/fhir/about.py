"""Of whom and of when the parts of a resource speak: one patient, one examination."""

from __future__ import annotations

from dataclasses import dataclass, field

from screening.exchange.fhir.elements import Element
from screening.exchange.fhir.systems import CASES
from screening.exchange.fhir.values import Gathered
from screening.intake.answers import NO_NAME, day
from screening.intake.vocabulary import CASE_ID
from screening.safe import is_blank, shortened

EXAMINED_ON = "examined_on"
_PEOPLE = ("Group/", "Device/", "Location/", "Practitioner/", "RelatedPerson/")


@dataclass
class About:
    """The patients, case ids and days that are named."""

    patients: dict[str, Element] = field(default_factory=dict)
    case_ids: dict[str, Element] = field(default_factory=dict)
    days: dict[str, Element] = field(default_factory=dict)

    def look(self, resource: Element) -> None:
        """Note of whom a resource speaks, and when it was observed."""
        self._subject(resource)
        if (day := _day(resource)) is not None:
            self.days.setdefault(day, resource)

    def _subject(self, resource: Element) -> None:
        subject = resource.one("subject", "Reference")
        reference = subject.text("reference") if subject else ""
        identifier = subject.one("identifier", "Identifier") if subject else None
        system = identifier.text("system") if identifier else ""
        value = identifier.text("value") if identifier else ""
        if reference.startswith(_PEOPLE) or (subject and subject.text("type") not in _PATIENT):
            resource.wrong("it is not of a patient.", "Send what was found on one patient.")
        if system == CASES and value:
            if is_blank(value):
                resource.wrong(NO_NAME, "", CASE_ID)
            self.case_ids.setdefault(value, resource)
            value = ""
        self.patients.setdefault(reference or (f"{system}|{value}" if value else ""), resource)

    def settle(self, gathered: Gathered) -> tuple[str, str]:
        """Give the patient's reference and the case id; two of either are refused."""
        todo = "Send one examination at a time."
        for named, what in (
            (self.patients, "it speaks of more than one patient."),
            (self.case_ids, "it speaks of more than one case."),
            (self.days, "it speaks of more than one day."),
        ):
            if len(named) > 1:
                list(named.values())[1].wrong(what, todo, "", "What is mixed up is nobody's.")
        day, known = next(iter(self.days.items()), ("", None)), gathered.values.get(EXAMINED_ON)
        if day[0] and known is None and day[1] is not None:
            gathered.values[EXAMINED_ON], gathered.places[EXAMINED_ON] = day[0], day[1]
        elif day[0] and known != day[0] and day[1] is not None:
            what = f"it was observed on another day than {EXAMINED_ON} says."
            day[1].wrong(what, todo, EXAMINED_ON)
        return next(iter(self.patients), ""), next(iter(self.case_ids), "")


_PATIENT = ("", "Patient", "http://hl7.org/fhir/StructureDefinition/Patient")


def _day(resource: Element) -> str | None:
    """Give the day on which an observation was made; None if that is not said."""
    if resource.kind != "Observation":
        return None
    period = resource.one("effectivePeriod", "Period")
    said = [resource.text(name) for name in ("effectiveDateTime", "effectiveInstant")]
    said += [period.text(name) for name in ("start", "end")] if period else []
    days = {text.partition("T")[0] for text in said if text}
    if "effectiveTiming" in resource or len(days) > 1:
        resource.wrong("it was observed on more than one day.", "Send one reading of one day.")
        return None
    for each in days:
        try:
            return day(each).isoformat()
        except ValueError:
            resource.wrong(f'"{shortened(each)}" is no day.', "Write year-month-day.")
    return None
