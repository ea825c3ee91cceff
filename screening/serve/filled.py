"""The form as it was posted: what could be read as answers, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from screening.errors import Problem, UsageError
from screening.intake.answers import Answer
from screening.intake.case import Case, as_typed
from screening.intake.questionnaire import NONE_OF_THESE, Questionnaire
from screening.intake.typed import read

_MOST_FIELDS = 1_000


@dataclass(frozen=True)
class Filled:
    """Answers by path; ``wrong`` says in a clinician's words what else was typed cannot be."""

    answers: dict[str, Answer]
    wrong: dict[str, str]

    def case(self, form: Questionnaire) -> Case:
        """Give what was answered as a case."""
        name = str(self.answers.get("case_id", "case"))
        return Case(name, {}).with_answers(self.answers, form.vocabulary)


def fill(typed: object, form: Questionnaire, today: date) -> Filled:
    """Read what was typed for each question; an empty text is "not tested".

    Raises:
        UsageError: for what is no form: the page does not send it.

    """
    if not isinstance(typed, Mapping) or len(typed) > _MOST_FIELDS:
        raise UsageError(Problem("", "this is no form."))
    answers: dict[str, Answer] = {}
    wrong: dict[str, str] = {}
    for path, text in typed.items():
        question = form.by_path.get(path)
        if question is None or not isinstance(text, str):
            raise UsageError(Problem("", "this form is not the one of these rules: reload it."))
        try:
            answer = read(question, text, form.vocabulary, today)
        except ValueError as error:
            wrong[path] = str(error)
        else:
            if answer is not None:
                answers[path] = answer
    return Filled(answers, wrong)


def typed_of(case: Case, form: Questionnaire) -> dict[str, str]:
    """Give the answers of a case as they would be typed into the form."""
    return {path: _typed(path, answer, form) for path, answer in case.answers.items()}


def _typed(path: str, answer: Answer, form: Questionnaire) -> str:
    value = as_typed(path, answer, form.vocabulary)
    if isinstance(value, list):
        return " ".join(value) or NONE_OF_THESE
    return str(value)
