"""Writes everything that another engine needs into one folder, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from screening.errors import Problem, UsageError
from screening.exchange.cql import fhir, logic
from screening.exchange.cql import raw_answers as intake
from screening.exchange.cql.cases import written_cases
from screening.exchange.cql.elm import translated
from screening.files import PUBLIC, why_no_folder, write_atomically
from screening.rulebase.base import RuleBase

Files = dict[str, str]
"""The text of every file, by its path in the folder."""


def export(base: RuleBase, out: Path, modules: Path | None) -> Files:
    """Write the rules for other engines.

    Args:
        base: the rule base.
        out: the folder; it is made, and what it holds of an earlier export is written over.
        modules: a folder of node packages with HL7's translator, which makes ELM; None leaves ELM
            out.

    Raises:
        UsageError: if the folder cannot be written, or the translator finds something wrong.

    """
    texts = {
        logic.TITLE: logic.logic_library(base),
        intake.TITLE: intake.intake_library(base),
    }
    elm = {} if modules is None else translated(texts, modules)
    found = {f"{title}.cql": text for title, text in texts.items()}
    found |= {f"elm/{title}.json": text for title, text in elm.items()}
    found |= dict(_resources(base, texts, elm))
    found["cases.json"] = written_cases(base)
    found["README.md"] = _readme(base)
    _write(found, out)
    return found


def _resources(
    base: RuleBase, texts: Mapping[str, str], elm: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    made = [*fhir.libraries(base, texts, elm), fhir.plan(base), *fhir.activities(base)]
    for resource in made:
        path = f"fhir/{resource['resourceType']}-{resource['id']}.json"
        yield path, json.dumps(resource, ensure_ascii=False, indent=1) + "\n"


def _readme(base: RuleBase) -> str:
    text = files(__package__).joinpath("readme.md").read_text(encoding="utf-8")
    return text.replace("VERSION", base.version).replace("DIGEST", base.digest)


def _write(found: Files, out: Path) -> None:
    try:
        for path, text in found.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(out / path, text, PUBLIC)
    except OSError as error:
        raise UsageError(
            Problem(
                str(out),
                f"the folder cannot be written: {why_no_folder(error)}.",
                "The export is not whole.",
                "Name another folder with --out.",
            )
        ) from None
