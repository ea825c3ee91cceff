"""A case in whatever form it came: a case file, or a resource of a health record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from screening.documents import Document
from screening.intake.case import Case, CaseReader, load_document, read_case
from screening.rulebase.base import RuleBase

if TYPE_CHECKING:
    from screening.documents import Data
    from screening.exchange.fhir.foreign import ForeignCodes

_FHIR = "resourceType"


def read_any(
    document: Document, base: RuleBase, case_id: str = "case", codes: ForeignCodes | None = None
) -> Case:
    """Read a case strictly; ``resourceType`` tells that it is a resource of FHIR.

    Raises:
        CaseError: with every problem.

    """
    if not _is_resource(document.data):
        return read_case(document, base.vocabulary, case_id)
    from screening.exchange.fhir.foreign import ForeignCodes
    from screening.exchange.fhir.resource_case import resource_case

    return resource_case(document, base, codes or ForeignCodes(), case_id)


def reader_of(base: RuleBase, codes: Path | None = None) -> CaseReader:
    """Give what reads any document as a case, for many of them.

    Raises:
        UsageError: if the map of codes cannot be read.

    """
    known = _known(codes, base)
    return CaseReader(
        lambda document, vocabulary, case_id: read_any(document, base, case_id, known),
        _is_resource,
        _part_of,
        _together,
    )


def _is_resource(data: Data) -> bool:
    return isinstance(data, dict) and _FHIR in data


def _part_of(data: Data) -> str:
    from screening.exchange.fhir.bulk import examination_of

    return examination_of(data)


def _together(parts: list[Data]) -> Data:
    from screening.exchange.fhir.bulk import together

    return together(parts)


def _known(codes: Path | None, base: RuleBase) -> ForeignCodes | None:
    if codes is None:
        return None
    from screening.exchange.fhir.foreign import load_foreign

    return load_foreign(codes, base.vocabulary)


def load_any(name: str, base: RuleBase, codes: Path | None = None) -> Case:
    """Read a case from a file; ``-`` reads standard input.

    Args:
        name: a YAML or JSON file.
        base: the rule base that will screen it.
        codes: a map of the codes of other systems.

    Raises:
        CaseError, DocumentError, UsageError: with file, line, reason and what to do.

    """
    case_id = "case" if name == "-" else Path(name).stem
    return read_any(load_document(name), base, case_id, _known(codes, base))
