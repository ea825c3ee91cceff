"""A QuestionnaireResponse read as the answers of one case."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from screening.errors import did_you_mean
from screening.exchange.fhir.elements import Element
from screening.exchange.fhir.form_resource import form_resource, link_ids
from screening.exchange.fhir.systems import ABSENT_REASON, QUESTIONNAIRE
from screening.exchange.fhir.values import Gathered, same_version, value_of
from screening.intake.questionnaire import NONE_OF_THESE
from screening.intake.vocabulary import ASKED_WITH
from screening.rulebase.base import RuleBase
from screening.safe import shortened

FINISHED = ("completed", "amended")


def gather_response(response: Element, gathered: Gathered) -> None:
    """Take the answers of a response; whatever is doubtful is refused."""
    if response.text("status") not in FINISHED:
        what = f'its status is "{shortened(response.text("status")) or "not said"}".'
        todo = f"Only what is {' or '.join(FINISHED)} is screened."
        response.wrong(what, todo, "", "An answer that is not final may still be changed.")
    asked_with = _questionnaire(response, gathered)
    known = _known(gathered.base)
    for item in _items(response):
        _item(item, known, gathered)
    if asked_with and ASKED_WITH not in gathered.values:
        gathered.values[ASKED_WITH] = asked_with


@lru_cache(maxsize=4)
def _known(base: RuleBase) -> frozenset[str]:
    return frozenset(link_ids(form_resource(base)))


def _questionnaire(response: Element, gathered: Gathered) -> str:
    """Check which questions were asked; give their version as a case file says it."""
    named, _, version = response.text("questionnaire").partition("|")
    if named != QUESTIONNAIRE:
        what = f'it answers "{shortened(named) or "no questionnaire that is named"}".'
        todo = f"Only answers to {QUESTIONNAIRE} are read."
        response.wrong(what, todo, "", "The same words may have been asked otherwise.")
    same_version(version, response, gathered)
    return ".".join(version.split(".")[:2]) if version else ""


def _items(holder: Element) -> Iterator[Element]:
    """Give every item, also those within items and within answers."""
    for item in holder.each("item", "item"):
        yield item
        yield from _items(item)
        for answer in item.each("answer", "answer"):
            yield from _items(answer)


def _item(item: Element, known: frozenset[str], gathered: Gathered) -> None:
    path = item.text("linkId")
    if path not in known:
        hint = did_you_mean(path, known)
        what = f'"{shortened(path)}" is no question of this questionnaire.'
        item.wrong(what, hint, "", "Its answer would be silently left out of the screening.")
        return
    answers = list(item.each("answer", "answer"))
    if not answers:
        if item.extended(ABSENT_REASON):
            gathered.absent(path, item)
        return
    if path not in gathered.base.vocabulary:
        item.wrong("a heading has no answer.", "Answer the questions below it.", path)
    elif any(each.extended(ABSENT_REASON) for each in (item, *answers)):
        if any(each.values() for each in answers):
            todo = "Send one of the two."
            item.wrong("an answer and a reason for its absence stand together.", todo, path)
        gathered.absent(path, item)
    elif gathered.entry(path).type == "list":
        gathered.keep(path, [*_list(answers, path, gathered)], item)
    elif len(answers) > 1:
        item.wrong("it has several answers.", "Send the one that is right.", path)
    elif (value := value_of(answers[0], path, gathered)) is not None:
        gathered.keep(path, value, item)


def _list(answers: list[Element], path: str, gathered: Gathered) -> list[str]:
    words = [value_of(answer, path, gathered) for answer in answers]
    return list_of([str(word) for word in words if word is not None], answers[0], path)


def list_of(words: list[str], holder: Element, path: str) -> list[str]:
    """Give the words of a list; "none of these" stands alone."""
    if NONE_OF_THESE not in words:
        return words
    if len(words) > 1:
        what = f'"{NONE_OF_THESE}" stands beside other words.'
        holder.wrong(what, "Send the ones that are right.", path)
    return []
