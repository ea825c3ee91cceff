"""A case: what was recorded about one patient, by path, exactly as it was typed.

The schema is made from the vocabulary, so that every name of the vocabulary, and no other, can be
recorded. It is strict; what it accepts is held in a frozen ``Case``. It is put together from parts
of pydantic-core: a class for every group of findings would take ten times as long to make as one
screening takes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from screening.documents import Document, decoded
from screening.errors import CaseError, Problem, each_said
from screening.intake.answers import NOT_TESTED, Answer, Typed, reader
from screening.intake.nested import nested, planted
from screening.intake.vocabulary import CASE_ID, Vocabulary, without_side
from screening.numbers import plain
from screening.safe import shortened
from screening.strict_json import read_json
from screening.strict_yaml import read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from screening.documents import Data
    from screening.intake.nested import Tree

MOST_BYTES = 1_000_000
"""A case file is refused above this size; a real one has some kilobytes."""

_NOT_SCREENED = "The case was not screened."

EXPECT = "expect"
"""Case files of the tests carry what is expected of them here; a screening ignores it."""


@dataclass(frozen=True)
class Case:
    """What was recorded, by full path, in the order of the vocabulary."""

    case_id: str
    answers: dict[str, Answer]
    source: str = ""
    expect: Data = None
    lines: dict[str, int] = field(default_factory=dict, compare=False)
    subject: str = field(default="", compare=False)
    """The patient in the health record that it came from: a reference, or nothing."""
    remarks: tuple[str, ...] = field(default=(), compare=False)
    """What its reader left aside, in words."""

    def from_record(self, subject: str, remarks: tuple[str, ...]) -> Case:
        """Give the same case, with where it came from."""
        return replace(self, subject=subject, remarks=remarks)

    def with_answers(self, changes: Mapping[str, Answer | None], vocabulary: Vocabulary) -> Case:
        """Give the same case with some answers changed; None takes an answer away."""
        merged = {**self.answers, **changes}
        ordered = {
            path: value for path in vocabulary.all_paths if (value := merged.get(path)) is not None
        }
        return replace(self, answers=ordered)


def _recorded(read: Callable[[Data], Answer]) -> Callable[[Data], Answer | None]:
    """Read an answer, or nothing where a finding was left out or not tested."""
    return lambda value: None if value is None or value == NOT_TESTED else read(value)


def _short_form(value: Data) -> Data:
    # `left.gait: all_normal` and `red_flags: none_present` stand for the sweep of that group.
    return {"all": value} if isinstance(value, str) else value


def _group(tree: Tree[str], vocabulary: Vocabulary) -> CoreSchema:
    """Give the schema of a group of findings, with the groups inside it."""
    fields = {}
    for key, part in tree.items():
        if isinstance(part, str):
            read = _recorded(reader(part, vocabulary))
            schema: CoreSchema = core_schema.no_info_plain_validator_function(read)
        else:
            schema = core_schema.nullable_schema(_group(part, vocabulary))
        fields[key] = core_schema.typed_dict_field(schema, required=False)
    group = core_schema.typed_dict_schema(fields, strict=True, extra_behavior="forbid")
    if "all" in tree:
        return core_schema.no_info_before_validator_function(_short_form, group)
    return group


def _tree(vocabulary: Vocabulary) -> Tree[str]:
    """Give all findings nested by path, both legs written out; leaves are the vocabulary's."""
    return planted((path, without_side(path)[1]) for path in vocabulary.all_paths)


@lru_cache(maxsize=8)
def _validator(vocabulary: Vocabulary) -> SchemaValidator:
    return SchemaValidator(_group(_tree(vocabulary), vocabulary))


def read_case(document: Document, vocabulary: Vocabulary, case_id: str = "case") -> Case:
    """Read a case from a document.

    Raises:
        CaseError: with every problem: unknown findings, wrong types, values that cannot be true.

    """
    if not isinstance(document.data, dict):
        raise CaseError(
            Problem(
                document.source,
                "this is no case: findings by name are expected.",
                "",
                "Start from an example in cases/, or run `screening intake`.",
            )
        )
    try:
        data = nested({key: part for key, part in document.data.items() if key != EXPECT})
    except ValueError as error:
        todo = "Name it once."
        raise CaseError(Problem(document.source, str(error), _NOT_SCREENED, todo)) from None
    try:
        read = _validator(vocabulary).validate_python(data)
    except ValidationError as error:
        raise CaseError(_problems(error, document, vocabulary)) from None
    answers: dict[str, Answer] = {}
    for path in vocabulary.all_paths:
        value = _dig(read, path)
        if value is not None:
            answers[path] = value
    lines = {".".join(str(part) for part in place): line for place, line in document.lines.items()}
    name = answers.setdefault("case_id", case_id)
    return Case(str(name), answers, document.source, document.data.get(EXPECT), lines)


