"""The rule base: every file of ``rules/`` read strictly, its one form, its version and digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from screening.documents import Document, DocumentError, decoded, read_yaml
from screening.errors import Problem, RuleBaseError, did_you_mean
from screening.intake.replaces import wrong
from screening.intake.thresholds import Strict, Threshold
from screening.intake.vocabulary import Entry, Vocabulary
from screening.rulebase.files import (
    KINDS,
    AdviceFile,
    BlocksFile,
    ConclusionFile,
    EvidenceFile,
    FollowUpFile,
    LadderFile,
    PromiseText,
    Reference,
    RuleFile,
    RuleText,
    Sourced,
)
from screening.rulebase.form import Form
from screening.rulebase.grounding import ground_form
from screening.rulebase.premises import Names

Model = TypeVar("Model", bound=BaseModel)
_EXAMPLES = re.compile(r"^(?:given|examples):", re.MULTILINE)
FOLLOW_UP = "follow_up.yaml"
RULE_FOLDERS = ("derived", "red_flags", "ankle", "gait", "hip", "decisions", "advice")


@dataclass(frozen=True, eq=False, repr=False)
class RuleBase:
    """One rule base, ready for every reading."""

    root: Path
    version: str
    digest: str
    vocabulary: Vocabulary
    references: dict[str, Reference]
    files: dict[str, RuleFile]
    evidence: EvidenceFile
    blocks: BlocksFile
    promises: dict[str, PromiseText]
    form: Form
    names: Names
    documents: dict[str, Document]

    @property
    def has_follow_up(self) -> bool:
        """Whether this rule base says anything about a re-test."""
        return (self.root / FOLLOW_UP).is_file()

    @cached_property
    def follow_up(self) -> FollowUpFile:
        """What a re-test reads and says; read only when it is asked for.

        Raises:
            RuleBaseError: if the file is missing, not well formed, or names what is not there.

        """
        loader = Loader(self.root, examples=True)
        document = loader.read(self.root / FOLLOW_UP)
        file = None if loader.problems else loader.model(FollowUpFile, document, ())
        if file is None:
            raise RuleBaseError(loader.problems)
        known = {*self.vocabulary.entries, *self.vocabulary.thresholds}
        keys = ("painful", "pain", "pain_points", "pain_percent", "exercises", "not_before")
        unknown = [key for key in keys if getattr(file, key) not in known]
        if unknown:
            what = f'"{getattr(file, unknown[0])}" is no finding and no threshold.'
            hint = did_you_mean(getattr(file, unknown[0]), known)
            raise RuleBaseError(Problem(document.where((unknown[0],)), what, "", hint))
        return file

    @property
    def thresholds(self) -> dict[str, Threshold]:
        """Every named number."""
        return self.vocabulary.thresholds

    @cached_property
    def rule_texts(self) -> dict[str, tuple[RuleText, ConclusionFile | AdviceFile]]:
        """Every written rule by its id, with the file it stands in."""
        return {
            rule.id: (rule, file)
            for file in self.files.values()
            if isinstance(file, ConclusionFile | AdviceFile)
            for rule in file.rules
        }

    @cached_property
    def flags(self) -> tuple[ConclusionFile, ...]:
        """The red flags, in the order of their files."""
        return tuple(f for f in self.files.values() if isinstance(f, ConclusionFile) and f.levels)

    @cached_property
    def advice(self) -> tuple[AdviceFile, ...]:
        """The advice, in the order of printing."""
        found = [file for file in self.files.values() if isinstance(file, AdviceFile)]
        return tuple(sorted(found, key=lambda file: (file.order, file.id)))

    def ladder(self, id: str) -> LadderFile:
        """Give the file of a ladder."""
        file = self.files[id]
        assert isinstance(file, LadderFile)
        return file

    def where(self, id: str, place: tuple[str | int, ...] = ()) -> str:
        """Give ``file:line`` of a part of a rule file."""
        return self.documents[id].where(place)


def default_rules() -> Path:
    """Give the folder of the rules that came with the program."""
    inside = Path(__file__).parent.parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "rules"


class Loader:
    """Reads one folder of rules; problems are collected so that one run reports them all."""

    def __init__(self, root: Path, examples: bool) -> None:
        """Name the folder; a screening needs no examples, and they are half of the text."""
        self.root, self._examples = root, examples
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self._digest = hashlib.sha256()

    def read(self, path: Path) -> Document:
        """Read one file; all its bytes count in the digest, with or without its examples."""
        name = path.relative_to(self.root).as_posix()
        try:
            raw = path.read_bytes()
        except OSError as error:
            self.problems.append(Problem(str(path), f"it cannot be read: {error.strerror}."))
            return Document(name, {})
        self._digest.update(name.encode() + b"\0" + raw + b"\0")
        try:
            text = decoded(raw, name)
            return read_yaml(
                text if self._examples else _EXAMPLES.split(text)[0], f"{self.root.name}/{name}"
            )
        except DocumentError as error:
            self.problems.extend(error.problems)
            return Document(name, {})

    def model(
        self, model: type[Model], document: Document, place: tuple[str | int, ...]
    ) -> Model | None:
        """Read one part of a file as a model; what is wrong with it is kept as problems."""
        data = document.data
        for part in place:
            data = data[part]
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.problems.extend(_problems(error, model, document, place))
            return None

    def mapping(self, model: type[Model], *paths: Path) -> dict[str, Model]:
        """Read files that map names to parts; a name may be used once in all of them."""
        found: dict[str, Model] = {}
        for path in paths:
            document = self.read(path)
            if not isinstance(document.data, dict):
                self.problems.append(Problem(document.source, "a mapping of names is expected."))
                continue
            for name in document.data:
                if name in found:
                    self.problems.append(
                        Problem(document.where((name,)), f'"{name}" is defined twice.')
                    )
                part = self.model(model, document, (name,))
                if part is not None:
                    found[name] = part
                self.documents.setdefault(f"{path.stem}:{name}", document)
        return found

    def rule_files(self) -> tuple[dict[str, RuleFile], EvidenceFile | None]:
        """Read every rule file below the rule folders."""
        files: dict[str, RuleFile] = {}
        evidence: EvidenceFile | None = None
        paths = [p for folder in RULE_FOLDERS for p in sorted((self.root / folder).rglob("*.yaml"))]
        for path in paths:
            if path.name == "blocks.yaml":
                continue
            document = self.read(path)
            kind = document.data.get("kind") if isinstance(document.data, dict) else None
            if kind not in KINDS:
                todo = did_you_mean(str(kind), KINDS) or f"Use one of {', '.join(KINDS)}."
                self.problems.append(Problem(document.where(("kind",)), "no known kind.", "", todo))
                continue
            file = self.model(KINDS[kind], document, ())
            if isinstance(file, EvidenceFile):
                evidence = file
            elif isinstance(file, Sourced):
                if file.id in files:
                    self.problems.append(
                        Problem(document.where(), f'"{file.id}" is defined twice.')
                    )
                files[file.id] = file  # type: ignore[assignment]
            if file is not None:
                self.documents[file.id] = document  # type: ignore[attr-defined]
        return files, evidence

    def _promises(self, path: Path) -> dict[str, PromiseText]:
        """Read the promises; like examples, they are for reviewers, and no screening waits."""
        if not path.is_file():
            return {}
        if self._examples:
            return self.mapping(PromiseText, path)
        self._digest.update(path.relative_to(self.root).as_posix().encode() + b"\0")
        self._digest.update(path.read_bytes() + b"\0")
        return {}

    def load(self) -> RuleBase:
        """Read everything.

        Raises:
            RuleBaseError: with every problem of every file.

        """
        if not (self.root / "rulebase.yaml").is_file():
            raise RuleBaseError(
                Problem(str(self.root), "this is no rule base.", "", "It needs a rulebase.yaml.")
            )
        head = self.read(self.root / "rulebase.yaml").data
        thresholds = self.mapping(Threshold, self.root / "thresholds.yaml")
        entries = self.mapping(Entry, *sorted((self.root / "vocabulary").glob("*.yaml")))
        references = self.mapping(Reference, self.root / "references.yaml")
        blocks_document = self.read(self.root / "advice" / "blocks.yaml")
        blocks = self.model(BlocksFile, blocks_document, ())
        self.documents["blocks"] = blocks_document
        files, evidence = self.rule_files()
        if (self.root / FOLLOW_UP).is_file():
            self._digest.update(FOLLOW_UP.encode() + b"\0")
            self._digest.update((self.root / FOLLOW_UP).read_bytes() + b"\0")
        promises = self._promises(self.root / "promises.yaml")
        if self.problems or blocks is None or evidence is None:
            raise RuleBaseError(self.problems or [Problem(str(self.root), "files are missing.")])
        vocabulary = Vocabulary(entries, thresholds)
        self._check_replaced(vocabulary)
        if self.problems:
            raise RuleBaseError(self.problems)
        form, sources = ground_form(vocabulary, files, blocks, self._where)
        if sources.problems:
            raise RuleBaseError(sources.problems)
        return RuleBase(
            root=self.root,
            version=str(head["version"]),
            digest=f"sha256:{self._digest.hexdigest()}",
            vocabulary=vocabulary,
            references=references,
            files=files,
            evidence=evidence,
            blocks=blocks,
            promises=promises,
            form=form,
            names=sources.names,
            documents=self.documents,
        )

    def _check_replaced(self, vocabulary: Vocabulary) -> None:
        types = {path: entry.type for path, entry in vocabulary.entries.items()}
        for path, what in wrong(vocabulary.relations, types):
            found = (each for key, each in self.documents.items() if key.endswith(f":{path}"))
            where = next(found).where((path, "replaces"))
            self.problems.append(Problem(where, f"{path}: {what}"))

    def _where(self, file: object, place: tuple[str | int, ...]) -> str:
        document = self.documents.get(getattr(file, "id", ""))
        return document.where(place) if document else str(self.root)


def _problems(
    error: ValidationError, model: type[BaseModel], document: Document, place: tuple[str | int, ...]
) -> list[Problem]:
    found = []
    for item in error.errors():
        loc = tuple(part for part in item["loc"] if part != "[key]")
        what = item["msg"]
        todo = ""
        if item["type"] == "extra_forbidden":
            what = f'"{loc[-1]}" is not a key that is read here.'
            todo = did_you_mean(str(loc[-1]), _keys(model, loc[:-1]))
        elif item["type"] == "missing":
            what = f'"{loc[-1]}" is missing.'
        name = f'"{".".join(str(p) for p in loc)}": ' if loc and not what.startswith('"') else ""
        found.append(Problem(document.where(place + loc), f"{name}{what}", "", todo))
    return found


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    return list(model.model_fields) if not loc else [*model.model_fields, *_NESTED_KEYS]


_MODELS: list[type[Strict]] = [*KINDS.values(), RuleText]
_NESTED_KEYS = sorted({key for model in _MODELS for key in model.model_fields})


def load(root: Path | None = None, examples: bool = False) -> RuleBase:
    """Read a rule base: the one that came with the program, or the folder given.

    Examples, and what is given for them, stand last in a file and are read only when asked for, to
    be checked.

    Raises:
        RuleBaseError: with every problem of every file.

    """
    return Loader(Path(root) if root else default_rules(), examples).load()
