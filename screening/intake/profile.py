"""A clinic's profile: which instruments are used, and who examines. It only shortens the form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from screening.documents import Document
from screening.errors import Problem, UsageError, did_you_mean
from screening.intake.vocabulary import Vocabulary
from screening.strict_yaml import read_settings

_INSTRUMENTS, _EXAMINED_BY = "instruments", "examined_by"
_MOST_BYTES = 100_000


@dataclass(frozen=True)
class Profile:
    """What a clinic says of itself; ``instruments`` is None where it does not say."""

    instruments: frozenset[str] | None = None
    examined_by: str = ""


def load_profile(path: Path, vocabulary: Vocabulary) -> Profile:
    """Read a profile strictly.

    Raises:
        UsageError: if it cannot be read, or holds anything that is not known.
        DocumentError: if it is not YAML.

    """
    document = read_settings(path, "the profile", _MOST_BYTES)
    data = document.data
    if not isinstance(data, dict):
        raise _wrong(document, (), "this is no profile.", f'Write "{_INSTRUMENTS}: [tape, couch]".')
    for key in data:
        if key not in (_INSTRUMENTS, _EXAMINED_BY):
            hint = did_you_mean(str(key), (_INSTRUMENTS, _EXAMINED_BY))
            raise _wrong(document, (key,), f'"{key}" is no part of a profile.', hint)
    return Profile(_instruments(document, vocabulary), _examined_by(document))


def _instruments(document: Document, vocabulary: Vocabulary) -> frozenset[str] | None:
    used = document.named.get(_INSTRUMENTS)
    if used is None:
        return None
    known = sorted({each for entry in vocabulary.entries.values() for each in entry.equipment})
    if not isinstance(used, tuple):
        what = "a list of instruments is expected."
        raise _wrong(document, (_INSTRUMENTS,), what, f"There are: {', '.join(known)}.")
    for place, name in enumerate(used):
        if name not in known:
            what = f'"{name}" is no instrument that a test needs.'
            todo = f"{did_you_mean(str(name), known)} There are: {', '.join(known)}.".strip()
            raise _wrong(document, (_INSTRUMENTS, place), what, todo)
    return frozenset(map(str, used))


def _examined_by(document: Document) -> str:
    name = document.named.get(_EXAMINED_BY, "")
    if not isinstance(name, str):
        what = "a name or initials are expected."
        raise _wrong(document, (_EXAMINED_BY,), what, f"Write {_EXAMINED_BY}: A.B.")
    return name


def _wrong(document: Document, place: tuple[str | int, ...], what: str, todo: str) -> UsageError:
    why = "A profile that is misread would leave out questions."
    return UsageError(Problem(document.where(place), what, why, todo))
