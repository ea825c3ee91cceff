"""The seal: the digest of every file of a rule base, so that none changes or vanishes unnoticed.

It stands in ``rulebase.yaml``, beside the name and the version, and covers every YAML file below
the folder but ``rulebase.yaml`` itself and ``reviews.yaml`` (who has read what changes no rule).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.files import PUBLIC, write_atomically
from screening.intake.thresholds import Strict

HEAD, REVIEWS = "rulebase.yaml", "reviews.yaml"
UNSEALED = (HEAD, REVIEWS)
_SEAL = re.compile(r"^sealed:.*\Z", re.MULTILINE | re.DOTALL)


class Seal(Strict):
    """What the files were when the rule base was sealed: each, and all of them together."""

    digest: str
    files: dict[str, str]


class Head(Strict):
    """What a rule base is called, and its seal if it has one."""

    name: str = ""
    version: str
    sealed: Seal | None = None


@dataclass(frozen=True)
class Standing:
    """How the files stand to the seal; ``known`` is false where there is no seal at all."""

    known: bool
    altered: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that are not as they were sealed."""
        return tuple(sorted({*self.altered, *self.added, *self.missing}))

    @property
    def sealed(self) -> bool:
        """Whether the files are those that were sealed, all of them and no other."""
        return self.known and not self.changed

    @property
    def said(self) -> str:
        """The sentence that heads whatever these rules give; empty where they are sealed."""
        if not self.known:
            return "RULES WITHOUT A SEAL: whether a file was changed or is missing cannot be told."
        kinds = {"changed": self.altered, "added": self.added, "missing": self.missing}
        named = "; ".join(f"{how}: {', '.join(names)}" for how, names in kinds.items() if names)
        return f"RULES CHANGED SINCE THEY WERE SEALED. {named}." if named else ""


def digest(raw: bytes) -> str:
    """Give the digest of a file."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def over_all(head: Head, files: Mapping[str, str]) -> str:
    """Give one digest of the name, the version and all files."""
    lines = [f"{head.name} {head.version}", *(f"{name} {files[name]}" for name in sorted(files))]
    return digest("\n".join(lines).encode())


def standing(head: Head, files: Mapping[str, str]) -> Standing:
    """Compare the digests of the files that are there with those that were sealed."""
    if head.sealed is None:
        return Standing(known=False)
    was = head.sealed.files
    altered = [name for name in files if name in was and was[name] != files[name]]
    added = [name for name in files if name not in was]
    missing = [name for name in was if name not in files]
    if not (altered or added or missing) and head.sealed.digest != over_all(head, files):
        altered = [HEAD]
    return Standing(True, tuple(sorted(altered)), tuple(sorted(added)), tuple(sorted(missing)))


def write(root: Path, head: Head, files: Mapping[str, str]) -> str:
    """Seal a rule base as it stands; what else ``rulebase.yaml`` says is kept as it was written.

    Returns:
        The digest over all files.

    Raises:
        OSError: if the folder cannot be written to.

    """
    path, whole = root / HEAD, over_all(head, files)
    said = _SEAL.sub("", path.read_text(encoding="utf-8")).rstrip("\n")
    listed = "\n".join(f"    {name}: {files[name]}" for name in sorted(files))
    write_atomically(path, f"{said}\nsealed:\n  digest: {whole}\n  files:\n{listed}\n", PUBLIC)
    return whole
