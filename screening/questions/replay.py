"""Records of screenings: everything that was said, sealed with a digest, to be screened again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from screening import __version__
from screening.documents import Document, DocumentError, decoded
from screening.errors import CaseError, Problem, UsageError
from screening.inference.infer import Inferred, infer, truth
from screening.inference.meaning import Walk
from screening.inference.reference import PlainAlgebra
from screening.intake.case import as_data, read_case
from screening.intake.migration import Migrated, flat, migrate, moved
from screening.intake.vocabulary import Vocabulary
from screening.questions.what_if import difference
from screening.record.screening import screening
from screening.rulebase.base import RuleBase
from screening.strict_json import read_json

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.questions.answer_model import AskedAnew, KeptRecord, Replayed

DIGEST = "digest"
_SCREENING, _CASE = "screening", "case"
_PARTS = {
    **dict.fromkeys(("program", "rule_base", "rule_base_digest", DIGEST), str),
    **dict.fromkeys((_CASE, "forward", "reference", _SCREENING), dict),
    "trace": list,
}
"""What is read of a record, and of which type."""


def record(inferred: Inferred) -> KeptRecord:
    """Give the record of one screening."""
    form, base = inferred.form, inferred.base
    reference = Walk(form, PlainAlgebra(form, inferred.findings.readings))
    found: KeptRecord = {
        "program": __version__,
        "rule_base": base.version,
        "rule_base_digest": base.digest,
        "case": as_data(inferred.case, base.vocabulary),
        "forward": {name: truth(faces) for name, faces in inferred.run.conclusions.items()},
        "reference": {name: truth(reference.faces(name)) for name in form.conclusions},
        "trace": [f"{firing.rule} {firing.face}" for firing in inferred.run.trace],
        "screening": json.loads(json.dumps(screening(inferred))),
    }
    return {**found, "digest": _digest(found)}


def _digest(found: Mapping[str, object]) -> str:
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load_record(path: Path) -> KeptRecord:
    """Read a record and verify its digest.

    Raises:
        UsageError: if it cannot be read, is no record, or was changed after it was written.

    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            what = f"it is larger than {_MOST_BYTES // 10**6} MB, as no record is."
            raise _refused(path, what, _HOW)
        read_json(decoded(raw, str(path)), str(path))
        found: Data = json.loads(raw)
    except OSError as error:
        raise _refused(path, f"it cannot be read: {error.strerror}.", "Check its name.") from None
    except (DocumentError, ValueError, RecursionError):
        raise _refused(path, "this is no record of a screening.", _HOW) from None
    if not _is_record(found):
        raise _refused(path, "this is no record of a screening.", _HOW)
    rest = {key: part for key, part in found.items() if key != DIGEST}
    if found["digest"] != _digest(rest):
        raise _refused(
            path,
            "it was changed after it was written: its digest does not fit.",
            "Use the record as it was written, or screen the case again.",
        )
    return found


def _is_record(found: Data) -> TypeGuard[KeptRecord]:
    """Tell whether what was read has all that a record is replayed by; a digest is no promise."""
    if not isinstance(found, dict):
        return False
    said, fired = found.get(_SCREENING), found.get("trace")
    traced = said.get("trace") if isinstance(said, dict) else None
    return (
        all(isinstance(found.get(name), kind) for name, kind in _PARTS.items())
        and isinstance(fired, list)
        and all(isinstance(firing, str) and firing.strip() for firing in fired)
        and isinstance(traced, list)
        and all(map(_is_firing, traced))
    )


def _is_firing(found: Data) -> bool:
    return isinstance(found, dict) and all(
        name in found and isinstance(found[name], str | None)
        for name in ("rule", "side", "concludes")
    )


_MOST_BYTES = 10 * 10**6
_HOW = "Write one with `screening screen CASE --record FILE`."


def _refused(path: Path, what: str, todo: str) -> UsageError:
    return UsageError(Problem(str(path), what, "It is not replayed.", todo))


def replay(old: KeptRecord, base: RuleBase) -> Replayed:
    """Screen a recorded case again and say what differs: findings, rules and decisions.

    Answers to questions that are no longer asked carry over as the vocabulary says.

    Raises:
        UsageError: if this rule base cannot read the recorded case.

    """
    answers = flat(_as_typed(old["case"]).named)
    carried = migrate(answers, base.vocabulary)
    try:
        case = read_case(Document("the recorded case", carried.answers), base.vocabulary)
    except CaseError as error:
        raise UsageError(error.problems) from None
    now = record(infer(case, base))
    differences = difference(old["screening"], now["screening"], base.form)
    readings = {
        "forward": (old["forward"], now["forward"]),
        "reference": (old["reference"], now["reference"]),
    }
    for key, (before, after) in readings.items():
        if before != after and not differences:
            differences.append({"what": key, "from": None, "to": None, "rules": []})
    findings = list(_findings(answers, carried, base.vocabulary))
    fired = [{firing.split()[0] for firing in each["trace"]} for each in (old, now)]
    return {
        "same": not (differences or findings),
        "same_rule_base": old["rule_base_digest"] == base.digest,
        "findings": findings,
        "ask_again": carried.again,
        "rules": {
            "only_recorded": sorted(fired[0] - fired[1]),
            "only_now": sorted(fired[1] - fired[0]),
        },
        "differences": differences,
        "digest_ok": True,
    }


def _findings(
    answers: Mapping[str, Data], carried: Migrated, vocabulary: Vocabulary
) -> Iterator[AskedAnew]:
    """Give each recorded finding that is asked under other names, and what they are answered."""
    for path in answers:
        new = [name for _, name in moved(path, vocabulary)]
        if new and path not in vocabulary:
            yield {"finding": path, "now": {name: carried.answers.get(name) for name in new}}


def _as_typed(data: Mapping[str, Data]) -> Document:
    """Give recorded data with its numbers as they were typed."""
    return read_json(json.dumps(data), "the recorded case")