_NAME_IT = "Write a number for the case, or leave the line out: the file's name is taken then."
"""A case id is no finding: written in it, "not_tested" would be the name."""


def _dig(read: Tree[Answer | None], path: str) -> Answer | None:
    found: Answer | Tree[Answer | None] | None = read
    for part in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return None if isinstance(found, dict) else found


def _problems(error: ValidationError, document: Document, vocabulary: Vocabulary) -> list[Problem]:
    lines = {".".join(map(str, place)): line for place, line in document.lines.items()}

    def said(item: ErrorDetails) -> Problem:
        place = tuple(map(str, item["loc"]))
        where, path = _where(place, lines, document.source), ".".join(place)
        if item["type"] == "extra_forbidden":
            return _unknown(path, where, vocabulary)
        if item["type"] == "value_error":
            what = f"{path}: {item['ctx']['error']}"
            todo = _NAME_IT if path == CASE_ID else 'Mend it, or write "not_tested".'
            return Problem(where, what, _NOT_SCREENED, todo, path)
        what = f"{path}: findings by name are expected here, one a line."
        return Problem(where, what, _NOT_SCREENED, "", path)

    return each_said(error.errors(include_url=False, include_input=False), said)


def _where(place: tuple[str, ...], lines: Mapping[str, int], source: str) -> str:
    """Give ``file:line`` of a finding, or of the nearest group around it."""
    for length in range(len(place), -1, -1):
        if line := lines.get(".".join(place[:length])):
            return f"{source}:{line}"
    return source


def _unknown(path: str, where: str, vocabulary: Vocabulary) -> Problem:
    side, bare = without_side(path)
    if side is None and bare in vocabulary.entries and vocabulary.entries[bare].of == "leg":
        hint = f'It belongs to a leg: write it under "left:" or "right:" ("left.{bare}").'
    elif side and bare in vocabulary.entries:
        hint = f'It belongs to the person: write "{bare}" without "{side}".'
    else:
        hint = vocabulary.meant(path)
    what = f'"{shortened(path)}" is no finding that can be recorded.'
    todo = f"{hint} `screening rules vocabulary` lists them all.".strip()
    why = "It would be silently left out of the screening."
    return Problem(where, what, why, todo, path)


def load_case(name: str, vocabulary: Vocabulary) -> Case:
    """Read a case file (YAML or JSON); ``-`` reads standard input.

    Raises:
        CaseError, DocumentError: with file, line, reason and what to do.

    """
    case_id = "case" if name == "-" else Path(name).stem
    return read_case(load_document(name), vocabulary, case_id)


def load_document(name: str) -> Document:
    """Read the text of a case file as plain data, before anything is known of its findings.

    Raises:
        CaseError, DocumentError: with file, line, reason and what to do.

    """
    if name == "-":
        raw, source = sys.stdin.buffer.read(MOST_BYTES + 1), "standard input"
    else:
        source = name
        try:
            with Path(name).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CaseError(
                Problem(name, f"the file cannot be read: {error.strerror}.", "", "Check its name.")
            ) from None
    if len(raw) > MOST_BYTES:
        raise CaseError(
            Problem(
                source,
                "the file is larger than 1 MB.",
                "One case has some kilobytes; this is something else.",
                "Give one case a file.",
            )
        )
    text = decoded(raw, source)
    is_json = name.endswith(".json") or (name == "-" and text.lstrip().startswith("{"))
    return read_json(text, source) if is_json else read_yaml(text, source)


def as_data(case: Case, vocabulary: Vocabulary) -> dict[str, Data]:
    """Give a case as nested plain data that ``read_case`` reads back to the same answers."""
    typed = {path: as_typed(path, value, vocabulary) for path, value in case.answers.items()}
    return planted((path, [*it] if isinstance(it, list) else it) for path, it in typed.items())


def as_typed(path: str, value: Answer, vocabulary: Vocabulary) -> Typed:
    """Give an answer as it is typed into a file: numbers with their decimals, dates as text."""
    if vocabulary[path].type == "number":
        assert isinstance(value, int)
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class CaseReader:
    """Reads documents as cases, in whatever form a case comes."""

    read: Callable[[Document, Vocabulary, str], Case] = read_case
    """Reads one, with the name for a case that has none."""
    foreign: Callable[[Data], bool] = lambda data: False
    """Tells whether a document is of another program: it is kept as it came."""
    part_of: Callable[[Data], str] = lambda data: ""
    """Names the case of which a document is only a part; of a whole one nothing."""
    together: Callable[[list[Data]], Data] = lambda parts: parts
    """Puts the parts of one case together."""


CASE_FILES = CaseReader()
"""Reads what case files hold, and nothing else."""
