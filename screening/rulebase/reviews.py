"""Reviews: who has read which file, and whether it is still what was read.

A signature stands in ``reviews.yaml`` and covers the file and every threshold, band and source
that it names, so that a number that changes marks all files that read it. No file says of itself
that it is reviewed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator

from screening.errors import Problem, UsageError, did_you_mean
from screening.files import PUBLIC, write_atomically
from screening.intake.thresholds import Strict
from screening.rulebase import seal

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.rulebase.base import RuleBase

Review = Literal["none", "signed", "changed"]
_WORD = re.compile(r"[A-Za-z0-9_.]+")
_LIST = re.compile(r"^reviews:.*\Z", re.MULTILINE | re.DOTALL)
_LONGEST = 200


def _visible(text: str) -> str:
    """Refuse what a reader could not see: control, formatting and unassigned characters."""
    if any(unicodedata.category(each)[0] == "C" or each in "\u2028\u2029" for each in text):
        raise ValueError("only letters and signs that can be seen are written here")
    if len(text) > _LONGEST:
        raise ValueError(f"at most {_LONGEST} letters are written here")
    return text


def _name(text: str) -> str:
    if not any(unicodedata.category(each)[0] == "L" for each in _visible(text)):
        raise ValueError("a name has letters")
    return text


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a day is written as 2026-11-24")
    return text


class Signature(Strict):
    """One person has read one file, as it stood on that day."""

    file: str
    digest: str
    name: Annotated[str, AfterValidator(_name)]
    date: Annotated[str, AfterValidator(_day)]
    remark: Annotated[str, AfterValidator(_visible)] = ""


class Reviews(Strict):
    """Every signature, the oldest first."""

    reviews: tuple[Signature, ...] = ()


def path_of(base: RuleBase, id: str) -> str:
    """Give the path of a rule file in its folder."""
    return base.documents[id].source.partition("/")[2]


def covered(base: RuleBase, id: str) -> str:
    """Give the digest of a file with all that it names: thresholds, derived findings, sources."""
    parts = sorted(_parts(base, id, set()))
    return seal.digest("\n".join(parts).encode())


def _parts(base: RuleBase, id: str, seen: set[str]) -> Iterator[str]:
    seen.add(id)
    yield f"{path_of(base, id)} {base.digests[path_of(base, id)]}"
    for name in _named(base.documents[id].named):
        if name in seen:
            continue
        if name in base.thresholds:
            yield f"{name} {_plain(base.thresholds[name])}"
        elif name in base.references:
            yield f"{name} {_plain(base.references[name])}"
        elif name in base.form_files:
            yield from _parts(base, name, seen)
        seen.add(name)


def _plain(part: Strict) -> str:
    return json.dumps(part.model_dump(mode="json"), sort_keys=True)


def _named(data: Mapping[str, Data]) -> Iterator[str]:
    """Give every word of a file, examples left out, and what a quantifier stands before."""
    for key, part in data.items():
        if key in ("examples", "given"):
            continue
        for word in _WORD.findall(str(part)):
            yield word.strip(".")
            yield word.strip(".").partition(".")[2]


def review_of(base: RuleBase, id: str) -> Review:
    """Say how a file stands: never signed, signed as it is, or changed since it was signed."""
    path = path_of(base, id)
    digests = [each.digest for each in base.reviews.reviews if each.file == path]
    if not digests:
        return "none"
    return "signed" if covered(base, id) in digests else "changed"


def sign(base: RuleBase, file: str, name: str, on: date, remark: str) -> Signature:
    """Write down that somebody has read a file, as it stands.

    Raises:
        UsageError: if there is no such file, or the name, day or remark cannot stand there.
        OSError: if the folder cannot be written to.

    """
    id = _id_of(base, file)
    if on > date.today():
        raise UsageError(Problem("--date", f"{on} has not come yet.", "", "Leave it out: today."))
    try:
        made = Signature(
            file=path_of(base, id),
            digest=covered(base, id),
            name=name.strip(),
            date=on.isoformat(),
            remark=remark.strip(),
        )
    except ValueError as error:
        what = str(error.errors()[0]["msg"]) if hasattr(error, "errors") else str(error)
        what = what.removeprefix("Value error, ")
        raise UsageError(Problem("", f"it cannot be signed so: {what}.")) from None
    _write(base.root / seal.REVIEWS, (*base.reviews.reviews, made))
    return made


def _id_of(base: RuleBase, file: str) -> str:
    """Give the id of a file that is named by its id, or by its path from here or in the folder."""
    paths = {path_of(base, id): id for id in base.files}
    if file in base.files:
        return file
    if file in paths:
        return paths[file]
    here = Path(file).resolve()
    for path, id in paths.items():
        if (base.root / path).resolve() == here:
            return id
    todo = did_you_mean(file, [*paths, *base.files]) or "`screening rules list` shows all files."
    why = "What rules name (numbers, findings, sources) is signed with the files that name it."
    raise UsageError(Problem("", f'"{file}" is no file of rules.', why, todo))


def _write(path: Path, signatures: tuple[Signature, ...]) -> None:
    said = path.read_text(encoding="utf-8") if path.is_file() else "# Who has read which file.\n"
    lines = [_LIST.sub("", said).rstrip("\n"), "reviews:"]
    for each in signatures:
        rows = [f"{key}: {_quoted(key, text)}" for key, text in each.model_dump().items() if text]
        lines += [f"  - {rows[0]}", *(f"    {row}" for row in rows[1:])]
    write_atomically(path, "\n".join(lines) + "\n", PUBLIC)


def _quoted(key: str, text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if key in ("name", "remark") else text
