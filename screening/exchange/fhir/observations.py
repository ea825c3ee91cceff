"""Observations read as the answers of one case: of one patient, of one examination."""

from __future__ import annotations

from screening.errors import did_you_mean
from screening.exchange.fhir.elements import Element
from screening.exchange.fhir.response import list_of
from screening.exchange.fhir.systems import SYSTEM
from screening.exchange.fhir.values import Gathered, same_version, value_of
from screening.intake.vocabulary import SIDES, without_side
from screening.safe import shortened

FINAL = ("final", "amended")
_OF_SOMEBODY = ("focus", "specimen")


def gather_observation(observation: Element, gathered: Gathered) -> None:
    """Take the answer of one observation; whatever is doubtful is refused."""
    path = _path(observation, gathered)
    if not path:
        return
    status = observation.text("status")
    if status not in FINAL:
        what = f'its status is "{shortened(status) or "not said"}".'
        why = "A finding that is not final may still be changed."
        observation.wrong(what, f"Only what is {' or '.join(FINAL)} is screened.", path, why)
    for name in _OF_SOMEBODY:
        if name in observation:
            what = f'"{name}" says that it is not of the patient.'
            observation.wrong(what, "Send what was found on the patient.", path)
    _value(observation, path, gathered)


def _value(observation: Element, path: str, gathered: Gathered) -> None:
    parts = list(observation.each("component", "component"))
    is_list = gathered.entry(path).type == "list"
    if "dataAbsentReason" in observation:
        if observation.values() or parts:
            what = "a value and a reason for its absence stand together."
            observation.wrong(what, "Send one of the two.", path)
        gathered.absent(path, observation)
    elif is_list and parts and not observation.values():
        words = [_component(each, path, gathered) for each in parts]
        known = [word for word in words if word is not None]
        gathered.keep(path, [*list_of(known, observation, path)], observation)
    elif parts:
        observation.wrong("it has components.", "Send one observation for each.", path)
    elif (value := value_of(observation, path, gathered)) is not None:
        if is_list:
            gathered.keep(path, [*list_of([str(value)], observation, path)], observation)
        else:
            gathered.keep(path, value, observation)


def _component(component: Element, path: str, gathered: Gathered) -> str | None:
    bare = without_side(path)[1]
    if _finding(component, gathered) not in (path, bare):
        component.wrong("it is the component of another finding.", "", path)
    if "dataAbsentReason" in component:
        todo = "A list says of each word whether it applies: leave the whole of it out."
        component.wrong("a part of a list cannot be absent.", todo, path)
        return None
    word = value_of(component, path, gathered)
    return None if word is None else str(word)


# -- which finding --------------------------------------------------------------------------------


def _path(observation: Element, gathered: Gathered) -> str:
    """Give the full path of a finding; nothing if it is none, or of no leg."""
    finding = _finding(observation, gathered)
    if finding is None:
        return ""
    side, bare = without_side(finding)
    vocabulary, said = gathered.base.vocabulary, _side(observation, gathered)
    if vocabulary.entries[bare].of == "person":
        if said:
            observation.wrong("it is of the person, and a side is said.", "Leave it out.", bare)
        return bare
    if side and said and side != said:
        what = f"its code is of the {side} leg, its bodySite of the {said} one."
        observation.wrong(what, "Send the one that is right.", finding)
        return ""
    if not side and not said:
        what = "the leg is not said."
        observation.wrong(what, 'Write bodySite: {"text": "left"} or "right".', bare)
        return ""
    return f"{side or said}.{bare}"


def _finding(holder: Element, gathered: Gathered) -> str | None:
    """Give the finding that a code stands for; nothing for what the map says to ignore."""
    concept = holder.one("code", "CodeableConcept")
    codings = list(concept.each("coding", "Coding")) if concept else []
    named: set[str] = set()
    ignored = False
    for each in codings:
        system, code = each.text("system"), each.text("code")
        if system == SYSTEM:
            same_version(each.text("version"), each, gathered)
            named.add(code)
        elif f"{system}|{code}" in gathered.codes.findings:
            named.add(gathered.codes.findings[f"{system}|{code}"])
        ignored = ignored or f"{system}|{code}" in gathered.codes.ignore
    if not named and ignored:
        return None
    vocabulary = gathered.base.vocabulary
    known = [each for each in named if each in vocabulary or each in vocabulary.entries]
    if len(known) == len(named) == 1:
        return known[0]
    what = "its codes are different findings." if len(known) > 1 else "no code of it is a finding."
    hint = did_you_mean(min(named), vocabulary.entries) if named else ""
    todo = f"{hint} Codes of {SYSTEM} are read; others as --codes MAP.yaml says.".strip()
    holder.wrong(what, todo, "", "It would be silently left out of the screening.")
    return None


def _side(observation: Element, gathered: Gathered) -> str:
    """Give the leg that the body site names, in our words or by the map."""
    site = observation.one("bodySite", "CodeableConcept")
    if site is None:
        return ""
    named = {site.text("text").strip().lower()} & set(SIDES)
    for each in site.each("coding", "Coding"):
        code = f"{each.text('system')}|{each.text('code')}"
        named |= {gathered.codes.words.get(code, "")} & set(SIDES)
    if len(named) > 1:
        site.wrong("it names both legs.", "Send one observation for each.")
    return min(named, default="")
