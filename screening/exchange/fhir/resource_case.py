"""A resource of FHIR R4 read as a case: a QuestionnaireResponse, or a Bundle of Observations.

It becomes what a case file would hold and is then read as one, so that limits and words are checked
in one place. No answer is "not recorded", and nothing that is recorded is lost: what cannot be read
is refused with its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from screening.documents import Document, Place
from screening.errors import CaseError
from screening.exchange.fhir.about import About
from screening.exchange.fhir.elements import Element, Troubles
from screening.exchange.fhir.foreign import ForeignCodes
from screening.exchange.fhir.observations import gather_observation
from screening.exchange.fhir.response import gather_response
from screening.exchange.fhir.values import Gathered
from screening.intake.case import Case, read_case
from screening.intake.nested import planted
from screening.rulebase.base import RuleBase
from screening.safe import is_blank, shortened

RESPONSE, OBSERVATION, BUNDLE = "QuestionnaireResponse", "Observation", "Bundle"
TYPE = "resourceType"
_WHOLE = ("collection", "document", "searchset", "transaction", "batch", "message")


def resource_case(
    document: Document, base: RuleBase, codes: ForeignCodes, case_id: str = "case"
) -> Case:
    """Read a resource as a case.

    Raises:
        CaseError: with the place of everything that cannot be read.

    """
    gathered = Gathered(base, codes, Troubles(document))
    about = About()
    for resource in _resources(document, gathered):
        about.look(resource)
        if resource.kind == RESPONSE:
            gather_response(resource, gathered)
        else:
            gather_observation(resource, gathered)
    subject, named = about.settle(gathered)
    if gathered.troubles.problems:
        raise CaseError(gathered.troubles.problems)
    id = named or _id(document) or case_id
    case = read_case(_as_file(gathered, document), base.vocabulary, id)
    return case.from_record(subject if "|" not in subject else "", tuple(gathered.remarks))


def _id(document: Document) -> str:
    """Give the id of the resource: it leads back to where it came from."""
    found = document.named.get("id")
    return found if isinstance(found, str) and not is_blank(found) else ""


def _resources(document: Document, gathered: Gathered) -> Iterator[Element]:
    """Give every resource that holds answers."""
    kind, troubles = document.named.get(TYPE), gathered.troubles
    if kind == RESPONSE:
        yield Element(document.data, RESPONSE, (), troubles)
        return
    if kind == OBSERVATION:
        todo = "Send all Observations of one examination in one Bundle."
        troubles.say((), "one Observation is no examination.", "The others would be lost.", todo)
        return
    if kind != BUNDLE:
        said = f'"{shortened(kind)}"' if isinstance(kind, str) else f"a {TYPE} that is no text"
        what = f"{said} is not read here."
        troubles.say((), what, todo=f"Send a {RESPONSE}, or a {BUNDLE} of {OBSERVATION}s.")
        return
    bundle = Element(document.data, BUNDLE, (), troubles)
    _whole(bundle)
    others: Counter[str] = Counter()
    found = []
    for entry in bundle.each("entry", "entry"):
        _stands(entry)
        data, place = entry.data.get("resource"), (*entry.place, "resource")
        kind = data.get(TYPE) if isinstance(data, dict) else None
        if isinstance(kind, str) and kind in (RESPONSE, OBSERVATION):
            found.append(Element(data, kind, place, troubles))
        elif kind == BUNDLE:
            troubles.say(place, "a Bundle stands in a Bundle.", todo="Send one at a time.")
        elif not isinstance(kind, str) or not kind[:1].isupper() or not kind.isalpha():
            why = "A sign that it holds would be lost."
            troubles.say(place, "it does not say what it is.", why, f'Write its "{TYPE}".')
        else:
            others[shortened(kind)] += 1
    _alone(found, others)
    if not found:
        todo = f"Send a {RESPONSE}, or {OBSERVATION}s."
        bundle.wrong("nothing in it holds an answer.", todo)
    if others:
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        gathered.remarks.append(f"{document.source}: not read: {said}.")
    yield from found


def _alone(found: list[Element], others: Counter[str]) -> None:
    """Refuse two responses, and two patients even if only one of them is spoken of."""
    responses = [each for each in found if each.kind == RESPONSE]
    todo = "Send one examination at a time."
    if len(responses) > 1:
        responses[1].wrong(f"it is the second {RESPONSE}.", todo)
    if others["Patient"] > 1 and found:
        found[0].wrong("there are two patients in the bundle.", todo)


def _whole(bundle: Element) -> None:
    """Refuse what may be a part, or what was and is no more."""
    if bundle.text("type") not in _WHOLE:
        what = f'its type is "{shortened(bundle.text("type")) or "not said"}".'
        bundle.wrong(what, f"Send one of {', '.join(_WHOLE)}.", why="It may hold what was undone.")
    if any(link.text("relation") == "next" for link in bundle.each("link", "link")):
        why = "A sign on another page would be lost."
        bundle.wrong("it is one page of several.", "Send all of them in one Bundle.", why=why)


def _stands(entry: Element) -> None:
    request = entry.one("request", "request")
    if request and request.text("method") not in ("POST", "PUT"):
        entry.wrong("it does not add what it holds.", "Send what was found.")


def _as_file(gathered: Gathered, document: Document) -> Document:
    """Give the answers as a case file holds them, each with the line where it came from."""
    lines: dict[Place, int] = {}
    for path in gathered.values:
        holder = gathered.places.get(path)
        if holder and (line := _line(document, holder.place)):
            lines[tuple(path.split("."))] = line
    data = planted(gathered.values.items())
    return Document(document.source, data, lines)


def _line(document: Document, place: Place) -> int | None:
    for length in range(len(place), -1, -1):
        if line := document.lines.get(place[:length]):
            return line
    return None
