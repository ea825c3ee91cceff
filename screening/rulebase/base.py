"""The rule base: every file of ``rules/`` read strictly, its one form, its version and digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from screening import __version__
from screening.documents import Document, Place
from screening.errors import Problem, RuleBaseError
from screening.garbage import building
from screening.intake.answers import Answer
from screening.intake.replaces import version, wrong
from screening.intake.thresholds import Threshold
from screening.intake.vocabulary import ASKED_WITH, Entry, Vocabulary
from screening.rulebase import seal
from screening.rulebase.advice_shapes import AdviceFile, BlocksFile
from screening.rulebase.form import Form
from screening.rulebase.grounding import ground_form
from screening.rulebase.kinds.kind_file import DerivedFile
from screening.rulebase.loader import BLOCKS, RULE_FOLDERS, Loader
from screening.rulebase.needed import needed
from screening.rulebase.older import with_later_statements, with_stop_signs
from screening.rulebase.premises import Names
from screening.rulebase.reviews import Reviews, path_of, review_of
from screening.rulebase.shapes import (
    ChangesFile,
    ConclusionFile,
    EvidenceFile,
    FollowUpFile,
    LadderFile,
    PromiseText,
    RuleFile,
)
from screening.rulebase.sourced import Reference, RuleText
from screening.rulebase.vocabulary_form import vocabulary_problems
from screening.rulebase.whole import Whole

CHANGES, FOLLOW_UP = "changes.yaml", "follow_up.yaml"
_INSTALLED = Path(__file__).parent.parent / "rules"


class RulesUsed(TypedDict):
    """What every result says of the rules: which they are, and whether they are sealed."""

    program: Annotated[str, Field(description="The version of the program.")]
    rule_base: Annotated[str, Field(description="The version of the rule base.")]
    digest: Annotated[
        str, Field(description="The digest over all files of the rule base, ``sha256:...``.")
    ]
    sealed: Annotated[bool, Field(description="Whether the rules are those that were sealed.")]
    changed: Annotated[list[str], Field(description="The files that changed since, by name.")]
    files: Annotated[int, Field(description="How many files can be reviewed.")]
    reviewed: Annotated[int, Field(description="How many of them stand reviewed as they are now.")]


@dataclass(frozen=True, eq=False, repr=False)
class RuleBase:
    """One rule base, ready for every reading."""

    root: Path
    head: seal.Head
    digests: dict[str, str]
    """The digest of every file that the seal covers."""
    standing: seal.Standing
    vocabulary: Vocabulary
    references: dict[str, Reference]
    files: dict[str, RuleFile]
    """The files in use."""
    retired: dict[str, RuleFile]
    """The files that are kept for their ids alone."""
    evidence: EvidenceFile
    blocks: BlocksFile
    promises: dict[str, PromiseText]
    retest: FollowUpFile | None
    changes: ChangesFile | None
    reviews: Reviews
    form: Form
    names: Names
    documents: dict[str, Document]
    broken: frozenset[str]
    """The names of parts that could not be read; empty in every rule base that screens."""

    @cached_property
    def _signed(self) -> list[str]:
        """The files that somebody has signed at some time."""
        signed = {signature.file for signature in self.reviews.reviews}
        return [id for id in self.files if path_of(self, id) in signed] if signed else []

    @cached_property
    def form_files(self) -> dict[str, DerivedFile]:
        """The files of derived findings."""
        return {id: file for id, file in self.files.items() if isinstance(file, DerivedFile)}

    @cached_property
    def lost(self) -> tuple[Problem, ...]:
        """What names lead nowhere, and what the program needs and these rules do not have."""
        found = dict.fromkeys(Whole(self, self.broken).problems())
        return (*found, *(() if self.broken else needed(self)))

    @property
    def version(self) -> str:
        """The version of the rules; the program has its own."""
        return self.head.version

    @property
    def asked_with(self) -> str:
        """The version whose questions a case of today is asked, as a case file says it."""
        return ".".join(map(str, self.vocabulary.asked_now))

    @property
    def asked_today(self) -> dict[str, Answer]:
        """What a case says that was asked the questions of this rule base, as they are now."""
        return {ASKED_WITH: self.asked_with} if ASKED_WITH in self.vocabulary else {}

    @cached_property
    def digest(self) -> str:
        """One digest over all files as they were read, and the version."""
        return seal.over_all(self.head, self.digests)

    @cached_property
    def screened_with(self) -> RulesUsed:
        """What every result says of the rules: which they are, and whether they are sealed."""
        return {
            "program": __version__,
            "rule_base": self.version,
            "digest": self.digest,
            "sealed": self.standing.sealed,
            "changed": list(self.standing.changed),
            "files": len(self.files),
            "reviewed": sum(review_of(self, id) == "signed" for id in self._signed),
        }

    @property
    def has_follow_up(self) -> bool:
        """Whether this rule base says anything about a re-test."""
        return self.retest is not None

    @property
    def follow_up(self) -> FollowUpFile:
        """What a re-test reads and says.

        Raises:
            RuleBaseError: if these rules say nothing about a re-test.

        """
        if self.retest is None:
            what = "these rules say nothing about a re-test."
            raise RuleBaseError(Problem(str(self.root), what, "", f"Write {FOLLOW_UP}."))
        return self.retest

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

    def where_of(self, kind: str, name: str, place: Place = ()) -> str:
        """Give ``file:line`` of a finding, threshold, reference or promise, or a part of it."""
        return self.documents[f"{kind}:{name}"].where((name, *place))


def default_rules() -> Path:
    """Give the folder of the rules that came with the program."""
    return _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "rules"


def is_installed(root: Path) -> bool:
    """Tell whether these are the rules inside an installed package, which nobody edits."""
    return _INSTALLED.is_dir() and root.resolve() == _INSTALLED.resolve()


def load(root: Path | None = None, *, to_mend: bool = False) -> RuleBase:
    """Read a rule base: the one that came with the program, or the folder given.

    Every file is read whole, whatever the rules are wanted for: what is checked is what screens.

    Args:
        root: The folder; without it the rules that came with the program.
        to_mend: Whether the rules are only to be checked, compared, sealed or signed: then an
            installation that was changed is opened as well.

    Raises:
        RuleBaseError: with every problem of every file, or if an installation is damaged.

    """
    with building():
        base, problems = read(root)
        if not to_mend:
            _refuse_damaged(base)
        problems += base.lost
    if problems:
        raise RuleBaseError(problems)
    return base


def read(root: Path | None = None, loader: Loader | None = None) -> tuple[RuleBase, list[Problem]]:
    """Read whatever can be read of a rule base, with every problem of reading and grounding.

    Whether it is whole, ``lost`` says.

    Raises:
        RuleBaseError: if the folder is no rule base at all.

    """
    loader = loader or Loader(Path(root) if root else default_rules())
    root = loader.root
    if not (root / seal.HEAD).is_file():
        todo = f"It needs a {seal.HEAD}."
        raise RuleBaseError(Problem(str(root), "this is no rule base.", "", todo))
    head = loader.single(seal.HEAD, seal.Head, seal.HEAD)
    if head is None:
        raise RuleBaseError(loader.problems)
    names = loader.names()
    thresholds = loader.mapping("thresholds", Threshold, "thresholds.yaml")
    in_vocabulary = [name for name in names if name.startswith("vocabulary/")]
    entries = loader.mapping("vocabulary", Entry, *in_vocabulary)
    references = loader.mapping("references", Reference, "references.yaml")
    blocks = loader.single(BLOCKS, BlocksFile, "blocks") or BlocksFile(groups={})
    in_folders = [n for n in names if n.partition("/")[0] in RULE_FOLDERS and n != BLOCKS]
    written, evidence = loader.rule_files(in_folders)
    files = {id: file for id, file in written.items() if file.status is None}
    blocks = with_stop_signs(blocks, files.values(), head)
    promises = loader.mapping("promises", PromiseText, *_present(names, "promises.yaml"))
    reviews = None
    for name in _present(names, seal.REVIEWS):
        reviews = loader.single(name, Reviews, seal.REVIEWS)
    changes = None
    for name in _present(names, CHANGES):
        changes = loader.single(name, ChangesFile, CHANGES)
    retest = None
    for name in _present(names, FOLLOW_UP):
        retest = loader.single(name, FollowUpFile, FOLLOW_UP)
    if evidence is None and "evidence" not in loader.broken:
        loader.problems.append(Problem(str(root), "no file says what the evidence is."))
    evidence = evidence or EvidenceFile(id="evidence", kind="evidence", items=(), statements={})
    vocabulary = Vocabulary(entries, thresholds, version(head.version))
    loader.problems += _replaced(vocabulary, loader.documents)
    loader.problems += vocabulary_problems(vocabulary, loader.documents, loader.broken)
    form, sources = ground_form(vocabulary, files, blocks, _where(loader), loader.broken)
    digests = {n: found for n, found in loader.digests.items() if n not in seal.UNSEALED}
    base = RuleBase(
        root=root,
        head=head,
        digests=digests,
        standing=seal.standing(head, digests),
        vocabulary=vocabulary,
        references=references,
        files=files,
        retired={id: file for id, file in written.items() if id not in files},
        evidence=with_later_statements(evidence, head),
        blocks=blocks,
        promises=promises,
        retest=retest,
        changes=changes,
        reviews=reviews or Reviews(),
        form=form,
        names=sources.names,
        documents=loader.documents,
        broken=frozenset(loader.broken),
    )
    return base, list(dict.fromkeys([*loader.problems, *sources.problems]))


def _replaced(vocabulary: Vocabulary, documents: dict[str, Document]) -> Iterator[Problem]:
    """Say what is wrong with the findings that stand for older questions."""
    types = {path: entry.type for path, entry in vocabulary.entries.items()}
    for path, what in wrong(vocabulary.relations, types):
        yield Problem(documents[f"vocabulary:{path}"].where((path, "replaces")), f"{path}: {what}")


def _present(names: list[str], name: str) -> list[str]:
    return [name] if name in names else []


def _where(loader: Loader) -> Callable[[object, Place], str]:
    def where(file: object, place: Place) -> str:
        document = loader.documents.get(getattr(file, "id", ""))
        return document.where(place) if document else str(loader.root)

    return where


def _refuse_damaged(base: RuleBase) -> None:
    if is_installed(base.root) and not base.standing.sealed:
        said = base.standing.said
        todo = (
            "Nothing is screened with rules that were changed behind their seal. Install the "
            "program again, or name rules of your own with --rules DIR."
        )
        what = f"this installation is damaged. {said}"
        raise RuleBaseError([Problem(str(base.root), what), Problem("", todo)])
