"""Reading a folder of rules: every YAML file in it, whole and strictly; nothing is passed over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from screening.documents import Document, DocumentError, Place, decoded
from screening.errors import Problem, did_you_mean, of_another_shape
from screening.intake.thresholds import Strict
from screening.rulebase import seal
from screening.rulebase.shapes import KINDS, EvidenceFile, RuleFile
from screening.rulebase.sourced import RuleText, Sourced
from screening.strict_yaml import read_yaml

Model = TypeVar("Model", bound=BaseModel)
BLOCKS = "advice/blocks.yaml"
TOP = ("thresholds.yaml", "references.yaml", "promises.yaml", "follow_up.yaml", "changes.yaml")
RULE_FOLDERS = ("derived", "red_flags", "ankle", "gait", "hip", "decisions", "advice")
FOLDERS = ("vocabulary", *RULE_FOLDERS)
_NAMED = re.compile(r"^(?:id:\s*([\w.]+)\s*$|([\w.]+):)", re.MULTILINE)
_YAML = (".yaml", ".yml")


class Loader:
    """Reads one folder of rules; problems are collected so that one run reports them all."""

    def __init__(self, root: Path) -> None:
        """Name the folder."""
        self.root = root
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}
        self.digests: dict[str, str] = {}
        self._unread: set[str] = set()
        self.broken: set[str] = set()
        """The names that files with problems would have given: whoever reads them is not wrong."""

    def names(self) -> list[str]:
        """Give every YAML file of the folder; one that no command reads is a problem."""
        found = []
        for name, path in self._everything():
            if path.is_symlink():
                todo = "Put the file itself there."
                self._stray(name, "links are not followed: what they lead to can change.", todo)
            elif path.suffix.lower() in _YAML and path.is_file():
                found += [name] if self._has_its_place(name) else []
        return sorted(found, key=lambda name: PurePosixPath(name).parts)

    def _everything(self) -> Iterator[tuple[str, Path]]:
        def refuse(error: OSError) -> None:
            self.problems.append(Problem(str(error.filename), f"{error.strerror}."))

        for folder, inside, files in os.walk(self.root, onerror=refuse):
            for each in (*inside, *files):
                path = Path(folder, each)
                yield path.relative_to(self.root).as_posix(), path

    def _has_its_place(self, name: str) -> bool:
        path = PurePosixPath(name)
        if path.suffix != ".yaml":
            self._stray(name, "rule files end in .yaml.", f"Rename it to {path.stem}.yaml.")
            return False
        known = name in (seal.HEAD, seal.REVIEWS, *TOP) or path.parts[0] in FOLDERS
        if not known or len(path.parts) == 1 and path.parts[0] in FOLDERS:
            places = ", ".join(f"{each}/" for each in FOLDERS)
            self._stray(name, "no command reads a file in this place.", f"Rules stand in {places}.")
            return False
        return True

    def _stray(self, name: str, what: str, todo: str) -> None:
        where = f"{self.root.name}/{name}"
        self.problems.append(Problem(where, what, "What is not read would be missed.", todo))

    def raw(self, path: Path) -> bytes:
        """Give the bytes of a file.

        Raises:
            OSError: if it cannot be read.

        """
        return path.read_bytes()

    def read(self, path: Path) -> Document:
        """Read one file whole; its bytes count in the digest."""
        name = path.relative_to(self.root).as_posix()
        source = f"{self.root.name}/{name}"
        try:
            raw = self.raw(path)
        except OSError as error:
            self.problems.append(Problem(source, f"it cannot be read: {error.strerror}."))
            self._unread.add(source)
            return Document(source, {})
        self.digests[name] = seal.digest(raw)
        try:
            return read_yaml(decoded(raw, source), source)
        except DocumentError as error:
            self.problems.extend(error.problems)
            named = _NAMED.findall(raw.decode("latin-1"))
            self.broken.update(part for parts in named for part in parts if part)
            self.broken.add(path.stem)
            self._unread.add(source)
            return Document(source, {})

    def model(
        self, model: type[Model], document: Document, name: str | None = None
    ) -> Model | None:
        """Read one part of a file as a model; what is wrong with it is kept as problems."""
        data = document.data if name is None else document.named[name]
        try:
            return model.model_validate(data)
        except ValidationError as error:
            if document.source not in self._unread:
                self.problems.extend(
                    _problems(error, model, document, () if name is None else (name,))
                )
            return None

    def mapping(self, kind: str, model: type[Model], *names: str) -> dict[str, Model]:
        """Read files that map names to parts; a name may be used once in all of them."""
        found: dict[str, Model] = {}
        for file in names:
            document = self.read(self.root / file)
            if not isinstance(document.data, dict):
                self.problems.append(Problem(document.source, "a mapping of names is expected."))
                continue
            for name in document.data:
                if f"{kind}:{name}" in self.documents:
                    self._twice(document, (name,), name)
                part = self.model(model, document, name)
                if part is None:
                    self.broken.add(name)
                else:
                    found[name] = part
                self.documents.setdefault(f"{kind}:{name}", document)
        return found

    def single(self, name: str, model: type[Model], id: str) -> Model | None:
        """Read a file that stands for itself."""
        self.documents[id] = document = self.read(self.root / name)
        found = self.model(model, document)
        if found is None:
            self.broken.add(id)
        return found

    def rule_files(self, names: list[str]) -> tuple[dict[str, RuleFile], EvidenceFile | None]:
        """Read the files of rules, derived findings, decisions, advice and evidence."""
        files: dict[str, RuleFile] = {}
        evidence: EvidenceFile | None = None
        for name in names:
            document = self.read(self.root / name)
            file = self._rule_file(document)
            if file is None:
                continue
            if file.id in self.documents:
                self._twice(document, ("id",), file.id)
                continue
            self.documents[file.id] = document
            if isinstance(file, EvidenceFile):
                evidence = file
            else:
                files[file.id] = file
        return files, evidence

    def _rule_file(self, document: Document) -> RuleFile | EvidenceFile | None:
        if document.source in self._unread:
            return None
        kind = document.named.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            todo = did_you_mean(str(kind), KINDS) or f"Use one of {', '.join(KINDS)}."
            self.problems.append(Problem(document.where(("kind",)), "no known kind.", "", todo))
            file = None
        else:
            file = self.model(KINDS[kind], document)
        if file is None:
            self.broken.add(str(document.named.get("id") or PurePosixPath(document.source).stem))
        assert file is None or isinstance(file, Sourced | EvidenceFile)
        return file  # type: ignore[return-value]

    def _twice(self, document: Document, place: Place, name: str) -> None:
        what = f'"{name}" is defined twice.'
        self.problems.append(Problem(document.where(place), what, "", "Keep one of the two."))


def _problems(
    error: ValidationError, model: type[BaseModel], document: Document, place: Place
) -> list[Problem]:
    found = []
    for item in error.errors():
        loc = tuple(part for part in item["loc"] if part != "[key]")
        what = of_another_shape(item)
        todo = ""
        if item["type"] == "extra_forbidden":
            what = f'"{loc[-1]}" is not a key that is read here.'
            todo = did_you_mean(str(loc[-1]), _keys(model, loc[:-1]))
        elif item["type"] == "missing":
            what = f'"{loc[-1]}" is missing.'
        name = f'"{".".join(str(p) for p in loc)}": ' if loc and not what.startswith('"') else ""
        found.append(Problem(document.where(place + loc), f"{name}{what}", "", todo))
    return found


def _keys(model: type[BaseModel], loc: Place) -> list[str]:
    return list(model.model_fields) if not loc else [*model.model_fields, *_NESTED_KEYS]


_MODELS: list[type[Strict]] = [*KINDS.values(), RuleText]
_NESTED_KEYS = sorted({key for model in _MODELS for key in model.model_fields})
